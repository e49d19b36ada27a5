# pyright: standard
# Patches any attribute of any object.
"""Stand-ins for pytest's fixtures, with the part of their interface that our tests use."""

import importlib
import io
import logging
import os
import sys
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

MISSING = object()


class MonkeyPatch:
    """Changes that are taken back by ``undo``, last one first."""

    def __init__(self) -> None:
        self._undo: List[Callable[[], Any]] = []

    def setattr(self, owner: Any, name: Any, value: Any = MISSING, raising: bool = True) -> None:
        """As pytest's: ``setattr(owner, "name", value)`` or ``setattr("package.module.name", value)``."""
        if value is MISSING:
            value = name
            owner, name = _resolved(owner)
        old = getattr(owner, name, MISSING)
        if raising and old is MISSING:
            raise AttributeError("%r has no attribute %r" % (owner, name))
        if isinstance(owner, type):
            # A class method or static method has to go back as what it was, not as what it gives.
            old = owner.__dict__.get(name, MISSING)
        self._undo.append(lambda: delattr(owner, name) if old is MISSING else setattr(owner, name, old))
        setattr(owner, name, value)

    def setitem(self, owner: Any, key: Any, value: Any) -> None:
        old = owner.get(key, MISSING) if hasattr(owner, "get") else owner[key]
        self._undo.append(lambda: owner.pop(key, None) if old is MISSING else owner.__setitem__(key, old))
        owner[key] = value

    def delitem(self, owner: Any, key: Any, raising: bool = True) -> None:
        if key not in owner:
            if raising:
                raise KeyError(key)
            return
        old = owner[key]
        self._undo.append(lambda: owner.__setitem__(key, old))
        del owner[key]

    def setenv(self, name: str, value: str) -> None:
        self.setitem(os.environ, name, str(value))

    def delenv(self, name: str, raising: bool = True) -> None:
        self.delitem(os.environ, name, raising)

    def chdir(self, path: Any) -> None:
        old = os.getcwd()
        self._undo.append(lambda: os.chdir(old))
        os.chdir(path)

    def syspath_prepend(self, path: Any) -> None:
        old = sys.path[:]
        self._undo.append(lambda: sys.path.__setitem__(slice(None), old))
        sys.path.insert(0, str(path))

    def environment(self, saved: Dict[Any, Any]) -> None:
        """Put the environment back to what it was, given as ``os.environ`` keeps it inside."""
        known = {os.fsdecode(name): os.fsdecode(value) for name, value in saved.items()}
        for name in set(os.environ) - set(known):
            del os.environ[name]
        os.environ.update(known)

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()


def _resolved(path: str) -> Tuple[Any, str]:
    """Return the owner and the name that a dotted path means."""
    parts = path.split(".")
    for at in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = importlib.import_module(".".join(parts[:at]))
        except ImportError:
            continue
        for part in parts[at:-1]:
            owner = getattr(owner, part)
        return owner, parts[-1]
    raise ImportError(path)


class Printed(NamedTuple):
    out: str
    err: str


class Capture:
    """Standard output and error as ``capsys`` sees them: ``readouterr`` gives what came since the last time."""

    def __init__(self) -> None:
        self._streams: List[Any] = [_stream(), _stream()]

    def install(self) -> None:
        sys.stdout, sys.stderr = self._streams
        sys.stdin = NoInput()

    def reset(self) -> None:
        """Forget what was printed, and put the streams back where the code under test replaced or closed them."""
        for at, stream in enumerate(self._streams):
            if stream.closed or stream.buffer.tell():
                self._streams[at] = _stream()
        sys.stdout, sys.stderr = self._streams

    def peek(self) -> Printed:
        """Return what was printed and leave it there."""
        return Printed(_taken(self._streams[0]), _taken(self._streams[1]))

    def readouterr(self) -> Printed:
        printed = self.peek()
        self.reset()
        return printed


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _taken(stream: Any) -> str:
    return "" if stream.closed else stream.buffer.getvalue().decode("utf-8", "replace")


class NoInput:
    """Standard input under pytest: there is none."""

    encoding = "utf-8"

    def read(self, *_: Any) -> str:
        raise OSError("pytest: reading from stdin while output is captured! Consider using `-s`.")

    readline = readlines = __next__ = read

    def __iter__(self) -> "NoInput":
        return self

    def fileno(self) -> int:
        raise io.UnsupportedOperation("redirected stdin is pseudofile, has no fileno()")

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        pass


class Log(logging.Handler):
    """The root logger's records as ``caplog`` has them."""

    def __init__(self) -> None:
        super().__init__(0)
        self.records: List[logging.LogRecord] = []
        self._levels: List[Tuple[logging.Logger, int]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        raise  # noqa: PLE0704 - called while the error is handled, as pytest's handler does

    @property
    def messages(self) -> List[str]:
        return [record.getMessage() for record in self.records]

    @property
    def record_tuples(self) -> List[Tuple[str, int, str]]:
        return [(record.name, record.levelno, record.getMessage()) for record in self.records]

    @property
    def text(self) -> str:
        form = "%-8s %s:%s:%d %s\n"
        return "".join(
            form % (one.levelname, one.name, one.filename, one.lineno, one.getMessage()) for one in self.records
        )

    def set_level(self, level: Any, logger: Any = None) -> None:
        chosen = logging.getLogger(logger) if not isinstance(logger, logging.Logger) else logger
        self._levels.append((chosen, chosen.level))
        chosen.setLevel(level)

    def clear(self) -> None:
        self.records = []

    def reset(self) -> None:
        if self.records:
            self.records = []
        while self._levels:
            logger, level = self._levels.pop()
            logger.setLevel(level)
