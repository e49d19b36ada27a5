"""Comments that allow a finding: ours, and those of the tools that see the same things.

x = eval(text)  # coding-agent: allow eval-used (the text is ours)
# coding-agent: allow eval-used        on a line of its own: for the statement below
# coding-agent: allow-file eval-used   for the whole file
# noqa   # noqa: S307                  as ruff and flake8 read it
# nosec  # nosec B307                  as bandit reads it
"""

import io
import re
import tokenize
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from coding_agent.text import Span, Text, line_body


class Dialect(Enum):
    OURS = "coding-agent"
    NOQA = "noqa"
    NOSEC = "nosec"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment; ``line`` is the line it speaks about, lines and span count from the piece's start.

    ``names`` are the rules or codes it names; empty means all (never for ours).
    """

    dialect: Dialect
    names: tuple[str, ...]
    line: int
    span: Span
    whole_file: bool = False
    reason: str = ""


_HINT = re.compile(r"#[^\n\r]*(?:coding-agent|noqa|nosec)", re.IGNORECASE)
_OURS = re.compile(r"#\s*coding-agent:\s*allow(?P<file>-file)?\s+(?P<names>[\w-]+(?:\s*,\s*[\w-]+)*)\s*(?P<reason>.*)")
_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<names>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?(?![\w:])", re.IGNORECASE)
_NOSEC = re.compile(r"#\s*nosec\b:?\s*(?P<names>B[0-9]+(?:[\s,]+B[0-9]+)*)?", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,]+")


def suppressions(source: str) -> tuple[Suppression, ...]:
    """Find the suppressing comments of a piece; none in text without such words, at the cost of a few searches."""
    if "#" not in source:
        return ()
    lower = source.lower()
    if not ("noqa" in lower or "nosec" in lower or "coding-agent" in lower) or not _HINT.search(source):
        return ()
    text = Text.of(source)
    found: list[Suppression] = []
    for line, column, comment in comments(source):
        start = text.starts[line] + column
        alone = not text.lines[line][:column].strip()
        found += _read(comment, line, start, _below(text, line) if alone else line)
    return tuple(found)


def _read(comment: str, line: int, start: int, target: int) -> list[Suppression]:
    found: list[Suppression] = []
    if match := _OURS.search(comment):
        names = tuple(_SPLIT.split(match["names"].strip()))
        span = Span(start + match.start(), start + len(comment.rstrip()))
        reason = match["reason"].strip(" -()")
        found.append(Suppression(Dialect.OURS, names, target, span, bool(match["file"]), reason))
    for dialect, pattern in ((Dialect.NOQA, _NOQA), (Dialect.NOSEC, _NOSEC)):
        if match := pattern.search(comment):
            names = tuple(name.upper() for name in _SPLIT.split(match["names"] or "") if name)
            found.append(Suppression(dialect, names, line, Span(start + match.start(), start + match.end())))
    return found


def _below(text: Text, line: int) -> int:
    """The next line with code behind a comment that stands alone."""
    for below in range(line + 1, len(text.lines)):
        body = line_body(text.lines[below]).strip()
        if body and not body.startswith("#"):
            return below
    return line


def comments(source: str) -> list[tuple[int, int, str]]:
    """(line, column, text) of each comment; what follows a place that cannot be tokenised is left out."""
    found: list[tuple[int, int, str]] = []
    tokens = tokenize.generate_tokens(io.StringIO(source, newline="").readline)
    with suppress(tokenize.TokenError, SyntaxError):
        found.extend(
            (token.start[0] - 1, token.start[1], token.string) for token in tokens if token.type == tokenize.COMMENT
        )
    return found
