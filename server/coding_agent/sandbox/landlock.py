"""The plan of the second rung: what its runner may read and write, and as whom it runs."""

import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coding_agent.sandbox import bubblewrap

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/nix/store")
_READ = (*bubblewrap.READ, "/dev/urandom", "/dev/random", "/dev/zero")
_HARDWARE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
_FIRST, _USERS = 61184, 4336
"""Numbers that systemd gives to users made up for one service: no person and no file has them."""
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Home:
    """The private folder of a box, and the user made up for it (0: our own)."""

    folder: Path
    uid: int


def home() -> Home:
    """Make a private folder; where we are root, for a user that owns nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="coding-agent-"))
    uid = _stranger() if os.geteuid() == 0 else 0
    if uid:
        os.chown(folder, uid, uid)
    return Home(folder, uid)


def plan(made: Home, readable: Iterable[Path], listed: Iterable[Path], env: dict[str, str]) -> dict[str, object]:
    """Return what ``inside.confine`` is told, but for the command."""
    return {
        "readable": [*_SYSTEM, *_READ, *_HARDWARE, *map(str, readable)],
        "listed": [str(path) for path in listed],
        "writable": [str(made.folder)],
        "uid": made.uid,
        "env": env,
        "parent": os.getpid(),
    }


def threads_of_user() -> int:
    """Return how many threads our user has: the kernel counts them all against the box's limit of processes."""
    return sum(_threads(entry) for entry in os.scandir("/proc") if entry.name.isdigit())


def _threads(entry: "os.DirEntry[str]") -> int:
    try:
        if entry.stat().st_uid != os.geteuid():
            return 0
        return len(os.listdir(f"/proc/{entry.name}/task"))  # noqa: PTH208 - names are enough
    except OSError:
        return 0


def _stranger() -> int:
    """Return a user's number that no process has, 0 where there is none to be had."""
    taken = set(_users())
    for _ in range(_USERS):
        uid = _FIRST + (os.getpid() * 31 + next(_NUMBERS)) % _USERS
        if uid not in taken and _mapped(uid):
            return uid
    return 0


def _users() -> Iterator[int]:
    """Yield the users of all processes."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # It ended meanwhile.
                yield entry.stat().st_uid


def _mapped(uid: int) -> bool:
    """Return whether a user's number exists in our namespace."""
    try:
        lines = Path("/proc/self/uid_map").read_text("ascii").splitlines()
    except OSError:
        return False
    return any(int(start) <= uid < int(start) + int(count) for start, _, count in map(str.split, lines))
