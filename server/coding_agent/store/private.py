"""Files with the user's answers: who else may write them decides nothing, and no answer is lost between two writers."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


def unsafe(info: os.stat_result) -> str | None:
    """Why a file cannot be believed, as what it does or is; None where it can."""
    if not hasattr(os, "geteuid"):
        return None
    if info.st_uid != os.geteuid():
        return "belongs to another user"
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "can be written by other users"
    return None


@contextmanager
def changing(folder: Path) -> Generator[None]:
    """Keep others who change an answer in a folder waiting, so that none is lost."""
    try:
        from fcntl import LOCK_EX, flock
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # Some network file systems know no locks.
            flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)
