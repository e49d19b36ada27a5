"""Look for what is wrong with this installation, and say what to do about it.

Nothing of a project is run and nothing is written. Exit codes: 0 all is well, 1 something should be done.
"""

import json
import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import cast

from coding_agent import __version__
from coding_agent.cli.core import Project, project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.sandbox.rungs import INSTALL, ladder
from coding_agent.store.trust import TrustStore

_LIBRARIES = ("pygls", "lsprotocol", "jedi", "libcst", "radon", "diskcache", "pydantic", "pathspec", "platformdirs")
_EXECUTABLE = re.compile(r"python3\.(\d{1,2})(\.exe)?")
_REQUIRES = re.compile(r"(>=|>|==|~=)\s*3\.(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``remedy`` says what to do where ``ok`` is False."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="a folder of yours; by default the current one")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, str | None]", vars(given))
    project = project_for(outside.absolute(said["path"] or "."), outside)
    checks = list(_checks(project, outside))
    if said["format"] == "json":
        outside.say(json.dumps([asdict(check) for check in checks], indent=1))
    else:
        for check in checks:
            outside.say(f"{'ok  ' if check.ok else 'LOOK'}  {check.name}: {check.found}")
            if check.remedy:
                outside.say(f"      -> {check.remedy}")
    return Exit.CLEAN if all(check.ok for check in checks) else Exit.FINDINGS


def _checks(project: Project, outside: Outside) -> Iterator[Check]:
    yield Check("coding-agent", True, f"{__version__}, {len(project.rules)} rules")
    yield _python(project, outside)
    yield from map(_library, _LIBRARIES)
    yield from _folders(outside)
    yield from _settings(project)
    yield _trust(project, outside)
    yield from _sandbox()


def _python(project: Project, outside: Outside) -> Check:
    host = sys.version_info[:2]
    here = f"{host[0]}.{host[1]} at {sys.executable}"
    found = newest_python(outside.variables.get("PATH", ""))
    remedy = ""
    if found and found[0] > host[1]:
        here += f"; the newest on PATH is 3.{found[0]} at {found[1]}"
    wanted = required(project.root)
    ok = wanted is None or wanted <= host[1]
    if not ok:
        here += f"; this project needs 3.{wanted}"
        remedy = f"newer syntax cannot be read; install coding-agent-lsp under Python 3.{wanted} or newer"
    return Check("Python", ok, here, remedy)


def newest_python(path: str) -> tuple[int, str] | None:
    """Return minor version and place of the newest ``python3.N`` in the folders of PATH, found by name; none is run."""
    best: tuple[int, str] | None = None
    for folder in path.split(os.pathsep):
        for name in _names(Path(folder)) if folder else ():
            match = _EXECUTABLE.fullmatch(name)
            if match and (best is None or int(match[1]) > best[0]):
                best = (int(match[1]), str(Path(folder) / name))
    return best


def required(root: Path) -> int | None:
    """Return the oldest minor version that a project's ``requires-python`` allows, None where it says nothing clear."""
    import tomllib

    try:
        data: dict[str, object] = tomllib.loads((root / "pyproject.toml").read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    project = data.get("project")
    said = cast("dict[str, object]", project).get("requires-python") if isinstance(project, dict) else None
    if not isinstance(said, str):
        return None
    return max((int(found[2]) + (found[1] == ">") for found in _REQUIRES.finditer(said)), default=None)


def _library(name: str) -> Check:
    try:
        import_module(name)
        return Check(name, True, version(name))
    except (ImportError, PackageNotFoundError) as error:
        return Check(name, False, f"cannot be imported ({error})", "install coding-agent-lsp anew")


def _folders(outside: Outside) -> Iterator[Check]:
    for name, folder in (("state folder", outside.folders.state), ("cache folder", outside.folders.cache)):
        nearest = next((above for above in (folder, *folder.parents) if above.exists()), folder)
        ok = nearest.is_dir() and os.access(nearest, os.W_OK)
        yield Check(name, ok, str(folder), "" if ok else f"{nearest} cannot be written; what we learn is not kept")


def _settings(project: Project) -> Iterator[Check]:
    problems = project.problems()
    if not problems:
        yield Check("settings", True, f"for {project.root}")
    for problem in problems:
        yield Check("settings", False, problem, "coding-agent settings --origin shows what counts")


def _trust(project: Project, outside: Outside) -> Check:
    store = TrustStore(outside.folders.trust_file)
    loaded = store.load()
    if loaded.problem:
        return Check("trust", False, loaded.problem, f"remove {store.path}")
    known = "trusted" if store.is_trusted(project.root) else "not trusted: nothing of it is run (coding-agent trust)"
    return Check("trust", True, f"{project.root} is {known}")


def _sandbox() -> Iterator[Check]:
    """One line for each rung; only where none holds, something should be done."""
    tried = ladder()
    none = not any(each.ok for each in tried)
    for each in tried:
        remedy = f"code of a workspace cannot be run; {INSTALL}" if none and each is tried[0] else ""
        held = each.found if each.ok else f"does not work here ({each.found})"
        yield Check(f"sandbox {each.rung}", each.ok or not none, held, remedy)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are enough
    except OSError:
        return []
