"""What of a folder no job is shown: files that look like secrets, and sockets and pipes that lead out of the box."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coding_agent.errors import NoSandbox
from coding_agent.workspace.secrets import FOLDERS, looks_secret

_SKIPPED = frozenset({"node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox", "site-packages"})
_HISTORY = frozenset({"objects", "refs", "logs", "lfs"})
"""Folders of a git repository that hold what was committed."""
_VARIABLE = re.compile(r"key|token|secret|passw|credential|auth|session|cookie|private", re.IGNORECASE)
MOST = 50_000
"""Folders looked through at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be hidden: secrets (files, and whole folders), and sockets and pipes."""

    secrets: frozenset[Path]
    sockets: frozenset[Path]


def search(folders: Iterable[Path], passed: Collection[Path] = (), most: int = MOST) -> Found:
    """Look for what is to be hidden below folders; links are not followed, and ``passed`` are not looked into.

    Raises: NoSandbox - there are more than ``most`` folders.
    """
    secrets: set[Path] = set()
    sockets: set[Path] = set()
    waiting = [*folders]
    seen = {*passed}
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        if len(seen) > most + len(passed):
            raise NoSandbox(
                f"there are more than {most} folders to look through for secrets that must be hidden, the last one was "
                f"{here}; name a smaller project"
            )
        with suppress(OSError), os.scandir(here) as opened:
            entries = [*opened]
            names = {entry.name for entry in entries}
            git = ".git" in here.parts or {"HEAD", "objects", "config"} <= names
            for entry in entries:
                if entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if entry.name in FOLDERS:
                        secrets.add(Path(entry.path))
                    elif entry.name not in (_HISTORY if git and "HEAD" in names else _SKIPPED):
                        waiting.append(Path(entry.path))
                elif looks_secret(entry.name) or (git and entry.name == "config"):
                    secrets.add(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    sockets.add(Path(entry.path))
    return Found(frozenset(secrets), frozenset(sockets))


def around(folders: Iterable[Path], secrets: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """Return what of ``folders`` may be read so that ``secrets`` are not, and the folders that may be listed only.

    Links are left out: what they lead to may be read where it is, or not at all.
    """
    holding = {secret.parent for secret in secrets}
    above = holding.union(*(folder.parents for folder in holding))
    read: list[Path] = []
    listed: list[Path] = []
    waiting = [*folders]
    while waiting:
        here = waiting.pop()
        if here in secrets or here.is_symlink():
            continue
        if here not in above:
            read.append(here)
            continue
        listed.append(here)
        with suppress(OSError):
            waiting += here.iterdir()
    return read, listed


def beside(folder: Path, secrets: Collection[Path]) -> Iterator[Path]:
    """Yield what ``around`` names one by one: it stands in one folder with a secret. What git keeps is left out."""
    for each in around([folder], secrets)[1]:
        if ".git" not in each.parts:
            with suppress(OSError):
                yield from each.iterdir()


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those whose name says that they hold a secret."""
    return {name: value for name, value in variables.items() if not _VARIABLE.search(name)}
