"""An endpoint that fails again and again, or asks to wait, is left alone for a while; who asks meanwhile is told."""

from collections.abc import Callable

_FAILURES = 4
"""In a row, after which it is left alone."""
_PAUSES = (15.0, 60.0, 300.0)
"""Seconds; the last one again and again."""


class Breaker:
    """Of one endpoint. ``clock`` tells seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._opened = 0
        self._until = self._asked = 0.0
        self.why = ""

    @property
    def left(self) -> float:
        """Seconds that nobody asks; 0 where anybody may."""
        # A clock that was set back must not close it for hours.
        return min(max(self._until - self._clock(), 0.0), self._asked)

    def worked(self) -> None:
        self._failures = self._opened = 0
        self._until, self.why = 0.0, ""

    def failed(self, why: str) -> None:
        """One more failure of the endpoint itself."""
        self._failures += 1
        if self._failures >= _FAILURES:
            self._open(_PAUSES[min(self._opened, len(_PAUSES) - 1)], why)
            self._opened += 1
            # The next one is a try: where it fails, too, the pause is longer.
            self._failures = _FAILURES - 1

    def asked_to_wait(self, seconds: float, why: str) -> None:
        self._open(seconds, why)

    def _open(self, seconds: float, why: str) -> None:
        self._until, self.why, self._asked = self._clock() + seconds, why, seconds
