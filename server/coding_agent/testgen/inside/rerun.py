# pyright: standard
# Sees pytest's objects, which have no types here.
"""Runs the tests that there are on a text of a module that is not on disk, and says which of them come to a definition.

Each test runs alone, its fixtures made for it and ended behind it, under a time of its own.
"""

import sys
import tempfile
import time
import traceback
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import django_project
from .deeds import Deeds
from .guard import Guard, OutOfTime
from .marks import Marked
from .testing import SECONDS, prepare, session, why_of
from .trial import caches_of, clear

Say = Callable[[Any], None]


def rerun(
    say: Say,
    module: str,
    text: str,
    lines: Sequence[int],
    wanted: Sequence[str],
    project: str,
    ini: str = "",
    autoload: bool = False,
    only: Optional[Dict[str, float]] = None,
    times: int = 1,
    seconds: float = 10.0,
) -> Dict[str, Any]:
    """Return ``{"left", "problems", "deeds", "lines"}``; says ``{"test", "passed", "lines", "took", "why"}`` for each.

    ``text`` stands for the module, the first and last of whose ``lines`` are the definition's, from one. ``only``: just
    these tests, by pytest's ids, each with the seconds it may take. ``passed`` says of each of ``times`` runs whether
    it passed, None where the test was skipped. ``left`` is how many tests there was no time for.
    """
    until = time.monotonic() + seconds
    prepare(autoload)
    with tempfile.TemporaryDirectory() as folder:
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        try:
            marked = Marked(module, text, lines[0], lines[1])
        except BaseException as error:
            why = traceback.format_exception_only(type(error), error)[-1].strip()
            return {"left": 0, "problems": ["the module cannot be imported: %s" % why[:300]], "deeds": [], "lines": []}
        django_project.ready([project])
        deeds = Deeds(marked.path, lines[0], lines[1])
        plugin = _Tests(say, marked, only, times, until)
        session(plugin, wanted, project, ini, autoload)
    return {
        "left": plugin.left,
        "problems": plugin.problems,
        "deeds": deeds.taken(),
        "lines": sorted(marked.all_lines()),
    }


class _Tests:
    """The plugin that runs the tests in pytest's stead."""

    def __init__(self, say: Say, marked: Marked, only: Optional[Dict[str, float]], times: int, until: float) -> None:
        self.problems: List[str] = []
        self.left = 0
        self._say, self._marked, self._only, self._times, self._until = say, marked, only, times, until
        self._caches = caches_of(marked.module)
        self._guard = Guard(SECONDS)
        self._passed = self._failed = False
        self._why = ""

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr)[-600:])

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self._failed:
            self._why = why_of(report)
        self._failed = self._failed or report.failed
        self._passed = self._passed or (report.when == "call" and report.passed)

    def pytest_runtestloop(self, session: Any) -> bool:
        items = [item for item in session.items if self._only is None or item.nodeid in self._only]
        for place, item in enumerate(items):
            if self.problems or time.monotonic() > self._until:
                self.left = len(items) - place
                break
            self._told(item)
        return True

    def _told(self, item: Any) -> None:
        seconds = SECONDS if self._only is None else self._only[item.nodeid]
        self._marked.taken()
        began = time.monotonic()
        passed = [self._runs(item, seconds)]
        took, why, reached = time.monotonic() - began, self._why, self._marked.taken()
        # What does not come to the definition says nothing of it.
        if reached and passed[0]:
            passed += [self._runs(item, seconds) for _ in range(1, self._times)]
            why = why or self._why
        self._say({"test": item.nodeid, "passed": passed, "lines": reached, "took": took, "why": why})

    def _runs(self, item: Any, seconds: float) -> Optional[bool]:
        clear(self._caches)
        self._passed = self._failed = False
        self._why = ""
        self._guard.seconds = seconds
        try:
            with self._guard:
                item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        except OutOfTime:
            self._failed = True
            self._why = OutOfTime.__name__
        if self._failed:
            # Pytest may take that for a failure like any other.
            self._why = "it takes longer than %.2g s" % seconds if OutOfTime.__name__ in self._why else self._why
            return False
        return True if self._passed else None
