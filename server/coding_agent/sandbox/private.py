"""Private folders on disk, of boxes that have no file system of their own.

Each is locked as long as the server lives that made it; so those of servers that ended suddenly can be told.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from coding_agent.runtime.log import Level, event
from coding_agent.sandbox.inside import strays

_PREFIX = "coding-agent-box-"
FIRST, USERS = 61184, 4336
"""Numbers that systemd gives to users made up for one service: no person and no file has them."""


class Private:
    """A folder that is there from now on, until ``remove``; it belongs to user ``uid`` (0: to us)."""

    def __init__(self, uid: int = 0) -> None:
        self.uid = uid
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            lock = _locked(self.path, wait=True)
            if lock is not None and self.path.exists():
                self._lock = lock
                break
            _unlock(lock)  # Somebody who sweeps took it for an old one.
        if uid:
            os.chown(self.path, uid, uid)

    def remove(self) -> None:
        """Remove it with all that is in it, whatever jobs did to make that hard."""
        if not strays.remove(str(self.path)):
            event("box-folder-left", level=Level.WARNING, folder=str(self.path))
        _unlock(self._lock)
        self._lock = -1


def sweep() -> None:
    """Remove the folders of servers that ended suddenly."""
    users: set[int] | None = None
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            owner = folder.lstat().st_uid
            if owner != os.geteuid():
                # As root we only touch what belongs to nobody who lives and could put a link in our way.
                users = set(living_users()) if users is None else users
                if os.geteuid() != 0 or owner in users or not FIRST <= owner < FIRST + USERS:
                    continue
            lock = _locked(folder, wait=False)
            if lock is not None:
                strays.remove(str(folder))
                _unlock(lock)


def living_users() -> Iterator[int]:
    """Yield the users of all processes."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # It ended meanwhile.
                yield entry.stat().st_uid


def _locked(folder: Path, *, wait: bool) -> int | None:
    """Return the descriptor that holds the lock of a folder, None where somebody else has it or it is gone."""
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _unlock(descriptor: int | None) -> None:
    if descriptor is not None and descriptor >= 0:
        os.close(descriptor)
