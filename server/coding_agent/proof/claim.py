"""What an edit claims, and what was proved about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much is proved, from least to most."""

    SYNTAX = "syntax"
    """The result compiles, without new warnings; what nobody touched, comments, docstrings and line ends are kept."""
    BINDINGS = "bindings"
    """Every name means what it meant: the scopes are the same but for the names the claim declares."""
    EFFECTS = "effects"
    """On every path the same evaluations happen in the same order, on the same values, under the same handlers."""


ALL_LEVELS = (Level.SYNTAX, Level.BINDINGS, Level.EFFECTS)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an edit may change; everything else must be as before.

    ``adds`` are variables that only the result has, ``drops`` those that only the original
    has; either is bound once, to a value that its uses stand for. ``function`` is the name
    of a function or method that only the result has and calls in one place.
    """

    levels: tuple[Level, ...] = ALL_LEVELS
    adds: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()
    function: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The levels that hold, and what they take for granted, as sentences for the user."""

    levels: tuple[Level, ...]
    assumptions: tuple[str, ...] = ()


class Unprovable(Exception):
    """Something differs, or cannot be followed; ``str(error)`` says what. Never leaves this room."""
