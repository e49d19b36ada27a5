"""Whether the Python that settings name can be run. It is looked at and never run: no folder need be trusted."""

import os
from pathlib import Path

from coding_agent.settings.layers import Problem
from coding_agent.settings.merge import Effective

KEY = "interpreter"


def check_interpreter(effective: Effective, folder: Path | None) -> tuple[Problem, ...]:
    """Return what is wrong with the interpreter that somebody named for a folder; nothing where none is named."""
    named = effective.settings.interpreter
    if not named or (folder is None and not Path(named).is_absolute()):
        return ()
    path = folder / named if folder is not None else Path(named)
    why = _wrong(path)
    if not why:
        return ()
    origin = effective.origins[KEY]
    remedy = f"in {origin} set `{KEY}` to a Python, or leave it empty to have one found"
    return (Problem(f"{KEY} {path} {why}; {remedy}", origin, KEY),)


def _wrong(path: Path) -> str:
    if not path.exists():
        return "does not exist"
    if path.is_dir():
        return "is a folder"
    return "" if os.access(path, os.X_OK) else "cannot be run"
