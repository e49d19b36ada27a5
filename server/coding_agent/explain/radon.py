"""radon's figures for a file or a function. Slow (up to 25 times a parse): for who asks, never on a keystroke."""

from dataclasses import dataclass
from typing import Protocol, cast


@dataclass(frozen=True, slots=True)
class Maintainability:
    """``index`` from 0 to 100, higher is better; ``rank`` A, B or C. The others are Halstead's: ``volume`` in bits,
    ``difficulty`` and ``effort`` without unit.

    Source: radon 6, which documents both formulas and their origin.
    """

    index: float
    rank: str
    volume: float
    difficulty: float
    effort: float


class _Report(Protocol):
    volume: float
    difficulty: float
    effort: float


class _Halstead(Protocol):
    total: _Report


class _Metrics(Protocol):
    """What we use of radon, which has no types of its own."""

    def mi_visit(self, code: str, multi: bool) -> float: ...
    def mi_rank(self, score: float) -> str: ...
    def h_visit(self, code: str) -> _Halstead: ...


def maintainability(text: str) -> Maintainability | None:
    """Return the figures of a text; None when it cannot be parsed."""
    import radon.metrics

    metrics = cast(_Metrics, radon.metrics)
    try:
        index = metrics.mi_visit(text, multi=True)
        halstead = metrics.h_visit(text).total
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Maintainability(index, metrics.mi_rank(index), halstead.volume, halstead.difficulty, halstead.effort)
