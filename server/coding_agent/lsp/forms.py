"""Ready JSON of what a file's pieces show: made once per piece, afterwards only line numbers are filled in.

A file of 20 000 lines has two thousand symbols, and editors ask for them with each key.
"""

from collections.abc import Callable, Generator
from typing import NamedTuple

from coding_agent.analysis.context import ClassInfo
from coding_agent.analysis.file import FileState
from coding_agent.analysis.report import Report
from coding_agent.lsp.connection import Json, encoded
from coding_agent.lsp.ranges import range_of
from coding_agent.syntax.pieces import Piece
from coding_agent.text import Span, Text, Units


class Form(NamedTuple):
    """JSON with a ``%d`` for each of ``lines``, which count from the first line of the piece.

    ``end`` is where its code ends, line and the client's character; None where it has none.
    """

    form: bytes
    lines: tuple[int, ...] = ()
    end: tuple[int, int] | None = None

    def at(self, line: int) -> bytes:
        """The JSON of a piece that begins at ``line``."""
        return self.form % tuple([line + each for each in self.lines])


class Shown(NamedTuple):
    """A piece's form where the piece stands, and what it is to a class."""

    line: int
    form: Form
    heads: bool
    """It is the header of a class."""
    member: bool
    """It stands in the class whose header came last."""


Make = Callable[[Piece, Report, ClassInfo | None], Form]
"""Makes the form of a piece; the last is the class that the piece is a member of."""


class Forms:
    """The forms of open documents' pieces, kept as long as the piece is in its document."""

    def __init__(self) -> None:
        # Reports are kept beside their forms, so that no id comes to mean another one.
        self._made: dict[str, dict[int, tuple[Report, Form]]] = {}
        self._looks: dict[str, object] = {}

    def forget(self, uri: str) -> None:
        self._made.pop(uri, None)
        self._looks.pop(uri, None)

    def each(self, state: FileState, uri: str, make: Make, look: object = None) -> Generator[Shown]:
        """The pieces of a document in order; ``make`` gives the form of one that is new.

        Under another ``look`` than the last all are new.
        """
        if self._looks.setdefault(uri, look) != look:
            self._made.pop(uri, None)
            self._looks[uri] = look
        known = self._made.setdefault(uri, {})
        used: dict[int, tuple[Report, Form]] = {}
        line = 0
        for unit in state.units:
            owner: ClassInfo | None = None
            for piece, report in zip(unit.chunk.pieces, unit.reports, strict=True):
                made = known.get(id(report))
                if made is None:
                    made = known[id(report)] = (report, make(piece, report, owner))
                used[id(report)] = made
                yield Shown(line, made[1], report.info is not None, owner is not None)
                owner = owner or report.info
                line += piece.lines
        if uri in self._made:
            self._made[uri] = used


class Writer:
    """Writes forms over the text of one piece; ``lines`` are those to fill them with, in order."""

    def __init__(self, piece: Piece, units: Units) -> None:
        self.lines: list[int] = []
        self._text = Text.of(piece.text)
        self._units = units

    def place(self, offset: int) -> tuple[int, int]:
        """Line and the client's character of an offset."""
        return self._text.to_client(offset, self._units)

    def line(self, offset: int) -> bytes:
        self.lines.append(self._text.position(offset).line)
        return b"%d"

    def open_range(self, span: Span) -> bytes:
        """A range whose end, line and character, is to be filled in behind its first line."""
        line, character = self.place(span.start)
        self.lines.append(line)
        return b'{"start":{"line":%%d,"character":%d},"end":{"line":%%d,"character":%%d}}' % character

    def range(self, span: Span) -> bytes:
        found = range_of(self._text, span, self._units)
        start, end = found["start"], found["end"]
        self.lines += (start["line"], end["line"])
        return b'{"start":{"line":%%d,"character":%d},"end":{"line":%%d,"character":%d}}' % (
            start["character"],
            end["character"],
        )


def form(value: Json) -> bytes:
    """JSON that stays as it is when a form is filled."""
    return encoded(value).replace(b"%", b"%%")
