"""`coding-agent ai tests`: tests that a model writes for what no test gets to, where the sandbox shows their worth."""

import json
import tempfile
from pathlib import Path
from typing import Any

from coding_agent.cli.asking import Asking, subject_at
from coding_agent.cli.exits import Exit
from coding_agent.cli.generating import Line
from coding_agent.cli.outside import Outside
from coding_agent.errors import NotTrusted, UserError
from coding_agent.ide.assistant import Answer, Assistant
from coding_agent.ide.model_tests import Judged, Testing
from coding_agent.ide.models import Models
from coding_agent.ide.testable import may_have_tests
from coding_agent.ide.testing import Made, Order, digest, untrusted
from coding_agent.report.asking import totals
from coding_agent.report.model_tests import refused, told, verified
from coding_agent.settings.roots import root_for_tests
from coding_agent.store.atomic import write_atomic
from coding_agent.store.trust import TrustStore

_SECONDS = 10.0
"""Seconds of each part, at most: it is for one definition."""


def write(said: dict[str, Any], outside: Outside) -> int:
    """Print the tests as a patch, and write them where that was asked for. Raises: UserError in its kinds."""
    asking, subject = subject_at(said["place"], None, outside)
    line = Line(outside)
    with tempfile.TemporaryDirectory(prefix="coding-agent-tests-") as folder:
        order = _order(asking, subject.path, Path(folder), trusted=said["trust"])

        async def ask(_: Models, assistant: Assistant) -> Answer[Judged]:
            from coding_agent.ide.tester import Tester  # It takes a while to import.

            tester = Tester()
            try:
                testing = Testing(assistant, subject, order, tester.answer, line.show)
                return await testing.written(await testing.missing(), fresh=said["anew"])
            finally:
                line.clear()
                await tester.close()

        answer = asking.answered(ask)
    made = answer.found.made
    patch = _patch(made, Path(order.project)) if made is not None else ""
    if said["format"] == "json":
        outside.say(json.dumps({**told(answer), "patch": patch, "applied": bool(made and said["apply"])}, indent=1))
    elif made is not None:
        outside.pour(patch.encode("utf-8", "replace"))
    else:
        outside.out.write(refused(subject.shown, answer))
    if made is not None and said["apply"]:
        outside.warn(f"coding-agent: wrote {outside.shown(_put(made))}")
    came = f"{answer.reason or 'done'} {verified(answer.found)}" if made is not None else answer.found.why
    outside.warn(f"coding-agent: {came}")
    for name, why in answer.found.dropped if made is not None else ():
        outside.warn(f"coding-agent: left out {name}: {why}")
    outside.warn(f"coding-agent: {totals(answer.replies)}")
    return Exit.CLEAN if made is not None else Exit.NOTHING


def _order(asking: Asking, file: Path, into: Path, *, trusted: bool) -> Order:
    """Whose code runs. Raises: UserError - it is no module; NotTrusted."""
    outside, settings = asking.outside, asking.project.settings
    if not may_have_tests(file):
        raise UserError(f"{file.name} is no module that tests are made for")
    root = root_for_tests(file.parent, outside.directory)
    if not trusted and not TrustStore(outside.folders.trust_file).is_trusted(root):
        raise NotTrusted(f"{untrusted(root)}, `--trust` does for one run")
    return Order(
        file=str(file),
        project=str(root),
        interpreter=settings.interpreter,
        active=outside.variables.get("VIRTUAL_ENV", ""),
        path=outside.variables.get("PATH", ""),
        seconds=min(float(settings.tests.seconds), _SECONDS),
        mode=settings.sandbox.mode,
        folder=settings.tests.folder,
        into=str(into),
    )


def _patch(made: Made, project: Path) -> str:
    from coding_agent.ide.changed import patch_of

    assert made.report.file is not None
    return "".join(patch_of(made.before, made.report.text, made.report.file, project))


def _put(made: Made) -> Path:
    """Write the test file. Raises: UserError - something is another by now, or it cannot be written."""
    file = made.report.file
    assert file is not None
    if digest(made.report.source) != made.source:
        raise UserError(f"{made.report.source} was changed meanwhile; ask again")
    try:
        now = file.read_bytes() if file.exists() else None
        if now != (None if made.before is None else made.before.encode("utf-8")):
            raise UserError(f"{file} was changed meanwhile; ask again")
        write_atomic(file, made.report.text.encode("utf-8"))
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
    return file
