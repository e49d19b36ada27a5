# pyright: standard
# Makes any object.
"""Tells which ways of making an object work: a test needs a valid one before it can show anything else."""

from typing import Callable, List, Sequence

from .execute import Engine
from .model import Act, Candidate
from .values import Value

TIMEOUTS = 2
"""After so many that hang, nothing more is tried."""


class Maker:
    """Makes objects under the engine's guard. ``beat`` says what is at work; ``lost`` are beats that ended a process.

    Invariant: behind a try, the beat is again the one that was there before it.
    """

    def __init__(self, engine: Engine, beat: Callable[[str], object], lost: Sequence[str]) -> None:
        self._engine, self._beat, self._lost = engine, beat, frozenset(lost)
        self._last = ""
        self._timeouts = 0

    def beat(self, what: str) -> None:
        """Say what is at work."""
        self._last = what
        self._beat(what)

    def makes(self, value: Value) -> bool:
        """Tell whether an expression has a value; also where that cannot be found out."""
        if self._timeouts >= TIMEOUTS:
            return True
        candidate = Candidate("", value.arrange, Act("expr", value.code), value.patches, value.fixtures, value.imports)
        text = repr(candidate[1:6])
        if text in self._lost:
            return False
        self._beat(text)
        outcome = self._engine.run(candidate)
        self._beat(self._last)
        self._timeouts += outcome.kind == "timeout"
        return outcome.kind == "value"

    def sound(self, values: Sequence[Value]) -> List[Value]:
        """Return those that work."""
        return [value for value in values if self.makes(value)]
