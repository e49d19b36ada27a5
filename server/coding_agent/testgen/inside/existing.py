# pyright: standard
# Sees pytest's objects, which have no types here.
"""Which mutants of a module the tests that there are kill.

They are collected once. Each test runs alone, its fixtures made for it and ended behind it: first without any mutant,
which tells the mutants it reaches, then in forks under these, until one test fails. Only what passes twice without a
mutant may kill one. Mutants of code that runs at import come last, each in a session of its own.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set

from . import django_project
from .crew import LOST, Failed, Renew, alone, each
from .guard import Guard, OutOfTime
from .killers import LONGEST, Killers, described, in_turn
from .loading import load, try_import
from .mutate import Mutants
from .testing import SECONDS, name_of, prepare, session, there, unpacked
from .trial import Trial, caches_of, clear, limit

Say = Callable[[Any], None]
SLOW = 1.0
"""Seconds of a test that is too slow to be run under mutants, and of all tests for mutants that act at import."""
_PLAIN = -1
"""Stands for no mutant."""


class Suite(NamedTuple):
    """The tests: their files, the project they are in, its configuration file, whether other people's plugins load,
    where the project lies for them, and the names of those that are run, none for all.
    """

    wanted: Sequence[str]
    project: str
    ini: str
    autoload: bool
    root: str
    only: Sequence[str]

    def run(self, plugin: Any, options: Sequence[str] = ()) -> int:
        """Run pytest on them."""
        return session(plugin, self.wanted, self.root, self.ini, self.autoload, options)


def killed(
    say: Say,
    module: str,
    wanted: Sequence[str],
    project: str,
    ini: str = "",
    autoload: bool = False,
    seconds: float = 3.0,
    files: Optional[Dict[str, str]] = None,
    only: Sequence[str] = (),
) -> Dict[str, Any]:
    """Return ``{"killed", "mutants", "reached", "tried", "problems"}``, or only problems where nothing can be told.

    ``wanted`` are files of tests, of ``files`` that are not on disk or absolute ones. Numbers of mutants are those of
    ``kills``: ``reached`` run in some test that passes, ``tried`` of these were tried to the end or are killed. What
    there was no time to find out counts as reached. ``by test`` are those that each kills first, by its name.
    """
    del say
    until = time.monotonic() + seconds
    root = str(unpacked(files, project)) if files else project
    paths = [path if os.path.isabs(path) else os.path.join(root, path) for path in wanted]
    suite = Suite(paths, project, there(ini, project, root), autoload, root, only)
    prepare(autoload)
    with tempfile.TemporaryDirectory() as folder:
        # Tests are rewritten by pytest once, not for each mutant of the import.
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        found = alone(lambda: _in_functions(module, suite, until), seconds + LONGEST)
        if found is LOST or isinstance(found, Failed):
            return {"problems": [found.why if isinstance(found, Failed) else "their process ended"]}
        if "mutants" in found:
            _at_import(found, module, suite, until)
    return found


def _in_functions(module: str, suite: Suite, until: float) -> Dict[str, Any]:
    """Import the module with all switches, and try what tests reach. Runs in a fork: it imports the module."""
    before = set(sys.modules)
    mutants = Mutants()
    loaded = load(module, mutants.make)
    django_project.ready([suite.project])
    plugin = _Tests(loaded, mutants, until, suite.only)
    suite.run(plugin)
    if not plugin.found:
        return {"problems": plugin.problems or ["nothing was collected"]}
    modules = [name for name in sys.modules if name not in before and not _is_of(suite.project, name)]
    return {**plugin.found, "problems": plugin.problems, "file": str(loaded.__file__), "modules": modules}


def _is_of(project: str, name: str) -> bool:
    """Whether a module is the project's, or pytest's own, which it wants to import itself."""
    file = getattr(sys.modules[name], "__file__", None) or ""
    return "pytest" in name or (file.startswith(project + os.sep) and "site-packages" not in file)


class _Tests:
    """The plugin that runs the tests in pytest's stead; ``found`` is what came of it."""

    def __init__(self, module: Any, mutants: Mutants, until: float, only: Sequence[str]) -> None:
        self.found: Dict[str, Any] = {}
        self.problems: List[str] = []
        self._caches = caches_of(module)
        self._mutants = mutants
        self._imported = mutants.on.taken()
        self._until = until
        self._only = frozenset(only)
        self._guard = Guard(SECONDS)
        self._items: List[Any] = []
        self._seconds: List[float] = []
        self._passed = self._failed = False

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr)[-600:])

    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        if self._only:
            items[:] = [item for item in items if name_of(item) in self._only]

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._failed = self._failed or report.failed
        self._passed = self._passed or (report.when == "call" and report.passed)

    def pytest_runtestloop(self, session: Any) -> bool:
        if not self.problems:
            self._kill(session.items)
        return True

    def _kill(self, items: Sequence[Any]) -> None:
        on, table = self._mutants.on, self._mutants.table
        reached, slow, complete = self._first_run(items)
        acted = {number for number, one in enumerate(table) if one.imported and number in self._imported}
        only = self._imported.difference(slow, *reached) | acted
        everything = slow.union(*reached) if complete else set(range(len(table)))
        reached = [one - only for one in reached]
        on.update(dict.fromkeys(range(len(table)), 0))
        order = sorted(range(len(reached)), key=self._seconds.__getitem__)
        killers = Killers(Trial(self._holds, on, order), reached, self._until)
        whole = [set(one) for one in reached]
        steady = killers.steady()
        # What runs in tests that cannot tell may be killed by them all the same.
        unclear = slow.union(*(whole[at] for at in set(range(len(whole))).difference(steady)))
        tried = killers.first(in_turn(sorted(set().union(*reached)), table))
        dead = set().union(*map(set, killers.killed))
        self.problems += killers.problems
        by_test: Dict[str, List[int]] = {}
        for item, numbers in zip(self._items, killers.killed):
            by_test.setdefault(name_of(item), []).extend(numbers)
        self.found = {
            "killed": sorted(dead),
            "by test": by_test,
            "mutants": described(table),
            "reached": sorted(everything | only),
            "tried": sorted((tried - unclear if complete else set()) | dead),
            "at import": sorted(only),
            "steady": [self._items[at].nodeid for at in steady],
        }

    def _first_run(self, items: Sequence[Any]) -> "tuple[List[Set[int]], Set[int], bool]":
        """Return what each test reaches that may kill, what the slow ones reach, and whether all were run."""
        on, reached, slow = self._mutants.on, [], set()
        for item in items:
            if time.monotonic() > self._until:
                return reached, slow, False
            on.clear()
            began, busy = time.monotonic(), time.process_time()
            holds = self._runs(item, SECONDS)
            took, used = time.monotonic() - began, time.process_time() - busy
            taken = on.taken()
            if not holds:
                continue
            if took > SLOW:
                slow |= taken
                continue
            # Why a test fails is for nobody to read, and telling takes longer than many tests.
            item.repr_failure = _nothing
            self._items.append(item)
            self._seconds.append(limit(used, took))
            reached.append(taken)
        return reached, slow, True

    def _holds(self, at: int) -> bool:
        return self._runs(self._items[at], self._seconds[at])

    def _runs(self, item: Any, seconds: float) -> bool:
        """Whether a test passes as the switches are."""
        clear(self._caches)
        self._passed = self._failed = False
        self._guard.seconds = seconds
        try:
            with self._guard:
                item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        except OutOfTime:
            return False
        return self._passed and not self._failed


