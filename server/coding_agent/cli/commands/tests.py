"""Generate tests for a module, a function or a class, in a sandbox.

TARGET is a file, file.py::qualname, or a dotted module. The tests go where the project has its own; --out names another
folder. Code of the project is run, so it must be trusted (coding-agent trust PATH, or --trust for one run).
Exit codes: 0 tests were written, 2 usage or configuration, 3 no useful test exists;
with --gaps: 0 there are none, 1 there are some, 4 that could not be told;
with --changed: 0 tests call all that changed, 1 they do not, 4 that could not be told of a file;
with --check-equivalent: 0 nothing changed, 1 something did, 3 nothing could be compared.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.generating import Line, Shown, put
from coding_agent.cli.outside import Outside
from coding_agent.errors import NoPlace, NotTrusted, UsageError
from coding_agent.runtime.deadline import Deadline
from coding_agent.settings.options import LONGEST, Settings
from coding_agent.settings.roots import root_for_tests

if TYPE_CHECKING:
    from coding_agent.ide.tests import Asked
    from coding_agent.sandbox.spec import Mode

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
    said = cast("dict[str, object]", vars(given))
    targets = cast("list[str]", said["targets"])
    revision = cast("str | None", said["changed"])
    if revision and revision.endswith(".py") and outside.absolute(revision).is_file():
        raise UsageError(f"--changed takes a revision, and {revision} is a file: write {revision} --changed")
    if not targets and said["changed"] is None:
        raise UsageError("say what to test: a file, file.py::qualname or a dotted module; or --changed")
    try:
        return _run(said, targets, outside)
    except NoPlace as error:
        raise UsageError(f"{error}; --out names another folder") from error


def _run(said: "dict[str, object]", targets: list[str], outside: Outside) -> int:
    if said["changed"] is not None:
        return asyncio.run(_changed(_asked(said, targets[0] if targets else "", outside), targets, said, outside))
    asked = [_asked(said, target, outside) for target in targets]
    if said["check_equivalent"]:
        return asyncio.run(_compared(asked, said, outside))
    show = Shown(said, len(asked), outside)
    with Deadline(show.last_words) as deadline:
        return asyncio.run(_all(asked, show, deadline))


def _asked(said: "dict[str, object]", target: str, outside: Outside) -> "Asked":
    """What is asked about a target, in the project around it. Raises: NotTrusted; UserError."""
    from coding_agent.ide.testing import untrusted
    from coding_agent.ide.tests import Asked, found_interpreter
    from coding_agent.store.trust import TrustStore

    folder = _folder(said, target, outside)
    project = project_for(folder, outside)
    seconds = _seconds(cast("float | None", said["seconds"]), project.settings)
    root = folder if said["project"] else root_for_tests(folder, outside.directory)
    settings = project.settings
    if not said["trust"] and not TrustStore(outside.folders.trust_file).is_trusted(root):
        raise NotTrusted(f"{untrusted(root)}, `--trust` does for one run")
    active = outside.variables.get("VIRTUAL_ENV")
    python, out = cast("str | None", said["python"]), cast("str | None", said["out"])
    return Asked(
        target=target,
        project=root,
        directory=outside.directory,
        interpreter=found_interpreter(
            root,
            str(outside.absolute(python)) if python else settings.interpreter,
            Path(active) if active else None,
            outside.variables.get("PATH", ""),
        ),
        seconds=seconds,
        mode=_mode(settings),
        out=outside.absolute(out) if out else None,
        folder=settings.tests.folder,
        gaps=bool(said["gaps"]),
    )


async def _all(asked: "list[Asked]", show: Shown, deadline: Deadline) -> int:
    from coding_agent.ide.tests import meant, request_of
    from coding_agent.testgen.generate import generate

    # Whatever is wrong with a target is said before anything is done for another one.
    meanings = [meant(each) for each in asked]
    try:
        for each, what in zip(asked, meanings, strict=True):
            deadline.rest()
            request = request_of(each, what)
            show.saved = False
            deadline.within(each.seconds + _LATE)
            show.reports.append(await generate(request, show.progress))
    finally:
        show.deliver()
    return show.code


async def _changed(asked: "Asked", targets: list[str], said: "dict[str, object]", outside: Outside) -> int:
    from coding_agent.ide.changed import untested
    from coding_agent.report import changed
    from coding_agent.vcs.git import Git

    if said["format"] not in ("text", "json"):
        raise UsageError("--changed reports as text or json")
    show, git = Line(outside), Git(asked.project.resolve(), outside.variables)
    found = await untested(asked, targets, cast("str", said["changed"]), bool(said["output"]), show.progress, git)
    show.clear()
    render = changed.json if said["format"] == "json" else changed.text
    outside.out.write(render(found, outside.shown))
    if said["output"]:
        put("".join(each.patch for each in found), said, outside)
    if any(each.failed for each in found):
        return Exit.INCOMPLETE
    return Exit.FINDINGS if any(each.functions for each in found) else Exit.CLEAN


async def _compared(asked: "list[Asked]", said: "dict[str, object]", outside: Outside) -> int:
    from coding_agent.ide.versions import compared_with
    from coding_agent.report import compared
    from coding_agent.vcs.git import Git

    if said["format"] not in ("text", "json"):
        raise UsageError("--check-equivalent reports as text or json")
    revision = cast("str", said["check_equivalent"])
    reports = [await compared_with(each, revision, Git(each.project, outside.variables)) for each in asked]
    render = compared.json if said["format"] == "json" else compared.text
    put(render(reports, outside.shown, revision), said, outside)
    if any(report.differences for report in reports):
        return Exit.FINDINGS
    return Exit.CLEAN if all(report.compared for report in reports) else Exit.NOTHING


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
    if said is not None and not 1 <= said <= LONGEST:
        raise UsageError(f"--seconds takes a number from 1 to {LONGEST}")
    return said if said is not None else float(settings.tests.seconds)


def _mode(settings: Settings) -> "Mode":
    from coding_agent.sandbox.spec import Mode

    return Mode(settings.sandbox.mode)
