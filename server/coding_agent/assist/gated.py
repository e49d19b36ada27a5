"""The gate that tests of a model pass, that of generated ones: green in all ways, and more than the tests there are.

What is not green, or takes no branch and kills no mutant that others do not, is left out; what is left is run again.
"""

import asyncio
import time
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from typing import cast

from coding_agent.assist.meant import Check
from coding_agent.assist.suite import Chosen, Test, Written
from coding_agent.testgen import imports as importing
from coding_agent.testgen.apart import Parts
from coding_agent.testgen.boxes import Boxes, result
from coding_agent.testgen.delivery import added
from coding_agent.testgen.engine import Engine, Kills, Survey
from coding_agent.testgen.existing import covered_by_tests, has_conftest, ini_file, suite_of
from coding_agent.testgen.gate import WAYS, Judged, Suite, Way, judge
from coding_agent.testgen.imports import binds
from coding_agent.testgen.report import Dropped, Kind, Report
from coding_agent.testgen.request import Request
from coding_agent.testgen.style import Coroutines

_MORE = (
    Way("in reverse order, once more, 40 days later", 1, "reverse", WAYS[2].shift),
    Way("in random order, with another hash seed", 2, "random"),
)
"""Ways in which what is left is run beside the three: a result that changes now and then is seen sooner."""
_SHORT, _LEAST = 2.0, 5.0
"""Seconds that mutants, and that a run of the file, may take at least."""
_THEIRS, _OURS = 1, 2
"""Hash seeds of the boxes that run the tests there are, and the new ones, under mutants."""


