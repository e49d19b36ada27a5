"""A folder of ours for one process at a time, among those that ask for it here."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from coding_agent.store.atomic import make_private

_PAUSE = 0.01


@contextmanager
def alone(folder: Path, seconds: float) -> Generator[bool]:
    """Have a folder, made where it is missing, while the block runs; whoever dies in it gives it back.

    Yields False where nobody can keep the others out: Windows, and file systems without locks.
    Raises: TimeoutError - another has had it for so many seconds; OSError - there can be no such folder.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        make_private(folder)
        yield False
        return
    until = time.monotonic() + seconds
    while True:
        make_private(folder)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            sure = _locked(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, until)
            # Who removed it while we waited has left us with a folder that nobody finds.
            if _is(handle, folder):
                yield sure
                return
        finally:
            os.close(handle)


def _locked(handle: int, how: int, until: float) -> bool:
    from fcntl import flock

    while True:
        try:
            flock(handle, how)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("another process has it open") from None
            time.sleep(_PAUSE)
        except OSError:
            return False
        else:
            return True


def _is(handle: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False
