"""Which mutants the verified cases kill: the first killer of each, then all of those that would be kept."""

import time
from dataclasses import replace

from coding_agent.testgen.engine import Engine, Kills
from coding_agent.testgen.inside.choose import choose
from coding_agent.testgen.known import Known

_FIRST = 0.75
"""Share of the time for the first killers."""
_SHORT = 0.3
"""Seconds for which nothing is begun."""


async def find_kills(engine: Engine, seen: Known, seeds: tuple[int, ...], seconds: float) -> None:
    """Note what the verified cases kill, shared among the boxes of these seeds.

    What the tests there are kill, or may kill, counts for no case.
    """
    if seen.theirs is None:
        return
    until = time.monotonic() + seconds
    without = seen.theirs.dead | seen.theirs.unsettled
    first = await engine.kills(seen.verified, seeds, _FIRST * seconds, without=without)
    _noted(seen, first)
    kept = choose(seen.verified, seen.needless)
    left = until - time.monotonic()
    if left < _SHORT or len(kept) < 2:
        return
    # One of them may kill what another was kept for; mutants of those that no branch needs tell most.
    needed = set(choose(seen.verified, seen.needless, with_kills=False))
    order = sorted(kept, key=lambda at: at in needed)
    only = list(dict.fromkeys(number for at in order for number in sorted(seen.verified[at].kills)))
    again = await engine.kills([seen.verified[at] for at in kept], seeds, left, only)
    known = [frozenset(each.kills) for each in seen.verified]
    for at, found in zip(kept, again.by_candidate, strict=True):
        known[at] = (known[at] - again.tried) | found
    _noted(seen, replace(first, by_candidate=tuple(known), problem=again.problem))


def _noted(seen: Known, kills: Kills) -> None:
    seen.kills = kills
    if kills.problem:
        seen.problems.append(f"mutants: {kills.problem}")
    seen.verified = [
        each._replace(kills=tuple(sorted(numbers)))
        for each, numbers in zip(seen.verified, kills.by_candidate, strict=True)
    ]
