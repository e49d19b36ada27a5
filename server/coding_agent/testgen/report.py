"""What a generation says while it runs and when it is over: plain data that every face shows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias


class Phase(Enum):
    """What is being done."""

    START = "starting the sandbox"
    SURVEY = "reading the module"
    EXISTING = "running the tests there are"
    EXPLORE = "looking for inputs"
    VERIFY = "running what was found again"
    KILL = "trying mutants"
    GATE = "running the test file"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life. ``branches`` are those seen so far, of ``total``; ``share`` of the time is over, 0 to 1."""

    phase: Phase
    module: str
    seconds: float
    share: float
    branches: int = 0
    total: int = 0
    candidates: int = 0
    executions: int = 0
    saved: int = 0
    """Cases in the file on disk."""
    about: str = ""


Listener: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Gap:
    """A branch that no test takes."""

    function: str
    line: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was tried and not delivered, and why; ``count`` of the kind."""

    what: str
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Bug:
    """Something that looks wrong in the code: a call to reproduce it, and what happens."""

    call: str
    why: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Mutant:
    """A small change of the code."""

    line: int
    function: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one module. ``file`` is None where no useful test exists; ``why`` says why.

    ``before`` and ``after`` are branches taken by the tests there were and by all, of ``branches``.
    """

    module: str
    source: Path
    file: Path | None
    tests: int
    cases: int
    before: int
    after: int
    branches: int
    killed: int
    mutants: int
    survivors: tuple[Mutant, ...]
    seconds: float
    first: float | None
    """Seconds until the first file was on disk."""
    isolation: str
    executions: int
    dropped: tuple[Dropped, ...] = ()
    bugs: tuple[Bug, ...] = ()
    gaps: tuple[Gap, ...] = ()
    problems: tuple[str, ...] = ()
    place: str = ""
    why: str = ""
    text: str = ""
    incomplete: bool = False
    """Tests that there are could not all be run, so what they cover is not known."""


def percent(part: int, whole: int) -> float:
    """Return a share in per cent, one decimal; all of nothing is 100."""
    return round(100 * part / whole, 1) if whole else 100.0
