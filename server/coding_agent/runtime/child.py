"""The inside of a worker process: answers one question at a time and dies with its parent.

Started by ``process.Worker`` only. The pipes of the wire are moved away from descriptors 0 and 1 first, so that
a library's stray print goes to stderr and a stray input() sees an empty file.
"""

import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, cast

from coding_agent.runtime.frames import packed, read_frame

Question = tuple[str, tuple[object, ...]]
_PR_SET_PDEATHSIG = 1


def main(target: str, nice: str, parent: str) -> None:
    """Serve until the parent closes the wire. ``target`` is imported at once, so that the first question finds it."""
    incoming, outgoing = _take_wire()
    die_with(int(parent))
    step_back(int(nice))
    questions: SimpleQueue[Question] = SimpleQueue()
    threading.Thread(target=_read, args=(incoming, questions), name="wire", daemon=True).start()
    with contextlib.suppress(Exception):  # The first question will say what is wrong with it.
        _function(target)
    while True:
        outgoing.write(_answer(*questions.get()))
        outgoing.flush()


def _take_wire() -> tuple[BinaryIO, BinaryIO]:
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return incoming, outgoing


def die_with(parent: int) -> None:
    """Have the kernel end us with the parent where it can: end of file alone is not seen while C code holds the GIL."""
    # Ctrl-C in the server's terminal is the server's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It went before the kernel knew what we want.
        _end()


def step_back(nice: int) -> None:
    if sys.platform != "win32" and nice:
        with contextlib.suppress(OSError):
            os.nice(nice)


def _read(incoming: BinaryIO, questions: "SimpleQueue[Question]") -> None:
    """Pass questions on; end the process at the wire's end, also while a question is being answered."""
    try:
        while True:
            questions.put(cast(Question, read_frame(incoming)))
    except (EOFError, OSError):
        _end()


def _end() -> None:
    """End now, with every process we started: we lead a process group of our own."""
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(target: str, args: tuple[object, ...]) -> bytes:
    """Return the frame of the answer: (True, result) or (False, name of the exception, its message, where)."""
    try:
        return packed((True, _function(target)(*args)))
    except (Exception, SystemExit) as error:  # The worker's fence: whatever it is, the caller learns of it.
        return packed((False, type(error).__name__, str(error)[:2000], where(error)))


def _function(target: str) -> Callable[..., object]:
    module, _, name = target.partition(":")
    return cast(Callable[..., object], getattr(importlib.import_module(module), name))


def where(error: BaseException) -> str:
    """Return the innermost place as "module:line"; no source text."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}" if frame else "?"
