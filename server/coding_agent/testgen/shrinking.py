"""Exchanges chosen cases whose inputs nobody would write for smaller ones that are worth the same."""

import asyncio
import time

from coding_agent.testgen.engine import Engine
from coding_agent.testgen.inside.choose import PLAIN, choose
from coding_agent.testgen.inside.shrink import is_odd
from coding_agent.testgen.known import Known
from coding_agent.testgen.stability import REPLAYS, holds

_LOOKING = 0.4
"""Share of the time for smaller inputs; the rest is for running them again."""


async def shrink_chosen(engine: Engine, seen: Known, seeds: tuple[int, ...], seconds: float) -> None:
    """Note smaller cases in place of the verified ones that would be kept. They pass the same probes, kill the same
    mutants and give the same in every replay."""
    until = time.monotonic() + seconds
    kept = choose(seen.verified, seen.before)
    odd = [at for at in kept if seen.verified[at].origin not in PLAIN and is_odd(seen.verified[at])]
    if not odd:
        return
    chains = await engine.smaller([seen.verified[at] for at in odd], _LOOKING * seconds)
    offered = [(at, each) for at, chain in zip(odd, chains, strict=False) for each in chain]
    left = until - time.monotonic()
    if not offered or left <= 0:
        return
    made = [each for _, each in offered]
    runs = await asyncio.gather(*(engine.replay(made, each, left) for each in REPLAYS))
    stable = [
        (at, each)
        for index, (at, each) in enumerate(offered)
        if all(run is not None and all(holds(run[index], check) for check in each.checks) for run in runs)
    ]
    only = sorted({number for at, _ in stable for number in seen.verified[at].kills})
    left = until - time.monotonic()
    if not stable or left <= 0:
        return
    kills = await engine.kills([each for _, each in stable], seeds, left, only) if only else None
    for index in reversed(range(len(stable))):
        at, each = stable[index]
        needed = frozenset(seen.verified[at].kills)
        if kills is None or needed <= kills.by_candidate[index]:
            # The smallest of each comes last in this order, and stays.
            seen.verified[at] = each._replace(kills=tuple(sorted(needed)))
