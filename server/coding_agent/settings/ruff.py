"""Finds the configuration of ruff that holds for a folder, as ruff does: the nearest file that has one.

What it means for our rules is `analysis.twins`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")


def ruff_table(folder: Path) -> Mapping[str, object] | None:
    """Return the nearest configuration at or above ``folder``, None where there is none.

    A file that cannot be read counts as none: ruff itself will tell the user.
    """
    for above in (folder, *folder.parents):
        for name in _FILES:
            table = _table(above / name)
            if table is not None:
                return table
    return None


def _table(path: Path) -> Mapping[str, object] | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    import tomllib

    try:
        data: Mapping[str, object] = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if path.name != "pyproject.toml":
        return data
    for name in ("tool", "ruff"):
        inner = data.get(name)
        if not isinstance(inner, Mapping):
            return None
        data = cast("Mapping[str, object]", inner)
    return data
