"""Where one piece ends and the next begins: one way through the lines, from the first to the last."""

import re
from collections.abc import Generator, Iterator, Sequence

from coding_agent.syntax.parse import UNINDENT, Failure
from coding_agent.syntax.piece import Chunk, Piece, Role
from coding_agent.syntax.scanner import settled
from coding_agent.syntax.trees import UNREAD, Trees, Unread

_JOIN = re.compile(r"(?:else|elif|except|finally)\b")
_JOINS = frozenset("ef")
_NO_START = frozenset(" \t#\r\n)]}")
_BLANK = frozenset(" \t\r\n")
_CLASS = re.compile(r"class\b")
_BEYOND = 1 << 60


class Cutter:
    """Cuts lines into chunks; parses by ``trees``."""

    def __init__(self, lines: Sequence[str], trees: Trees) -> None:
        # The empty line behind a final line end is nothing to parse, but it is part of the last piece.
        self.lines = lines
        self.trees = trees
        self.seen = 0
        """One past the last line looked at since the chunk began."""

    def chunks(self, at: int) -> Iterator[Chunk | Piece | Unread | None]:
        """The chunks from line ``at`` on, None wherever a pause can be made, and what is to be parsed elsewhere; the
        pieces of a class one by one before its chunk.
        """
        while at < len(self.lines):
            self.seen = at
            first = self._statement(at, "")
            pieces = (yield from self._class(at, first)) if _CLASS.match(self.lines[first]) else None
            if not pieces:
                pieces = [(yield from self._piece(at, first, Role.STATEMENTS, "", ""))]
            count = sum(piece.lines for piece in pieces)
            ends = at + count >= len(self.lines)
            yield Chunk(tuple(pieces), count, _BEYOND if ends else max(self.seen - at, count + 1))
            at += count

    def _failure(self, text: str, indented: bool) -> Generator[Unread, None, Failure | None]:
        """Why a text is not Python, None where it is."""
        failure = self.trees.failure(text, indented)
        if failure is UNREAD:
            yield Unread(text, indented)
            failure = self.trees.failure(text, indented)
        return failure

    def _piece(self, at: int, first: int, role: Role, indent: str, owner: str) -> Generator[Unread | None, None, Piece]:
        """The piece that begins at line ``at``, its first statement at line ``first``."""
        lines, indented = self.lines, role is Role.MEMBER
        stop = self._border(first, indent)
        text = "".join(lines[at:stop])
        failure = self.trees.failure(text, indented)
        if failure is None:  # Nearly always, and no generator is made for it.
            return Piece(text, stop - at, role, indent, owner)
        if failure is UNREAD:
            failure = yield from self._failure(text, indented)
        if failure is not None and (farther := (yield from self._settled_border(at, stop, indent))):
            longer = "".join(lines[at:farther])
            if (yield from self._failure(longer, indented)) is None:
                return Piece(longer, farther - at, role, indent, owner)
        if failure is not None and failure.message != UNINDENT and first > at:
            alone = yield from self._failure("".join(lines[first:stop]), indented)
            half = (yield from self._half_decorator(at, first, role, indent, owner)) if alone is None else None
            if half is not None:
                return half
        return Piece(text, stop - at, role, indent, owner, failure)

    def _half_decorator(
        self, at: int, first: int, role: Role, indent: str, owner: str
    ) -> Generator[Unread, None, Piece | None]:
        """The lines above a definition at line ``first`` that is whole without them: they alone are broken."""
        border = self._before_comments(first, at + 1, indent)
        text = "".join(self.lines[at:border])
        failure = yield from self._failure(text, role is Role.MEMBER)
        return None if failure is None else Piece(text, border - at, role, indent, owner, failure)

    def _settled_border(self, at: int, stop: int, indent: str) -> Generator[None, None, int]:
        """The first border behind ``stop`` where all that was opened since ``at`` is closed, 0 if there is none or
        nothing is open at ``stop``.
        """
        lines = self.lines
        # The statement that the lines before belong to: behind a decorator there is no border.
        start = at
        while start < stop and not self._starts(lines[start], indent):
            start += 1
        floor = at
        for step in settled(lines, at):
            if step is None:
                yield
                continue
            line, closed = step
            self.seen = max(self.seen, line + 1)
            if not closed:
                # Line ``line`` belongs to what is open, although it may look like a comment.
                floor = line + 1
                continue
            if line <= start:
                continue
            decorated = _decorates(lines[start], indent)
            if line == stop and not decorated:
                return 0
            if line < len(lines) and not self._starts(lines[line], indent):
                continue
            if line > stop and not decorated:
                return self._before_comments(line, max(floor, stop), indent)
            start = line
        return 0

    def _class(self, at: int, first: int) -> Generator[Piece | Unread | None, None, list[Piece]]:
        """The pieces from line ``at`` on of the class that begins at line ``first``, each yielded as soon as it is cut;
        empty if it cannot be cut.
        """
        lines = self.lines
        start = yield from self._body(first)
        if start is None:
            return []
        body, indent = start
        header = "".join(lines[at:body])
        shown = Piece(header, body - at, Role.CLASS, indent)
        failure = yield from self._failure(shown.source, False)
        if failure is not None and first > at:
            alone = Piece("".join(lines[first:body]), body - first, Role.CLASS, indent)
            whole = (yield from self._failure(alone.source, False)) is None
            half = (yield from self._half_decorator(at, first, Role.STATEMENTS, "", "")) if whole else None
            if half is not None:
                return [half]
        pieces = [Piece(header, body - at, Role.CLASS, indent, "", failure)]
        yield pieces[0]
        line = body
        while line < len(lines):
            begins = self._start(line, indent)
            if line != body and not self._starts_at(lines[begins], indent):
                break
            piece = yield from self._piece(line, self._statement(begins, indent), Role.MEMBER, indent, header)
            if piece.failure and piece.failure.message == UNINDENT:
                return []
            pieces.append(piece)
            line += piece.lines
            yield piece
        return pieces

    def _body(self, first: int) -> Generator[None, None, tuple[int, str] | None]:
        """The line where the body of the class at line ``first`` begins, and its indentation."""
        lines = self.lines
        for step in settled(lines, first):
            if step is None:
                yield
                continue
            line, closed = step
            self.seen = max(self.seen, line)
            if not closed:
                continue
            code = lines[line - 1].partition("#")[0].rstrip()
            if not code.endswith(":"):
                return None
            at = line
            while at < len(lines) and (not lines[at].strip() or lines[at].lstrip()[0] == "#"):
                at += 1
            self.seen = max(self.seen, at + 1)
            if at == len(lines):
                return None
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip(" \t"))]
            return (self._before_comments(at, line, indent), indent) if indent else None
        return None

    def _start(self, at: int, indent: str) -> int:
        """The first line from ``at`` on where a statement may start."""
        lines, depth = self.lines, len(indent)
        while at < len(lines):
            line = lines[at]
            # Comments and what stands deeper are known by two characters, where no form feed moves the margin.
            inside = line[:1] in _NO_START and line[depth : depth + 1] in _NO_START and "\x0c" not in line
            if not inside and self._starts(line, indent):
                break
            at += 1
        self.seen = max(self.seen, at + 1)
        return min(at, len(lines) - 1)

    def _statement(self, at: int, indent: str) -> int:
        """The line of the first statement from ``at`` on that is no decorator: where what is decorated begins."""
        lines = self.lines
        at = self._start(at, indent)
        while at + 1 < len(lines) and _decorates(lines[at], indent):
            at = self._start(at + 1, indent)
        return at

    def _border(self, at: int, indent: str) -> int:
        """The first line behind ``at`` where another piece begins."""
        lines, size = self.lines, len(self.lines)
        line = at + 1
        if indent:
            depth = len(indent)
            while line < size:
                text = lines[line]
                # Most lines stand deeper, are empty or are comments: known by two characters.
                if not (text[:1] in _BLANK and text[depth : depth + 1] in _NO_START) and self._starts(text, indent):
                    break
                line += 1
        else:
            while line < size:
                start = lines[line][:1]
                if start not in _NO_START and start and self._starts(lines[line], indent):
                    break
                line += 1
        self.seen = max(self.seen, line + 1)
        return self._before_comments(line, at + 1, indent) if line < size else size

    def _before_comments(self, line: int, floor: int, indent: str) -> int:
        """Comments right above a statement, at its indentation, belong to it; so do bare backslashes at the margin,
        which leave the indentation to the next line.
        """
        mark = indent + "#"
        while line > floor and ((above := self.lines[line - 1]).startswith(mark) or above.rstrip("\r\n") == "\\"):
            line -= 1
        return line

    def _starts(self, line: str, indent: str) -> bool:
        """Whether a statement at ``indent`` or at the margin may start here."""
        margin = (line[:1] not in _BLANK or "\x0c" in line) and self._starts_at(line, "")
        return margin or (indent != "" and self._starts_at(line, indent))

    @staticmethod
    def _starts_at(line: str, indent: str) -> bool:
        if "\x0c" in line:
            line = from_margin(line)
        size = len(indent)
        return (
            line.startswith(indent)
            and len(line) > size
            and line[size] not in _NO_START
            # A backslash at the margin leaves the indentation to the next line.
            and (size > 0 or line[0] != "\\")
            and (line[size] not in _JOINS or not _JOIN.match(line, size))
        )


def _decorates(line: str, indent: str) -> bool:
    return (from_margin(line) if "\x0c" in line else line).startswith("@", len(indent))


def from_margin(line: str) -> str:
    """What counts of a line: a form feed in its indentation sets the column back to 0."""
    blank = len(line) - len(line.lstrip(" \t\x0c"))
    return line[line.rfind("\x0c", 0, blank) + 1 :]
