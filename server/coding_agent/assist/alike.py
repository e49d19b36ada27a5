"""Whether old and new code do the same on inputs: results, exceptions, output, and what becomes of arguments."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from coding_agent.assist.inputs import call, given_of, inputs_of, searched, shown
from coding_agent.assist.trial import UNTRUSTED, Trial, Tried
from coding_agent.testgen.boxes import Boxes, result
from coding_agent.testgen.inside.model import Candidate, to_json

_SEARCH = 0.5
"""Share of the time for finding inputs."""
_FEWEST = 3
"""Inputs below which nothing is said of a function with parameters."""
_RUN = 20.0
"""Seconds that all calls on one text may take at least."""
_BOXES = (1, 2)
"""Hash seeds of the boxes that run calls: what is not the same in both says nothing."""
_NEARLY = 1e-9
"""By how much floats may differ, as a share of them: sums in another order do."""


_PARTS = {
    "names": "leaves its arguments, or the object it is called on, otherwise",
    "printed": "prints something else",
    "logs": "logs something else",
    "warned": "warns otherwise",
}
"""What is said where results and exceptions are the same."""


@dataclass(frozen=True, slots=True)
class Alike(Tried):
    """``inputs`` are the calls that did the same; ``differs``: there is one that did not."""

    inputs: tuple[Candidate, ...] = ()
    differs: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """What a call did: ``all`` to compare, ``text`` to show, the branches it took, what it did besides."""

    all: dict[str, object]
    text: str
    arcs: frozenset[int]
    deeds: frozenset[str]

    @property
    def acted(self) -> bool:
        """Whether the call itself came to an end."""
        return self.all.get("kind") in {"value", "raises"}


@dataclass(frozen=True, slots=True)
class _Runs:
    """What calls did with one text, None for one that took its process with it; and the branches of the module."""

    told: list[_Told | None]
    branches: dict[int, tuple[int, str]]
    problem: str = ""


async def behaves_equal(boxes: Boxes | None, trial: Trial, seconds: float) -> Alike:
    """Find inputs in both texts and run both on them; every branch of what changed has to be taken by some input.

    ``boxes`` are those of the trial's target; without them nothing may run. Raises: NoSandbox, WorkerLost.
    """
    if boxes is None:
        return _not(UNTRUSTED, ran=False)
    began = time.monotonic()
    found = await inputs_of(boxes, trial, _SEARCH * seconds)
    if not found.candidates:
        return _not(f"no inputs could be made{': ' + found.why if found.why else ''}")
    wall = max(_RUN, began + seconds - time.monotonic())
    one, two, new = await asyncio.gather(
        _told(boxes, _BOXES[0], trial, trial.old, trial.old_lines, found.candidates, wall),
        _told(boxes, _BOXES[1], trial, trial.old, trial.old_lines, found.candidates, wall),
        _told(boxes, _BOXES[0], trial, trial.new, trial.new_lines, found.candidates, wall),
    )
    problem = one.problem or two.problem or new.problem
    if problem:
        return _not(f"{'the old' if one.problem or two.problem else 'the new'} code cannot be run: {problem}")
    return _judged(trial, found.candidates, (one, two, new))


def _judged(trial: Trial, candidates: Sequence[Candidate], runs: tuple[_Runs, _Runs, _Runs]) -> Alike:
    steady: list[tuple[Candidate, _Told, _Told | None]] = []
    for candidate, one, two, new in zip(candidates, *(run.told for run in runs), strict=True):
        if one is not None and two is not None and one.acted and equal(one.all, two.all):
            steady.append((candidate, one, new))
    other = [each for each in steady if each[2] is None or not equal(each[1].all, each[2].all)]
    if other:
        candidate, one, new = min(other, key=lambda each: (len(call(each[0])), call(each[0])))
        return _not(f"{call(candidate)} {_differs(one, new)}", differs=True)
    same = tuple(candidate for candidate, _, _ in steady)
    target = searched(trial)
    if len(same) < (_FEWEST if target is None or target.is_class or target.parameters else 1):
        return _not(f"only {shown(same)} could be made" if same else "no inputs could be made that give the same twice")
    both = [(one, new) for _, one, new in steady if new is not None]
    more = frozenset[str]().union(*(new.deeds for _, new in both)) - frozenset[str]().union(
        *(one.deeds for one, _ in both)
    )
    if more:
        return _not(f"the new code {min(more)}, and the old one did not", differs=True)
    taken = frozenset[int]().union(*(new.arcs for _, new in both))
    missed = _missed(trial, runs[2], taken)
    if missed:
        return _not(f"no input comes to {missed}")
    return Alike("behaviour", True, f"the same on {shown(same)}", True, covered=True, inputs=same)


def _missed(trial: Trial, run: _Runs, taken: frozenset[int]) -> str:
    """A branch of the new lines that no input takes; empty where all are taken."""
    first, last = trial.new_lines
    lines = trial.changed[1]
    for number, (line, outcome) in sorted(run.branches.items(), key=lambda each: (each[1], each[0])):
        if first <= line <= last and line in lines and number not in taken:
            return f"line {line} of the new text ({outcome})"
    return ""


def equal(one: object, other: object) -> bool:
    """Whether two values that the inside made plain are the same, floats nearly so."""
    if isinstance(one, list) and isinstance(other, list):
        left, right = cast("list[object]", one), cast("list[object]", other)
        if len(left) == len(right) == 2 and left[0] == right[0] == "float":
            return _near(str(left[1]), str(right[1]))
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = cast("dict[str, object]", one), cast("dict[str, object]", other)
        return mine.keys() == theirs.keys() and all(equal(value, theirs[key]) for key, value in mine.items())
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _near(one: str, other: str) -> bool:
    return one == other or math.isclose(float(one), float(other), rel_tol=_NEARLY)


async def _told(
    boxes: Boxes,
    seed: int,
    trial: Trial,
    text: str,
    lines: tuple[int, int],
    candidates: Sequence[Candidate],
    wall: float,
) -> _Runs:
    given = {**given_of(trial, text), "lines": list(lines), "candidates": [to_json(each) for each in candidates]}
    ran = await boxes.run(seed, "compared:told", given, wall=wall)
    found = result(ran)
    rows = cast("list[dict[str, object] | None]", found.get("told") or [])
    if len(rows) != len(candidates):
        why = (ran.ended.why or str(ran.ended.kind)).strip().split("\n")[-1]
        return _Runs([None] * len(candidates), {}, why)
    probes = cast("list[tuple[int, str, bool]]", found.get("probes") or [])
    branches = {number: (line, outcome) for number, (line, outcome, is_branch) in enumerate(probes) if is_branch}
    return _Runs([_one(row) if row is not None else None for row in rows], branches)


def _one(row: dict[str, object]) -> _Told:
    arcs, deeds = cast("list[int]", row["arcs"]), cast("list[str]", row["deeds"])
    return _Told(cast("dict[str, object]", row["all"]), str(row["text"]), frozenset(arcs), frozenset(deeds))


def _not(why: str, *, ran: bool = True, differs: bool = False) -> Alike:
    return Alike("behaviour", False, why, ran, differs=differs)


def _differs(one: _Told, new: _Told | None) -> str:
    """What a call does otherwise."""
    if new is None:
        return f"ends its process, and before it {_past(one.text)}"
    if any(not equal(one.all.get(name), new.all.get(name)) for name in ("kind", "value", "error")):
        return f"{new.text}, and before it {_past(one.text)}"
    return next(said for name, said in _PARTS.items() if not equal(one.all.get(name), new.all.get(name)))


def _past(text: str) -> str:
    return text.replace("gives ", "gave ", 1).replace("raises ", "raised ", 1).replace("takes ", "took ", 1)
