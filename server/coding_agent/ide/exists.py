"""Functions that somebody writes, as far as they are asked about: which are new, and what is said of them.

New is what was not in the file when it was opened. To ask what is not in the index yet would end the hint with the
first save, and to ask what the last commit has not would say it anew of all that was left as it is on purpose.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.file import FileState
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import Elsewhere
from coding_agent.analysis.ruleset import Enabled, RuleSet
from coding_agent.analysis.suppress import allowed
from coding_agent.analysis.walk import Walk
from coding_agent.syntax.piece import Piece, Role
from coding_agent.syntax.suppressions import suppressions
from coding_agent.text import Span

NAME = "already-exists"
_BEFORE = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))*")
_HEADER = re.compile(r"^([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+([^\W\d]\w*)", re.MULTILINE)
_DECORATOR = re.compile(r"[ \t]*@")


@dataclass(frozen=True, slots=True)
class Written:
    """A function of a module or a class as it is by now: its qualified name, the span of its name in its piece, its
    lines with their decorators, and the line of its ``def`` from 1.
    """

    name: str
    span: Span
    code: str
    line: int
    piece: Piece


class Opened:
    """What a document had when it was opened."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._names: frozenset[str] | None = None

    @property
    def names(self) -> frozenset[str]:
        """The qualified names of its functions; looked for when somebody asks."""
        if self._names is None:
            self._names, self._text = frozenset(_names(self._text)), ""
        return self._names


def written(state: FileState) -> Iterator[Written]:
    """The functions of a document, those that are no Python yet, too."""
    holder = ""
    for placed in state.placed():
        piece = placed.piece
        if piece.role is Role.CLASS:
            holder = placed.report.info.name if placed.report.info is not None else ""
        elif found := _function(piece):
            name = f"{holder}.{found[3]}" if piece.role is Role.MEMBER and holder else found[3]
            start = _start(piece.text)
            code, line = f"{piece.text[start:].rstrip()}\n", placed.line + piece.text.count("\n", 0, found.start()) + 1
            yield Written(name, Span(*found.span(3)), code, line, piece)


def line_of(state: FileState, name: str) -> int | None:
    """The line, from 1, of a function with this qualified name, or else of one of its last name that stands in a block
    or a function; None without.
    """
    lines: set[int] = set()
    for each in written(state):
        if each.name == name:
            return each.line
        lines.add(each.line)
    last = name.rpartition(".")[2]
    for found in _HEADER.finditer(str(state.text)):
        line = state.text.position(found.start(3)).line + 1
        if found[2] == "def" and found[3] == last and line not in lines:
            return line
    return None


def said(new: Written, known: Elsewhere, enabled: Enabled, rules: RuleSet) -> Finding | None:
    """What the rule says of a new function; None where a comment allows it."""
    context = Context(Layout(new.piece.text, False), Walk([], False), {}, None, "", False)
    context.said_by = enabled
    finding: Finding | None = next(iter(enabled.check(known, context)), None)
    if finding is None or allowed(finding, suppressions(new.piece.text), new.piece.text, rules):
        return None
    return finding


def _function(piece: Piece) -> "re.Match[str] | None":
    """The header of the function that a piece is."""
    start = _start(piece.text)
    found = _HEADER.search(piece.text, start)
    if found is None or found[2] == "class" or found[1] != (piece.indent if piece.role is Role.MEMBER else ""):
        return None
    # Other statements before it are other pieces, but where they are not Python yet.
    return found if found.start() == start or _DECORATOR.match(piece.text, start) else None


def _start(text: str) -> int:
    """Where the first line with code begins."""
    before = _BEFORE.match(text)
    return before.end() if before is not None else 0


def _names(text: str) -> Iterator[str]:
    """The qualified names of functions, read without parsing."""
    holder = ""
    for found in _HEADER.finditer(text):
        if not found[1]:
            holder = found[3] if found[2] == "class" else ""
        if found[2] == "def":
            yield f"{holder}.{found[3]}" if found[1] and holder else found[3]


Told = Mapping[str, Finding]
"""Findings by the text of their piece."""