@dataclass(frozen=True, slots=True)
class Gated:
    """What came of an answer. ``report`` has the whole test file with what is left of it, None where that is nothing.
    ``dropped`` are the other tests, and why.
    """

    checks: tuple[Check, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A test file with tests of an answer in it, and what these are called there."""

    text: str
    names: tuple[str, ...]
    tests: tuple[Test, ...]


@dataclass(slots=True)
class _Known:
    """What is known of the tests there are and of the new ones, by numbers of probes and of mutants."""

    survey: Survey
    before: frozenset[int]
    theirs: Kills | None
    taken: dict[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])
    ours: Kills | None = None
    missing: set[int] = field(default_factory=set[int])
    """What no test gets to, of what is tested, and what the new ones get to of that."""
    got: set[int] = field(default_factory=set[int])
    alive: set[int] = field(default_factory=set[int])
    """What no test kills, surely, and what the new ones kill of that."""
    dead: set[int] = field(default_factory=set[int])


def file_of(request: Request, chosen: Chosen) -> File:
    """Return the test file with what is chosen of an answer."""
    parts = Parts(chosen.imports, chosen.top, chosen.functions)
    if request.before and request.before.strip():
        text, parts = added(request.before, parts, request.style)
    else:
        head = importing.block(parts.imports, request.style)
        text = "\n\n\n".join(part for part in (head, *parts.top, *parts.functions) if part) + "\n"
    new = {binds(old): binds(block) for old, block in zip(chosen.functions, parts.functions, strict=True)}
    names: list[str] = []
    for test in chosen.tests:
        head, dot, rest = test.name.partition(".")
        names.append(f"{new[head]}{dot}{rest}")
    return File(text, tuple(names), chosen.tests)


async def gated(boxes: Boxes, request: Request, written: Written, names: frozenset[str], seconds: float) -> Gated:
    """Run those tests of an answer that have these names. ``seconds`` are for each part: runs, branches, mutants.

    Raises: NoSandbox, WorkerLost.
    """
    return await _Gate(boxes, request, written, seconds).run(names)


class _Red(Exception):
    """Nothing of an answer is left."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.check = Check(name, False, why)


class _Gate:
    def __init__(self, boxes: Boxes, request: Request, written: Written, seconds: float) -> None:
        self._boxes, self._request, self._written, self._seconds = boxes, request, written, seconds
        self._engine = Engine(boxes)
        self._dropped: list[tuple[str, str]] = []
        self._order: list[str] = []
        self._began = time.monotonic()

    async def run(self, left: frozenset[str]) -> Gated:
        try:
            known, file = await self._passed(left)
        except _Red as red:
            return Gated((red.check,), tuple(self._dropped))
        runs = len(WAYS) * 2 + len(_MORE)
        checks = (Check("green", True, f"green in {runs} runs"), Check("more", True, self._more(known)))
        return Gated(checks, tuple(self._dropped), self._report(known, file))

    async def _passed(self, left: frozenset[str]) -> tuple[_Known, File]:
        """Return the file with the tests that pass all of it. Raises: _Red - there is none."""
        if problem := await self._boxes.warm((1, 2)):
            python = self._request.target.interpreter
            raise _Red("runs", f"{python} cannot import pytest ({problem}); install it there")
        (judged, file), known = await asyncio.gather(self._judged(left, WAYS), self._before())
        left = self._green(file, judged)
        if known.survey.problem or not known.survey.probes:
            raise _Red("more", known.survey.problem or "the module has nothing that could be taken")
        useful = self._useful(known, await self._measured(known, self._file(left)))
        judged, file = await self._judged(useful, (*WAYS, *_MORE))
        if not judged.passed:
            self._green(file, judged)
            raise _Red("green", self._whys())
        return known, file

    def _file(self, names: Container[str]) -> File:
        return file_of(self._request, self._written.only(names))

    async def _judged(self, names: Container[str], ways: Sequence[Way]) -> tuple[Judged, File]:
        file = self._file(names)
        wall = max(_LEAST, self._seconds)
        return await judge(self._boxes, self._suite(file), file.tests, wall, ways), file

    def _green(self, file: File, judged: Judged) -> frozenset[str]:
        """Those without a fault; the others are noted. Raises: _Red - there is none."""
        bad: dict[str, str] = {}
        for fault in judged.faults:
            bad.setdefault(file.tests[fault.test].name, fault.why)
        self._dropped += bad.items()
        left = frozenset(each.name for each in file.tests) - bad.keys() if judged.green else frozenset[str]()
        if not left:
            raise _Red("green", judged.problem or self._whys())
        return left

    async def _before(self) -> _Known:
        """What the tests there are do already."""
        boxes, request = self._boxes, self._request
        suite = await asyncio.to_thread(suite_of, request.tests, request.target)
        surveying = asyncio.ensure_future(self._engine.survey(wall=max(_LEAST, self._seconds)))
        if suite is None:
            return _Known(await surveying, frozenset(), Kills(()))
        wall = max(_LEAST, self._seconds)
        before, _ = await covered_by_tests(boxes, suite, request.target, wall)
        theirs = await self._engine.kills_of_tests(suite.given(request.target), _THEIRS, max(_SHORT, self._seconds / 2))
        return _Known(await surveying, frozenset(before), theirs if before else Kills(()))

    async def _measured(self, known: _Known, file: File) -> frozenset[str]:
        """Note the branches that each new test takes, and the mutants it kills; returns those that were green again.

        Raises: _Red - there is none.
        """
        suite, target = self._suite(file), self._request.target
        given = suite.given()
        seconds = max(_SHORT, self._seconds / 2)
        ran, known.ours = await asyncio.gather(
            self._boxes.run(1, "testing:run", {**given, "module": target.module}, wall=max(_LEAST, self._seconds)),
            self._engine.kills_of_tests(given, _OURS, seconds, file.names),
        )
        taken = cast("dict[str, list[int]]", result(ran).get("taken") or {})
        for name, test in zip(file.names, file.tests, strict=True):
            known.taken[test.name] = frozenset(taken.get(name, ()))
        said = [cast("dict[str, str]", each) for each in ran.said if isinstance(each, dict)]
        red = {
            each["test"]: f"{each['outcome']} once more: {each['why']}" for each in said if each["outcome"] != "passed"
        }
        both = [*zip(file.names, file.tests, strict=True)]
        self._dropped += [(test.name, red[name]) for name, test in both if name in red]
        if all(name in red for name, _ in both):
            raise _Red("green", self._whys())
        self._order = [test.name for _, test in both]
        return frozenset(test.name for name, test in both if name not in red)

    def _useful(self, known: _Known, names: frozenset[str]) -> frozenset[str]:
        """Return the tests that take a branch, or kill a mutant, that no other test does; the others are noted.

        Raises: _Red - there is none.
        """
        wanted, theirs = self._request.names, known.theirs
        for number, each in enumerate(known.survey.probes):
            if each.kind is not Kind.BORDER and number not in known.before and _is_of(each.function, wanted):
                known.missing.add(number)
        ours = known.ours if theirs is not None else None
        if ours is not None and theirs is not None:
            known.alive = {n for n, each in enumerate(ours.mutants) if _is_of(each.function, wanted)}
            known.alive -= theirs.dead | theirs.unsettled | ours.anyway
        useful: set[str] = set()
        for at, name in enumerate(self._order):
            if name not in names:
                continue
            arcs = (known.taken[name] & known.missing) - known.got
            dead = ours.by_candidate[at] & known.alive if ours is not None else frozenset[int]()
            if arcs or dead:
                useful.add(name)
                known.got |= arcs
                known.dead |= dead
            else:
                self._dropped.append((name, "it takes no branch and kills no mutant that other tests do not"))
        if not useful:
            raise _Red("more", self._whys())
        return frozenset(useful)

    def _suite(self, file: File) -> Suite:
        request = self._request
        path, target = request.place.path, request.target
        inside = path.is_relative_to(target.project)
        conftest = inside and has_conftest(path, target.project)
        ini = ini_file(target.project) if conftest or request.tests else ""
        plugins = request.style.coroutines is not Coroutines.RUN or conftest
        where = path.relative_to(target.project).as_posix() if inside else path.name
        return Suite(where, file.text, file.names, str(target.project) if inside else "", ini, plugins, target.module)

    def _more(self, known: _Known) -> str:
        """``takes 2 branches that no test took, kills 1 mutant that none killed``"""
        branches = sum(known.survey.probes[number].kind is Kind.BRANCH for number in known.got)
        kills = len(known.dead)
        parts = [f"takes {branches} branch{'es' if branches != 1 else ''} that no test took"] if branches else []
        parts += [f"kills {kills} mutant{'s' if kills != 1 else ''} that no test killed"] if kills else []
        return ", ".join(parts) or "gets to a place that no test got to"

    def _report(self, known: _Known, file: File) -> Report:
        """What is left, as a report of generated tests: ``branches`` are those of the module."""
        target, probes = self._request.target, known.survey.probes
        after = known.before | known.got

        def of(kind: Kind, numbers: Collection[int]) -> int:
            return sum(probes[number].kind is kind for number in numbers if number < len(probes))

        every = range(len(probes))
        return Report(
            module=target.module,
            source=target.file,
            file=self._request.place.path,
            tests=len(file.tests),
            cases=sum(max(1, len(each.rows)) for each in file.tests),
            functions_before=of(Kind.FUNCTION, known.before),
            functions_after=of(Kind.FUNCTION, after),
            functions=of(Kind.FUNCTION, every),
            before=of(Kind.BRANCH, known.before),
            after=of(Kind.BRANCH, after),
            branches=of(Kind.BRANCH, every),
            killed=len(known.dead),
            mutants=len(known.alive),
            reached=len(known.alive),
            tried=len(known.alive),
            survivors=(),
            seconds=time.monotonic() - self._began,
            first=None,
            isolation=self._boxes.rung,
            executions=0,
            dropped=tuple(Dropped(name, why) for name, why in self._dropped),
            gaps=tuple(probes[number] for number in sorted(known.missing - known.got)),
            place=self._request.place.why,
            text=file.text,
        )

    def _whys(self) -> str:
        return "; ".join(f"{name}: {' '.join(why.split())}" for name, why in self._dropped)


def _is_of(function: str, names: Sequence[str]) -> bool:
    return not names or any(function == name or function.startswith(f"{name}.") for name in names)


__all__ = ["File", "Gated", "file_of", "gated"]
