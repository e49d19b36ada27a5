# pyright: standard
# A signal handler takes whatever frame there is.
"""Stops what runs too long, from inside."""

import signal
import time
from typing import Any


class OutOfTime(BaseException):
    """Raised wherever the code under test is when its time is over; no ``except Exception`` catches it."""


class Guard:
    """``with guard:`` raises OutOfTime inside after ``seconds`` of wall time, again and again until it gets through.

    A machine that is busy elsewhere may take four times as long: what did not get the processor is not slow.
    Works in the main thread; C code that never returns is the parent's to kill.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0
        self._used = 0.0
        self._on = False
        signal.signal(signal.SIGALRM, self._alarm)

    def __enter__(self) -> None:
        self._until = time.monotonic() + 4 * self.seconds
        self._used = time.process_time()
        self._on = True
        signal.setitimer(signal.ITIMER_REAL, self.seconds, self.seconds / 4)

    def __exit__(self, *_: Any) -> None:
        self._on = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _alarm(self, _number: int, _frame: Any) -> None:
        busy = time.process_time() - self._used
        if self._on and (busy > self.seconds / 2 or time.monotonic() > self._until):
            raise OutOfTime
