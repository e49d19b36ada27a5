"""Log events: one line each on stderr, `level=info event=diagnostics uri=file:///a.py version=7 ms=12`.

stdout is the wire, so nothing else may be written there. Lines are ASCII: line ends, controls and lone
surrogates in a value are escaped. No source text at info: long strings are cut, exceptions show their type only.
Neither ``logging`` nor ``json`` is imported: a worker's child logs too.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import IntEnum

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+%,~()[]{}<>*!?&#$^|;'")
_SHOWN = 200


class Level(IntEnum):
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


@dataclass(frozen=True, slots=True)
class Log:
    """Where events go, from which level on, and what every one of them carries.

    ``write`` gets one finished line; None means stderr. ``stamp`` gives the time of an event as text; None means none.
    """

    level: Level = Level.INFO
    write: Callable[[str], object] | None = None
    stamp: Callable[[], str] | None = None
    fields: tuple[tuple[str, object], ...] = ()


_DEFAULT = Log()
_CURRENT: ContextVar[Log] = ContextVar("coding_agent_log", default=_DEFAULT)


def event(name: str, *, level: Level = Level.INFO, **fields: object) -> None:
    """Log one event. Never raises: a log that cannot be written is not worth a request."""
    log = _CURRENT.get()
    if level < log.level:
        return
    stamp = (("at", log.stamp()),) if log.stamp else ()
    shown = (*stamp, ("level", level.name.lower()), ("event", name), *log.fields, *fields.items())
    cut = _SHOWN if level > Level.DEBUG else sys.maxsize
    line = " ".join(f"{key}={_value(value, cut)}" for key, value in shown) + "\n"
    try:
        (log.write or _to_stderr)(line)
    except (OSError, ValueError):  # The pipe is gone or closed.
        return


def log_to(log: Log) -> None:
    """Use ``log`` from here on, in this context and those made from it (threads start with the default)."""
    _CURRENT.set(log)


@contextmanager
def bound(**fields: object) -> Generator[None]:
    """Let every event inside carry ``fields``, as the id of the request that is being answered."""
    log = _CURRENT.get()
    token = _CURRENT.set(replace(log, fields=(*log.fields, *fields.items())))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _to_stderr(line: str) -> None:
    stream = sys.stderr
    # Without a console Windows gives no stderr at all, whatever its type says.
    if stream:
        stream.write(line)
        stream.flush()


def _value(value: object, cut: int) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, BaseException) and cut < sys.maxsize:
        return type(value).__name__
    text = value if isinstance(value, str) else _text(value)
    if len(text) > cut:
        text = text[:cut] + "..."
    if text and _PLAIN.issuperset(text):
        return text
    return '"' + text.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # A value that cannot be shown must not cost the event: this is the log's fence.
        return f"<{type(value).__name__}>"
