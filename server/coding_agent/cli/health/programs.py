"""Programs on PATH and their versions. One that lies in a project is never run: who checks it out may not know it."""

import os
import re
import shutil
from pathlib import Path

from coding_agent.cli.outside import Outside
from coding_agent.runtime.process import Ran, run_now

_PATIENCE = 20.0
_NUMBER = re.compile(r"\d+(?:\.\d+)+")


def on_path(name: str, outside: Outside, root: Path | None = None) -> Path | None:
    """Return the first program of that name on PATH; ``root`` is a folder whose programs do not count."""
    folders = [Path(each) for each in outside.variables.get("PATH", "").split(os.pathsep) if each]
    path = os.pathsep.join(str(each) for each in folders if each.is_absolute() and not (root and inside(each, root)))
    found = shutil.which(name, path=path) if path else None
    return Path(found) if found else None


def inside(path: Path, root: Path) -> bool:
    """Whether a path lies in a folder, by its name or really."""
    return path.is_relative_to(root) or path.resolve().is_relative_to(root.resolve())


def asked(program: Path, outside: Outside) -> Ran:
    """Ask a program for its version, outside of any project."""
    return run_now(
        [str(program), "--version"], cwd=program.anchor, timeout=_PATIENCE, env=dict(outside.variables), limit=1 << 16
    )


def said_version(program: Path, outside: Outside) -> str | None:
    """Return the first number with a dot that a program answers; None where it says none."""
    ran = asked(program, outside)
    found = _NUMBER.search(ran.out.decode("utf-8", "replace")) if ran.ok else None
    return found[0] if found else None
