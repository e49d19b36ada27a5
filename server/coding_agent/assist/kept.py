"""Whether the tests of the project that come to a definition pass with its new code as they did with the old one."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.assist.trial import UNTRUSTED, Trial, Tried
from coding_agent.testgen.boxes import Boxes, result
from coding_agent.testgen.existing import Suite, suite_of

_BOX = 1
"""Hash seed of the box that runs tests."""
_OLD = 0.6
"""Share of the time for the old code."""
_TWICE = 2
"""Runs of a test after which it counts as steady."""
_SLOWER, _LEAST = 20.0, 0.5
"""By how much a test may take longer with the new code, and the seconds that it may take in any case."""
_MORE = 5.0
"""Seconds in which pytest may end beyond those it was told."""
_SHORT = 0.5


@dataclass(frozen=True, slots=True)
class _Test:
    """A test by pytest's id, what became of its runs, the lines of the definition that it came to."""

    name: str
    passed: tuple[bool | None, ...]
    lines: frozenset[int]
    took: float
    why: str


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of tests; ``problem`` where it did not come to its end."""

    tests: Mapping[str, _Test]
    left: int
    deeds: frozenset[str]
    problem: str = ""


async def tests_kept(boxes: Boxes | None, trial: Trial, tests: Sequence[Path], seconds: float) -> Tried:
    """Run the tests that come to the definition, with its old code and with the new one.

    ``boxes`` are those of the trial's target; without them nothing may run. ``tests`` are the project's test files.
    Where no test comes to what changed, the check holds and is not ``covered``. Raises: NoSandbox, WorkerLost.
    """
    if boxes is None:
        return _said(UNTRUSTED)
    suite = await asyncio.to_thread(suite_of, tests, trial.target)
    if suite is None:
        return _said("no test names the module")
    return await _Kept(boxes, trial, suite, time.monotonic() + seconds).run(seconds)


def _said(detail: str, *, ran: bool = False) -> Tried:
    return Tried("tests", True, detail, ran, covered=False)


class _Kept:
    def __init__(self, boxes: Boxes, trial: Trial, suite: Suite, until: float) -> None:
        self._boxes, self._trial, self._suite, self._until = boxes, trial, suite, until

    async def run(self, seconds: float) -> Tried:
        problem = await self._boxes.warm((_BOX,))
        before = await self._ran(new=False, only=None, seconds=_OLD * seconds)
        if problem or before.problem:
            return _said(f"the tests cannot be run as it is: {problem or before.problem}", ran=True)
        reached = [test for test in before.tests.values() if test.lines]
        steady = [test for test in reached if len(test.passed) == _TWICE and all(test.passed)]
        if not steady:
            return _said(_none(reached, before.left), ran=True)
        after = await self._ran(new=True, only=steady, seconds=self._left())
        if after.problem:
            return _failed(f"with the new code: {after.problem}")
        bad = [test for test in steady if not _green(after.tests.get(test.name))]
        shaky = await self._shaky(bad) if bad else frozenset[str]()
        bad = [test for test in bad if test.name not in shaky]
        if bad:
            return self._broken(bad, after)
        return self._kept([test for test in steady if test.name not in shaky], before, after)

    async def _shaky(self, bad: Sequence[_Test]) -> frozenset[str]:
        """Those of the tests that fail with the old code too, once they are run again: they say nothing."""
        again = await self._ran(new=False, only=bad, seconds=self._left())
        return frozenset(name for name, test in again.tests.items() if not _green(test))

    def _broken(self, bad: Sequence[_Test], after: _Run) -> Tried:
        test = after.tests.get(bad[0].name)
        why = test.why if test is not None else "it was not run to its end"
        more = f" ({len(bad)} tests fail)" if len(bad) > 1 else ""
        return _failed(f"{bad[0].name} fails{more}: {_first(why)}")

    def _kept(self, green: Sequence[_Test], before: _Run, after: _Run) -> Tried:
        more = after.deeds - before.deeds
        if more:
            return _failed(f"with the new code it {min(more)}, and did not before")
        old, new = self._trial.changed
        come = [test for test in green if test.lines & old or after.tests[test.name].lines & new]
        left = f"; there was no time for {before.left} more" if before.left else ""
        if not green:
            return _said("no test that comes to it passes each time", ran=True)
        if not come:
            return _said(f"{_pass(green)} as before, but none comes to what changed{left}", ran=True)
        return Tried("tests", True, f"{_pass(come)} as before{left}", True, True)

    def _left(self) -> float:
        return max(_SHORT, self._until - time.monotonic())

    async def _ran(self, *, new: bool, only: Sequence[_Test] | None, seconds: float) -> _Run:
        """Run tests, all of them or only some, on one of the texts."""
        trial = self._trial
        limits = None if only is None else {test.name: max(_LEAST, _SLOWER * test.took) for test in only}
        given = {
            **self._suite.given(trial.target),
            "module": trial.target.module,
            "text": trial.new if new else trial.old,
            "lines": list(trial.new_lines if new else trial.old_lines),
            "only": limits,
            "times": 1 if new else _TWICE,
            "seconds": seconds,
        }
        ran = await self._boxes.run(_BOX, "rerun:rerun", given, wall=seconds + _MORE)
        tests = [_test(cast("dict[str, object]", said)) for said in ran.said if isinstance(said, dict)]
        found = result(ran)
        problems = cast("list[str]", found.get("problems") or [])
        problem = problems[0] if problems else "" if found else ran.ended.why or str(ran.ended.kind)
        deeds = frozenset(map(str, cast("list[object]", found.get("deeds") or [])))
        left = found.get("left")
        by_name = {test.name: test for test in tests}
        return _Run(by_name, left if isinstance(left, int) else 0, deeds, _last(problem))


def _green(test: _Test | None) -> bool:
    return test is not None and bool(test.passed) and all(test.passed)


def _failed(why: str) -> Tried:
    return Tried("tests", False, why, True, True)


def _pass(tests: Sequence[_Test]) -> str:
    return f"{_tests(tests)} {'passes' if len(tests) == 1 else 'pass'}"


def _none(reached: Sequence[_Test], left: int) -> str:
    """Why no test says anything."""
    if reached:
        return f"{_tests(reached)} {'comes' if len(reached) == 1 else 'come'} to it, and none passes as it is"
    return f"no test comes to it, as far as was run ({left} were not)" if left else "no test comes to it"


def _tests(tests: Sequence[_Test]) -> str:
    """Some tests, by their files."""
    files = list(dict.fromkeys(test.name.partition("::")[0] for test in tests))
    where = files[0] if len(files) == 1 else f"{len(files)} files"
    return f"{len(tests)} test{'' if len(tests) == 1 else 's'} of {where}"


def _first(text: str) -> str:
    """The first line of what pytest says."""
    return _short(next((line for line in text.split("\n") if line.strip()), ""))


def _last(text: str) -> str:
    """The last line of a traceback."""
    return _short(text.strip().split("\n")[-1])


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= 200 else line[:197] + "..."


def _test(said: dict[str, object]) -> _Test:
    spans = cast("list[tuple[int, int]]", said["lines"])
    lines = frozenset(line for first, last in spans for line in range(first, last + 1))
    passed = cast("list[bool | None]", said["passed"])
    return _Test(str(said["test"]), tuple(passed), lines, float(cast("float", said["took"])), str(said["why"]))
