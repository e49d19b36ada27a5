# pyright: standard
# A signal handler takes whatever frame there is.
"""Stops what runs too long, from inside."""

import signal
import time
from typing import Any, Callable

IMPORTING = 10.0
"""Seconds that the imports of one run may take besides."""
TICKS = 4
"""How often within its time a run is looked at: imports are counted by such ticks."""


class OutOfTime(BaseException):
    """Raised wherever the code under test is when its time is over; no ``except Exception`` catches it."""


class Guard:
    """``with guard:`` raises OutOfTime inside after ``seconds`` of wall time, again and again until it gets through.

    A machine that is busy elsewhere may take four times as long: what did not get the processor is not slow. Nor is
    what imports for the first time: the time of imports is given back, and ``waiting`` is called meanwhile. Stopped
    within, an import would leave modules half made to all later runs.
    Works in the main thread; C code that never returns is the parent's to kill.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.imported = 0.0  # seconds of the last run that were imports
        self.waiting: Callable[[], Any] = bool
        self._began = self._seen = 0.0  # by the clock, without imports; and the last tick
        self._used = self._seen_used = 0.0  # by the processor
        self._on = False
        signal.signal(signal.SIGALRM, self._alarm)

    def __enter__(self) -> None:
        self.imported = 0.0
        self._began = self._seen = time.monotonic()
        self._used = self._seen_used = time.process_time()
        self._on = True
        signal.setitimer(signal.ITIMER_REAL, self.seconds / TICKS, self.seconds / TICKS)

    def __exit__(self, *_: Any) -> None:
        self._on = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _alarm(self, _number: int, frame: Any) -> None:
        if not self._on:
            return
        now, used = time.monotonic(), time.process_time()
        if self.imported < IMPORTING and is_importing(frame):
            self.imported += now - self._seen
            self._began += now - self._seen
            self._used += used - self._seen_used
            self.waiting()
        self._seen, self._seen_used = now, used
        took, busy = now - self._began, used - self._used
        # The timer rounds: the last tick may come a little early.
        if took > self.seconds * 0.95 and (busy > self.seconds / 2 or took > 4 * self.seconds):
            raise OutOfTime


def is_importing(frame: Any) -> bool:
    """Whether a frame is below an import that the code under test makes."""
    while frame is not None and frame.f_code.co_filename != "<candidate>":
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
