"""This installation and the machine it is on."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from coding_agent import __version__
from coding_agent.cli.core import Project
from coding_agent.cli.health.check import Check, fine, trouble
from coding_agent.cli.health.programs import on_path, said_version
from coding_agent.cli.outside import Outside
from coding_agent.sandbox.rungs import INSTALL, ladder

_LIBRARIES = ("pygls", "lsprotocol", "jedi", "libcst", "radon", "diskcache", "pydantic", "pathspec", "platformdirs")
_PINNED = re.compile(r"([\w-]+)==([\w.]+)")
_EXECUTABLE = re.compile(r"python3\.(\d{1,2})(\.exe)?")
_REQUIRES = re.compile(r"(>=|>|==|~=)\s*3\.(\d{1,2})")


def checks(project: Project, outside: Outside) -> Iterator[Check]:
    yield fine("coding-agent", "coding-agent", f"{__version__}, {len(project.rules)} rules")
    yield fine("system", "system", system(outside))
    yield _python(project, outside)
    pinned = _pinned()
    yield from (library(name, pinned.get(name)) for name in _LIBRARIES)
    yield from _folders(outside)
    yield from _sandbox()
    yield _git(project, outside)


def system(outside: Outside) -> str:
    """Return where the server runs, which is not always where its user sits."""
    found = [f"{platform.system()} {platform.release()}, {platform.machine()}"]
    if "microsoft" in platform.release().lower():
        found.append("in WSL")
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        found.append("in a container")
    if outside.variables.get("SSH_CONNECTION"):
        found.append("reached by SSH")
    return ", ".join(found)


def _python(project: Project, outside: Outside) -> Check:
    host = sys.version_info[:2]
    here = f"{host[0]}.{host[1]} at {sys.executable}"
    found = newest_python(outside.variables.get("PATH", ""))
    if found and found[0] > host[1]:
        here += f"; the newest on PATH is 3.{found[0]} at {found[1]}"
    wanted = required(project.root)
    if wanted is None or wanted <= host[1]:
        return fine("python", "Python", here)
    return trouble("python", "Python", "python-too-old", here=here, wanted=str(wanted))


def newest_python(path: str) -> tuple[int, str] | None:
    """Return minor version and place of the newest ``python3.N`` in the folders of PATH, found by name; none is run."""
    best: tuple[int, str] | None = None
    for folder in path.split(os.pathsep):
        # A version manager's shims have names of Pythons that may not be there.
        for name in _names(Path(folder)) if folder and Path(folder).name != "shims" else ():
            match = _EXECUTABLE.fullmatch(name)
            if match and (best is None or int(match[1]) > best[0]):
                best = (int(match[1]), str(Path(folder) / name))
    return best


def required(root: Path) -> int | None:
    """Return the oldest minor version that a project's ``requires-python`` allows, None where it says nothing clear."""
    import tomllib
    from typing import cast

    try:
        data: dict[str, object] = tomllib.loads((root / "pyproject.toml").read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    project = data.get("project")
    said = cast("dict[str, object]", project).get("requires-python") if isinstance(project, dict) else None
    if not isinstance(said, str):
        return None
    return max((int(found[2]) + (found[1] == ">") for found in _REQUIRES.finditer(said)), default=None)


def library(name: str, pinned: str | None = None) -> Check:
    """Look at a library that we need, ``pinned`` to a version where only that one will do."""
    try:
        import_module(name)
        found = version(name)
    except (ImportError, PackageNotFoundError) as error:
        return trouble(f"library-{name}", name, "library", why=f"cannot be imported ({error})")
    if pinned and found != pinned:
        return trouble(f"library-{name}", name, "library", why=f"{found}, and we were made for {pinned}")
    return fine(f"library-{name}", name, found)


def _pinned() -> dict[str, str]:
    """Return what we require exactly; nothing where we run from a folder and were not installed."""
    try:
        listed = requires("coding-agent-lsp") or []
    except PackageNotFoundError:
        return {}
    return {found[1]: found[2] for found in map(_PINNED.match, listed) if found}


def _folders(outside: Outside) -> Iterator[Check]:
    for name, folder in (("state", outside.folders.state), ("cache", outside.folders.cache)):
        nearest = next((above for above in (folder, *folder.parents) if above.exists()), folder)
        id, shown = f"{name}-folder", f"{name} folder"
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            yield fine(id, shown, str(folder))
        else:
            yield trouble(id, shown, "folder-not-writable", folder=str(folder), nearest=str(nearest))


def _sandbox() -> Iterator[Check]:
    """One line for each rung; only where none holds, something should be done."""
    tried = ladder()
    none = not any(each.ok for each in tried)
    for each in tried:
        id, name = f"sandbox-{each.rung}", f"sandbox {each.rung}"
        if none:
            yield trouble(id, name, "no-sandbox", reason=each.found, install=INSTALL)
        else:
            yield fine(id, name, each.found if each.ok else f"does not work here ({each.found})")


def _git(project: Project, outside: Outside) -> Check:
    program = on_path("git", outside, project.root)
    if program is None:
        return trouble("git", "git", "no-git")
    return fine("git", "git", f"{said_version(program, outside) or 'of unknown version'} at {program}")


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are enough
    except OSError:
        return []
