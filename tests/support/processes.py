"""What processes a server has, and when they end. Linux only; nothing here sleeps."""

import os
import select
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def children(pid: int) -> dict[int, str]:
    """The command lines of all processes below one."""
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            found[child] = _command(child)
            waiting.append(child)
    return found


def child(pid: int, words: str) -> int | None:
    """The one process below ``pid`` whose command line has these words, None where there is none."""
    found = [number for number, command in children(pid).items() if words in command]
    assert len(found) <= 1, found
    return found[0] if found else None


class Watched:
    """Processes whose end is waited for; made while they live, so that no other takes their number.

    One that is gone by now has ended.
    """

    def __init__(self, *pids: int) -> None:
        self._descriptors: dict[int, int] = {}
        for pid in pids:
            with suppress(ProcessLookupError):
                self._descriptors[pid] = os.pidfd_open(pid)

    def left(self, limit: float = 10) -> set[int]:
        """Wait, all in all ``limit`` seconds for each, and return those that still live."""
        return {pid for pid, number in self._descriptors.items() if not select.select([number], [], [], limit)[0]}

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *failure: object) -> None:
        for number in self._descriptors.values():
            os.close(number)


def _children(pid: int) -> Iterator[int]:
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, listed.read_text().split())
        except OSError:
            continue


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
