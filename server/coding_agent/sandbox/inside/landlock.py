"""The three system calls of Landlock: which files a process and its children may touch."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from typing import Any, Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REFER, _TRUNCATE, _DEVICE = 1 << 13, 1 << 14, 1 << 15
_ALL = (1 << 13) - 1
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE | _DEVICE
READ, LIST, WRITE = _EXECUTE | _READ | _LIST, _LIST, _ALL | _REFER | _TRUNCATE
_TCP, _SCOPES = 3, 3

_LIBC: Any = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the kernel's ABI of Landlock, 0 where there is none."""
    return max(0, _LIBC.syscall(_CREATE, None, 0, _VERSION))


def scopes_signals(abi: int) -> bool:
    """Return whether signals and abstract sockets stop at the box."""
    return abi >= 6


class Ruleset:
    """Rules being made; ``enforce`` is for good, for this thread and all that it starts."""

    def __init__(self, abi: int) -> None:
        self._files = _ALL | _REFER | (_TRUNCATE if abi >= 3 else 0) | (_DEVICE if abi >= 5 else 0)
        words = [self._files] + ([_TCP] if abi >= 4 else []) + ([_SCOPES] if scopes_signals(abi) else [])
        attributes = struct.pack(f"={len(words)}Q", *words)
        self._ruleset = _checked(_LIBC.syscall(_CREATE, attributes, len(attributes), 0))

    def allow(self, paths: Iterable[str], rights: int) -> None:
        """Allow ``rights`` on existing paths and all beneath; what is not there is left out, and so are links."""
        for path in paths:
            try:
                place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
            except OSError:
                continue
            mode = os.fstat(place).st_mode
            kept = rights if stat.S_ISDIR(mode) else rights & _ON_FILES
            rule = struct.pack("=Qi", kept & self._files, place)
            try:
                if kept & self._files and not stat.S_ISLNK(mode):
                    _checked(_LIBC.syscall(_ADD, self._ruleset, _BENEATH, rule, 0))
            finally:
                os.close(place)

    def enforce(self) -> None:
        """Give up everything else. Invariant: no new privileges can be had any more."""
        _checked(_LIBC.syscall(_RESTRICT, self._ruleset, 0))
        os.close(self._ruleset)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
