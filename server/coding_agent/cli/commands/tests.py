"""Generate tests for a module, a function or a class, in a sandbox.

TARGET is a file, file.py::qualname, or a dotted module. The tests go where the project has its own; --out names another
folder. Code of the project is run, so it must be trusted (coding-agent trust PATH, or --trust for one run).
Exit codes: 0 tests were written, 1 with --gaps: there are gaps, 2 usage or configuration, 3 no useful test exists;
with --changed: 0 tests call all that changed, 1 they do not, 4 that could not be told of a file;
with --check-equivalent: 0 nothing changed, 1 something did, 3 nothing could be compared.
"""

import asyncio
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside, is_terminal
from coding_agent.errors import SettingError, UsageError
from coding_agent.runtime.deadline import Deadline
from coding_agent.settings.options import Settings

if TYPE_CHECKING:
    from coding_agent.ide.tests import Asked
    from coding_agent.sandbox.spec import Mode
    from coding_agent.testgen.report import Progress, Report

_LATE = 0.7
"""Seconds after its time when a generation that hangs is ended from outside."""
FORMATS = ("text", "json", "html")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="file, file.py::qualname or dotted module")
    parser.add_argument("--project", metavar="DIR", help="the project's folder; by default the one around the target")
    parser.add_argument("--python", metavar="PATH", help="the Python that runs the code (settings: interpreter)")
    parser.add_argument("--out", metavar="DIR", help="folder for the tests (settings: tests.folder)")
    parser.add_argument("--seconds", type=float, metavar="N", help="seconds for each module (settings: tests.seconds)")
    parser.add_argument("--gaps", action="store_true", help="show the branches that no test takes; write nothing")
    parser.add_argument("--check-equivalent", metavar="REV", help="run found calls on git revision REV too and compare")
    parser.add_argument(
        "--changed", nargs="?", const="", metavar="REV",
        help="list functions changed since REV (by default: since the main branch was left) that no test calls; "
        "with --output FILE a patch with tests for them is written",
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--output", metavar="FILE", help="write the report to a file")
    parser.add_argument("--trust", action="store_true", help="run the project's code this once without trusting it")


def run(given: Namespace, outside: Outside) -> int:
    from coding_agent.ide.tests import Asked, check_trust, found_interpreter
    from coding_agent.store.trust import TrustStore

    said = cast("dict[str, object]", vars(given))
    targets = cast("list[str]", said["targets"])
    if not targets and said["changed"] is None:
        raise UsageError("say what to test: a file, file.py::qualname or a dotted module; or --changed")
    folder = _folder(said, targets[0] if targets else "", outside)
    project = project_for(folder, outside)
    root = folder if said["project"] else project.root
    settings = project.settings
    if not said["trust"]:
        check_trust(root, TrustStore(outside.folders.trust_file).is_trusted)
    active = outside.variables.get("VIRTUAL_ENV")
    python = cast("str | None", said["python"])
    interpreter = found_interpreter(
        root,
        str(outside.absolute(python)) if python else settings.interpreter,
        Path(active) if active else None,
        outside.variables.get("PATH", ""),
    )
    out = cast("str | None", said["out"])
    asked = [
        Asked(
            target=target,
            project=root,
            directory=outside.directory,
            interpreter=interpreter,
            seconds=_seconds(cast("float | None", said["seconds"]), settings),
            mode=_mode(settings),
            out=outside.absolute(out) if out else None,
            folder=settings.tests.folder,
            gaps=bool(said["gaps"]),
        )
        for target in targets or [""]
    ]
    if said["changed"] is not None:
        return asyncio.run(_changed(asked[0], targets, said, outside))
    if said["check_equivalent"]:
        return asyncio.run(_compared(asked, said, outside))
    show = _Shown(outside)
    with Deadline(show.last_words) as deadline:
        return asyncio.run(_all(asked, said, outside, show, deadline))


async def _all(
    asked: "list[Asked]", said: "dict[str, object]", outside: Outside, show: "_Shown", deadline: Deadline
) -> int:
    from coding_agent.ide.tests import tests_for

    reports: list[Report] = []
    for each in asked:
        show.saved = False
        deadline.within(each.seconds + _LATE)
        reports.append(await tests_for(each, show.progress))
    show.clear()
    _deliver(reports, said, outside)
    show.code = _code(reports, bool(said["gaps"]))
    return show.code


async def _changed(asked: "Asked", targets: list[str], said: "dict[str, object]", outside: Outside) -> int:
    from coding_agent.ide.changed import untested
    from coding_agent.report import changed

    if said["format"] not in ("text", "json"):
        raise UsageError("--changed reports as text or json")
    show = _Shown(outside)
    found = await untested(asked, targets, cast("str", said["changed"]), bool(said["output"]), show.progress)
    show.clear()
    render = changed.json if said["format"] == "json" else changed.text
    outside.out.write(render(found, outside.shown))
    if said["output"]:
        _put("".join(each.patch for each in found), said, outside)
    if any(each.failed for each in found):
        return Exit.INCOMPLETE
    return Exit.FINDINGS if any(each.functions for each in found) else Exit.CLEAN


async def _compared(asked: "list[Asked]", said: "dict[str, object]", outside: Outside) -> int:
    from coding_agent.ide.versions import compared_with
    from coding_agent.report import compared

    if said["format"] not in ("text", "json"):
        raise UsageError("--check-equivalent reports as text or json")
    revision = cast("str", said["check_equivalent"])
    reports = [await compared_with(each, revision) for each in asked]
    render = compared.json if said["format"] == "json" else compared.text
    _put(render(reports, outside.shown, revision), said, outside)
    if any(report.differences for report in reports):
        return Exit.FINDINGS
    return Exit.CLEAN if all(report.compared for report in reports) else Exit.NOTHING


def _code(reports: "list[Report]", gaps: bool) -> int:
    if gaps:
        return Exit.FINDINGS if any(report.gaps for report in reports) else Exit.CLEAN
    return Exit.CLEAN if all(report.file for report in reports) else Exit.NOTHING


def _deliver(reports: "list[Report]", said: "dict[str, object]", outside: Outside) -> None:
    from coding_agent.report import tests

    render = {"text": tests.text, "json": tests.json, "html": tests.html}[cast("str", said["format"])]
    _put(render(reports, outside.shown, bool(said["gaps"])), said, outside)


def _put(text: str, said: "dict[str, object]", outside: Outside) -> None:
    output = cast("str | None", said["output"])
    if not output:
        outside.out.write(text)
        return
    from coding_agent.store.atomic import write_atomic

    try:
        write_atomic(outside.absolute(output), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from error


class _Shown:
    """Progress on a terminal: one line that is written over; a pipe gets nothing but the report."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._terminal = is_terminal(outside.err)
        self._last = 0.0
        self.saved = False
        """A file of the present module is on disk."""
        self.code: int | None = None
        """What the command ends with, once it is known."""

    def progress(self, now: "Progress") -> None:
        self.saved = self.saved or now.saved > 0
        if not self._terminal or time.monotonic() - self._last < 0.08:
            return
        self._last = time.monotonic()
        branches = f", {now.branches} of {now.total} branches" if now.total else ""
        saved = f", {now.saved} cases saved" if now.saved else ""
        line = f"{now.module}: {now.phase.value}{branches}{saved} ({now.seconds:.0f} s)"
        self._outside.err.write(f"\r\x1b[2K{line[:110]}")
        self._outside.err.flush()

    def last_words(self) -> int:
        """Say in another thread that nothing ends any more, and return the exit code."""
        if self.code is None:
            there = "the tests on disk are the last that were green" if self.saved else "no tests were written"
            self._outside.warn(f"stopped: something did not end in time; {there}")
        self._outside.out.flush()
        self._outside.err.flush()
        if self.code is not None:
            return self.code
        return Exit.CLEAN if self.saved else Exit.NOTHING

    def clear(self) -> None:
        if self._terminal:
            self._outside.err.write("\r\x1b[2K")


def _folder(said: "dict[str, object]", target: str, outside: Outside) -> Path:
    chosen = cast("str | None", said["project"])
    if chosen:
        folder = outside.absolute(chosen)
        if not folder.is_dir():
            raise UsageError(f"{chosen} is no folder")
        return folder
    path = outside.absolute(target.partition("::")[0])
    return path.parent if path.is_file() else path if path.is_dir() else outside.directory


def _seconds(said: float | None, settings: Settings) -> float:
    if said is not None and said < 1:
        raise UsageError("--seconds takes a number from 1 on")
    return said if said is not None else float(settings.tests.seconds)


def _mode(settings: Settings) -> "Mode":
    from coding_agent.sandbox.spec import Mode

    try:
        return Mode(settings.sandbox.mode)
    except ValueError as error:
        modes = ", ".join(mode.value for mode in Mode)
        raise SettingError(f"sandbox.mode is {settings.sandbox.mode!r}; it takes {modes}") from error
