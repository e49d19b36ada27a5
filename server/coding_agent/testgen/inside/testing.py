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
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from . import clock, django_project, machine, main_module
from .guard import is_importing

Say = Callable[[Any], None]
SECONDS = 4.0
"""What one test may take; it fails then, and the next one runs."""
_MOST_LINKS = 3000
"""Entries of one folder that are linked."""


class TooSlow(BaseException):
    """A test that somebody runs often may not take so long."""


def _late(_number: int, frame: Any) -> None:
    if is_importing(frame):
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        return
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
    project: str = "",
    elsewhere: str = "",
    from_root: bool = False,
) -> Dict[str, Any]:
    """Run the tests in ``wanted``, paths inside ``files``, or absolute ones that exist.

    ``files`` lie in a copy of ``project`` made of links, where there is one, as they would in the project itself.
    ``order`` is file, reverse or random. ``shift`` moves the clock by so many seconds. ``ini`` is the project's
    configuration file. With ``module``, that module is loaded with probes, and ``arcs`` are those that tests which
    passed took. ``elsewhere``: as on another machine, seen by this package. ``from_root``: as ``python -m pytest`` in
    the project's folder. Says ``{"test", "row", "outcome", "why"}`` as each ends; returns their number and what could
    not be collected. ``taken`` are the arcs of each test by its name.
    """
    clock.shift(shift)
    if elsewhere:
        machine.pretend(elsewhere)
    prepare(autoload, from_root)
    signal.signal(signal.SIGALRM, _late)
    folder = unpacked(files, project)
    loaded = _probed(module)
    django_project.ready([project] if project else [], str(folder) if files and project else "")
    plugin = _Plugin(say, order, loaded)
    if any("unittest" in text or "subTest" in text for text in files.values()):
        plugin.watch_rows()
    paths = [path if os.path.isabs(path) else str(folder / path) for path in wanted]
    root = str(folder) if files or not project else project
    if from_root:
        os.chdir(root)
        sys.path.insert(0, root)
    code = session(plugin, paths, root, there(ini, project, root), autoload)
    taken = {name: sorted(arcs) for name, arcs in plugin.taken.items()}
    arcs = sorted(set().union(*taken.values()))
    return {"code": code, "tests": plugin.count, "problems": plugin.problems, "arcs": arcs, "taken": taken}


def prepare(autoload: bool, from_root: bool = False) -> None:
    """Make this process one that runs pytest, with other people's plugins where ``autoload`` says so."""
    if not autoload:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    main_module.as_a_script(from_root)


def session(plugin: Any, paths: Sequence[str], root: str, ini: str, autoload: bool, options: Sequence[str] = ()) -> int:
    """Run pytest on ``paths``, ``root`` being the project, with a plugin of ours; return its exit code."""
    import pytest

    arguments = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "-c", ini or os.devnull]
    if not autoload:
        # Other people's plugins ask for its options.
        arguments += ["-p", "no:terminal"]
    # Without it pytest looks into folders above, which may not be readable in here.
    arguments += ["--rootdir", root, "--confcutdir", root]
    with contextlib.redirect_stdout(sys.stderr):
        return int(pytest.main([*arguments, *options, *paths], plugins=[plugin]))


def unpacked(files: Dict[str, str], project: str) -> Path:
    """Write files into a folder of their own, in a copy of the project made of links where there is one."""
    folder = Path(tempfile.mkdtemp(prefix="tests-"))
    for name, text in files.items():
        path = folder / name
        if project:
            _linked(folder, Path(project), path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        path.write_bytes(text.encode("utf-8"))
    return folder


def _linked(folder: Path, project: Path, path: Path) -> None:
    """Make the folders down to a path real ones, and link what else is in them in the project."""
    here = folder
    for part in (*path.relative_to(folder).parent.parts, ""):
        theirs = project / here.relative_to(folder)
        with contextlib.suppress(OSError), os.scandir(theirs) as entries:
            for entry in islice(entries, _MOST_LINKS):
                link = here / entry.name
                if entry.name not in (part, "__pycache__") and not os.path.lexists(link):
                    link.symlink_to(entry.path)
        here = here / part
        here.mkdir(exist_ok=True)


def there(ini: str, project: str, root: str) -> str:
    """Return where a file of the project is below ``root``."""
    return root + ini[len(project) :] if ini and project and ini.startswith(project + "/") else ini


def _probed(module: str) -> Any:
    if not module:
        return None
    from .instrument import load_probed

    return load_probed(module, False)


class _Plugin:
    """Orders the tests, and hears how they end."""

    def __init__(self, say: Say, order: str, loaded: Any) -> None:
        self.say, self.order, self.loaded = say, order, loaded
        self.count = 0
        self.taken: Dict[str, Set[int]] = {}
        self.problems: List[str] = []
        self._at = ""
        self._subtests: Dict[str, List[Tuple[str, str]]] = {}
        self._rows: Dict[str, Tuple[str, int]] = {}
        self._ended: Dict[str, Tuple[str, str]] = {}

    def pytest_collection_modifyitems(self, items: List[Any]) -> None:
        rows: Dict[str, int] = {}
        for item in items:
            name = name_of(item)
            rows[name] = rows.get(name, -1) + 1
            self._rows[item.nodeid] = (name, rows[name])
        if self.order == "reverse":
            items.reverse()
        elif self.order == "random":
            random.Random(len(items)).shuffle(items)

    def watch_rows(self) -> None:
        """Hear how each ``subTest`` ends; one that fails lets the next ones run."""
        import unittest

        @contextlib.contextmanager
        def row(_case: Any, *_: Any, **__: Any) -> Iterator[None]:
            rows = self._subtests.setdefault(self._at, [])
            try:
                yield
            except unittest.SkipTest as error:
                rows.append(("skipped", str(error)))
            except Exception as error:
                rows.append(("failed", ("%s: %s" % (type(error).__name__, error))[:300]))
            else:
                rows.append(("passed", ""))

        unittest.TestCase.subTest = row  # type: ignore[assignment,method-assign]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._at = nodeid
        if self.loaded is not None:
            # What collecting the tests or other tests did is not this one's.
            self.loaded.clear()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self.loaded is not None and self._ended.get(nodeid, ("", ""))[0] == "passed":
            from .instrument import arcs

            name, _ = self._rows.get(nodeid, (nodeid, 0))
            self.taken.setdefault(name, set()).update(arcs(bytes(self.loaded.hits)))

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr)[-600:])

    def pytest_runtest_logreport(self, report: Any) -> None:
        outcome, why = self._ended.get(report.nodeid, ("passed", ""))
        if report.failed:
            outcome = "failed" if report.when == "call" else "error"
            why = why_of(report)
        elif report.skipped and outcome == "passed":
            outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
        self._ended[report.nodeid] = (outcome, why)
        if report.when == "teardown":
            self.count += 1
            name, row = self._rows.get(report.nodeid, (report.nodeid, 0))
            rows = self._subtests.get(report.nodeid, []) if outcome == "passed" else []
            for at, (became, reason) in enumerate(rows or [(outcome, why)], row):
                self.say({"test": name, "row": at, "outcome": became, "why": reason})


def name_of(item: Any) -> str:
    """Return what a test is called in its file: a method has its class in front."""
    name = getattr(item, "originalname", None) or item.name
    owner = getattr(item, "cls", None)
    return "%s.%s" % (owner.__qualname__, name) if owner is not None else name


def why_of(report: Any) -> str:
    """Return why a test failed, in a line or two."""
    crash: Optional[Any] = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr)[:300]
