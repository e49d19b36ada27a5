"""Which verified candidates become tests: the fewest and plainest that keep branches and kills."""

from collections.abc import Iterable, Sequence

from coding_agent.testgen.inside.model import Candidate

_PLAIN = {"docstring": 0, "test": 1, "docs": 1, "call site": 1}
"""Where an input comes from that somebody wrote."""


def chosen(candidates: Sequence[Candidate], before: Iterable[int], *, with_kills: bool) -> list[Candidate]:
    """Return the candidates that each add a branch, or with ``with_kills`` a mutant, in the order they were found."""
    todo = set[tuple[str, int]]()
    gives: list[set[tuple[str, int]]] = []
    covered = frozenset(before)
    for each in candidates:
        mine = {("arc", arc) for arc in each.arcs if arc not in covered}
        if with_kills:
            mine |= {("kill", number) for number in each.kills}
        gives.append(mine)
        todo |= mine
    order = sorted(range(len(candidates)), key=lambda index: _effort(candidates[index]))
    kept: list[int] = []
    while todo:
        best = max(order, key=lambda index: len(gives[index] & todo), default=None)
        if best is None or not gives[best] & todo:
            break
        kept.append(best)
        todo -= gives[best]
        order.remove(best)
    return [candidates[index] for index in sorted(_needed(kept, gives))]


def _needed(kept: Sequence[int], gives: Sequence[set[tuple[str, int]]]) -> list[int]:
    """Leave out what the others give together."""
    left = list(kept)
    for index in reversed(kept):
        others = set[tuple[str, int]]().union(*(gives[other] for other in left if other != index))
        if gives[index] <= others:
            left.remove(index)
    return left


def _effort(candidate: Candidate) -> tuple[int, int]:
    """How hard a test is to read."""
    size = sum(map(len, candidate.arrange)) + sum(len(arg.code) for arg in candidate.act.args)
    size += sum(len(check.value) for check in candidate.checks) + 30 * len(candidate.patches)
    private = any(part.startswith("_") and not part.startswith("__") for part in candidate.target.split("."))
    return 10 * private + _PLAIN.get(candidate.origin, 2), size
