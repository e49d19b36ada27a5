"""Adds the imports that fixes need."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from coding_agent.analysis.file import FileState
from coding_agent.analysis.finding import Fix
from coding_agent.syntax.pieces import Piece
from coding_agent.text import Edit, Span, Text


class Imports:
    """What a file imports, and where more is added: looked for once, however many fixes ask."""

    def __init__(self, state: FileState) -> None:
        self._state = state

    def missing(self, modules: Iterable[str]) -> list[str]:
        """Those of the dotted modules whose name the file does not bind to them."""
        names = self._state.names
        return [module for module in modules if names.get(top := module.partition(".")[0]) != top]

    def edit(self, modules: Iterable[str]) -> Edit:
        """Import modules, in the document's offsets."""
        place = self._place
        lines = "".join(f"import {module}{place.end}" for module in modules)
        return Edit(
            Span(place.at, place.at), place.end * place.above + lines + place.end * place.below if lines else ""
        )

    def added(self, fix: Fix) -> Fix:
        """Return ``fix``, in the document's offsets, with an edit that imports what it needs and the file lacks."""
        missing = self.missing(fix.imports)
        return replace(fix, edits=(self.edit(missing), *fix.edits)) if missing else fix

    @cached_property
    def _place(self) -> "_Place":
        return _place(self._state)


class _Place(NamedTuple):
    """Where imports are added, how many empty lines they bring above and below them, and the text's line end."""

    at: int
    end: str
    above: int = 0
    below: int = 0


def _place(state: FileState) -> _Place:
    """Before the first top-level import that is not of ``__future__``, else behind the docstring and those, else at
    the first statement.
    """
    end = _line_end(state)
    behind = None
    for placed in state.placed():
        report = placed.report
        if not report.imports:
            if _is_docstring(placed.piece):
                behind = placed.offset + len(placed.piece.text.rstrip())
                continue
            break
        first = report.imports[0]
        if first.module != "__future__":
            return _Place(placed.offset + _statement_start(placed.piece.text, first.span.start), end)
        behind = placed.offset + len(placed.piece.text.rstrip())
    if behind is None:
        at, above = _first_code(state.text), 0
    else:
        at, above = state.text.starts[state.text.position(behind).line + 1], 1
    return _Place(at, end, above, _below(state.text, at))


def _below(text: Text, at: int) -> int:
    """How many empty lines are missing between imports at an offset and what follows: as formatters want them."""
    for empty, line in enumerate(islice(text.lines, text.position(at).line, None)):
        if line.strip():
            wanted = 2 if line.startswith(("def ", "class ", "async ", "@")) else 1
            return max(wanted - empty, 0)
    return 0


def _is_docstring(piece: Piece) -> bool:
    code = _first_code_line(piece.text)
    return code.lstrip("rRbBuU").startswith(('"', "'")) or not code


def _first_code_line(text: str) -> str:
    """The first line that is neither empty nor a comment, "" where there is none; the rest is not looked at."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start) + 1 or len(text)
        line = text[start:stop]
        if line.strip() and not line.startswith("#"):
            return line
        start = stop
    return ""


def _first_code(text: Text) -> int:
    """The offset of the first line that is neither empty nor a comment."""
    offset = 0
    for line in text.lines:
        if line.strip() and not line.startswith("#"):
            return offset
        offset += len(line)
    return 0


def _statement_start(text: str, offset: int) -> int:
    """The start of the line in which the piece's statement starts; ``offset`` is that of an import in it."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    if not text[start:offset].strip() and start != offset:
        # The import stands in a block: what is added goes above the block.
        return _first_code(Text.of(text))
    return start


def _line_end(state: FileState) -> str:
    line = state.text.lines[0]
    return line[len(line.rstrip("\r\n")) :] or "\n"
