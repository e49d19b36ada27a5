"""The inside of a process that is talked to (`runtime/talk.py`): one event loop, a task for each question."""

import asyncio
import importlib
import os
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from coding_agent.runtime.child import die_with, step_back, where
from coding_agent.runtime.frames import HEADER, body_size, packed, unpacked

Say = Callable[[object], None]


class Answers(Protocol):
    """What the target is. ``stopped`` is set when the answer is wanted soon, with what there is by then."""

    async def answer(self, question: object, say: Say, stopped: asyncio.Event) -> object: ...
    async def close(self) -> None: ...


def main(target: str, reads: str, writes: str, parent: str, nice: str) -> None:
    """Serve until the parent closes the wire."""
    die_with(int(parent))
    step_back(int(nice))
    module, _, name = target.partition(":")
    made = cast("Answers", getattr(importlib.import_module(module), name)())
    with os.fdopen(int(reads), "rb") as incoming, os.fdopen(int(writes), "wb", buffering=0) as outgoing:
        asyncio.run(_Served(made, outgoing).serve(incoming))


class _Served:
    def __init__(self, answers: Answers, outgoing: BinaryIO) -> None:
        self._answers, self._outgoing = answers, outgoing
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stops: dict[int, asyncio.Event] = {}

    async def serve(self, incoming: BinaryIO) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), incoming)
        try:
            while True:
                header = await reader.readexactly(HEADER)
                body = await reader.readexactly(body_size(int.from_bytes(header, "big")))
                self._take(cast("tuple[object, ...]", unpacked(body)))
        except asyncio.IncompleteReadError:
            pass
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        await self._answers.close()

    def _take(self, frame: tuple[object, ...]) -> None:
        kind, number, *rest = frame
        known = cast("int", number)
        if kind == "ask":
            self._stops[known] = asyncio.Event()
            self._tasks[known] = asyncio.create_task(self._answer(known, rest[0]))
        elif kind == "stop" and known in self._stops:
            self._stops[known].set()
        elif kind == "drop" and known in self._tasks:
            self._tasks[known].cancel()

    async def _answer(self, number: int, question: object) -> None:
        try:
            answer = await self._answers.answer(
                question, lambda news: self._tell("say", number, news), self._stops[number]
            )
            self._tell("answer", number, answer)
        except Exception as error:  # The fence of this process: whatever it is, the caller learns of it.
            self._tell("raised", number, type(error).__name__, str(error)[:2000], where(error))
        finally:
            del self._stops[number], self._tasks[number]

    def _tell(self, *frame: object) -> None:
        data = memoryview(packed(frame))
        try:
            while data:
                data = data[os.write(self._outgoing.fileno(), data) :]
        except OSError:  # Nobody listens any more; the end of what we read says it too.
            return
