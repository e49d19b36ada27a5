"""Delivered is only what is green in three isolated runs: other order, hash seed, folder, machine and clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from coding_agent.testgen.boxes import DAYS, Boxes, result


@dataclass(frozen=True, slots=True)
class Way:
    """One of the runs."""

    name: str
    seed: int
    order: str
    shift: int = 0
    from_root: bool = False
    """As ``python -m pytest`` in the project's folder."""
    elsewhere: bool = False
    """As on another machine."""


WAYS = (
    Way("in file order, from the project's folder", 1, "file", from_root=True),
    Way("in reverse order, with another hash seed, as on another machine", 2, "reverse", elsewhere=True),
    Way("in random order, 40 days later", 1, "random", DAYS),
)


class Rowed(Protocol):
    """A test, as far as the gate looks at one."""

    @property
    def rows(self) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of a test that was not green; ``test`` is its place in the file. A test without a table has one row."""

    test: int
    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What the runs said. ``faults`` are to be left out; ``problem`` where the file itself cannot be run."""

    faults: tuple[Fault, ...]
    green: int
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.faults and not self.problem and self.green > 0


@dataclass(frozen=True, slots=True)
class Suite:
    """A test file: its path, inside of the project where there is one, its text, what its tests are called in there."""

    path: str
    text: str
    names: Sequence[str]
    """Qualified: a method has its class in front."""
    project: str = ""
    ini: str = ""
    autoload: bool = False
    module: str = ""
    """What is tested."""

    def given(self) -> dict[str, object]:
        """What a job of the inside takes to run it."""
        place: dict[str, object] = {"files": {self.path: self.text}, "wanted": [self.path], "project": self.project}
        return {**place, "autoload": self.autoload, "ini": self.ini}


async def judge(boxes: Boxes, suite: Suite, tests: Sequence[Rowed], wall: float, ways: Sequence[Way] = WAYS) -> Judged:
    """Run a file in each way, at the same time. ``wall`` seconds are for each run.

    Raises: NoSandbox, WorkerLost.
    """
    ran = await asyncio.gather(*(_ran(boxes, suite, way, wall) for way in ways))
    expected = {
        (name, row): (at, row)
        for at, (name, test) in enumerate(zip(suite.names, tests, strict=True))
        for row in range(max(1, len(test.rows)))
    }
    faults: dict[tuple[int, int], str] = {}
    missing: set[tuple[int, int]] = set()
    problem = ""
    for way, (outcomes, why) in zip(ways, ran, strict=True):
        problem = problem or (f"{way.name}: {why}" if why else "")
        if not outcomes:
            return Judged((), 0, problem or f"{way.name}: no test was found")
        for key, (outcome, reason) in outcomes.items():
            if key in expected and outcome != "passed":
                faults.setdefault(expected[key], f"{outcome} {way.name}: {reason}")
        missing |= {expected[key] for key in expected.keys() - outcomes.keys()}
    for key in missing - faults.keys():
        faults[key] = problem or "was not run"
    found = tuple(Fault(test, row, why) for (test, row), why in sorted(faults.items()))
    return Judged(found, len(expected) - len(found))


async def _ran(boxes: Boxes, suite: Suite, way: Way, wall: float) -> tuple[dict[tuple[str, int], tuple[str, str]], str]:
    given: dict[str, object] = {
        **suite.given(),
        "order": way.order,
        "shift": way.shift,
        "from_root": way.from_root,
        "elsewhere": suite.module.partition(".")[0] if way.elsewhere else "",
    }
    ran = await boxes.run(way.seed, "testing:run", given, wall=wall)
    outcomes: dict[tuple[str, int], tuple[str, str]] = {}
    for said in ran.said:
        if isinstance(said, dict):
            each = cast("dict[str, object]", said)
            outcomes[str(each["test"]), int(cast("int", each["row"]))] = (str(each["outcome"]), str(each["why"]))
    problems = cast("list[str]", result(ran).get("problems") or [])
    problem = "; ".join(problems)[-400:] or ("" if ran.ended.done else ran.ended.why or str(ran.ended.kind))
    return outcomes, problem
