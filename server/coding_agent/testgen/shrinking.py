"""Exchanges chosen cases whose inputs nobody would write, and long ones, for smaller ones that are worth the same."""

import asyncio
import time
from collections.abc import Sequence

from coding_agent.testgen.engine import Engine
from coding_agent.testgen.inside.choose import PLAIN, choose, effort
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.inside.shrink import is_long, is_odd
from coding_agent.testgen.known import Known
from coding_agent.testgen.stability import REPLAYS, holds

_REPLAY = 2.0
"""Seconds that running smaller cases again may take at least."""
_LOOKING = 0.4
"""Share of the time for smaller inputs; the rest is for running them again."""


async def plainer(engine: Engine, seen: Known, seeds: tuple[int, ...], seconds: float) -> None:
    """Put smaller cases in place of the verified ones that arcs alone would keep, where they are stable; what nobody
    would write stays beside them, for its parts may kill what they do not."""
    if seconds <= 0:
        return
    # Of each chain the smallest: it comes first.
    offered = dict(reversed(await _offered(engine, seen, seeds, seconds, with_kills=False)))
    stable = await _stable(engine, list(offered.items()), max(_REPLAY, seconds))
    for at, each in stable:
        if is_odd(seen.verified[at]):
            seen.verified.append(each)
        else:
            seen.verified[at] = each


async def shrink_chosen(engine: Engine, seen: Known, seeds: tuple[int, ...], seconds: float) -> None:
    """Note smaller cases in place of the verified ones that would be kept. They pass the same probes, kill the same
    mutants and give the same in every replay."""
    until = time.monotonic() + seconds
    offered = await _offered(engine, seen, seeds, _LOOKING * seconds, with_kills=True)
    left = until - time.monotonic()
    if not offered or left <= 0:
        return
    stable = await _stable(engine, offered, left)
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


async def _stable(
    engine: Engine, offered: Sequence[tuple[int, Candidate]], seconds: float
) -> list[tuple[int, Candidate]]:
    """Those that give the same in every replay."""
    made = [each for _, each in offered]
    runs = await asyncio.gather(*(engine.replay(made, each, seconds) for each in REPLAYS)) if made else []
    return [
        (at, each)
        for index, (at, each) in enumerate(offered)
        if all(run is not None and all(holds(run[index], check) for check in each.checks) for run in runs)
    ]


async def _offered(
    engine: Engine, seen: Known, seeds: tuple[int, ...], seconds: float, *, with_kills: bool
) -> list[tuple[int, Candidate]]:
    """Smaller cases with the place of the verified one each may replace, the smallest of each place first."""
    kept = choose(seen.verified, seen.needless, with_kills=with_kills)
    own = [at for at in kept if seen.verified[at].origin not in PLAIN]
    # What nobody would write comes first, then what is hardest to read.
    odd = [at for at in own if is_odd(seen.verified[at]) or is_long(seen.verified[at])]
    odd.sort(key=lambda at: (is_odd(seen.verified[at]), effort(seen.verified[at])), reverse=True)
    shares = [odd[part :: len(seeds)] for part in range(len(seeds))]
    found = await asyncio.gather(
        *(
            engine.smaller([seen.verified[at] for at in share], seed, seconds)
            for share, seed in zip(shares, seeds, strict=True)
            if share
        )
    )
    return [
        (at, each)
        for share, chains in zip(shares, found, strict=False)
        for at, chain in zip(share, chains, strict=False)
        for each in chain
    ]
