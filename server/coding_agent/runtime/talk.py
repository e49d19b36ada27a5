"""A process of ours that works on several questions at once and tells news of each meanwhile.

`Worker` is for answers that take milliseconds; this is for work of seconds that somebody watches, and may stop.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from coding_agent import errors
from coding_agent.runtime import boxed
from coding_agent.runtime.boxed import Boxed, Wire
from coding_agent.runtime.frames import HEADER, body_size, packed, unpacked
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.spawn import ours

Hear = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class _Call:
    hear: Hear
    answer: "asyncio.Future[object]"


class Talk:
    """One process, started by its first question. Lives on one event loop.

    ``target`` is ``module:Class``; the process makes one, calls ``answer(question, say, stopped)`` for each question
    and ``close()`` at its end. Questions, news and answers are plain data (what ``marshal`` carries).
    ``idle_seconds`` after the last answer the process is given back, and all it keeps with it. One that is ``nice``
    lets others go first.
    """

    def __init__(
        self, target: str, *, name: str, variables: Mapping[str, str], idle_seconds: float, nice: int = 0
    ) -> None:
        self.name, self._nice = name, nice
        self._target, self._variables, self._idle_seconds = target, variables, idle_seconds
        self._boxed: Boxed | None = None
        self._starting = asyncio.Lock()
        self._calls: dict[int, _Call] = {}
        self._last = 0
        self._reading: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the running process, None while there is none."""
        return self._boxed.pid if self._boxed and self._boxed.running else None

    async def ask(self, question: object, hear: Hear, stopped: asyncio.Event) -> object:
        """Return the answer; ``hear`` is called with the news. Setting ``stopped`` asks for an answer soon, with what
        there is by then; being cancelled asks for none.

        Raises: WorkerLost - the process died or was closed; WorkerFailed - it raised something of its own; its own
        CodingAgentError.
        """
        self._rest()
        process = await self._running()
        self._last += 1
        number, answer = self._last, asyncio.get_running_loop().create_future()
        self._calls[number] = _Call(hear, answer)
        process.send(packed(("ask", number, question)))
        heeding = asyncio.create_task(self._heed(process, number, stopped))
        try:
            return await answer
        except asyncio.CancelledError:
            process.send(packed(("drop", number)))
            raise
        finally:
            heeding.cancel()
            self._calls.pop(number, None)
            if not self._calls and not self._closed:
                self._rest()
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._give_back)

    async def close(self, grace: float = 0.5) -> None:
        """End the process for good, with everything it started."""
        self._closed = True
        self._rest()
        self._lose("was closed")
        process, self._boxed = self._boxed, None
        if process:
            await process.close(grace)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _heed(self, process: Boxed, number: int, stopped: asyncio.Event) -> None:
        await stopped.wait()
        process.send(packed(("stop", number)))

    def _rest(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _give_back(self) -> None:
        process, self._boxed = self._boxed, None
        if process:
            leaving = asyncio.create_task(process.close(grace=2.0))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _running(self) -> Boxed:
        async with self._starting:
            if self._closed:
                raise errors.WorkerLost(f"{self.name} is closed")
            if self._boxed and self._boxed.running:
                return self._boxed
            if self._boxed:
                await self._boxed.close()
            command = (*ours("talking"), self._target, Wire.IN, Wire.OUT, str(os.getpid()), str(self._nice))
            try:
                self._boxed = await boxed.start(command, cwd="/", env=self._variables)
            except OSError as error:
                raise errors.WorkerLost(f"{self.name} could not be started ({error.strerror})") from error
            self._reading = asyncio.create_task(self._read(self._boxed))
            event("talk-started", level=Level.DEBUG, talk=self.name, pid=self._boxed.pid)
            return self._boxed

    async def _read(self, process: Boxed) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, ValueError):
            while True:
                header = await process.reader.readexactly(HEADER)
                body = await process.reader.readexactly(body_size(int.from_bytes(header, "big")))
                self._heard(cast("tuple[object, ...]", unpacked(body)))
        if self._boxed is process and not self._closed:
            await process.close()
            if self._calls:
                event("talk-lost", level=Level.WARNING, talk=self.name, said=process.said[-400:])
            self._lose("ended unexpectedly")

    def _heard(self, frame: tuple[object, ...]) -> None:
        kind, number, *rest = frame
        call = self._calls.get(cast("int", number))
        if not call or call.answer.done():
            return
        if kind == "say":
            call.hear(rest[0])
        elif kind == "answer":
            call.answer.set_result(rest[0])
        else:
            call.answer.set_exception(_raised(self.name, *map(str, rest)))

    def _lose(self, why: str) -> None:
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(errors.WorkerLost(f"{self.name} {why}"))


def _raised(name: str, kind: str, message: str, where: str) -> errors.CodingAgentError:
    known: object = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, errors.CodingAgentError):
        return known(message)
    return errors.WorkerFailed(f"{name}: {kind} at {where}: {message}")
