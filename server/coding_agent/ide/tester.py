"""The process that generates tests for an editor: one generation after the other, in boxes that stay warm."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import cast

from coding_agent.assist.meant import Meant, Purpose
from coding_agent.assist.trial import trial_of
from coding_agent.errors import UsageError
from coding_agent.ide.plain import plain
from coding_agent.ide.testing import Order, digest
from coding_agent.ide.tests import Asked, found_interpreter, meant, request_of, target_of, tests_of
from coding_agent.ide.trials import trials
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.store.atomic import write_private
from coding_agent.testgen.delivery import kept
from coding_agent.testgen.generate import generate
from coding_agent.testgen.plan import Wanted, at_lines, matching
from coding_agent.testgen.remembered import Calls
from coding_agent.testgen.report import Progress, Report
from coding_agent.testgen.request import Request
from coding_agent.testgen.signatures import Definition, definitions
from coding_agent.testgen.warm import Warm
from coding_agent.text import Span

Say = Callable[[object], None]
_OFTEN = 0.1
"""Seconds between two signs of life, where nothing new was verified."""


class Tester:
    """Made and called by `runtime.talking`."""

    def __init__(self) -> None:
        self._warm, self._calls = Warm(), Calls()
        self._turn = asyncio.Lock()
        self._at = ""
        """What is worked on."""

    async def answer(self, question: object, say: Say, stopped: asyncio.Event) -> object:
        """Answer ("plan" | "generate", an order as a table), ("try", what `ide.trying` asks), or ("judge", what
        `ide.model_tests` asks).
        """
        what, table = cast("tuple[str, dict[str, object]]", question)
        if what == "try":
            return await self._tried(table, say, stopped)
        if what == "judge":
            return await self._judged(table, say, stopped)
        order = Order(**table)  # pyright: ignore[reportArgumentType]
        asked, what_for = await asyncio.to_thread(_understood, order)
        if what == "plan":
            rungs = await asyncio.to_thread(chosen, asked.mode)
            return {
                "module": what_for.source.module,
                "names": list(what_for.names),
                "interpreter": str(asked.interpreter),
                "isolation": str(rungs[0]),
            }
        await self._wait(say, stopped)
        try:
            self._at = order.name or Path(order.file).name
            return await self._generated(asked, what_for, order, say, stopped)
        finally:
            self._turn.release()

    async def close(self) -> None:
        await self._warm.close()

    async def _tried(self, table: dict[str, object], say: Say, stopped: asyncio.Event) -> list[tuple[str, bool, str]]:
        """Return what trials of a definition showed, as names, whether that is good, and what was seen."""
        order = Order(**cast("dict[str, object]", table["order"]))  # pyright: ignore[reportArgumentType]
        name, old, new = (str(table[each]) for each in ("name", "old", "new"))
        asked = await asyncio.to_thread(_asked, order)
        target = target_of(asked, await asyncio.to_thread(meant, asked))
        trial = trial_of(target, Meant(old, Span(*cast("tuple[int, int]", table["span"])), name), new)
        await self._wait(lambda news: say(cast("dict[str, object]", news)["phase"]), stopped)
        try:
            self._at = name
            boxes = await self._warm.take(target, asked.mode)
            tests = await asyncio.to_thread(tests_of, asked)
            found = await trials(boxes, trial, tests, order.seconds, Purpose(table["purpose"]), say)
            return [(each.name, each.passed, each.detail) for each in found]
        finally:
            self._turn.release()

    async def _judged(self, table: dict[str, object], say: Say, stopped: asyncio.Event) -> dict[str, object]:
        """Return what came of tests that a model wrote."""
        from coding_agent.ide.model_tests import judged  # Nothing else here needs what it imports.

        order = Order(**cast("dict[str, object]", table["order"]))  # pyright: ignore[reportArgumentType]
        asked, what = await asyncio.to_thread(_understood, order)
        await self._wait(say, stopped)
        try:
            self._at = order.name
            source = digest(asked.target)
            request = await _request(asked, what, order)
            boxes = await self._warm.take(request.target, request.mode)
            checks, dropped, report = await judged(request, boxes, str(table["code"]))
            made = None
            if report is not None:
                written = _free(Path(order.into), request.place.path)
                write_private(written, report.text.encode("utf-8"))
                made = _told(report, written, request.before, source)
            return {"checks": checks, "dropped": dropped, "made": made}
        finally:
            self._turn.release()

    async def _wait(self, say: Say, stopped: asyncio.Event) -> None:
        """Take the turn. Raises: UsageError - it was stopped before."""
        if self._turn.locked():
            say({"phase": f"waiting for the tests of {self._at}", "share": 0.0})
        turn, end = asyncio.ensure_future(self._turn.acquire()), asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait({turn, end}, return_when=asyncio.FIRST_COMPLETED)
            if not turn.done():
                raise UsageError("it was stopped before its turn came")
        except BaseException:
            if not turn.cancel():
                self._turn.release()
            raise
        finally:
            end.cancel()

    async def _generated(
        self, asked: Asked, what: Wanted, order: Order, say: Say, stopped: asyncio.Event
    ) -> dict[str, object]:
        source = digest(asked.target)
        request = await _request(asked, what, order)
        written = _free(Path(order.into), request.place.path)
        boxes = await self._warm.take(request.target, request.mode)
        report = await generate(
            replace(request, into=written, watched=True, calls=self._calls), _Listener(say).listen, boxes, stopped
        )
        return _told(report, written, request.before, source)


async def _request(asked: Asked, what: Wanted, order: Order) -> Request:
    """What is wanted; tests are added to what the editor shows."""
    request = await asyncio.to_thread(request_of, asked, what)
    place = request.place.path
    if not request.gaps and str(place) in order.unsaved:
        return replace(request, before=kept(place, order.unsaved[str(place)]))
    return request


def _told(report: Report, written: Path, before: str | None, source: str) -> dict[str, object]:
    """A test file as `ide.testing.Made` has it."""
    return {
        "report": plain(report),
        "written": str(written),
        "before": before,
        "source": source,
        "first": _first(report.text, before or ""),
    }


class _Listener:
    """Passes signs of life on, not too many."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._next, self._verified = 0.0, 0

    def listen(self, now: Progress) -> None:
        if now.saved == self._verified and time.monotonic() < self._next:
            return
        self._next, self._verified = time.monotonic() + _OFTEN, now.saved
        self._say(
            {
                "phase": now.phase.value,
                "share": now.share,
                "branches": now.branches,
                "total": now.total,
                "candidates": now.candidates,
                "executions": now.executions,
                "verified": now.saved,
            }
        )


