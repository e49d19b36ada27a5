"""Asks the inside: each job with its arguments and what it answers, as types."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias, cast

from coding_agent.sandbox.box import Ended, Said
from coding_agent.testgen.boxes import PACKAGE, Boxes, result
from coding_agent.testgen.callsites import Seed
from coding_agent.testgen.inside.model import Candidate, from_json, to_json
from coding_agent.testgen.problems import told
from coding_agent.testgen.report import Bug, Gap, Mutant


@dataclass(frozen=True, slots=True)
class Survey:
    """What a module has. ``probes`` are the branches by number; ``problem`` where it cannot be tested."""

    targets: tuple[str, ...]
    probes: tuple[Gap, ...]
    parameters: Mapping[str, tuple[str, ...]]
    problem: str = ""
    others: tuple[str, ...] = ()
    """Modules of other packages that it imports."""


@dataclass(frozen=True, slots=True)
class Explored:
    """How a search ended."""

    covered: tuple[int, ...]
    executions: int
    bugs: tuple[Bug, ...]
    done: bool
    problem: str = ""
    notes: tuple[str, ...] = ()
    """Targets that could not be searched, calls that took their process with them, and why."""
    stood: tuple[str, ...] = ()
    """What kept calls from becoming tests, most of them first: "1400 calls needed the network"."""


@dataclass(frozen=True, slots=True)
class Kills:
    """Mutants are numbers, places in ``mutants``, which has all of the module.

    ``by_candidate`` are those that each kills, in the order of the candidates. ``anyway``: any test kills them, for
    the module cannot be imported. ``reached`` are run by some candidate, ``tried`` of these were judged to the end.
    """

    by_candidate: tuple[frozenset[int], ...]
    mutants: tuple[Mutant, ...] = ()
    anyway: frozenset[int] = frozenset()
    reached: frozenset[int] = frozenset()
    tried: frozenset[int] = frozenset()
    problem: str = ""

    @property
    def dead(self) -> frozenset[int]:
        """Those that some candidate kills."""
        return frozenset[int]().union(*self.by_candidate)

    @property
    def unsettled(self) -> frozenset[int]:
        """Those of which it is not known whether a candidate kills them."""
        return self.reached - self.tried


Held: TypeAlias = list[tuple[tuple[str, ...], ...] | None]
"""For each candidate the checks that held, None where it went another way."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a run differs from the first: hash seed, order, seconds by which the clock is moved, another machine."""

    seed: int
    order: str
    shift: int = 0
    elsewhere: bool = False

    def told(self) -> dict[str, object]:
        """Return it as the inside takes it; the seed is the box's."""
        return {"order": self.order, "shift": self.shift, "elsewhere": self.elsewhere}


class Engine:
    """The jobs of one module in its boxes. Raises everywhere: NoSandbox, WorkerLost."""

    def __init__(self, boxes: Boxes) -> None:
        self.boxes = boxes
        self._module = {"module": boxes.target.module, "paths": list(boxes.target.paths)}

    async def survey(self, wall: float) -> Survey:
        """List targets and branches."""
        ran = await self.boxes.run(0, "jobs:survey", self._module, wall=wall)
        found = result(ran)
        return _survey(found) if found else Survey((), (), {}, self._told(ran.ended))

    def _told(self, ended: Ended) -> str:
        target = self.boxes.target
        return told(ended.why or str(ended.kind), target.interpreter, target.project)

    async def explore(
        self,
        targets: Sequence[str],
        seeds: Sequence[Seed],
        known: Sequence[Candidate],
        covered: Sequence[int],
        seconds: float,
    ) -> AsyncGenerator[Survey | Candidate | Explored]:
        """Search inputs; yields the survey, then candidates as they are found, at last how it ended."""
        given = {
            **self._module,
            "targets": list(targets),
            "seeds": list(seeds),
            "known": [to_json(each) for each in known],
            "covered": list(covered),
            "seconds": seconds,
        }
        box = await self.boxes.of(0)
        async with aclosing(box.job(f"{PACKAGE}.jobs:explore", given, wall=seconds + 5, cpu=seconds + 5)) as news:
            async for each in news:
                if isinstance(each, Said):
                    said = _table(each.data)
                    if "survey" in said:
                        yield _survey(_table(said["survey"]))
                    elif "candidate" in said:
                        yield from_json(_table(said["candidate"]))
                else:
                    yield _explored(each, self._told(each))

    async def replay(self, candidates: Sequence[Candidate], circumstances: Circumstances, wall: float) -> Held | None:
        """Run candidates on the plain module; returns the checks that held, None where one went another way.

        None in place of all where the job did not come to its end.
        """
        ran = await self.boxes.run(
            circumstances.seed,
            "replay:replay",
            {**self._given(candidates), **circumstances.told()},
            wall=wall,
        )
        return _held(result(ran).get("outcomes"), len(candidates)) if ran.ended.done else None

    async def in_seeds(
        self, candidates: Sequence[Candidate], box: int, seeds: Sequence[int], wall: float
    ) -> list[Held] | None:
        """Run candidates in a new interpreter for each hash seed; returns what ``replay`` does for each that ended.

        None where none did.
        """
        given = {**self._given(candidates), "seeds": list(seeds), "seconds": wall}
        ran = await self.boxes.run(box, "seeds:replays", given, wall=wall + 0.5)
        runs = [_held(each, len(candidates)) for each in _list(result(ran).get("runs"))]
        return runs or None

    def _given(self, candidates: Sequence[Candidate]) -> dict[str, object]:
        return {**self._module, "candidates": [to_json(each) for each in candidates]}

    async def smaller(self, candidates: Sequence[Candidate], seed: int, seconds: float) -> list[list[Candidate]]:
        """Return smaller ones for each candidate, the smallest first; fewer rows where the job did not end.

        ``seed``: the hash seed of the box that looks for them.
        """
        given = {**self._module, "candidates": [to_json(each) for each in candidates], "seconds": seconds}
        ran = await self.boxes.run(seed, "smaller:smaller", given, wall=seconds + 0.5)
        return [[from_json(_table(each)) for each in _list(chain)] for chain in _list(result(ran).get("chains"))]

    async def kills(
        self,
        candidates: Sequence[Candidate],
        seeds: Sequence[int],
        seconds: float,
        only: Sequence[int] | None = None,
        without: Iterable[int] = (),
    ) -> Kills:
        """Try mutants that candidates reach, shared among the boxes of these seeds, until one candidate kills.

        ``only``: just these mutants, in this order, and with all candidates. ``without``: none of these.
        """
        given: dict[str, object] = {
            **self._module,
            "candidates": [to_json(each) for each in candidates],
            "seconds": seconds,
            "only": only if only is None else list(only),
            "without": sorted(without),
        }
        shares = [{**given, "part": part, "parts": len(seeds)} for part in range(len(seeds))]
        ran = await asyncio.gather(
            *(
                self.boxes.run(seed, "kills:kills", share, wall=seconds + 0.8)
                for seed, share in zip(seeds, shares, strict=True)
            )
        )
        found = [result(each) for each in ran]
        killed: list[set[int]] = [set() for _ in candidates]
        for share in found:
            for index, each in enumerate(_list(share.get("kills"))[: len(candidates)]):
                killed[index].update(map(_int, _list(each)))
        problems = [str(each) for share in found for each in _list(share.get("problems"))]
        problems += [_why(each.ended) for each, share in zip(ran, found, strict=True) if not share]
        return _kills(found, map(frozenset, killed), problems)

    async def kills_of_tests(
        self, suite: Mapping[str, object], box: int, seconds: float, names: Sequence[str] = ()
    ) -> Kills | None:
        """Return what tests that there are kill, as if they were one candidate; None where nothing can be told.

        ``suite`` is what ``existing:killed`` of the inside takes beside the module. Of what was not run in the time it
        is not known what it reaches: that counts as reached. With ``names`` only these tests are run; then each is a
        candidate, with what it kills first, and the last candidate is what an import with the mutant kills.
        """
        given = {**suite, "module": self.boxes.target.module, "seconds": seconds, "only": list(names)}
        ran = await self.boxes.run(box, "existing:killed", given, wall=seconds + 0.8)
        found = result(ran)
        if "mutants" not in found:
            return None
        killed, by_test = _numbers([found], "killed"), _table(found.get("by test"))
        each = [_numbers([by_test], name) for name in names]
        return _kills([found], [*each, killed.difference(*each)], map(str, _list(found.get("problems"))))


