"""The process that generates tests for an editor: one generation after the other, in boxes that stay warm."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from coding_agent.errors import UsageError
from coding_agent.ide.plain import plain
from coding_agent.ide.testing import Order
from coding_agent.ide.tests import Asked, found_interpreter, request_of
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.delivery import original
from coding_agent.testgen.generate import Request, generate
from coding_agent.testgen.plan import Wanted, at_lines, matching, wanted
from coding_agent.testgen.remembered import Calls
from coding_agent.testgen.report import Progress
from coding_agent.testgen.signatures import Definition, definitions
from coding_agent.testgen.warm import Warm

Say = Callable[[object], None]
_OFTEN = 0.1
"""Seconds between two signs of life, where nothing new was verified."""


class Tester:
    """Made and called by `runtime.talking`."""

    def __init__(self) -> None:
        self._warm, self._calls = Warm(), Calls()
        self._turn = asyncio.Lock()

    async def answer(self, question: object, say: Say, stopped: asyncio.Event) -> object:
        """Answer ("plan" | "generate", an order as a table)."""
        what, table = cast("tuple[str, dict[str, object]]", question)
        order = Order(**table)  # pyright: ignore[reportArgumentType]
        asked, meant = await asyncio.to_thread(_understood, order)
        if what == "plan":
            rungs = await asyncio.to_thread(chosen, asked.mode)
            return {
                "module": meant.source.module,
                "names": list(meant.names),
                "interpreter": str(asked.interpreter),
                "isolation": str(rungs[0]),
            }
        async with self._turn:
            return await self._generated(asked, meant, order, say, stopped)

    async def close(self) -> None:
        await self._warm.close()

    async def _generated(
        self, asked: Asked, meant: Wanted, order: Order, say: Say, stopped: asyncio.Event
    ) -> dict[str, object]:
        request = await asyncio.to_thread(request_of, asked, meant)
        written = Path(order.into) / _private(request)
        written.unlink(missing_ok=True)
        boxes = await self._warm.take(request.target, request.mode)
        before = original(request.place.path) if request.place.exists and not request.gaps else None
        report = await generate(
            replace(request, into=written, watched=True, calls=self._calls), _Listener(say).listen, boxes, stopped
        )
        return {
            "report": plain(report),
            "written": str(written),
            "before": before,
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
    file, project = Path(order.file), Path(order.project)
    interpreter = found_interpreter(
        project, order.interpreter, Path(order.active) if order.active else None, order.path
    )
    asked = Asked(
        order.file, project, project, interpreter, order.seconds, Mode(order.mode), folder=order.folder, gaps=order.gaps
    )
    whole = wanted(order.file, project, project)
    names = _names(order, definitions(_text(file) or ""))
    return asked, Wanted(whole.source, names)


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


def _private(request: Request) -> str:
    """A name in our own folder that tells apart projects with equally named files."""
    place = request.place.path
    return f"{hashlib.sha256(str(place.parent).encode()).hexdigest()[:12]}/{place.name}"


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


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return None
