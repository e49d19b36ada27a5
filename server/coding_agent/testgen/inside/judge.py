# pyright: standard
# Compares any value with any other.
"""Runs a candidate with its checks as the written test would, and says what did not hold."""

import operator
import re
from numbers import Number
from typing import Any, Callable, Dict, List, Optional, Tuple

from .execute import Engine, Outcome
from .model import Candidate, Check

RELATIVE, ABSOLUTE = 1e-6, 1e-12  # as pytest.approx has them


def judge(engine: Engine, candidate: Candidate) -> Optional[str]:
    """Return None where all checks hold, else the first that does not, or what happened instead."""
    failed = failures(engine, candidate, first=True)
    return failed[0][1] if failed else None


def failures(engine: Engine, candidate: Candidate, first: bool = False) -> List[Tuple[int, str]]:
    """Return the checks that do not hold, by their place, and why; place -1 where the act went another way."""
    watcher = _Watcher(candidate, first)
    outcome = engine.run(candidate, watcher)
    raises = next((check for check in candidate.checks if check.kind == "raises"), None)
    if outcome.kind != ("raises" if raises else "value"):
        return [(-1, _happened(outcome))]
    found = watcher.failed
    if raises is not None:
        found = _asked(candidate, outcome.namespace, first)
        if not _raised(raises, outcome):
            found.append((candidate.checks.index(raises), _happened(outcome)))
    for at, check in enumerate(candidate.checks):
        if check.kind == "warns" and not _warned(check, outcome):
            found.append((at, "no such warning"))
    return sorted(found)


class _Watcher:
    """Asks the checks right behind the act, where the test does."""

    def __init__(self, candidate: Candidate, first: bool) -> None:
        self.candidate = candidate
        self.first = first
        self.failed: List[Tuple[int, str]] = []
        self._acted = False

    def __call__(self, names: Dict[str, Any]) -> None:
        if self._acted:
            self.failed = _asked(self.candidate, names, self.first)
        self._acted = True


def _asked(candidate: Candidate, names: Dict[str, Any], first: bool) -> List[Tuple[int, str]]:
    found: List[Tuple[int, str]] = []
    for at, check in enumerate(candidate.checks):
        if check.kind in ("raises", "warns"):
            continue
        try:
            held = bool(_holds(check, names))
        except Exception as error:  # the test would fail just so
            held = False
            found.append((at, "%s: %s" % (type(error).__name__, check.subject)))
        else:
            if not held:
                found.append((at, check.subject))
        if first and found:
            break
    return found


_codes: Dict[str, Any] = {}


def value_of(text: str, names: Dict[str, Any]) -> Any:
    """Return an expression's value; its code is kept."""
    code = _codes.get(text)
    if code is None:
        if len(_codes) > 20000:
            _codes.clear()
        code = _codes[text] = compile(text, "<candidate>", "eval", dont_inherit=True)
    return eval(code, names)


def _holds(check: Check, names: Dict[str, Any]) -> Any:
    subject = value_of(check.subject, names)
    if check.kind == "true":
        return subject
    if check.kind == "false":
        return not subject
    value = value_of(check.value, names)
    return _COMPARED.get(check.kind, operator.eq)(subject, value)


def close(subject: Any, expected: Any) -> bool:
    """Whether ``subject == pytest.approx(expected)``."""
    if isinstance(expected, dict):
        return subject.keys() == expected.keys() and all(close(subject[key], one) for key, one in expected.items())
    if isinstance(expected, (list, tuple)):
        return len(subject) == len(expected) and all(map(close, subject, expected))
    if not isinstance(expected, Number) or isinstance(expected, bool) or expected is None:
        return subject == expected
    if subject == expected:
        return True
    return bool(abs(subject - expected) <= max(ABSOLUTE, RELATIVE * abs(expected)))  # type: ignore[operator]


_COMPARED: Dict[str, Callable[[Any, Any], Any]] = {
    "contains": operator.contains, "is": operator.is_, "type": isinstance, "approx": close,
}  # fmt: skip


def _raised(check: Check, outcome: Outcome) -> bool:
    try:
        kind = value_of(check.value, outcome.namespace)
    except Exception:  # the module under test has no such class: a mutant of it
        return False
    return isinstance(outcome.error, kind) and bool(re.search(check.match, str(outcome.error)))


def _warned(check: Check, outcome: Outcome) -> bool:
    kind = value_of(check.value, outcome.namespace)
    return any(issubclass(one.category, kind) and re.search(check.match, one.message) for one in outcome.warned)


def _happened(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "%s: %s" % (type(outcome.error).__name__, str(outcome.error)[:80])
    return outcome.kind if outcome.kind != "value" else "no exception"
