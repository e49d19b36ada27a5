"""Edits: replacements of spans of one text."""

from collections.abc import Iterable
from typing import NamedTuple

from coding_agent.text.span import Span
from coding_agent.text.text import split_lines


class Edit(NamedTuple):
    """Replace ``span`` of a text by ``new``."""

    span: Span
    new: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all ``edits`` made at once; their spans refer to ``text`` as it is.

    Insertions at one place keep the order in which they are given.
    Raises: ValueError - two edits overlap.
    """
    parts: list[str] = []
    done = 0
    for span, new in sorted(edits, key=lambda edit: (edit.span.start, edit.span.stop)):
        if span.start < done:
            raise ValueError(f"edits overlap at offset {span.start}")
        parts += (text[done : span.start], new)
        done = span.stop
    return "".join(parts) + text[done:]


def unified(before: str, after: str, name: str, context: int = 2) -> str:
    """Return a unified diff of two texts, lines ended by ``\\n``; empty when they are equal."""
    from difflib import unified_diff

    return "".join(
        line if line.endswith("\n") else line.rstrip("\r\n") + "\n"
        for line in unified_diff(split_lines(before), split_lines(after), f"a/{name}", f"b/{name}", n=context)
    )
