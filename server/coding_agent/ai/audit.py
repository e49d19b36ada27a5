"""What was sent where, one line of JSON for each attempt and never any content, for `coding-agent ai audit`.

Lines are appended with one write each, so that several processes may write at once. At 5 MB the file becomes the old
one, of which one is kept.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from coding_agent.store.alone import alone
from coding_agent.store.atomic import make_private

LARGEST = 5_000_000
"""Bytes after which a file becomes the old one."""
BUSY = 1.0
"""Seconds to wait for other processes that do so."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What left this machine, or would have, and what came of it."""

    host: str
    model: str
    feature: str
    workspace: str
    files: tuple[str, ...]
    """Paths relative to the workspace."""
    sent: int
    """Bytes."""
    redactions: Mapping[str, int]
    """How many secrets were kept back, by kind."""
    tokens_in: int | None
    """As the server counted; None where it did not say."""
    tokens_out: int | None
    outcome: str
    """A few words, as ``answered``, ``busy 429``, ``cut``, ``cancelled`` or ``known already``."""
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Line:
    """An attempt with its time, ISO 8601 in UTC."""

    time: str
    attempt: Attempt


class Audit:
    """The file; ``clock`` gives seconds since 1970."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.path, self._clock = path, clock

    def write(self, attempt: Attempt) -> str | None:
        """Append a line; what the disk has against it is no failure, but returned as a sentence for the user."""
        time = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        entry = asdict(replace(attempt, redactions=dict(attempt.redactions)))
        line = json.dumps({"time": time, **entry}).encode("ascii") + b"\n"
        try:
            make_private(self.path.parent)
            if self._size() + len(line) > LARGEST:
                self._turn(len(line))
            _append(self.path, line)
        except OSError as error:
            return f"what was sent is not noted in {self.path}: {error.strerror or error}"
        return None

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def _turn(self, more: int) -> None:
        with alone(self.path.parent, BUSY):
            # Another process may have been faster, and this one's new file would become the old one.
            if self._size() + more > LARGEST:
                self.path.replace(_old(self.path))


def read(path: Path, last: int) -> tuple[Line, ...]:
    """Return the last lines, the newest at the end. Lines that are none of ours, or were cut, are left out.

    Raises: OSError - a file cannot be read; one that is not there is empty.
    """
    found: list[Line] = []
    for each in (path, _old(path)):
        if len(found) < last:
            found = [*_lines(each), *found]
    return tuple(found[max(0, len(found) - last) :])


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # A line that was cut, by a full disk or a power failure, shall not take this one with it.
        if _is_cut(handle):
            line = b"\n" + line
        if os.write(handle, line) < len(line):
            raise OSError("the disk is full")
    finally:
        os.close(handle)


def _is_cut(handle: int) -> bool:
    if not os.fstat(handle).st_size:
        return False
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) != b"\n"


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _lines(path: Path) -> Iterator[Line]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for each in content.split(b"\n"):
        try:
            yield _decode(json.loads(each))
        except (ValueError, TypeError, KeyError):
            continue


def _decode(entry: object) -> Line:
    table = cast("dict[str, object]", _a(dict, entry))
    host, model, feature, workspace, outcome, time = (
        _a(str, table[key]) for key in ("host", "model", "feature", "workspace", "outcome", "time")
    )
    sent, milliseconds = (_a(int, table[key]) for key in ("sent", "milliseconds"))
    files = tuple(_a(str, each) for each in cast("list[object]", _a(list, table["files"])))
    kinds = cast("dict[str, object]", _a(dict, table["redactions"]))
    redactions = {kind: _a(int, number) for kind, number in kinds.items()}
    tokens_in, tokens_out = (None if table[key] is None else _a(int, table[key]) for key in ("tokens_in", "tokens_out"))
    return Line(
        time,
        Attempt(host, model, feature, workspace, files, sent, redactions, tokens_in, tokens_out, outcome, milliseconds),
    )


def _a(kind: type[_T], value: object) -> _T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
