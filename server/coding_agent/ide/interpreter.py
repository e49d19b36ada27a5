"""Whose Python is a project's. Found by its files alone: nothing is run to learn it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coding_agent.errors import UsageError

OLDEST, NEWEST = 9, 14
"""Minor versions of the Python that runs a project: what reads its code inside is written for the oldest, and tested
up to the newest."""
_USUAL = (".venv", "venv", "env")
_INNER = ("bin/python", "Scripts/python.exe")
_NAME = re.compile(r"python3\.(\d{1,2})(?:\.exe)?")
_SAID = re.compile(r"\s*version(?:_info)?\s*=\s*3\.(\d{1,2})\b.*")


class Step(StrEnum):
    """Where an interpreter was found; the first that has one counts."""

    SETTING = "the setting interpreter"
    ACTIVE = "the active environment"
    PROJECT = "the project's own environment"
    PATH = "PATH"


@dataclass(frozen=True, slots=True)
class Chosen:
    path: Path
    step: Step


def chosen(project: Path, said: str, active: Path | None, path: str) -> Chosen:
    """Return whose Python runs: the one that was named (relative to the project), the active environment's, the
    project's own, the first on PATH (none where ``path`` is empty).

    Raises: UsageError - there is none.
    """
    if said:
        named = project / said
        if not _runs(named):
            raise UsageError(
                f"{named} is no Python that can be run; name one that is there, or leave interpreter empty"
            )
        return Chosen(named, Step.SETTING)
    for folder, step in _environments(project, active):
        for inner in _INNER:
            if _runs(folder / inner):
                return Chosen(folder / inner, step)
    for folder in path.split(os.pathsep):
        for name in ("python3", "python"):
            if folder and _runs(Path(folder) / name):
                return Chosen(Path(folder) / name, Step.PATH)
    raise UsageError("no Python was found; name one in your settings (interpreter)")


def broken(project: Path, active: Path | None) -> tuple[Path, ...]:
    """Return the environments that should count and have no Python any more, as after what they link to was updated."""
    return tuple(
        folder
        for folder, step in _environments(project, active)
        if not any(_runs(folder / inner) for inner in _INNER)
        and (step is Step.ACTIVE or (folder / "pyvenv.cfg").is_file())
    )


def minor_version(interpreter: Path) -> int | None:
    """Return the N of its Python 3.N, as files around it say it; None where they say nothing."""
    for line in _lines(interpreter.parent.parent / "pyvenv.cfg"):
        if found := _SAID.fullmatch(line):
            return int(found[1])
    real = Path(os.path.realpath(interpreter))
    for path in (interpreter, real):
        if found := _NAME.fullmatch(path.name):
            return int(found[1])
    libraries = {mark.parent.name for mark in real.parent.parent.glob("lib/python3.*/os.py")}
    found = _NAME.fullmatch(libraries.pop()) if len(libraries) == 1 else None
    return int(found[1]) if found else None


def _environments(project: Path, active: Path | None) -> Iterator[tuple[Path, Step]]:
    if active is not None:
        yield active, Step.ACTIVE
    for name in _USUAL:
        yield project / name, Step.PROJECT


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
