# pyright: standard
# Runs the user's code.
"""Runs candidates, or tests, under one mutant after the other in this process, all mutants being in its code behind
switches.

Where one fails although its mutant is off again, the process was spoilt, and the mutant is tried again in a new one.
"""

import contextlib
import time
from typing import Any, Callable, Dict, List, Sequence, Set, Tuple

from .crew import Again, Renew
from .supervise import Pulse

AT_LEAST, TIMES, WAITING = 0.04, 12, 0.5
"""Shares of a limit: see ``limit``."""
ENOUGH = 0.9
"""Seconds on one mutant after which no further candidate is begun."""
NOBODY, LATE = -1, -2

Item = Tuple[int, Sequence[int]]
"""A mutant and the candidates it is tried with, in order."""


def limit(busy: float, waited: float) -> float:
    """Return how long the guard allows a run under a mutant, by what one without takes of the processor and in all.

    By the clock the guard allows four times as much, so what waits may wait twice as long.
    """
    return max(AT_LEAST, TIMES * busy, WAITING * waited)


class Trial:
    """Called with an item, it returns the first candidate that kills, NOBODY, or LATE where time did not do for all.

    ``holds`` says whether a candidate holds as the switches are; ``order`` has the most useful candidates first.
    """

    def __init__(self, holds: Callable[[int], bool], on: Dict[int, int], order: Sequence[int]) -> None:
        self.holds = holds
        self.on = on
        self._order = order
        self._clean = True  # nothing ran here under a mutant yet
        self._pulse = Pulse()

    def in_order(self, number: int, reached: Sequence[Set[int]]) -> List[int]:
        """Return the candidates that reach a mutant, the most useful first."""
        return [at for at in self._order if number in reached[at]]

    def __call__(self, item: Item) -> Any:
        number, candidates = item
        clean, self._clean = self._clean, False
        began = time.monotonic()
        for at in candidates:
            if time.monotonic() - began > ENOUGH:
                return LATE
            self._pulse.beat("%d %d" % (number, at))
            self.on[number] = 1
            fails = not self.holds(at)
            self.on[number] = 0
            if not fails:
                continue
            if self.holds(at):
                return at
            if not clean:
                raise Again
            return Renew(at)
        # A mutant may live and yet leave something behind.
        self._pulse.beat("%d %d" % (number, NOBODY))
        return NOBODY if self.holds(candidates[-1]) else Renew(NOBODY)

    def running(self, number: int) -> int:
        """Return, in the process that asked, which candidate ran under a mutant when the one that tries was lost."""
        mutant, _, at = self._pulse.what().partition(" ")
        return int(at) if mutant == str(number) else LATE


def caches_of(module: Any) -> List[Any]:
    """Return what remembers results in a module: a mutant behind it would never run."""
    holders = [module, *(one for one in vars(module).values() if isinstance(one, type))]
    found: Dict[int, Any] = {}
    for holder in holders:
        for value in list(vars(holder).values()):
            with contextlib.suppress(Exception):  # a proxy without its context
                if callable(getattr(value, "cache_clear", None)) and not isinstance(value, type):
                    found[id(value)] = value
    return list(found.values())


def clear(caches: List[Any]) -> None:
    for cache in caches:
        cache.cache_clear()
