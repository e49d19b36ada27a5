"""Remarks on what was changed, and the message of its commit: both are asked about a diff, file by file."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coding_agent.assist.context import Part, Shown, fitted
from coding_agent.assist.prompts import COMMIT, REVIEW, Prompt, prompt
from coding_agent.errors import UserError
from coding_agent.text.text import split_lines

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_STYLE = "The last messages in this project were:\n{}\nWrite in their manner."


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after, by its path from the root; None where it is not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A remark on a line, from 1, that was changed."""

    path: str
    line: int
    severity: str
    message: str


def review(changes: Sequence[Change], most: int) -> tuple[Prompt, tuple[Shown, ...]]:
    """Raises: UserError - nothing was changed, or more than can be sent."""
    pieces = fitted(_pieces(changes), most)
    return prompt(pieces, REVIEW, 2_000, "Review"), pieces


def message(changes: Sequence[Change], recent: Iterable[str], most: int) -> tuple[Prompt, tuple[Shown, ...]]:
    """Raises: UserError - nothing was changed, or more than can be sent."""
    pieces = fitted(_pieces(changes), most)
    said = "\n".join(f"- {' '.join(each.split())[:100]}" for each in recent)
    style = _STYLE.format(said) if said else ""
    return prompt(pieces, COMMIT.replace("{style}", style), 600, "Commit"), pieces


def remarks(answer: Mapping[str, Any], changes: Sequence[Change]) -> tuple[list[Noted], int]:
    """The remarks on lines that were changed, each once, and how many others there were, which are nobody's."""
    lines = {each.path: changed_lines(each) for each in changes}
    found: dict[Noted, None] = {}
    lost = 0
    for each in answer["remarks"]:
        at = lines.get(each["path"], frozenset())
        near = min(at, key=lambda line: (abs(line - each["line"]), line), default=None)
        # Models count lines badly: what is next to a changed line is meant for it.
        if near is None or abs(near - each["line"]) > 3:
            lost += 1
            continue
        found[Noted(each["path"], near, each["severity"], " ".join(each["message"].split()))] = None
    return [*found], lost


def commit_text(answer: Mapping[str, Any]) -> str:
    subject, body = " ".join(answer["subject"].split()), answer["body"].strip()
    return f"{subject}\n\n{body}\n" if body else f"{subject}\n"


def changed_lines(change: Change) -> frozenset[int]:
    """The lines of the new text that are new or other, and those at which something was taken away; from 1."""
    old, new = split_lines(change.before or ""), split_lines(change.after or "")
    found = set[int]()
    for tag, _, _, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found.update(range(first + 1, last + 1) if last > first else [min(max(first, 1), max(len(new), 1))])
    return frozenset(found)


def _pieces(changes: Sequence[Change]) -> Iterator[Shown]:
    some = False
    for each in changes:
        text = "".join(_diff(each))
        if text:
            some = True
            yield Shown(Part.CHANGE, text, each.path)
    if not some:
        raise UserError("nothing was changed")


def _diff(change: Change) -> Iterator[str]:
    """Unified, with the new text's line numbers in front of its lines, which models cannot count."""
    old, new = split_lines(change.before or ""), split_lines(change.after or "")
    number = 0
    for line in difflib.unified_diff(old, new, n=5):
        hunk = _HUNK.match(line)
        if hunk:
            number = int(hunk[1])
            yield f"{line.rstrip()}\n"
        elif not line.startswith(("---", "+++")) or number:
            kept = not line.startswith("-")
            yield f"{number if kept else '':>5} {line.rstrip(chr(10) + chr(13))}\n"
            number += kept
