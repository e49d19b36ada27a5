# pyright: standard
# Sees pytest's objects, which have no types here.
"""Runs pytest in a fork of the warm runner and says what became of each test.

Tests are known by function and row, not by pytest's ids, which are for people.
"""

import contextlib
import os
import random
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import clock, main_module

Say = Callable[[Any], None]
SECONDS = 4.0
"""What one test may take; it fails then, and the next one runs."""


class TooSlow(BaseException):
    """A test that somebody runs often may not take so long."""


def _late(*_: Any) -> None:
    raise TooSlow("it took longer than %g s" % SECONDS)


def run(
    say: Say,
    files: Dict[str, str],
    wanted: Sequence[str],
    order: str = "file",
    shift: float = 0,
    autoload: bool = False,
    ini: str = "",
    module: str = "",
) -> Dict[str, Any]:
    """Run the tests in ``wanted``, paths inside ``files``, or absolute ones that exist.

    ``order`` is file, reverse or random. ``shift`` moves the clock by so many seconds. ``ini`` is the project's
    configuration file. With ``module``, that module is loaded with probes, and ``arcs`` are those the tests passed.
    Says ``{"test", "row", "outcome", "why"}`` as each ends; returns their number and what could not be collected.
    """
    import pytest

    clock.shift(shift)
    if not autoload:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    main_module.as_a_script()
    signal.signal(signal.SIGALRM, _late)
    folder = _unpacked(files)
    loaded = _probed(module)
    plugin = _Plugin(say, order, loaded)
    paths = [path if os.path.isabs(path) else str(folder / path) for path in wanted]
    root = str(Path(ini).parent) if ini and not files else str(folder)
    arguments = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "-c", ini or os.devnull]
    if not autoload:
        # Other people's plugins ask for its options.
        arguments += ["-p", "no:terminal"]
    if files:
        # The file of the user's that has this name must not be imported in our file's place.
        arguments += ["--import-mode=importlib"]
    # Without it pytest looks into folders above, which may not be readable in here.
    arguments += ["--rootdir", root, "--confcutdir", root]
    with contextlib.redirect_stdout(sys.stderr):
        code = pytest.main([*arguments, *paths], plugins=[plugin])
    hit = _arcs(loaded)
    return {"code": int(code), "tests": plugin.count, "problems": plugin.problems, "arcs": hit}


def _unpacked(files: Dict[str, str]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tests-"))
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return folder


def _probed(module: str) -> Any:
    if not module:
        return None
    from .instrument import load_probed

    return load_probed(module, False)


def _arcs(loaded: Any) -> List[int]:
    if loaded is None:
        return []
    from .instrument import arcs

    return list(arcs(bytes(loaded.hits)))


class _Plugin:
    """Orders the tests, and hears how they end."""

    def __init__(self, say: Say, order: str, loaded: Any) -> None:
        self.say, self.order, self.loaded = say, order, loaded
        self.count = 0
        self.problems: List[str] = []
        self._rows: Dict[str, Tuple[str, int]] = {}
        self._ended: Dict[str, Tuple[str, str]] = {}

    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        rows: Dict[str, int] = {}
        for item in items:
            name = getattr(item, "originalname", None) or item.name
            owner = getattr(item, "cls", None)
            name = "%s.%s" % (owner.__name__, name) if owner is not None else name
            rows[name] = rows.get(name, -1) + 1
            self._rows[item.nodeid] = (name, rows[name])
        if self.order == "reverse":
            items.reverse()
        elif self.order == "random":
            random.Random(len(items)).shuffle(items)

    def pytest_runtest_logstart(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)

    def pytest_runtest_logfinish(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr)[-600:])

    def pytest_runtest_logreport(self, report: Any) -> None:
        outcome, why = self._ended.get(report.nodeid, ("passed", ""))
        if report.failed:
            outcome = "failed" if report.when == "call" else "error"
            why = _why(report)
        elif report.skipped and outcome == "passed":
            outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
        self._ended[report.nodeid] = (outcome, why)
        if report.when == "teardown":
            self.count += 1
            name, row = self._rows.get(report.nodeid, (report.nodeid, 0))
            self.say({"test": name, "row": row, "outcome": outcome, "why": why})


def _why(report: Any) -> str:
    crash: Optional[Any] = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr)[:300]