def _understood(order: Order) -> tuple[Asked, Wanted]:
    """Return an order with its interpreter found, and what is meant. Raises: UsageError."""
    asked = _asked(order)
    whole = meant(asked)
    names = _names(order, definitions(Path(order.file).read_text("utf-8", "replace")))
    return asked, Wanted(whole.source, names)


def _asked(order: Order) -> Asked:
    """Return an order with its interpreter found. Raises: UsageError."""
    project = Path(order.project)
    interpreter = found_interpreter(
        project, order.interpreter, Path(order.active) if order.active else None, order.path
    )
    return Asked(
        order.file, project, project, interpreter, order.seconds, Mode(order.mode), folder=order.folder, gaps=order.gaps
    )


def _names(order: Order, known: Sequence[Definition]) -> tuple[str, ...]:
    if order.name:
        names = matching(order.name, known)
        what = repr(order.name)
    elif order.lines:
        names = _standing_at(*order.lines, known)
        what = f"at line {order.lines[0]}"
    else:
        return ()
    if not names:
        raise UsageError(f"there is no function, method or class {what} in {Path(order.file).name}")
    return names


def _standing_at(first: int, last: int, known: Sequence[Definition]) -> tuple[str, ...]:
    """Return the functions that lines touch; on the head of a class, all that is defined in it."""
    inside = at_lines(first, last, known)
    if inside:
        return inside
    holding = [each for each in known if each.is_class and each.line <= last and each.last >= first]
    return matching(max(holding, key=lambda each: each.line).name, known) if holding else ()


def _free(folder: Path, place: Path) -> Path:
    """A file in our own folder for what belongs to a place; one that was not taken is left to the user."""
    name = hashlib.sha256(str(place.parent).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    tries = (folder / (f"{name}-{number}" if number else name) / place.name for number in count())
    return next(path for path in tries if not path.exists())


def _first(text: str, before: str) -> int:
    """Return the line, from 0, of the first test function that was not there before."""
    known = set(before.split("\n"))
    lines = text.split("\n")
    return next(
        (
            row
            for row, line in enumerate(lines)
            if line.lstrip().startswith(("def test", "async def test", "class ")) and line not in known
        ),
        0,
    )
