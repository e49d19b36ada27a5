# pyright: standard
# Runs the user's code.
"""Finds out in forks who kills which mutants: candidates, or tests."""

from typing import Any, Dict, Iterable, Iterator, List, Sequence, Set, Tuple

from .crew import LOST, Failed, each
from .mutate import Mutant
from .trial import LATE, NOBODY, Item, Trial

LONGEST = 5.0
"""Seconds that one mutant may take."""
FIRST = 8
"""How many candidates a mutant is tried with before all the other mutants are."""


class Killers:
    """``killed`` are the numbers of mutants by candidate; ``problems`` what went wrong in our own code.

    ``reached`` are the mutants that each candidate runs; ``until`` is when to stop, by the monotonic clock.
    """

    def __init__(self, trial: Trial, reached: Sequence[Set[int]], until: float) -> None:
        self.killed: List[List[int]] = [[] for _ in reached]
        self.problems: Dict[str, None] = {}
        self._trial = trial
        self._reached = reached
        self._until = until

    def steady(self) -> List[int]:
        """Return the candidates that hold in a fresh process, too, in the time that they will have.

        The others reach nothing from then on.
        """
        steady: List[int] = []
        for at, held in each(self._trial.holds, range(len(self._reached)), LONGEST, self._until):
            self._failed(held)
            if held is True:
                steady.append(at)
        for at in set(range(len(self._reached))).difference(steady):
            self._reached[at].clear()
        return steady

    def first(self, order: Sequence[int]) -> Set[int]:
        """Try mutants until one candidate kills; return those that were tried to the end."""
        tried: Set[int] = set()
        dead: Set[int] = set()
        for least, most in (0, FIRST), (FIRST, len(self._reached)):
            # Most mutants die early: the few that live must not keep the others from being tried.
            rows = [(number, self._trial.in_order(number, self._reached)) for number in order]
            items = [(number, row[least:most]) for number, row in rows if row[least:most] and number not in dead]
            ends = {number for number, row in rows if len(row) <= most}
            for (number, _), killer in self._tried(items):
                if killer != NOBODY:
                    self.killed[killer].append(number)
                    dead.add(number)
                if killer != NOBODY or number in ends:
                    tried.add(number)
        return tried

    def every(self, order: Sequence[int]) -> Set[int]:
        """Try mutants with all candidates; return those that were tried to the end."""
        pairs = [(number, [at]) for number in order for at in self._trial.in_order(number, self._reached)]
        left = {number: sum(one == number for one, _ in pairs) for number in order}
        for (number, _), killer in self._tried(pairs):
            left[number] -= 1
            if killer != NOBODY:
                self.killed[killer].append(number)
        return {number for number, open_ in left.items() if not open_}

    def _tried(self, items: Sequence[Item]) -> Iterator[Tuple[Item, int]]:
        """Give the items that came to an end, with who kills: a process that is gone was killed by what ran in it."""
        for place, result in each(self._trial, items, LONGEST, self._until):
            item = items[place]
            killer = self._trial.running(item[0]) if result is LOST else result
            if not self._failed(result) and killer != LATE:
                yield item, killer

    def _failed(self, result: Any) -> bool:
        if isinstance(result, Failed):
            self.problems.setdefault(result.why)
        return isinstance(result, Failed)


def in_turn(numbers: Iterable[int], table: Sequence[Mutant]) -> List[int]:
    """Return mutants in turn by function, so that each has its share when the time is over."""
    by_function: Dict[str, List[int]] = {}
    for number in numbers:
        by_function.setdefault(table[number].function, []).append(number)
    columns = list(by_function.values())
    return [one[row] for row in range(max(map(len, columns), default=0)) for one in columns if row < len(one)]


def described(table: Sequence[Mutant]) -> List[Dict[str, Any]]:
    """Return mutants as plain data, in their order."""
    return [
        {"number": number, "line": one.line, "what": one.what, "function": one.function}
        for number, one in enumerate(table)
    ]
