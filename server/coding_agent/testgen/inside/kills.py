# pyright: standard
# Runs the user's code.
"""Which mutants of a module which candidates kill: checked as the written test would check it.

A first run tells which mutants each candidate reaches; only these pairs run, until one kills, or all of them where it
is wanted. A candidate that fails without any mutant in a fresh process kills nothing, and neither does what breaks in
our own code. Mutants of code that runs at import come last (``at_import``).
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .at_import import kills_at_import
from .crew import LOST, Failed, alone, each
from .execute import Engine
from .judge import judge
from .loading import load
from .model import Candidate, from_json
from .mutate import Mutant, Mutants
from .names import names_of
from .replay import add_paths
from .trial import LATE, NOBODY, Item, Trial, caches_of, clear, limit

Say = Callable[[Dict[str, Any]], Any]
LONGEST = 5.0
FIRST = 8
"""How many candidates a mutant is tried with before all the other mutants are."""


class Reached(NamedTuple):
    """What the first run told: mutants by candidate, what each may take, mutants that only the import reached."""

    by_candidate: List[Set[int]]
    seconds: List[float]
    at_import: Set[int]


def kills(
    say: Say,
    module: str,
    paths: Sequence[str] = (),
    candidates: Sequence[Dict[str, Any]] = (),
    seconds: float = 3.0,
    only: Optional[Sequence[int]] = None,
    part: int = 0,
    parts: int = 1,
) -> Dict[str, Any]:
    """Return ``{"kills", "anyway", "mutants", "reached", "tried", "problems"}``.

    ``kills`` are for each candidate the numbers of the mutants it kills; a mutant is only counted for the first that
    kills it, those tried first that reach most. ``only`` are numbers of mutants: just these are tried, in this order,
    and counted for all that kill them. ``anyway``: with these the module cannot be imported, so any test kills them.
    ``reached`` and ``tried`` are numbers; what is tried and in nobody's kills survives.
    Only mutants whose number gives ``part`` modulo ``parts`` are tried, so that several processes share them.
    """
    add_paths(paths)
    until = time.monotonic() + seconds
    wanted = [from_json(one) for one in candidates]
    empty = {"anyway": [], "mutants": [], "reached": [], "tried": [], "problems": []}
    with tempfile.TemporaryDirectory() as folder:
        run = _Run(module, wanted, Path(folder), until, only, (part, parts))
        result = alone(run.in_functions, seconds + LONGEST)
        if result is LOST or isinstance(result, Failed):
            why = result.why if isinstance(result, Failed) else "the process of the mutants ended"
            result = {**empty, "kills": [[] for _ in wanted], "problems": [why]}
        else:
            kills_at_import(result, module, wanted, Path(folder), until, every=only is not None)
    say({"kills": sum(map(len, result["kills"]))})
    return result


class _Run:
    """The kills of one call, in functions."""

    def __init__(
        self,
        module: str,
        candidates: List[Candidate],
        folder: Path,
        until: float,
        only: Optional[Sequence[int]],
        share: Tuple[int, int],
    ) -> None:
        self.module = module
        self.candidates = candidates
        self.folder = folder
        self.until = until
        self.only = only
        self.share = share
        self.killed: List[List[int]] = [[] for _ in candidates]
        self.problems: Dict[str, None] = {}

    def in_functions(self) -> Dict[str, Any]:
        """Import the module with all switches and try what candidates reach. Runs in a fork: it imports the module."""
        before = set(sys.modules)
        mutants = Mutants()
        loaded = load(self.module, mutants.make)
        at_import = mutants.on.taken()
        engine = Engine(loaded, names_of(loaded), self.folder)
        caches = caches_of(loaded)
        reached = self._first_run(engine, mutants, caches, at_import)
        mutants.on.update(dict.fromkeys(range(len(mutants.table)), 0))
        trial = Trial(engine, mutants.on, self.candidates, reached.seconds, caches)
        steady = self._steady(trial, reached)
        order = self._mutants_in_order(reached, mutants.table)
        tried = self._first_killers(trial, order, reached) if self.only is None else self._all(trial, order, reached)
        return {
            "kills": self.killed,
            "anyway": [],
            "mutants": [
                {"number": number, "line": one.line, "what": one.what, "function": one.function}
                for number, one in enumerate(mutants.table)
            ],
            "reached": sorted(order),
            "tried": sorted(tried),
            "problems": list(self.problems),
            "at import": [number for number in self._mine(reached.at_import) if self._is_wanted(number)],
            "steady": steady,
            "file": str(loaded.__file__),
            "modules": [name for name in sys.modules if name not in before],
        }

    def _first_run(self, engine: Engine, mutants: Mutants, caches: List[Any], at_import: Set[int]) -> Reached:
        by_candidate: List[Set[int]] = []
        seconds: List[float] = []
        for candidate in self.candidates:
            clear(caches)
            began, busy = time.monotonic(), time.process_time()
            held = judge(engine, candidate) is None and began < self.until
            once = engine.guard.imported
            seconds.append(limit(max(0.0, time.process_time() - busy - once), time.monotonic() - began - once))
            taken = mutants.on.taken()
            # What does not hold without any mutant tells nothing about one.
            by_candidate.append(taken if held else set())
        only = at_import.difference(*by_candidate) | {
            number for number, one in enumerate(mutants.table) if one.imported and number in at_import
        }
        return Reached([one - only for one in by_candidate], seconds, only)

    def _steady(self, trial: Trial, reached: Reached) -> List[int]:
        """Return the candidates that hold in a fresh process, too, in the time that they will have."""
        steady: List[int] = []
        for at, held in each(trial.holds, range(len(self.candidates)), LONGEST, self.until):
            self._failed(held)
            if held is True:
                steady.append(at)
            else:
                reached.by_candidate[at].clear()
        return steady

    def _first_killers(self, trial: Trial, order: Sequence[int], reached: Reached) -> Set[int]:
        tried: Set[int] = set()
        dead: Set[int] = set()
        for least, most in (0, FIRST), (FIRST, len(self.candidates)):
            # Most mutants die early: the few that live must not keep the others from being tried.
            rows = [(number, trial.in_order(number, reached.by_candidate)[least:most]) for number in order]
            items = [item for item in rows if item[1] and item[0] not in dead]
            for (number, _), killer in self._tried(trial, items):
                tried.add(number)
                if killer != NOBODY:
                    self.killed[killer].append(number)
                    dead.add(number)
        return tried

    def _all(self, trial: Trial, order: Sequence[int], reached: Reached) -> Set[int]:
        pairs = [(number, [at]) for number in order for at in trial.in_order(number, reached.by_candidate)]
        left = {number: sum(one == number for one, _ in pairs) for number in order}
        for (number, _), killer in self._tried(trial, pairs):
            left[number] -= 1
            if killer != NOBODY:
                self.killed[killer].append(number)
        return {number for number, open_ in left.items() if not open_}

    def _tried(self, trial: Trial, items: Sequence[Item]) -> Iterator[Tuple[Item, int]]:
        """Give the items that came to an end, with who kills: a process that is gone was killed by what ran in it."""
        for place, result in each(trial, items, LONGEST, self.until):
            item = items[place]
            killer = trial.running(item[0]) if result is LOST else result
            if not self._failed(result) and killer != LATE:
                yield item, killer

    def _failed(self, result: Any) -> bool:
        if isinstance(result, Failed):
            self.problems.setdefault(result.why)
        return isinstance(result, Failed)

    def _mutants_in_order(self, reached: Reached, table: List[Mutant]) -> List[int]:
        """Return what is reached, in turn by function, so that each has its share when the time is over."""
        mine = self._mine(set().union(*reached.by_candidate))
        if self.only is not None:
            return [number for number in self.only if number in mine]
        by_function: Dict[str, List[int]] = {}
        for number in mine:
            by_function.setdefault(table[number].function, []).append(number)
        columns = list(by_function.values())
        return [one[row] for row in range(max(map(len, columns), default=0)) for one in columns if row < len(one)]

    def _is_wanted(self, number: int) -> bool:
        return self.only is None or number in self.only

    def _mine(self, numbers: Iterable[int]) -> List[int]:
        part, parts = self.share
        return sorted(number for number in numbers if number % parts == part)


def survivors(result: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the mutants that were tried and that nobody kills."""
    dead: Set[int] = set(result["anyway"]).union(*map(set, result["kills"]))
    return [result["mutants"][number] for number in result["tried"] if number not in dead]
