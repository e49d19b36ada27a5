"""Processes that outlive their job, and what else of the kernel the runner needs: all of it Linux, else nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import Any, Collection, List

_PDEATHSIG, _DUMPABLE, _SUBREAPER = 1, 4, 36
_SECONDS, _PAUSE = 5.0, 0.0005
"""How long those who were killed may take to go, and until somebody looks again."""
_LONG = 3000
"""Characters of a path; the kernel takes 4095, a name has at most 255."""


def _library() -> Any:
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        return ctypes.CDLL(None)
    except (ImportError, OSError):
        return None


_LIBC = _library()


def adopt() -> None:
    """Become the parent of every orphan below us, die with our parent, and let no job look into us."""
    if _LIBC:
        _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
        _LIBC.prctl(_DUMPABLE, 0, 0, 0, 0)
    die_with_parent()


def die_with_parent() -> None:
    if _LIBC:
        _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def visible() -> None:
    """Undo in a job what ``adopt`` did: without it, it could not read its own /proc/self."""
    if _LIBC:
        _LIBC.prctl(_DUMPABLE, 1, 0, 0, 0)


def addresses() -> int:
    """Return MiB of addresses this process has, 0 where nobody tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except (OSError, ValueError, IndexError):
        return 0


def children() -> List[int]:
    """Return our child processes, orphans we adopted among them; none where nobody tells."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except (OSError, ValueError):
        return []


def end(jobs: Collection[int]) -> bool:
    """Kill the children that are no jobs and belong to none (by their session); returns whether all are gone in time.

    Invariant: a process is gone, and its memory with it, once it was waited for, not once it was killed.
    """
    until = time.monotonic() + _SECONDS
    while True:
        left = [pid for pid in children() if pid not in jobs and _session(pid) not in jobs]
        if not left:
            return True
        if time.monotonic() > until:
            return False
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(_PAUSE)


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def remove(folder: str) -> bool:
    """Remove a folder and all below it, without following a link; returns whether it is gone."""
    folders = [folder]
    for each in folders:  # Grows while it is gone through: those below stand behind those above.
        if len(each) > _LONG:
            _bring_up(each, folder, folders)
            continue
        with contextlib.suppress(OSError):
            os.chmod(each, 0o700)
            with os.scandir(each) as entries:
                for entry in entries:
                    _unlink(entry, folders)
    for each in reversed(folders):
        with contextlib.suppress(OSError):
            os.rmdir(each)
    return not os.path.lexists(folder)


def _bring_up(deep: str, folder: str, folders: List[str]) -> None:
    """Move a folder to where its path is short again, and have it removed there."""
    with contextlib.suppress(OSError):
        near = os.path.join(folder, f".deep{len(folders)}")
        os.rename(deep, near)
        folders.append(near)


def _unlink(entry: "os.DirEntry[str]", folders: List[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        folders.append(entry.path)
    else:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)
