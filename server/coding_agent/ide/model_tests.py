"""Tests that a model writes for what no test gets to: the order of things, in plain data.

Nothing of `testgen` or `sandbox` is imported here before somebody asks: the process that runs tests (`ide.tester`) has
them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from coding_agent.errors import UserError
from coding_agent.ide.assistant import Answer, Assistant, Subject
from coding_agent.ide.models import Ask, Preview
from coding_agent.ide.rewriting import modules_of
from coding_agent.ide.testing import Made, Order, Told, made_of

if TYPE_CHECKING:
    from coding_agent.testgen.boxes import Boxes
    from coding_agent.testgen.report import Report
    from coding_agent.testgen.request import Request

Seen = tuple[str, bool, str]
"""What was looked at, whether that is good, and what was seen."""
_SENTENCE = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of an answer. ``dropped`` are tests that are left out, and why; ``made`` is the test file with the
    others, None where none is left.
    """

    checks: tuple[Seen, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    made: Made | None = None

    @property
    def passed(self) -> bool:
        return self.made is not None

    @property
    def why(self) -> str:
        """What failed first; "" where nothing did."""
        return next((f"{name}: {detail}" for name, passed, detail in self.checks if not passed), "")


class Testing:
    """Tests of one definition. ``ask`` reaches `ide.tester.Tester`; ``hear`` is told what is being done."""

    __test__ = False  # No test of ours.

    def __init__(self, assistant: Assistant, subject: Subject, order: Order, ask: Ask, hear: _SENTENCE) -> None:
        self._assistant, self._subject, self._ask, self._hear = assistant, subject, ask, hear
        self._order = replace(order, name=subject.found.qualified, lines=None)

    async def preview(self) -> Preview:
        """What would be sent, but for the places that are not tested, which only running the tests tells."""
        return await self._assistant.preview(self._subject)

    async def missing(self) -> "Report":
        """Return what no test gets to; that is all that a model is asked for.

        A function that no test calls is the generator's first: it costs nothing. Only what it can make no test for is
        left to a model.

        Raises: UserError - nothing is missing, tests can be generated, tests of it would touch files, or those of the
        project are no pytest's; WorkerLost.
        """
        name = self._subject.found.qualified
        if await asyncio.to_thread(self._is_unittest):
            raise UserError("the project's tests are cases of unittest, and a model is asked for functions of pytest")
        if found := await asyncio.to_thread(self._reaches):
            raise UserError(
                f"{name} leads to {found}, and a test that runs on your machine should not do that as a model says; "
                "generated tests do it in a folder of their own"
            )
        report = (await self._made(replace(self._order, gaps=True))).report
        if report.why:
            raise UserError(f"what no test gets to cannot be told: {report.why}")
        if not report.gaps:
            raise UserError(f"the tests there are get everywhere in {name}, so no model was asked")
        if any(each.kind.value == "function" for each in report.gaps):
            made = await self._made(self._order)
            made.written.unlink(missing_ok=True)
            if made.report.file is not None:
                raise UserError(
                    f"not all of {name} is called by a test yet; generate tests for it first, for which no model is "
                    "needed"
                )
        return report

    async def written(self, report: "Report", *, fresh: bool = False) -> Answer[Judged]:
        """Have tests written for what a report says is missing. ``fresh``: an answer that was given before will not do.

        Raises: UserError in its kinds; WorkerLost.
        """
        from coding_agent.assist.testing import asked

        gathered = self._subject.gathered
        prompt = asked(gathered.pieces, report.gaps, report.module)
        self._hear("asking the model")
        # Tests are published with the code: a secret that they name would be, too.
        answer, root = self._assistant.answer, self._subject.root
        return await answer("tests", root, prompt, gathered.files, self._judged, fresh=fresh, restores=False)

    def _is_unittest(self) -> bool:
        from coding_agent.testgen.layout import test_files
        from coding_agent.testgen.style import style_of

        project = Path(self._order.project)
        return style_of(project, test_files(project)).unittest

    def _reaches(self) -> str:
        from coding_agent.assist.testing import Sought, reaches

        subject = self._subject
        document = str(subject.state.text)
        modules = modules_of(document, subject.root, subject.path)
        return reaches(Sought("", subject.found.qualified, document, modules))

    async def _made(self, order: Order) -> Made:
        def hear(news: object) -> None:
            self._hear(Told(**cast("dict[str, Any]", news)).sentence)

        return made_of(cast("dict[str, object]", await self._ask(("generate", asdict(order)), hear, asyncio.Event())))

    async def _judged(self, code: str) -> Judged:
        self._hear("running what it wrote")
        table = {"order": asdict(self._order), "code": code}
        answer = cast("dict[str, Any]", await self._ask(("judge", table), lambda _: None, asyncio.Event()))
        made = made_of(answer["made"]) if answer["made"] is not None else None
        checks = tuple((str(name), bool(passed), str(detail)) for name, passed, detail in answer["checks"])
        dropped = tuple((str(name), str(why)) for name, why in answer["dropped"])
        return Judged(checks, dropped, made)


async def judged(
    request: "Request", boxes: "Boxes", code: str
) -> "tuple[list[Seen], list[tuple[str, str]], Report | None]":
    """Look at an answer, and run what is left of it; called where there is a sandbox.

    Raises: NoSandbox, WorkerLost.
    """
    from coding_agent.assist.gated import gated
    from coding_agent.assist.testing import Sought, read

    target = request.target
    document = await asyncio.to_thread(target.file.read_text, "utf-8")
    modules = await asyncio.to_thread(modules_of, document, target.project, target.file)
    name = request.names[0] if request.names else ""
    wrote = await asyncio.to_thread(read, code, Sought(target.module, name, document, modules, request.before or ""))
    checks = [(each.name, each.passed, each.detail) for each in wrote.checks]
    if wrote.written is None:
        return checks, list(wrote.dropped), None
    found = await gated(boxes, request, wrote.written, wrote.left, request.seconds)
    checks += [(each.name, each.passed, each.detail) for each in found.checks]
    return checks, [*wrote.dropped, *found.dropped], found.report
