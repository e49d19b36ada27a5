"""Applies safe fixes until there are none left, and never leaves a text worse than it found it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coding_agent.analysis.finding import Applicability, Diagnostic, Fix
from coding_agent.cli.core import Checked
from coding_agent.text import Edit, apply_edits

_ROUNDS = 10
"""A fix may make room for another one; two that undo each other end here."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after fixing, what is still found in it, and how many fixes were made."""

    text: str
    checked: Checked
    count: int
    note: str | None = None


def fix_all(text: str, check: Callable[[str], Checked]) -> Fixed:
    """Apply the safe fixes of ``text``; ``check`` analyses a text and makes fixes.

    A round after which the text no longer parses, or in which a rule failed, is taken back, and ``note`` says so.
    """
    checked = check(text)
    count = 0
    for _ in range(_ROUNDS):
        fixes = apart(safe_fixes(checked.diagnostics))
        if not fixes:
            break
        changed = apply_edits(text, (edit for fix in fixes for edit in fix.edits))
        after = check(changed)
        if (after.problem and not checked.problem) or len(after.failed) > len(checked.failed):
            return Fixed(text, checked, count, "some fixes were taken back: the result would not have been Python")
        if changed == text:
            break
        text, checked, count = changed, after, count + len(fixes)
    return Fixed(text, checked, count)


def safe_fixes(diagnostics: Iterable[Diagnostic]) -> list[Fix]:
    found = (item.fix for item in diagnostics)
    return [fix for fix in found if fix and fix.edits and fix.applicability is Applicability.SAFE]


def apart(fixes: Iterable[Fix]) -> list[Fix]:
    """Return those fixes, the first ones first, that touch nothing an earlier one touches."""
    taken: list[Edit] = []
    chosen: list[Fix] = []
    for fix in fixes:
        if any(edit.span.touches(other.span) for edit in fix.edits for other in taken):
            continue
        taken += fix.edits
        chosen.append(fix)
    return chosen
