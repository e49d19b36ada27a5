# pyright: standard
# Looks at any exception.
"""Which exceptions and warnings a test may expect: those that the project's own code means."""

import re
from pathlib import Path
from typing import Any, List, Optional, Tuple

from .execute import Engine, Outcome
from .model import Check
from .spell import Spelled, Speller

LONGEST_MATCH = 60
SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()])")
ACCIDENTS = (
    TypeError, AttributeError, NameError, LookupError, RecursionError, MemoryError, AssertionError, ZeroDivisionError,
    UnboundLocalError,
)  # fmt: skip


def raises_check(outcome: Outcome, engine: Engine, speller: Speller) -> Optional[Tuple[Check, Tuple[str, ...]]]:
    """Return the check and its imports; None for an exception that is an accident, or nobody's of the project."""
    error = outcome.error
    if error is None or not is_meant(outcome, engine):
        return None
    kind = _spelled_kind(type(error), speller)
    if kind is None:
        return None
    # What the interpreter or a library says in its message changes with its version.
    explicit = outcome.raised is not None and outcome.raised.explicit
    match = message_match(_telling(error), speller) if explicit else ""
    return Check("raises", "", kind.code, match), kind.imports


def _telling(error: BaseException) -> str:
    """Return what of a message is the project's: of a refused value the words of its validator, else the field."""
    if type(error).__name__ == "ValidationError" and callable(getattr(error, "errors", None)):
        first = next(iter(error.errors()), {})  # type: ignore[attr-defined]
        own = first.get("ctx", {}).get("error")
        place = [str(part) for part in first.get("loc", ())]
        return str(own) if own is not None else ".".join(place)
    if len(error.args) > 1 and isinstance(error.args[0], str) and "attr" in type(error.args[1]).__module__:
        return error.args[0].partition(" (got")[0]
    whole: Any = getattr(error, "message", None) if hasattr(error, "exceptions") else None
    # Newer versions of pytest leave out how many there are in a group.
    return whole if isinstance(whole, str) else str(error)


def is_meant(outcome: Outcome, engine: Engine) -> bool:
    """Whether the project's code raises this on purpose: a ``raise`` of its own, or its documentation says so."""
    error, raised = outcome.error, outcome.raised
    if error is None or raised is None or not raised.project:
        return False
    if raised.explicit:
        return not (isinstance(error, NotImplementedError) and not str(error))
    return not isinstance(error, ACCIDENTS) and _is_documented(outcome, engine, type(error).__name__)


def is_surprising(outcome: Outcome) -> bool:
    """Whether an exception looks like an accident in the project's own code: a finding where the input is plausible."""
    raised = outcome.raised
    return raised is not None and raised.project and not raised.explicit and isinstance(outcome.error, Exception)


def _is_documented(outcome: Outcome, engine: Engine, name: str) -> bool:
    found: Any = engine.module
    for part in outcome.candidate.target.split("."):
        found = getattr(found, part, None)
    return re.search(r"\b%s\b" % name, str(getattr(found, "__doc__", "") or "")) is not None


def _spelled_kind(kind: type, speller: Speller) -> Optional[Spelled]:
    """Return the class, or the next base that can be imported; no base that says nothing."""
    for base in kind.__mro__:
        if base in (Exception, BaseException, object):
            # ``raise Exception("...")`` is what some projects do.
            return speller.spell(base) if base is kind else None
        found = speller.spell(base)
        if found is not None:
            return found
    return None


def message_match(message: str, speller: Speller) -> str:
    """Return the beginning of a message as a regular expression, up to a word's end; "" where nothing is stable."""
    first = message.partition("\n")[0]
    if len(first) > LONGEST_MATCH:
        first = first[:LONGEST_MATCH].rpartition(" ")[0] or first[:LONGEST_MATCH]
    if not first.isprintable() or speller.is_foreign(first):
        return ""
    return SPECIAL.sub(r"\\\1", first.strip())


def warns_checks(outcome: Outcome, engine: Engine, speller: Speller) -> Tuple[List[Check], List[str]]:
    """Return checks of the warnings that the project's code gives, one for each category, and their imports."""
    checks: List[Check] = []
    lines: List[str] = []
    folder = str(Path(str(engine.module.__file__)).parent)
    for one in outcome.warned:
        if one.file != "<candidate>" and not one.file.startswith(folder):
            continue
        kind = _spelled_kind(one.category, speller)
        if kind is not None and all(check.value != kind.code for check in checks):
            checks.append(Check("warns", "", kind.code, message_match(one.message, speller)))
            lines += kind.imports
    return checks, lines
