"""Frames over stdio: two small threads, so that the loop neither waits for the client nor for a full pipe.

stdout is the wire and nothing else: what Python code prints goes to stderr.
"""

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import BinaryIO

LARGEST = 256 * 1024 * 1024
"""Bytes of the largest message that is read; a header that announces more is a mistake."""


def take_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Return the wire's two ends; from here on ``print`` and C code write to stderr, and nobody else reads stdin."""
    source = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    sink = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


class Reader:
    """Reads frames in a thread and wakes the loop once for all that have come."""

    def __init__(self, source: BinaryIO, arrived: Callable[[list[bytes]], None], ended: Callable[[], None]) -> None:
        self._source = source
        self._arrived = arrived
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[bytes] = deque()
        self._woken = False
        threading.Thread(target=self._run, name="wire-in", daemon=True).start()

    def _run(self) -> None:
        try:
            while (body := self._frame()) is not None:
                self._inbox.append(body)
                if not self._woken:
                    self._woken = True
                    self._loop.call_soon_threadsafe(self._drain)
        except (OSError, ValueError):
            pass
        try:
            self._loop.call_soon_threadsafe(self._ended)
        except RuntimeError:
            return  # The loop is closed: nobody is left to tell.

    def _drain(self) -> None:
        self._woken = False
        bodies: list[bytes] = []
        while self._inbox:
            bodies.append(self._inbox.popleft())
        if bodies:
            self._arrived(bodies)

    def _frame(self) -> bytes | None:
        """The next body; None at the end. Headers in any case and order; lines that are no headers are passed over."""
        size = -1
        while True:
            line = self._source.readline(1 << 16)
            if not line:
                return None
            if line in (b"\r\n", b"\n"):
                if size >= 0:
                    body = self._source.read(size)
                    return body if len(body) == size else None
                continue
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                size = _size(value)


def _size(value: bytes) -> int:
    """A length that can be believed, or -1."""
    try:
        size = int(value)
    except ValueError:
        return -1
    return size if 0 <= size <= LARGEST else -1


class Writer:
    """Writes frames in a thread, in order."""

    def __init__(self, sink: BinaryIO, failed: Callable[[], None]) -> None:
        self._sink = sink
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="wire-out", daemon=True)
        self._thread.start()

    def send(self, parts: Sequence[bytes]) -> None:
        """Send one message whose body is ``parts`` joined."""
        size = sum(map(len, parts))
        self._queue.put(b"".join((b"Content-Length: %d\r\n\r\n" % size, *parts)))

    def close(self, seconds: float) -> None:
        """Wait until all is written, at most that long."""
        self._queue.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (frame := self._queue.get()) is not None:
                view = memoryview(frame)
                while view:
                    view = view[self._sink.write(view) or 0 :]
        except (OSError, ValueError):
            try:
                self._loop.call_soon_threadsafe(self._failed)
            except RuntimeError:
                return
