"""A process with a wire of its own: two pipes beside stdin, stdout and stderr, so that a stray print harms nothing.

Arguments may be bytes: the process gets the number of a descriptor it can read them from.
"""

import asyncio
import os
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import BinaryIO

from coding_agent.runtime.spawn import detached, kill_tree

_SAID = 8_000
"""Bytes kept of what the process wrote to stderr; it is read for the reason why it did not start."""
_DEATH = 1.0
"""Seconds that a process takes to go when it was killed, at most, before nobody waits for it any more."""


class Wire(Enum):
    """Stands in a command for the number of the descriptor that the process reads from or writes to."""

    IN = "in"
    OUT = "out"


Argument = str | bytes | Wire


class Boxed:
    """A running process; ``reader`` has what it writes to the wire."""

    def __init__(
        self, process: Process, reader: asyncio.StreamReader, read: asyncio.ReadTransport, write: asyncio.WriteTransport
    ) -> None:
        self.reader = reader
        self._process, self._read, self._write = process, read, write
        self._said = bytearray()
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @property
    def said(self) -> str:
        """Return the beginning of what it wrote to stderr."""
        return self._said.decode("utf-8", "replace").strip()

    def send(self, data: bytes) -> None:
        """Write to the wire; what a process that is gone would have read is lost."""
        self._write.write(data)

    def kill(self, *, gently: bool = False) -> None:
        """Kill the process and its group; ``gently`` sends SIGTERM."""
        if self.running:
            kill_tree(self.pid, gently=gently)

    async def ended(self) -> None:
        """Wait until the process is gone and all it said is read, a few seconds at most."""
        await asyncio.wait([self._listening], timeout=1)  # Somebody may have taken its stderr along.
        await self._gone(_DEATH)

    async def close(self, grace: float = 0.0) -> None:
        """Close the wire, which asks the process to leave; after ``grace`` seconds ask by SIGTERM; then kill it."""
        if not self._write.is_closing():  # It closes itself when the process is gone.
            self._write.abort()
        try:
            for gently in (False, True) if grace else ():
                if gently:
                    self.kill(gently=True)
                if await self._gone(grace):
                    break
            self.kill()
            self._read.close()
            await self._gone(_DEATH)
        finally:
            self._read.close()
            self._listening.cancel()

    async def _gone(self, limit: float) -> bool:
        """Wait until it is gone, at most ``limit`` seconds.

        asyncio's ``wait`` (before 3.13) ends no sooner than its stderr, which a stray grandchild may hold for good.
        """
        waiting = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait([waiting], timeout=limit)
        finally:
            waiting.cancel()
        return not self.running

    async def _listen(self) -> None:
        assert self._process.stderr
        while block := await self._process.stderr.read(1 << 14):
            self._said += block[: _SAID - len(self._said)]


async def start(command: Sequence[Argument], *, cwd: str, env: Mapping[str, str]) -> Boxed:
    """Start a process detached from our terminal.

    Raises: OSError - it cannot be started.
    """
    theirs: list[int] = []  # Descriptors that only the process keeps.
    ours: list[BinaryIO] = []
    try:
        # Invariant: a number is open until the process started, so no two arguments share one.
        argv = [_argument(argument, theirs, ours) for argument in command]
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, cwd=cwd, env=env, pass_fds=theirs, **detached()
        )
    except BaseException:
        for stream in ours:
            stream.close()
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    try:
        return await _connected(process, ours)
    except BaseException:
        kill_tree(process.pid)  # Nobody has it, so nobody would end it.
        for stream in ours:
            stream.close()
        raise


def _argument(argument: Argument, theirs: list[int], ours: list[BinaryIO]) -> str:
    """Return an argument as text; descriptors made for it are added to ``theirs`` and ``ours``."""
    if isinstance(argument, str):
        return argument
    if isinstance(argument, bytes):
        # A pipe would take 64 KiB without a reader.
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(argument)
            file.seek(0)
            theirs.append(os.dup(file.fileno()))
        return str(theirs[-1])
    read, write = os.pipe()
    kept, given = (read, write) if argument is Wire.OUT else (write, read)
    theirs.append(given)
    ours.append(os.fdopen(kept, "rb" if argument is Wire.OUT else "wb", buffering=0))  # pyright: ignore[reportArgumentType]
    return str(given)


async def _connected(process: Process, streams: Sequence[BinaryIO]) -> Boxed:
    loop = asyncio.get_running_loop()
    incoming = next(stream for stream in streams if stream.readable())
    outgoing = next(stream for stream in streams if stream.writable())
    reader = asyncio.StreamReader()
    read, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), incoming)
    write, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, outgoing)
    return Boxed(process, reader, read, write)
