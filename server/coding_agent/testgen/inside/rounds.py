# pyright: standard
# Runs the user's code.
"""How long calls take with two texts of a module, in rounds that alternate.

The old text runs in two processes, the new one in a third: the two old ones tell how much is noise. Each process does
its calls and says when; the time is that of its processor, read from outside, so no code can tell another one.
"""

import json
import os
import signal
import time
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

from .timed import Timed

Say = Callable[[Dict[str, Any]], Any]
SCALES = (1, 4, 16, 64, 256)
ENOUGH, LONGEST = 0.001, 0.003
"""Seconds of the processor for one call from which on its input is long enough, and from which on it is too long."""
PLANNED = 0.3
"""Share of the time for choosing inputs."""
PATIENCE = 3.0
"""Seconds after which a process that does not answer is given up."""
ROUNDS, SHORT, SHARE = 24, 9, 0.02
"""Rounds with long inputs and with short ones, and the seconds of one round with the old text."""
LEAST, SLOWER = 20, 8
"""Rounds below which nothing good is said, and after which a text that was slower in all of them is given up."""


def measure(
    say: Say,
    module: str,
    old: str,
    new: str,
    file: str,
    project: str,
    paths: Sequence[str],
    candidates: Sequence[Dict[str, Any]],
    seconds: float,
) -> Dict[str, Any]:
    """Return ``{"times": [[old, new, old again], ...], "walls", "short", "inputs", "problem", "different"}``.

    Times are seconds of the processor in a round, ``walls`` those of the clock. They are of each call with its longest
    input, ``short`` of those that were made longer as they were. ``inputs`` are how many calls are timed, ``different``
    is the number of a candidate that gives something else once its input is longer, -1 for none.
    """
    del say
    until = time.monotonic() + seconds
    found: Dict[str, Any] = {"times": [], "walls": [], "short": [], "inputs": 0, "problem": "", "different": -1}
    given = (module, file, project, list(paths), list(candidates))
    runs = [_Process(text, given) for text in (old, new, old)]
    try:
        longest, found["different"] = _plan(runs, len(candidates), time.monotonic() + PLANNED * seconds)
        found["inputs"] = len(longest)
        if found["different"] < 0 and longest:
            short = [(at, 1) for at, scale in longest if scale > 1]
            found["short"] = [times for times, _ in _rounds(runs, short, SHORT, until)] if short else []
            for times, walls in _rounds(runs, longest, ROUNDS, until):
                found["times"].append(times)
                found["walls"].append(walls)
                if slower(found["times"]):
                    break
    except Lost as error:
        found["problem"] = str(error)
    finally:
        for run in runs:
            run.end()
    return found


def _rounds(
    runs: "Sequence[_Process]", calls: Sequence[Tuple[int, int]], count: int, until: float
) -> Iterator[Tuple[List[float], List[float]]]:
    """Yield the times of rounds, each process being the first in turn."""
    rows = runs[0].ask({"calls": list(calls), "share": SHARE / len(calls)})["plan"]
    for run in runs:
        run.ask({"plan": rows})
    for number in range(count):
        if time.monotonic() > until:
            return
        times, walls = [0.0] * len(runs), [0.0] * len(runs)
        for step in range(len(runs)):
            at = (number + step) % len(runs)
            runs[at].ask({"prepare": 1})
            times[at], walls[at] = runs[at].timed()
        yield times, walls


def slower(times: Sequence[Sequence[float]]) -> bool:
    """Return whether the new text was slower in all of enough rounds."""
    return len(times) >= SLOWER and all(new > min(old, again) for old, new, again in times)


def _plan(runs: "Sequence[_Process]", count: int, until: float) -> Tuple[List[Tuple[int, int]], int]:
    """Return the calls that are timed, each with how many times its longest input is longer than what was found."""
    plan: List[Tuple[int, int]] = []
    for at in range(count):
        longest = 0
        for scale in SCALES:
            if time.monotonic() > until:
                break
            one, other, again = (run.ask({"try": [at, scale]}) for run in runs)
            if not one["ok"] or one["told"] != again["told"]:
                break
            if one["told"] != other["told"]:
                return plan, at
            if scale == 1 or one["took"] < LONGEST:
                longest = scale
            if one["took"] > ENOUGH or one["size"] == 0:
                break
        plan += [(at, longest)] if longest else []
    return plan, -1


class Lost(Exception):
    """A process ended, or did not answer."""


class _Process:
    """A process with one text of the module."""

    def __init__(self, text: str, given: Any) -> None:
        self._in, theirs_out = os.pipe()
        theirs_in, self._out = os.pipe()
        self._rest = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._in)
            os.close(self._out)
            _serve(text, given, theirs_in, theirs_out)
        os.close(theirs_in)
        os.close(theirs_out)

    def ask(self, what: Dict[str, Any]) -> Dict[str, Any]:
        os.write(self._out, json.dumps(what).encode("ascii") + b"\n")
        return self._answer()

    def timed(self) -> Tuple[float, float]:
        """Return the processor's and the clock's time of the calls that were prepared."""
        began, wall = self._used(), time.perf_counter()
        self.ask({"go": 1})
        return self._used() - began, time.perf_counter() - wall

    def _used(self) -> float:
        # The clock of another process: see clock_getcpuclockid(3) of Linux.
        return time.clock_gettime((~self.pid << 3) | 2)

    def _answer(self) -> Dict[str, Any]:
        import select

        until = time.monotonic() + PATIENCE
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self._in, 1 << 16) if ready else b""
            if not data:
                raise Lost("a call takes too long" if not ready else "a process ended")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        answer: Dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise Lost(answer["failed"])
        return answer

    def end(self) -> None:
        os.close(self._in)
        os.close(self._out)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _serve(text: str, given: Any, reads: int, writes: int) -> None:
    """Be a process: never returns."""
    try:
        timed: "Timed | None" = None
        with os.fdopen(reads, "rb") as asked:
            for line in asked:
                answer: Dict[str, Any] = {}
                try:
                    timed = timed or Timed(text, *given)
                    answer = timed.answer(json.loads(line))
                except BaseException as error:
                    answer = {"failed": "%s: %s" % (type(error).__name__, str(error)[:200])}
                os.write(writes, json.dumps(answer).encode("ascii") + b"\n")
    finally:
        os._exit(0)