def _kills(shares: Sequence[dict[str, object]], killed: Iterable[frozenset[int]], problems: Iterable[str]) -> Kills:
    tables = (_list(share.get("mutants")) for share in shares)
    return Kills(
        tuple(killed),
        next((tuple(map(_mutant, map(_table, rows))) for rows in tables if rows), ()),
        _numbers(shares, "anyway"),
        _numbers(shares, "reached"),
        _numbers(shares, "tried"),
        "; ".join(dict.fromkeys(problems)),
    )


def _numbers(shares: Sequence[dict[str, object]], name: str) -> frozenset[int]:
    return frozenset(_int(each) for share in shares for each in _list(share.get(name)))


def _held(outcomes: object, count: int) -> Held:
    found: Held = [None] * count
    for index, each in enumerate(_list(outcomes)[:count]):
        if each is not None:
            found[index] = tuple(_check(check) for check in _list(each))
    return found


def _mutant(table: dict[str, object]) -> Mutant:
    return Mutant(_int(table.get("line")), str(table.get("function", "")), str(table.get("what", "")))


def _survey(found: dict[str, object]) -> Survey:
    targets = [_table(each) for each in _list(found.get("targets"))]
    probes = tuple(
        Gap(
            str(each.get("function", "")),
            _int(each.get("line")),
            str(each.get("outcome", "")),
            _int(each.get("column")),
            str(each.get("part", "")),
        )
        for each in map(_table, _list(found.get("table")))
    )
    parameters = {str(each["name"]): tuple(map(str, _list(each.get("params")))) for each in targets}
    problems = [str(each) for each in _list(found.get("problems"))]
    others = tuple(map(str, _list(found.get("others"))))
    return Survey(tuple(str(each["name"]) for each in targets), probes, parameters, "; ".join(problems), others)


def check_key(check: object) -> tuple[str, ...]:
    """Return a check as plain text, to compare."""
    return _check(check)


def _explored(ended: Ended, why: str) -> Explored:
    found = _table(ended.result)
    bugs = tuple(
        Bug(str(each.get("call", "")), str(each.get("error", "")), _int(each.get("line")))
        for each in map(_table, _list(found.get("findings")))
    )
    covered = tuple(map(_int, _list(found.get("covered"))))
    notes = tuple(map(str, _list(found.get("problems"))))
    problem = "" if found else why
    stood = tuple(map(str, _list(found.get("stood"))))
    return Explored(covered, _int(found.get("executions")), bugs, bool(found.get("done")), problem, notes, stood)


def _why(ended: Ended) -> str:
    lines = (ended.why or str(ended.kind)).strip().split("\n")
    return lines[-1]


def _check(value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return tuple(str(table.get(key, "")) for key in ("kind", "subject", "value", "match"))
    return tuple(map(str, cast("Sequence[object]", value)))


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
