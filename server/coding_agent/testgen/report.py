"""What a generation says while it runs and when it is over: plain data that every face shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil
from pathlib import Path
from typing import TypeAlias

_FIXED = 5
"""Seconds for what any generation does: start, replays, mutants, and the runs of the file."""


class Phase(Enum):
    """What is being done."""

    START = "starting the sandbox"
    SURVEY = "reading the module"
    EXPLORE = "looking for inputs"
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


class Kind(Enum):
    """What a place in the code is to who reads a report."""

    FUNCTION = "function"
    """A function or lambda is called."""
    BRANCH = "branch"
    """A way of a test, a loop, a handler, a case or an operand."""
    END = "end"
    """What comes before the last line of a block, or a manager, went through."""
    BORDER = "border"
    """A comparison was looked at where its sides meet; of use to tell mutants apart only."""


_KINDS = {"called": Kind.FUNCTION, "reached": Kind.END, "with entered": Kind.END, "border": Kind.BORDER}


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in the code that no test gets to."""

    function: str
    line: int
    outcome: str
    column: int = 0
    """From one; 0 where the line has nothing else that the outcome could be of."""
    part: str = ""
    """The code it is about, on one line: the operand, the handler, the case, or what is worked out then."""

    @property
    def kind(self) -> Kind:
        return _KINDS.get(self.outcome, Kind.BRANCH)


@dataclass(frozen=True, slots=True)
class Reason:
    """What beside its gaps makes a function worth a test: rules that find something in it, commits that changed it."""

    function: str
    findings: tuple[str, ...]
    changes: int


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

    ``before`` and ``after`` are branches taken by the tests there were and by all, of ``branches``; functions called
    likewise. ``mutants`` are all of the targets, none where no time was left for them; ``reached`` of them are run by
    some case, ``tried`` of these were tried to the end, and ``killed`` fail a case that was delivered or, as
    ``killed_before``, a test that there was.
    """

    module: str
    source: Path
    file: Path | None
    tests: int
    cases: int
    functions_before: int
    functions_after: int
    functions: int
    before: int
    after: int
    branches: int
    killed: int
    mutants: int
    reached: int
    tried: int
    survivors: tuple[Mutant, ...]
    seconds: float
    first: float | None
    """Seconds until the first file was on disk."""
    isolation: str
    executions: int
    dropped: tuple[Dropped, ...] = ()
    bugs: tuple[Bug, ...] = ()
    gaps: tuple[Gap, ...] = ()
    risks: tuple[Reason, ...] = ()
    """What made the order of the gaps, beside their number and the complexity of the function."""
    problems: tuple[str, ...] = ()
    place: str = ""
    why: str = ""
    text: str = ""
    killed_before: int = 0
    incomplete: bool = False
    """Tests that there are could not all be run, so what they cover is not known."""


def seconds_for(gaps: Sequence[Gap]) -> int:
    """Return about how long testing these gaps takes, in seconds, in steps of five.

    A fixed part and a tenth of a second for each branch: what generation took for modules of 6 to 175 branches.
    """
    branches = sum(gap.kind is Kind.BRANCH for gap in gaps)
    return 5 * ceil((_FIXED + branches / 10) / 5)


def percent(part: int, whole: int) -> float:
    """Return a share in per cent, one decimal; all of nothing is 100."""
    return round(100 * part / whole, 1) if whole else 100.0
