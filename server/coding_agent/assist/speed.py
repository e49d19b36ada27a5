"""Whether new code is faster than the old one, by times that alternate and a test that noise does not pass."""

from collections.abc import Sequence
from math import comb
from statistics import median
from typing import cast

from coding_agent.assist.inputs import call, given_of
from coding_agent.assist.trial import UNTRUSTED, Trial, Tried
from coding_agent.testgen.boxes import Boxes, result
from coding_agent.testgen.inside.model import Candidate, to_json
from coding_agent.testgen.inside.rounds import LEAST, slower

FASTER = 1.2
"""So many times as fast it has to be."""
_SURE = 0.05
"""How likely noise alone may be called faster."""
_NOISE = 1.15
"""So far apart the same code may be from itself."""
_SHORT = 0.2
"""So many times as fast it has to be on inputs as they were found, where longer ones are timed."""
_MOST = 12
"""Inputs that are timed."""
_BOX = 1
_MORE = 5.0


Rows = Sequence[Sequence[float]]


async def faster(boxes: Boxes | None, trial: Trial, inputs: Sequence[Candidate], seconds: float) -> Tried:
    """Time both texts on ``inputs`` on which they do the same, as they are and longer ones.

    ``boxes`` are those of the trial's target; without them nothing may run. Raises: NoSandbox, WorkerLost.
    """
    if boxes is None:
        return _said(UNTRUSTED, ran=False)
    plain = [each for each in inputs if not each.patches and not each.fixtures and each.act.kind not in _STATEMENTS]
    if not plain:
        return _said("there are no inputs that can be timed")
    # Those that the search found come first, variations of them behind.
    chosen = plain[:_MOST]
    given = given_of(trial, trial.old)
    given["old"] = given.pop("text")
    given |= {"new": trial.new, "candidates": [to_json(each) for each in chosen], "seconds": seconds}
    ran = await boxes.run(_BOX, "rounds:measure", given, wall=seconds + _MORE)
    found = result(ran)
    if not found or found.get("problem"):
        return _said(str(found.get("problem") or ran.ended.why or ran.ended.kind).strip().split("\n")[-1])
    different = cast("int", found["different"])
    if different >= 0:
        return _said(f"on a longer input of {call(chosen[different])} it does something else")
    times, walls, short = (cast("Rows", found[name]) for name in ("times", "walls", "short"))
    return judged(times, walls, short, cast("int", found["inputs"]))


def judged(times: Rows, walls: Rows, short: Rows, inputs: int) -> Tried:  # noqa: PLR0911 - one per reason
    """What times of rounds say, each of the old code, the new one, and the old one once more."""
    if slower(times):
        return _said(f"not faster: {_middle(times):.2f} x as fast")
    if len(times) < LEAST or not inputs:
        return _said("it takes too long to be timed" if inputs else "no input comes to an end in time")
    apart = median(old / again for old, _, again in times)
    if not 1 / _NOISE < apart < _NOISE:
        return _said(f"the machine is too busy to tell: the same code took {apart:.2f} times as long as itself")
    factors = sorted(_factors(times))
    least, middle = factors[_place(len(factors))], median(factors)
    on = f"on {inputs} input{'' if inputs == 1 else 's'}"
    if least < FASTER:
        return _said(f"not faster for sure: {middle:.2f} x as fast {on} (at least {least:.2f} x), {FASTER} x is asked")
    if median(new for _, new, _ in walls) > median(min(old, again) for old, _, again in walls):
        return _said("it takes less of the processor and is not done earlier")
    if short and _middle(short) < _SHORT:
        return _said(f"{middle:.1f} x as fast {on}, but {_middle(short):.2f} x as fast where they are short")
    return Tried("speed", True, f"{middle:.1f} x as fast {on} (at least {least:.1f} x)", True, covered=True)


def _factors(times: Rows) -> list[float]:
    """By how much the new code is faster in each round; of the two runs of the old one the quicker counts."""
    return [min(old, again) / new for old, new, again in times]


def _middle(times: Rows) -> float:
    return median(_factors(times))


def _place(count: int) -> int:
    """The place, from 0, of the sorted value that is below the true median for sure, as a sign test has it."""
    chance, below = 0.0, -1
    while True:
        chance += comb(count, below + 1) / 2**count
        if chance > _SURE:
            return max(below, 0)
        below += 1


def _said(why: str, *, ran: bool = True) -> Tried:
    return Tried("speed", False, why, ran)


_STATEMENTS = frozenset({"with", "awith", "set"})
