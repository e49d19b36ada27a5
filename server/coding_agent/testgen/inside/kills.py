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
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from .at_import import kills_at_import
from .choose import in_order_of_use
from .crew import LOST, Failed, alone
from .execute import Engine
from .judge import failures, judge
from .killers import LONGEST, Killers, described, in_turn
from .loading import load
from .model import Candidate, from_json
from .mutate import Mutant, Mutants
from .names import names_of
from .replay import add_paths
from .trial import Trial, caches_of, clear, limit

Say = Callable[[Dict[str, Any]], Any]


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
    without: Sequence[int] = (),
) -> Dict[str, Any]:
    """Return ``{"kills", "anyway", "mutants", "reached", "tried", "problems"}``.

    ``kills`` are for each candidate the numbers of the mutants it kills; a mutant is only counted for the first that
    kills it, those tried first that reach most. ``only`` are numbers of mutants: just these are tried, in this order,
    and counted for all that kill them. ``anyway``: with these the module cannot be imported, so any test kills them.
    ``reached`` and ``tried`` are numbers; what is tried and in nobody's kills survives.
    Only mutants whose number gives ``part`` modulo ``parts`` are tried, so that several processes share them, and none
    of those in ``without``.
    """
    add_paths(paths)
    until = time.monotonic() + seconds
    wanted = [from_json(one) for one in candidates]
    empty = {"anyway": [], "mutants": [], "reached": [], "tried": [], "problems": []}
    with tempfile.TemporaryDirectory() as folder:
        run = _Run(module, wanted, Path(folder), until, only, (part, parts), without)
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
        without: Sequence[int],
    ) -> None:
        self.module = module
        self.candidates = candidates
        self.folder = folder
        self.until = until
        self.only = only
        self.share = share
        self.without = frozenset(without)

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

        def holds(at: int) -> bool:
            clear(caches)
            engine.guard.seconds = reached.seconds[at]
            return not failures(engine, self.candidates[at], first=True)

        trial = Trial(holds, mutants.on, in_order_of_use(self.candidates))
        killers = Killers(trial, reached.by_candidate, self.until)
        steady = killers.steady()
        order = self._in_order(reached, mutants.table)
        tried = killers.first(order) if self.only is None else killers.every(order)
        return {
            "kills": killers.killed,
            "anyway": [],
            "mutants": described(mutants.table),
            "reached": sorted(order),
            "tried": sorted(tried),
            "problems": list(killers.problems),
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

    def _in_order(self, reached: Reached, table: List[Mutant]) -> List[int]:
        mine = self._mine(set().union(*reached.by_candidate))
        if self.only is not None:
            return [number for number in self.only if number in mine]
        return in_turn(mine, table)

    def _is_wanted(self, number: int) -> bool:
        return self.only is None or number in self.only

    def _mine(self, numbers: Iterable[int]) -> List[int]:
        part, parts = self.share
        return sorted(number for number in numbers if number % parts == part and number not in self.without)


def survivors(result: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the mutants that were tried and that nobody kills."""
    dead: Set[int] = set(result["anyway"]).union(*map(set, result["kills"]))
    return [result["mutants"][number] for number in result["tried"] if number not in dead]
