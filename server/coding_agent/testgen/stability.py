"""Which candidates give the same in every run: other orders, hash seeds, clocks and machines."""

from collections.abc import Sequence

from coding_agent.testgen.boxes import DAYS
from coding_agent.testgen.engine import Circumstances, Engine, Held, check_key
from coding_agent.testgen.inside.clock import SHIFTS
from coding_agent.testgen.inside.model import Candidate, Check
from coding_agent.testgen.known import Known

REPLAYS = (
    Circumstances(1, "reverse"),
    Circumstances(2, "file", DAYS, elsewhere=True),
    Circumstances(1, "random", SHIFTS[1]),
)
"""Beside the run that saw it first: seed 0, in order, now, here."""
_SEEDS = (3, 4, 5, 6, 7)
"""Hash seeds in which the chosen cases are run before the last save."""


async def settled(engine: Engine, seen: Known, cases: Sequence[Candidate], box: int, wall: float) -> bool:
    """Run chosen cases in further hash seeds; what is no good leaves what is verified. False where time was short.

    ``box`` is the hash seed of the box that starts the runs, ``wall`` the seconds there are.
    """
    runs = await engine.in_seeds(cases, box, _SEEDS, wall) if wall > 0 else None
    if runs is None or len(runs) < len(_SEEDS):
        seen.problems.append("there was no time to run all tests with more hash seeds")
    if runs is None:
        return False
    kept = stable(cases, runs)
    left = {id(old): new for old, new in zip(cases, kept, strict=True)}
    verified = [left.get(id(each), each) for each in seen.verified]
    seen.unstable += kept.count(None)
    seen.verified = [each for each in verified if each is not None]
    seen.settled |= {each._replace(kills=()) for each in kept if each is not None}
    return True


def stable(batch: Sequence[Candidate], runs: Sequence[Held]) -> list[Candidate | None]:
    """Return the candidates with the checks that held in all runs; None where nothing of use is left."""
    found: list[Candidate | None] = []
    for index, each in enumerate(batch):
        checks = [check for check in each.checks if all(holds(run[index], check) for run in runs)]
        kept = each if len(checks) == len(each.checks) else each._replace(checks=tuple(checks))
        found.append(kept if _says_something(checks, each) else None)
    return found


def holds(outcome: tuple[tuple[str, ...], ...] | None, check: Check) -> bool:
    """Whether a run of a candidate, None where it went another way, saw what a check says."""
    return outcome is not None and check_key(check) in outcome


def _says_something(left: Sequence[Check], candidate: Candidate) -> bool:
    """Whether what is left of the checks still is about the result, where the candidate had one."""
    if any(check.subject == "result" or check.kind == "raises" for check in left):
        return True
    return bool(left) and not any(check.subject == "result" for check in candidate.checks)
