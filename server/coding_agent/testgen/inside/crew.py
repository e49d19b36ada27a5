# pyright: standard
# Items and results are whatever the work takes and gives.
"""Does a list of work in forks of this process: an item that kills, hangs or spoils its process costs only itself."""

import contextlib
import json
import os
import select
import signal
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, cast

Work = Callable[[Any], Any]


class Again(Exception):
    """Raised by work that must be done in a fresh process; in one it must not be raised again."""


class Renew:
    """A result, and the wish that the next item gets a fresh process."""

    def __init__(self, result: Any) -> None:
        self.result = result


class Failed:
    """What becomes of an item where the work itself raised: it tells nothing about the item."""

    def __init__(self, why: str) -> None:
        self.why = why


LOST = object()
"""What becomes of an item whose process died or had to be killed."""
_FAILED = "failed "


def each(work: Work, items: Sequence[Any], seconds: float, until: Optional[float] = None) -> Iterator[Tuple[int, Any]]:
    """Yield the place and the result of each item, in order.

    That is LOST for one that took its process with it, Failed for one whose work raised, else JSON. ``seconds``: the
    longest that one item may take; ``until``: when to stop, by the monotonic clock.
    """
    at = 0
    while at < len(items) and (until is None or time.monotonic() < until):
        for place, result in _one_process(work, items, at, seconds, until):
            yield place, result
            at = place + 1


def _one_process(
    work: Work, items: Sequence[Any], start: int, seconds: float, until: Optional[float]
) -> Iterator[Tuple[int, Any]]:
    """Yield results until the process ends; where it ends inside of an item, that one is LOST."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _work_off(work, items, start, writer)
    os.close(writer)
    lines = _Lines(reader)
    at, ended = start, ""
    try:
        while at < len(items) and not ended:
            line = lines.next(seconds, until)
            if line is None or line == "renew":
                ended = line or "lost"
                continue
            if line == "over":
                return
            if line.startswith(_FAILED):
                ended = "failed"
                yield at, Failed(json.loads(line[len(_FAILED) :]))
            else:
                yield at, json.loads(line)
            at += 1
        if ended == "lost":
            yield at, LOST
    finally:
        os.close(reader)
        _end(pid)


def _work_off(work: Work, items: Sequence[Any], start: int, writer: int) -> None:
    """Be the process that works; never returns."""
    try:
        for at in range(start, len(items)):
            try:
                result = work(items[at])
            except Again:
                if at > start:
                    _tell(writer, "renew")
                    os._exit(0)
                raise
            renew = isinstance(result, Renew)
            _tell(writer, json.dumps(cast("Renew", result).result if renew else result))
            if renew and at + 1 < len(items):
                _tell(writer, "renew")
                os._exit(0)
        os._exit(0)
    except BaseException as error:
        _tell(writer, _FAILED + json.dumps("%s: %s" % (type(error).__name__, error)))
    finally:
        os._exit(1)


def _tell(writer: int, line: str) -> None:
    data = line.encode("ascii", "backslashreplace") + b"\n"
    while data:
        data = data[os.write(writer, data) :]


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


class _Lines:
    """Lines from a pipe, each within a time."""

    def __init__(self, reader: int) -> None:
        self._reader = reader
        self._buffer = b""

    def next(self, seconds: float, until: Optional[float]) -> Optional[str]:
        """Return a line; None where the other end is gone or took too long, ``over`` when the time for all is over."""
        limit = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            last = limit if until is None else min(limit, until)
            ready, _, _ = select.select([self._reader], [], [], max(0.0, last - time.monotonic()))
            if not ready:
                return None if last == limit else "over"
            data = os.read(self._reader, 65536)
            if not data:
                return None
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("ascii")


def alone(work: Callable[[], Any], seconds: float) -> Any:
    """Return the JSON-able result of work done in a fork; LOST where it did not end, Failed where it raised."""
    results: Dict[int, Any] = dict(each(lambda _: work(), [0], seconds))
    return results.get(0, LOST)


def in_order(results: Iterator[Tuple[int, Any]], count: int) -> List[Any]:
    """Return results by place; None for those there was no time for."""
    found: List[Any] = [None] * count
    for at, result in results:
        found[at] = result
    return found
