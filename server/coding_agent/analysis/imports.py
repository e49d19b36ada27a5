"""Adds the imports that a fix needs."""

from coding_agent.analysis.file import FileState
from coding_agent.analysis.finding import Fix
from coding_agent.syntax.pieces import Piece
from coding_agent.text import Edit, Span, Text


def with_imports(fix: Fix, state: FileState) -> Fix:
    """Return ``fix`` with edits that import what it needs and the file does not have, in the document's offsets."""
    missing = [module for module in fix.imports if state.names.get(module.partition(".")[0]) != module.partition(".")[0]]
    if not missing:
        return fix
    at, end = _place(state)
    lines = "".join(f"import {module}{end}" for module in missing)
    return Fix(fix.title, (Edit(Span(at, at), lines), *fix.edits), fix.applicability, fix.imports)


def _place(state: FileState) -> tuple[int, str]:
    """Where imports are added, and the text's line end: before the first top-level import that is not of
    ``__future__``, else behind the docstring and those, else at the first statement.
    """
    end = _line_end(state)
    behind = None
    for placed in state.placed():
        report = placed.report
        if not report.imports:
            if _is_docstring(placed.piece):
                behind = placed.offset + len(placed.piece.text)
                continue
            break
        first = report.imports[0]
        if first.module != "__future__":
            return placed.offset + _statement_start(placed.piece.text, first.span.start), end
        behind = placed.offset + len(placed.piece.text)
    return (_first_code(state.text), end) if behind is None else (behind, end)


def _is_docstring(piece: Piece) -> bool:
    code = next((line for line in piece.text.split("\n") if line.strip() and not line.startswith("#")), "")
    return code.lstrip("rRbBuU").startswith(('"', "'")) or not code


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
