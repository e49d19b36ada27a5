"""The plan of the second rung: what its runner may read and write, and as whom it runs."""

import itertools
import os
from pathlib import Path

from coding_agent.sandbox import bubblewrap
from coding_agent.sandbox.private import FIRST, USERS, Private, living_users
from coding_agent.sandbox.secrets import around
from coding_agent.sandbox.view import View

_READ = (*bubblewrap.READ, "/dev/urandom", "/dev/random", "/dev/zero")
_HARDWARE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
_NUMBERS = itertools.count()


def home() -> Private:
    """Make a private folder; where we are root, for a user made up for it that owns nothing else."""
    return Private(_stranger() if os.geteuid() == 0 else 0)


def rules(shown: View) -> dict[str, list[str]]:
    """Return the paths that may be read and those that may be listed only; none of them goes through a link."""
    # Landlock cannot take back what it gave, so the system's folders are gone through as well: a project may be in one.
    given = [*map(Path, bubblewrap.SYSTEM), *shown.readable, *map(Path, (*_READ, *_HARDWARE))]
    read, listed = around(dict.fromkeys(path.resolve() for path in given), shown.hidden.secrets)
    return {"readable": [*map(str, read)], "listed": [*map(str, listed)]}


def plan(made: Private, shown: dict[str, list[str]], env: dict[str, str], processes: int) -> dict[str, object]:
    """Return what ``inside.confine`` is told, but for the command.

    ``processes`` is the limit for all of the box: for a user of its own the kernel keeps it from the beginning.
    """
    return {
        **shown,
        "writable": [str(made.path)],
        "uid": made.uid,
        "processes": processes,
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
    taken = set(living_users())
    for _ in range(USERS):
        uid = FIRST + (os.getpid() * 31 + next(_NUMBERS)) % USERS
        if uid not in taken and _mapped(uid):
            return uid
    return 0


def _mapped(uid: int) -> bool:
    """Return whether a user's number exists in our namespace."""
    try:
        lines = Path("/proc/self/uid_map").read_text("ascii").splitlines()
    except OSError:
        return False
    return any(int(start) <= uid < int(start) + int(count) for start, _, count in map(str.split, lines))