def _nothing(*_: Any, **__: Any) -> str:
    return ""


def _at_import(found: Dict[str, Any], module: str, suite: Suite, until: float) -> None:
    """Try the mutants that only an import of the module reaches, and add them to what was found."""
    numbers: List[int] = found.pop("at import")
    steady: List[str] = found.pop("steady")
    path: str = found.pop("file")
    for name in found.pop("modules"):
        try_import(name)
    if not numbers or not steady:
        found["tried"] = sorted({*found["tried"], *(numbers if not steady else ())})
        return
    chosen = frozenset(numbers)
    mutants = Mutants(lambda number, _: number in chosen)
    # Compiled once, before the forks: the switches in the code are those of each fork.
    code = mutants.make(Path(path).read_bytes(), path)

    def fails(number: int) -> Any:
        mutants.on[number] = 1
        try:
            load(module, lambda _, __: code)
        except BaseException:  # any test of the module would fail
            return Renew(True)
        django_project.ready([suite.project])
        return Renew(suite.run(_Chosen(steady), ["-x"]) != 0)

    began = time.monotonic()
    for place, result in each(fails, [_PLAIN, *numbers], LONGEST, until):
        if place == 0 and (result is not False or time.monotonic() - began > SLOW):
            return
        if isinstance(result, Failed):
            found["problems"].append(result.why)
        elif place:
            found["tried"].append(numbers[place - 1])
            if result is not False:
                found["killed"].append(numbers[place - 1])


class _Chosen:
    """The plugin that leaves the other tests out."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = frozenset(ids)

    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        items[:] = [item for item in items if item.nodeid in self._ids]
