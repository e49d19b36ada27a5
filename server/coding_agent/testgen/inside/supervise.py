# pyright: standard
# A pipe, a shared page, and whatever the work says.
"""Runs a long search in a fork and goes on behind what kills or hangs it: code in C hears no alarm."""

import contextlib
import json
import mmap
import os
import select
import signal
import time
from typing import Any, Callable, Dict, List, NamedTuple

STALL = 2.5
"""Seconds without a beat after which the process is given up; one run takes at most one. Seconds in which it would have
run, had others not had the processors, do not count."""
PAGE = 4096
LIVES = 12

Say = Callable[[Dict[str, Any]], Any]


class Pulse:
    """A page that the process shares with its supervisor: a count of beats, and what it is at."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, PAGE)

    def beat(self, what: str) -> None:
        """Say that the process lives, and what it does next."""
        text = what.encode("utf-8", "replace")[: PAGE - 24]
        self._page[8:12] = len(text).to_bytes(4, "little")
        self._page[12 : 12 + len(text)] = text
        self._page[-8:] = (self.begun() + 1).to_bytes(8, "little")
        self.again()

    def again(self) -> None:
        """Say that it lives and is still at the same."""
        self._page[:8] = ((self.count() + 1) % 2**63).to_bytes(8, "little")

    def count(self) -> int:
        return int.from_bytes(self._page[:8], "little")

    def begun(self) -> int:
        """Return how often it said what it does next."""
        return int.from_bytes(self._page[-8:], "little")

    def what(self) -> str:
        size = int.from_bytes(self._page[8:12], "little")
        return self._page[12 : 12 + size].decode("utf-8", "replace")


Work = Callable[[Say, Pulse, List[str]], Any]


class Supervised(NamedTuple):
    """``results`` of the fork that came to its end, in a list; an empty one where none did. ``lost``: the last beats of
    the others. ``begun``: what all did, by their beats. ``waited``: the seconds in which others had the processors.
    """

    results: List[Any]
    lost: List[str]
    begun: int
    waited: float


def supervised(work: Work, say: Say, until: float) -> Supervised:
    """Run ``work(say, pulse, lost)`` in forks until one comes to its end, time is up, or too many were lost.

    ``lost`` are the beats at which earlier forks were lost. What is said is passed on as it comes.
    """
    lost: List[str] = []
    begun, waited = 0, 0.0
    while len(lost) < LIVES:
        pulse = Pulse()
        ends = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ends[0])
            _work(work, pulse, lost, ends[1])
        os.close(ends[1])
        result = _follow(pid, ends[0], pulse, say, until)
        os.close(ends[0])
        begun, waited = begun + pulse.begun(), waited + _waited(pid)
        _end(pid)
        if result or time.monotonic() >= until:
            return Supervised(result, lost, begun, waited)
        lost.append(pulse.what())
    return Supervised([], lost, begun, waited)


def _work(work: Work, pulse: Pulse, lost: List[str], end: int) -> None:
    def tell(said: Dict[str, Any]) -> None:
        data = json.dumps(said).encode("ascii") + b"\n"
        while data:
            data = data[os.write(end, data) :]

    status = 1
    try:
        result = work(lambda said: tell({"say": said}), pulse, lost)
        tell({"result": result})
        status = 0
    except BaseException as error:
        tell({"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(status)


def _follow(pid: int, end: int, pulse: Pulse, say: Say, until: float) -> List[Any]:
    """Pass on what a fork says until it ends, stalls, or is far over its time."""
    rest, found, count, moment, waited = b"", [], pulse.count(), time.monotonic(), _waited(pid)
    while True:
        ready, _, _ = select.select([end], [], [], 0.2)
        now = time.monotonic()
        if ready:
            data = os.read(end, 1 << 16)
            if not data:
                break
            rest += data
            *lines, rest = rest.split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "say" in told:
                    say(told["say"])
                elif "result" in told:
                    found.append(told["result"])
                else:
                    say({"problem": told["failed"]})
        if ready or pulse.count() != count:
            count, moment, waited = pulse.count(), now, _waited(pid)
        silent = now - moment
        if now > until + STALL or (silent > STALL and silent - (_waited(pid) - waited) > STALL):
            break
    return found


def _waited(pid: int) -> float:
    """Return the seconds in which a process, which is not buried yet, could run and others did; 0 if nobody tells."""
    try:
        with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
