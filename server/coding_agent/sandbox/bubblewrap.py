"""The command that runs the runner in namespaces of its own: no network, no other process, nothing to write to."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coding_agent.runtime.boxed import Argument
from coding_agent.sandbox.secrets import Found
from coding_agent.sandbox.view import View

TMP = "/tmp"
WRITABLE = (TMP, "/dev/shm")
_NOBODY = "65534"
_BREW = "/home/linuxbrew/.linuxbrew"
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/lib32", "/libx32", "/bin", "/sbin", "/nix/store"),
    *(f"{_BREW}/Cellar", f"{_BREW}/lib", f"{_BREW}/opt"),
)
READ = tuple(
    f"/etc/{name}"
    for name in (
        *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types", "services"),
        *("protocols", "ssl/openssl.cnf", "ssl/certs", "ca-certificates"),
    )
)
_TELLING = ("/proc/kcore", "/proc/keys", "/proc/kmsg", "/proc/timer_list", "/proc/sched_debug")
_FILES = {
    "/etc/passwd": "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "/etc/group": "nogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the installed bubblewrap can do; older ones cannot all of it."""

    program: str
    size: bool = False
    disable_userns: bool = False

    @classmethod
    def of(cls, program: str, help_text: str) -> "Abilities":
        words = frozenset(help_text.split())
        return cls(program, "--size" in words, "--disable-userns" in words)


def command(can: Abilities, shown: View, env: dict[str, str], disk: int, system_calls: bytes | None) -> list[Argument]:
    """Return the arguments up to the program to run. ``disk`` in MiB; ``system_calls`` is a filter for them."""
    options: list[Argument] = [can.program, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    options += ["--as-pid-1", "--cap-drop", "ALL", "--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "sandbox"]
    if can.disable_userns:
        options.append("--disable-userns")
    if system_calls:
        options += ["--seccomp", system_calls]
    options += _system()
    options += ["--proc", "/proc", "--dev", "/dev"]
    for path in filter(os.path.exists, _TELLING):
        options += ["--ro-bind", os.devnull, path]
    for folder in WRITABLE:
        options += [*(("--size", str(disk * _MIB)) if can.size else ()), "--tmpfs", folder]
    options += _linked(shown.links)
    options += _bound(shown)
    # Where we are root, so is the box for /proc/sys and its like, whatever number it is given.
    options += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--clearenv"]
    for name, value in env.items():
        options += ["--setenv", name, value]
    return [*options, "--"]


def _system() -> Iterator[Argument]:
    """Yield what every program needs to start."""
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.is_dir():
            yield from ("--ro-bind", name, name)
    for name in READ:
        yield from ("--ro-bind-try", name, name)
    for name, content in _FILES.items():
        yield from ("--ro-bind-data", content.encode("ascii"), name)


def _linked(links: Mapping[Path, str]) -> Iterator[Argument]:
    """Yield the links on the way to what is read; those in folders that are bound are there anyway."""
    there = {Path(name) for name in (*SYSTEM, *READ, "/proc", "/dev")}
    for path, target in links.items():
        if path not in there and there.isdisjoint(path.parents):
            yield from ("--symlink", target, str(path))


def _bound(shown: View) -> Iterator[Argument]:
    """Yield what is read, outer folders first, as a later one covers what it is mounted on; then what is hidden.

    A hidden file cannot be opened, a hidden folder is empty. A mount that is read-only does not hold back sockets and
    pipes, so they are covered, too.
    """
    for path in sorted(shown.readable, key=lambda path: len(path.parts)):
        yield from ("--ro-bind", str(path), str(path))
    for path in sorted(shown.hidden.secrets | shown.hidden.sockets):
        yield from (
            ("--tmpfs", str(path), "--remount-ro", str(path)) if path.is_dir() else ("--ro-bind", os.devnull, str(path))
        )


def trial(can: Abilities) -> Sequence[str]:
    """Return a command that succeeds where boxes can be made: all of a box but what has to be read from descriptors."""
    nothing = View((), Found(frozenset(), frozenset()), {})
    parts = command(can, nothing, {}, 1, None)
    words = [part for part in parts if isinstance(part, str)]
    while "--ro-bind-data" in words:
        place = words.index("--ro-bind-data")
        del words[place : place + 2]
    return [*words, "/bin/sh", "-c", ":"]
