# pyright: standard
# Runs the user's code.
"""Which mutants of a module which candidates kill: checked as the written test would check it.

A first run tells which mutants each candidate reaches; only these pairs run, until one kills. All mutants share one
import and, in forks, one process after the other: where a candidate fails although its mutant is off again, the process
was spoilt, and the mutant is tried again in a new one. A mutant that hangs or dies is killed. Mutants of code that runs
at import need an import each and come last.
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path
from types import CodeType
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Set, Tuple

from .choose import in_order_of_use
from .crew import LOST, Again, Renew, alone, each
from .execute import Engine
from .judge import failures, judge
from .loading import load
from .model import Candidate, from_json
from .mutate import Mutant, Mutants
from .names import names_of
from .replay import add_paths

Say = Callable[[Dict[str, Any]], Any]
LONGEST = 5.0
AT_LEAST, TIMES = 0.04, 12
"""A run under a mutant may take this many seconds, or this many times what it takes without."""
FIRST = 8
"""How many candidates a mutant is tried with before all the other mutants are."""


class Reached(NamedTuple):
    """What the first run told: mutants by candidate, the time each took, mutants that only the import reached."""

    by_candidate: List[Set[int]]
    seconds: List[float]
    at_import: Set[int]


def kills(
    say: Say,
    module: str,
    paths: Sequence[str] = (),
    candidates: Sequence[Dict[str, Any]] = (),
    seconds: float = 3.0,
    every: bool = False,
    part: int = 0,
    parts: int = 1,
) -> Dict[str, Any]:
    """Return ``{"kills", "mutants", "reached", "tried"}``: for each candidate the numbers of the mutants it kills.

    Only mutants whose number gives ``part`` modulo ``parts`` are tried, so that several processes share them.
    Without ``every`` a mutant is only counted for the first candidate that kills it, those tried first that reach most.
    ``reached`` and ``tried`` are numbers of mutants: what is tried and in nobody's kills survives.
    """
    add_paths(paths)
    until = time.monotonic() + seconds
    wanted = [from_json(one) for one in candidates]
    with tempfile.TemporaryDirectory() as folder:
        run = _Run(module, wanted, Path(folder), until, every, (part, parts))
        found = alone(run.in_functions, seconds + LONGEST)
        result = {"kills": [], "mutants": [], "reached": [], "tried": []} if found is LOST else found
        if found is not LOST:
            run.at_import(result)
    say({"kills": sum(map(len, result["kills"]))})
    if not result["kills"]:
        result["kills"] = [[] for _ in wanted]
    return result


class _Run:
    """The kills of one call."""

    def __init__(
        self,
        module: str,
        candidates: List[Candidate],
        folder: Path,
        until: float,
        every: bool,
        share: Tuple[int, int],
    ) -> None:
        self.module = module
        self.candidates = candidates
        self.folder = folder
        self.until = until
        self.every = every
        self.share = share

    # Mutants in functions

    def in_functions(self) -> Dict[str, Any]:
        """Import the module with all switches and try what candidates reach. Runs in a fork: it imports the module."""
        before = set(sys.modules)
        mutants = Mutants()
        loaded = load(self.module, mutants.make)
        at_import = mutants.on.taken()
        engine = Engine(loaded, names_of(loaded), self.folder)
        caches = _caches(loaded)
        reached = self._first_run(engine, mutants, caches, at_import)
        mutants.on.update(dict.fromkeys(range(len(mutants.table)), 0))
        order = self._mutants_in_order(reached, mutants.table)
        killed: List[List[int]] = [[] for _ in self.candidates]
        tried: List[int] = []
        trial = _Trial(engine, mutants, self.candidates, reached, caches, self.every)
        for least, most in (0, FIRST), (FIRST, len(self.candidates)):
            # Most mutants die early: the few that live must not keep the others from being tried.
            trial.between = slice(least, most)
            left = [number for number in order if trial.candidates_for(number) and number not in trial.dead]
            for at, killers in each(trial, left, LONGEST, self.until):
                number = left[at]
                tried.append(number)
                for killer in trial.candidates_for(number)[:1] if killers is LOST else killers:
                    killed[killer].append(number)
                    trial.dead.add(number)
        return {
            "kills": killed,
            "mutants": [
                {"number": number, "line": one.line, "what": one.what, "function": one.function}
                for number, one in enumerate(mutants.table)
            ],
            "reached": self._mine(set().union(*reached.by_candidate)),
            "tried": sorted(set(tried)),
            "at import": sorted(reached.at_import),
            "file": str(loaded.__file__),
            "modules": [name for name in sys.modules if name not in before],
        }

    def _first_run(self, engine: Engine, mutants: Mutants, caches: List[Any], at_import: Set[int]) -> Reached:
        by_candidate: List[Set[int]] = []
        seconds: List[float] = []
        for candidate in self.candidates:
            _clear(caches)
            began = time.process_time()
            held = judge(engine, candidate) is None and time.monotonic() < self.until
            seconds.append(time.process_time() - began)
            taken = mutants.on.taken()
            # What does not hold without any mutant tells nothing about one.
            by_candidate.append(taken if held else set())
        only = at_import.difference(*by_candidate) | {
            number for number, one in enumerate(mutants.table) if one.imported and number in at_import
        }
        return Reached([one - only for one in by_candidate], seconds, only)

    def _mutants_in_order(self, reached: Reached, table: List[Mutant]) -> List[int]:
        """Return what is reached, in turn by function, so that each has its share when the time is over."""
        by_function: Dict[str, List[int]] = {}
        for number in self._mine(set().union(*reached.by_candidate)):
            by_function.setdefault(table[number].function, []).append(number)
        columns = list(by_function.values())
        return [one[row] for row in range(max(map(len, columns), default=0)) for one in columns if row < len(one)]

    def _mine(self, numbers: Iterable[int]) -> List[int]:
        part, parts = self.share
        return sorted(number for number in numbers if number % parts == part)

    # Mutants of what runs at import

    def at_import(self, result: Dict[str, Any]) -> None:
        """Try the mutants that only an import reaches; adds to the result."""
        numbers = self._mine(result.pop("at import"))
        names: List[str] = result.pop("modules")
        path: str = result.pop("file")
        if not numbers or time.monotonic() > self.until:
            return
        top = self.module.partition(".")[0]
        for name in names:
            if name.partition(".")[0] != top and name not in sys.modules:
                _imported(name)
        mutants = Mutants(lambda number, _: number in chosen)
        chosen = frozenset(numbers)
        # Compiled once, before the forks: the switches in the code are those of each fork.
        code = mutants.make(Path(path).read_bytes(), path)

        def trial(number: int) -> Any:
            mutants.on[number] = 1
            return Renew(self._under_import(code))

        for at, killers in each(trial, numbers, LONGEST, self.until):
            result["tried"].append(numbers[at])
            for killer in [0] if killers is LOST else killers:
                result["kills"][killer].append(numbers[at])
        result["reached"] = sorted({*result["reached"], *numbers})

    def _under_import(self, code: CodeType) -> List[int]:
        try:
            loaded = load(self.module, lambda _, __: code)
        except BaseException:  # the import fails: any test of the file would
            return [0] if self.candidates else []
        engine = Engine(loaded, names_of(loaded), self.folder)
        for at in in_order_of_use(self.candidates):
            if judge(engine, self.candidates[at]) is not None:
                return [at]
        return []


class _Trial:
    """Tries one mutant after the other in this process; called with a mutant's number."""

    def __init__(
        self,
        engine: Engine,
        mutants: Mutants,
        candidates: List[Candidate],
        reached: Reached,
        caches: List[Any],
        every: bool,
    ) -> None:
        self.engine = engine
        self.on = mutants.on
        self.candidates = candidates
        self.reached = reached
        self.caches = caches
        self.every = every
        self.between = slice(0, None)  # which of those that reach a mutant
        self.dead: Set[int] = set()
        self._order = in_order_of_use(candidates)
        self._clean = True  # nothing ran here under a mutant yet

    def candidates_for(self, number: int) -> List[int]:
        return [at for at in self._order if number in self.reached.by_candidate[at]][self.between]

    def __call__(self, number: int) -> Any:
        killers: List[int] = []
        clean, self._clean = self._clean, False
        at = -1
        for at in self.candidates_for(number):
            if not self._fails(at, number):
                continue
            if self._fails(at, -1):
                if not clean:
                    raise Again
                return Renew([*killers, at])
            killers.append(at)
            if not self.every:
                return killers
        # A mutant may live and yet leave something behind.
        return Renew(killers) if at >= 0 and self._fails(at, -1) else killers

    def _fails(self, at: int, number: int) -> bool:
        _clear(self.caches)
        self.engine.guard.seconds = max(AT_LEAST, TIMES * self.reached.seconds[at])
        if number >= 0:
            self.on[number] = 1
        try:
            return bool(failures(self.engine, self.candidates[at], first=True))
        finally:
            if number >= 0:
                self.on[number] = 0


def _caches(module: Any) -> List[Any]:
    """Return what remembers results in a module: a mutant behind it would never run."""
    holders = [module, *(one for one in vars(module).values() if isinstance(one, type))]
    found: Dict[int, Any] = {}
    for holder in holders:
        for value in list(vars(holder).values()):
            if callable(getattr(value, "cache_clear", None)) and not isinstance(value, type):
                found[id(value)] = value
    return list(found.values())


def _clear(caches: List[Any]) -> None:
    for cache in caches:
        cache.cache_clear()


def _imported(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception:  # it may only work after others; the child imports it then
        return


def survivors(result: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the mutants that were tried and that nobody kills."""
    dead: Set[int] = set().union(*map(set, result["kills"])) if result["kills"] else set()
    return [result["mutants"][number] for number in result["tried"] if number not in dead]
