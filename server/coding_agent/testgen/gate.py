"""Delivered is only what is green in three isolated runs: other order, hash seed, folder and clock."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from coding_agent.testgen.boxes import DAYS, Boxes, result
from coding_agent.testgen.tables import Test


@dataclass(frozen=True, slots=True)
class Way:
    """One of the runs."""

    name: str
    seed: int
    order: str
    shift: int


WAYS = (
    Way("in file order", 1, "file", 0),
    Way("in reverse order with another hash seed", 2, "reverse", 0),
    Way("in random order, 40 days later", 1, "random", DAYS),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A test, or a row of a table, that was not green: -1 is the whole test."""

    test: str
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
    """A test file and what must lie beside it: paths inside a folder, and their texts."""

    path: str
    files: Mapping[str, str]
    ini: str = ""
    autoload: bool = False


async def judge(boxes: Boxes, suite: Suite, tests: Sequence[Test], wall: float, ways: Sequence[Way] = WAYS) -> Judged:
    """Run a file in each way, at the same time. ``wall`` seconds are for each run.

    Raises: NoSandbox, WorkerLost.
    """
    ran = await asyncio.gather(*(_ran(boxes, suite, way, wall) for way in ways))
    expected = {(test.name, row) for test in tests for row in range(max(1, len(test.rows)))}
    faults: dict[tuple[str, int], str] = {}
    missing: set[tuple[str, int]] = set()
    problem = ""
    for way, (outcomes, why) in zip(ways, ran, strict=True):
        problem = problem or (f"{way.name}: {why}" if why else "")
        if not outcomes:
            return Judged((), 0, problem or f"{way.name}: no test was found")
        for key, (outcome, reason) in outcomes.items():
            if key in expected and outcome != "passed":
                faults.setdefault(key, f"{outcome} {way.name}: {reason}")
        missing |= expected - outcomes.keys()
    for key in missing - faults.keys():
        faults[key] = problem or "was not run"
    found = tuple(Fault(name, row, why) for (name, row), why in sorted(faults.items()))
    return Judged(found, len(expected) - len(found))


async def _ran(boxes: Boxes, suite: Suite, way: Way, wall: float) -> tuple[dict[tuple[str, int], tuple[str, str]], str]:
    given = {
        "files": dict(suite.files),
        "wanted": [suite.path],
        "order": way.order,
        "shift": way.shift,
        "autoload": suite.autoload,
        "ini": suite.ini,
    }
    ran = await boxes.run(way.seed, "testing:run", given, wall=wall)
    outcomes: dict[tuple[str, int], tuple[str, str]] = {}
    for said in ran.said:
        if isinstance(said, dict):
            each = cast("dict[str, object]", said)
            name = str(each["test"]).rpartition(".")[2]
            outcomes[name, int(cast("int", each["row"]))] = (str(each["outcome"]), str(each["why"]))
    problems = cast("list[str]", result(ran).get("problems") or [])
    problem = "; ".join(problems)[-400:] or ("" if ran.ended.done else ran.ended.why or str(ran.ended.kind))
    return outcomes, problem
