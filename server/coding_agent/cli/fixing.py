"""Applies safe fixes until there are none left, and never leaves a text worse than it found it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from coding_agent.cli.core import Checked
from coding_agent.text import Edit, apply_edits

_ROUNDS = 10
"""A fix may make room for another one; two that undo each other end here."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after fixing, what is still found in it, and how many findings went."""

    text: str
    checked: Checked
    count: int = 0
    note: str | None = None


def fix_all(text: str, check: Callable[[str], Checked], edits: Callable[[str], Sequence[Edit]]) -> Fixed:
    """Apply the safe fixes of ``text``: ``check`` analyses a text, ``edits`` gives those of its fixes that keep apart.

    A round after which less of the text can be analysed, or a rule failed, is taken back, and ``note`` says so.
    """
    checked = check(text)
    count = 0
    for _ in range(_ROUNDS):
        changed = apply_edits(text, edits(text))
        if changed == text:
            break
        after = check(changed)
        if (after.problem and not checked.problem) or len(after.failed) > len(checked.failed):
            return Fixed(text, checked, count, "some fixes were taken back: their result could not be analysed")
        count += max(1, len(checked.diagnostics) - len(after.diagnostics))
        text, checked = changed, after
    return Fixed(text, checked, count)
