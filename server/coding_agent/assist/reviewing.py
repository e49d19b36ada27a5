"""Remarks on what was changed, and the message of its commit: both are asked about a diff, file by file."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coding_agent.assist.context import Part, Shown, escaped, in_order, size, too_much
from coding_agent.assist.prompts import COMMIT, REVIEW, Prompt, prompt
from coding_agent.errors import UserError
from coding_agent.text.text import split_lines

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_STYLE = "Write in the manner of the last messages."
_NAMED, _LONGEST = 30, 100
"""Files that are named at most where they are left out, and characters of a name."""
_FRAME = 200
"""Bytes that stand around names at most."""


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
    """What is asked, and the changes that are shown: where all are too much, the largest are left out.

    Raises: UserError - nothing was changed, or each change alone is more than can be sent.
    """
    pieces, unseen = _fitting(changes, most)
    asked = prompt(in_order([*pieces, *_named(unseen)]), REVIEW, 2_000, "Review")
    return replace(asked, left_out=unseen), pieces


def message(changes: Sequence[Change], recent: Iterable[str], most: int) -> tuple[Prompt, tuple[Shown, ...]]:
    """As `review`; ``recent`` are the last messages."""
    said = "\n".join(f"- {' '.join(each.split())[:100]}" for each in recent)
    manner = [Shown(Part.MESSAGES, said)] if said else []
    pieces, unseen = _fitting(changes, most - sum(map(size, manner)))
    task = COMMIT.replace("{style}", _STYLE if said else "").rstrip()
    asked = prompt(in_order([*manner, *pieces, *_named(unseen)]), task, 600, "Commit")
    return replace(asked, left_out=unseen), pieces


def remarks(answer: Mapping[str, Any], changes: Sequence[Change]) -> tuple[list[Noted], int]:
    """The remarks on lines that were changed, each once, and how many others there were, which are nobody's."""
    lines = {escaped(each.path): (each.path, changed_lines(each)) for each in changes}
    found: dict[Noted, None] = {}
    lost = 0
    for each in answer["remarks"]:
        path, at = lines.get(escaped(each["path"]), ("", frozenset[int]()))
        near = min(at, key=lambda line: (abs(line - each["line"]), line), default=None)
        # Models count lines badly: what is next to a changed line is meant for it.
        if near is None or abs(near - each["line"]) > 3:
            lost += 1
            continue
        found[Noted(path, near, each["severity"], " ".join(each["message"].split()))] = None
    return [*found], lost


def commit_text(answer: Mapping[str, Any]) -> str:
    subject, body = " ".join(answer["subject"].split()), answer["body"].strip()
    return f"{subject}\n\n{body}\n" if body else f"{subject}\n"


def told(asked: Prompt) -> str:
    """What was left out, as a sentence for the user; "" where nothing was."""
    names = ", ".join(_listed(asked.left_out))
    return f"Left out, as all of it was too much to be sent: {names}." if names else ""


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


def _fitting(changes: Sequence[Change], most: int) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
    """The changes that fit, as many as can be, and the paths of the others. Raises: UserError."""
    pieces = [*_pieces(changes)]
    sizes = {each: size(each) for each in pieces}
    if sum(sizes.values()) <= most:
        return in_order(pieces), ()
    longest = sorted((len(_name(each.path).encode()) + 1 for each in pieces), reverse=True)
    kept, left = set[Shown](), most - _FRAME - sum(longest[:_NAMED])
    for each in sorted(pieces, key=lambda each: (sizes[each], each.path)):
        if sizes[each] <= left:
            kept.add(each)
            left -= sizes[each]
    if not kept:
        raise too_much(sum(sizes.values()), most)
    return in_order(kept), tuple(sorted(each.path for each in pieces if each not in kept))


def _named(unseen: Sequence[str]) -> Iterator[Shown]:
    if unseen:
        yield Shown(Part.UNSEEN, "\n".join(_listed(unseen)))


def _listed(unseen: Sequence[str]) -> Iterator[str]:
    yield from map(_name, unseen[:_NAMED])
    if len(unseen) > _NAMED:
        yield f"and {len(unseen) - _NAMED} more"


def _name(path: str) -> str:
    return escaped(path)[-_LONGEST:]


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
