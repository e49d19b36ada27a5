"""The file with the user's answers about trust, in the user's state folder.

A file that cannot be believed (broken, or writable by others) trusts nobody, and says so.
"""

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.errors import UserError
from coding_agent.store.atomic import make_private, write_private
from coding_agent.store.private import changing, unsafe
from coding_agent.workspace.trust import Trust

VERSION = 1


@dataclass(frozen=True, slots=True)
class Loaded:
    """The answers as read; ``problem`` is a sentence for the user where the file cannot be believed."""

    trust: Trust
    problem: str | None = None


class TrustStore:
    """Reads and writes one trust file. Each question reads it anew, so that two servers agree."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Loaded:
        try:
            if why := unsafe(self.path.stat()):
                return self._nobody(why)
            return Loaded(_decode(self.path.read_bytes()))
        except FileNotFoundError:
            return Loaded(Trust())
        except OSError as error:
            return self._nobody(f"cannot be read ({error.strerror})")
        except ValueError as error:
            return self._nobody(f"is broken ({error})")

    def answer(self, path: Path) -> bool | None:
        """Return what the user said about ``path`` or the nearest folder above it, None where nobody asked."""
        return self.load().trust.answer(real(path))

    def is_trusted(self, path: Path) -> bool:
        return self.answer(path) is True

    def trust(self, path: Path) -> Path:
        """Trust a folder and all below it; returns its real path.

        Raises: UserError - it holds more than a project (``too_much``), is no folder, or the file cannot be believed.
        """
        folder = real(path)
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder; trust is given to folders")
        if why := too_much(folder):
            raise UserError(f"{folder} is {why}; trust the folders of your projects instead")
        self._change(lambda trust: trust.trusting(folder))
        return folder

    def distrust(self, path: Path) -> Path:
        """Refuse a folder and all below it, and never ask again; returns its real path."""
        folder = real(path)
        self._change(lambda trust: trust.refusing(folder))
        return folder

    def forget(self, path: Path) -> Path:
        """Forget the answer about this folder, so that the next session asks; returns its real path."""
        folder = real(path)
        self._change(lambda trust: trust.forgetting(folder))
        return folder

    def _change(self, change: Callable[[Trust], Trust]) -> None:
        try:
            make_private(self.path.parent)
            with changing(self.path.parent):
                loaded = self.load()
                if loaded.problem:
                    raise UserError(loaded.problem)
                write_private(self.path, _encode(change(loaded.trust)))
        except OSError as error:
            raise UserError(f"the trust file {self.path} cannot be written: {error.strerror}") from error

    def _nobody(self, why: str) -> Loaded:
        return Loaded(Trust(), f"the trust file {self.path} {why}, so no folder is trusted; remove it to start again")


def too_much(folder: Path) -> str:
    """Return why a folder is too much to be trusted, as what it is; empty for the folder of a project.

    All that is below it would be trusted, and shown to the code that is run.
    """
    folder = real(folder)
    if folder.parent == folder:
        return "a whole file system"
    with suppress(RuntimeError):  # Not everybody has one.
        home = real(Path.home())
        if folder == home:
            return "your home folder"
        if folder in home.parents:
            return "a folder that holds your home"
    try:
        mode = folder.stat().st_mode
    except OSError:
        return ""
    # Without the sticky bit it is a shared project, or a mount where all modes look so.
    return "a folder that everybody writes to" if mode & stat.S_IWOTH and mode & stat.S_ISVTX else ""


def real(path: Path) -> Path:
    """Return the absolute path with all symbolic links resolved, in the system's own case.

    The directory is an argument everywhere, so a relative path is a mistake of the caller.
    Raises: ValueError - the path is relative.
    """
    if not path.is_absolute():
        raise ValueError(f"{path} is not absolute")
    return Path(os.path.normcase(os.path.realpath(path)))


def _encode(trust: Trust) -> bytes:
    data = {
        "version": VERSION,
        "trusted": sorted(map(str, trust.roots)),
        "refused": sorted(map(str, trust.refused)),
    }
    return (json.dumps(data, indent=2) + "\n").encode("ascii")


def _decode(content: bytes) -> Trust:
    data: object = json.loads(content)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    table = cast("dict[str, object]", data)
    if table.get("version") != VERSION:
        raise ValueError("unknown version")
    return Trust(_folders(table.get("trusted")), _folders(table.get("refused")))


def _folders(value: object) -> frozenset[Path]:
    if not isinstance(value, list):
        raise ValueError("a list of folders is missing")
    folders: set[Path] = set()
    for item in cast("list[object]", value):
        if not isinstance(item, str) or not Path(item).is_absolute():
            raise ValueError(f"{item!r} is not an absolute path")
        folders.add(Path(item))
    return frozenset(folders)
