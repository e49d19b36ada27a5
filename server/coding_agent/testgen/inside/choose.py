"""Which candidates become tests: the smallest set that keeps arcs and kills, plain ones first."""

from typing import Dict, FrozenSet, Iterable, List, Sequence, Set, Tuple

from .model import Candidate

PLAIN: Dict[str, int] = {"docstring": 0, "doctest": 0, "docs": 0, "call site": 1, "test": 1, "project": 1}
"""How good an origin is; what somebody wrote is what it is for."""
OTHERS = 3
MOST = 24
"""Tests of one function that somebody still reads."""
WEAK = frozenset({"type", "true", "false"})


def choose(
    candidates: Sequence[Candidate], covered: Iterable[int] = (), most: int = MOST, with_kills: bool = True
) -> List[int]:
    """Return the places of the candidates to keep, in their order.

    ``covered`` are arcs that need no test; ``most`` bounds the tests of one function. What only an arrangement passes
    counts where no act does, for its result is not looked at. Greedy by what each adds, then whoever is made needless
    by the others is left out. Without ``with_kills`` only arcs count.
    """
    telling = [one for one in candidates if not with_kills or one.kills or not is_weak(one)]
    acted = frozenset(arc for one in telling for arc in set(one.arcs).difference(one.arranged))
    gains = [_gain(one, frozenset(covered), acted, with_kills) for one in candidates]
    kept = _greedy(candidates, gains, most)
    return sorted(_needed(candidates, kept, gains))


def in_order_of_use(candidates: Sequence[Candidate]) -> List[int]:
    """Return all places: first those that arcs alone would keep, then the others, plain ones first in both."""
    first = choose(candidates, with_kills=False, most=len(candidates))
    rest = set(range(len(candidates))).difference(first)
    by_effort = [effort(one) for one in candidates]
    return [*sorted(first, key=by_effort.__getitem__), *sorted(rest, key=by_effort.__getitem__)]


def effort(candidate: Candidate) -> Tuple[int, int, str]:
    """Return how hard a test is to read: less is better. The text makes the order total."""
    private = any(part.startswith("_") and not part.startswith("__") for part in candidate.target.split("."))
    args = [arg.code for arg in candidate.act.args]
    size = sum(map(len, candidate.arrange)) + 8 * len(candidate.arrange) + sum(map(len, args))
    size += sum(len(check.value) for check in candidate.checks) + 40 * len(candidate.patches)
    odd = sum(not text.isascii() or "\\x" in text for text in args)
    return 10 * private + PLAIN.get(candidate.origin, OTHERS) + 2 * odd, size, repr(candidate.act)


def is_weak(candidate: Candidate) -> bool:
    """Whether the checks say so little that only a kill makes the test worth its lines."""
    return all(check.kind in WEAK or (check.kind == "is" and check.value == "None") for check in candidate.checks)


Gain = FrozenSet[Tuple[str, int]]


def _gain(candidate: Candidate, covered: FrozenSet[int], acted: FrozenSet[int], with_kills: bool) -> Gain:
    if with_kills and is_weak(candidate) and not candidate.kills:
        return frozenset()
    elsewhere = acted.intersection(candidate.arranged)
    arcs = {("arc", arc) for arc in candidate.arcs if arc not in covered and arc not in elsewhere}
    return frozenset(arcs | {("kill", number) for number in candidate.kills} if with_kills else arcs)


def _greedy(candidates: Sequence[Candidate], gains: Sequence[Gain], most: int) -> List[int]:
    todo: Set[Tuple[str, int]] = {one for gain in gains for one in gain}
    counts: Dict[str, int] = {}
    efforts = [effort(one) for one in candidates]
    kept: List[int] = []
    left: Set[int] = set(range(len(candidates)))

    def worth(at: int) -> Tuple[int, Tuple[int, int, str]]:
        # An example of the docstring is taken although a result of the search would gain one thing more.
        return min(efforts[at][0], 6) - 2 * len(gains[at] & todo), efforts[at]

    while todo and left:
        best = min(left, key=worth)
        if not gains[best] & todo:
            useless = {at for at in left if not gains[at] & todo}
            left -= useless
            continue
        left.discard(best)
        target = candidates[best].target
        if counts.get(target, 0) >= most:
            continue
        counts[target] = counts.get(target, 0) + 1
        kept.append(best)
        todo -= gains[best]
    return kept


def _needed(candidates: Sequence[Candidate], kept: Sequence[int], gains: Sequence[Gain]) -> List[int]:
    """Leave out, hardest to read first, what the others give together."""
    counts: Dict[Tuple[str, int], int] = {}
    for at in kept:
        for one in gains[at]:
            counts[one] = counts.get(one, 0) + 1
    left = list(kept)
    for at in sorted(kept, key=lambda at: effort(candidates[at]), reverse=True):
        if all(counts[one] > 1 for one in gains[at]):
            left.remove(at)
            for one in gains[at]:
                counts[one] -= 1
    return left
