# pyright: standard
# Outcomes hold any object.
"""What an outcome tells the search: whether a test may come of it, and what about it is new."""

import inspect
import re
from typing import Any, Set

from . import answers
from .execute import Outcome
from .genome import Genome
from .kinds import kind_of
from .seen import Note
from .survey import Target


def acceptable(outcome: Outcome) -> bool:
    """Tell whether a test may come of it: a value, or an exception that the project raises on purpose."""
    if outcome.kind == "value":
        return not outcome.strays
    raised = outcome.raised
    return outcome.kind == "raises" and raised is not None and raised.explicit and raised.project


_NETWORK = frozenset(
    {"socket", "ssl", "urllib", "http", "requests", "urllib3", "httpx", "httpcore", "aiohttp", "ftplib", "smtplib"}
)


def hindrance(outcome: Outcome) -> str:
    """Return in a few words why no test can come of an outcome that is not acceptable, as "needed the network"."""
    if outcome.kind == "timeout":
        return "took too long"
    if outcome.kind == "value":
        return "touched files that are no test's"
    error = outcome.error
    if error is None:
        return ""
    if isinstance(error, ConnectionError) or (isinstance(error, OSError) and _in_network(error)):
        return "needed the network"
    return "raised %s" % type(error).__name__


def _in_network(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0] in _NETWORK:
            return True
        trace = trace.tb_next
    return type(error).__module__.partition(".")[0] in _NETWORK


def violates(genome: Genome) -> bool:
    """Tell whether an argument is of a kind that its annotation rules out; what an author wrote is always right."""
    rows = genome.shape.rows
    if rows and rows[0].name == "path" and rows[0].pool[0].code.startswith("'/"):
        path = next((value.code for number, _, value in genome.args if not number), "")
        # A client would ask for it, but nobody writes such a path.
        return not path.startswith("'/")
    return genome.origin == "type" and any(
        number < len(rows)
        and rows[number].kinds
        and kind_of(value.code) not in rows[number].kinds
        and not value.arrange
        for number, _, value in genome.args
    )


def is_noise(genome: Genome, outcome: Outcome, probes: Set[int]) -> bool:
    """Tell whether a client refused, before any of the target's ``probes``, what the search made of a request."""
    if not answers.kind_of(outcome.value) or not probes.isdisjoint(outcome.arcs):
        return False
    rows = genome.shape.rows
    return any(all(value.code != one.code for one in rows[number].pool) for number, _, value in genome.args)


def is_product(value: Any, target: Target) -> bool:
    return (
        inspect.isroutine(value)
        or hasattr(value, "__wrapped__")
        or type(value).__name__ == "partial"
        or (target.kind == "function" and not isinstance(value, type) and callable(value))
    )


def is_numeric(note: Note) -> bool:
    return type(note.left) in (int, float) and type(note.right) in (int, float)


def side_of(note: Note) -> Any:
    left, right = note.left, note.right
    try:
        if note.kind in ("==", "!="):
            return left == right
        if note.kind in ("<", "<=", ">", ">="):
            return (left > right) - (left < right)
        if note.kind == "in":
            return left in right
    except TypeError:
        return None
    if note.kind == "len":
        return min(right, 2)
    return None


def class_of(outcome: Outcome) -> Any:
    if outcome.kind != "value":
        raised = outcome.raised
        return (outcome.kind, type(outcome.error).__name__, raised.line if raised else 0)
    value = outcome.value
    kind = type(value)
    if answers.kind_of(value):
        return ("value", kind.__name__, *answers.class_of(value))
    if kind is bool or value is None:
        return ("value", repr(value))
    if kind in (int, float):
        return ("value", kind.__name__, (value > 0) - (value < 0))
    if kind in (str, bytes, list, tuple, dict, set, frozenset):
        return ("value", kind.__name__, min(len(value), 2), _form(value) if kind is str else "")
    return ("value", kind.__name__)


def _form(text: str) -> str:
    """Return what a short text looks like: letters, digits and the rest, repeats left out."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_]", "a", text[:40])))[:12]
