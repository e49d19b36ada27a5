"""Ask jedi, in time: our side of the door."""

import asyncio
from collections.abc import Callable
from inspect import cleandoc
from typing import cast

from coding_agent import errors
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import Worker
from coding_agent.semantics.memory import Answer, Asked, Memory
from coding_agent.semantics.symbol import Place, PlaceData, Project, QuestionData, SymbolData, SymbolInfo, Uses

_DOOR = "coding_agent.semantics.door"
_LATE = 5.0
"""Seconds that jedi may go on behind a deadline: its first look at a big library is slow, but once."""


def jedi_worker(*, on_restart: Callable[[str], None] | None = None, idle_seconds: float = 600.0) -> Worker:
    """Return the one process that jedi lives in.

    A question that nobody waits for any more may end within 150 ms, for a restart would cost half a second of CPU.
    """
    return Worker(
        f"{_DOOR}:hover",
        name="jedi",
        idle_seconds=idle_seconds,
        spare_cancelled=0.15,
        spare_late=0.5,
        # Somebody looks at the screen and waits.
        nice=0,
        on_restart=on_restart,
    )


class Semantics:
    """Names, types and uses. An answer that does not come, for whatever reason, is None: nobody depends on jedi.

    ``cache_folder`` is where jedi keeps what it read of libraries; it must be ours alone, it is unpickled.
    Lines and columns are from 0, columns in code points, deadlines in seconds.
    """

    def __init__(self, worker: Worker, cache_folder: str) -> None:
        self._worker = worker
        self._cache_folder = cache_folder
        self._memory = Memory()
        self._turn = asyncio.Lock()
        self._newest = 0
        """The number of the last hover."""
        self._asking: set[asyncio.Task[SymbolInfo | None]] = set()
        self._stamp = 0
        """Rises when files changed: jedi then looks anew."""

    async def prepare(self, deadline: float = 30.0) -> None:
        """Start the process and warm jedi up, for an idle moment: about a second of CPU, elsewhere."""
        await self._ask("prepare", self._cache_folder, deadline=deadline)

    def known(self, asked: Asked) -> Answer | None:
        """What memory says of a name; None where jedi has to be asked."""
        return self._memory.sure(asked)

    async def hover(self, text: str, asked: Asked, *, deadline: float) -> SymbolInfo | None:
        """Return what a name of ``text`` means; None when there is none, or no answer in time.

        An answer that comes later is remembered. Of the questions that wait behind it only the newest is asked.
        """
        self._newest += 1
        asking = asyncio.create_task(self._hover(text, asked, self._newest, deadline + _LATE))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        try:
            done, _ = await asyncio.wait({asking}, timeout=deadline)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        if done:
            return asking.result()
        event("jedi-late", level=Level.DEBUG, deadline=deadline)
        before = self._memory.likely(asked)
        return before.symbol if before is not None else None

    async def ahead(self, text: str, asked: Asked) -> None:
        """Ask about a name that nobody hovers over yet, and remember; hovers that come meanwhile go first."""
        async with self._turn:
            await self._learn(text, asked, _LATE)

    async def _hover(self, text: str, asked: Asked, number: int, deadline: float) -> SymbolInfo | None:
        async with self._turn:
            # The question before may have been the same.
            known = self._memory.sure(asked)
            if known is not None or number != self._newest:
                return known.symbol if known is not None else None
            return await self._learn(text, asked, deadline)

    async def _learn(self, text: str, asked: Asked, deadline: float) -> SymbolInfo | None:
        stamp, question = self._stamp, self._question(text, asked.path, asked.line, asked.column, asked.project)
        answered, answer = await self._ask("hover", question, deadline=deadline)
        if not answered:
            return None
        symbol = None
        if answer is not None:
            name, kind, full_name, signatures, value, doc, place = cast("SymbolData", answer)
            place = Place(*place) if place else None
            symbol = SymbolInfo(name, kind, full_name, signatures, value, cleandoc(doc), place)
        # What was read before files changed answers this question, but no later one.
        if stamp == self._stamp:
            self._memory.learn(asked, symbol)
        return symbol

    def forget(self) -> None:
        """Files changed, or imports come from elsewhere."""
        self._memory.forget()
        self._stamp += 1

    async def uses(
        self,
        text: str,
        path: str,
        line: int,
        column: int,
        project: Project,
        *,
        beyond_file: bool = False,
        deadline: float = 0.15,
    ) -> Uses | None:
        """Return where the name there is used; None when there is none, or no answer in time."""
        asked = self._question(text, path, line, column, project)
        answered = await self._ask("uses", asked, beyond_file, deadline=deadline)
        answer = cast("list[PlaceData] | None", answered[1])
        return None if answer is None else Uses(tuple(Place(*place) for place in answer), beyond_file)

    async def stop(self) -> None:
        await self._worker.stop()

    def _question(self, text: str, path: str, line: int, column: int, project: Project) -> QuestionData:
        return text, path, line, column, self._cache_folder, project.root, project.paths, self._stamp

    async def _ask(self, function: str, *args: object, deadline: float) -> tuple[bool, object]:
        """Whether an answer came, and the answer."""
        try:
            return True, await self._worker.call(*args, target=f"{_DOOR}:{function}", deadline=deadline)
        except (errors.DeadlinePassed, errors.WorkerLost, errors.WorkerFailed) as error:
            level = Level.WARNING if isinstance(error, errors.WorkerFailed) else Level.INFO
            event("jedi-silent", level=level, asked=function, why=str(error))
            return False, None
