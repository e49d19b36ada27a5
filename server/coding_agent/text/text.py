"""An immutable text that knows its lines.

Lines end at ``\\n``, ``\\r\\n`` and ``\\r`` and nowhere else; ``str.splitlines`` would
also break at form feeds, U+2028 and others, and positions would drift.
"""

from bisect import bisect_right
from collections.abc import Sequence
from io import StringIO
from itertools import accumulate
from typing import NamedTuple

from coding_agent.text.span import Position, Span
from coding_agent.text.units import Units, from_units, to_units


def split_lines(text: str) -> list[str]:
    """Split ``text`` into lines that keep their ends; the last may have none.

    ``"".join(split_lines(text)) == text``; an empty text has no line.
    """
    if "\r" in text:
        return StringIO(text, newline="").readlines()
    lines = text.split("\n")
    last = lines.pop()
    lines = [line + "\n" for line in lines]
    if last:
        lines.append(last)
    return lines


def line_table(text: str) -> list[int]:
    """Return the offset of the first character of every line.

    Invariant: ``table[0] == 0`` and strictly rising; a text that ends with a line end
    has one more (empty) line behind it.
    """
    if "\r" not in text:
        lengths = map(len, text.split("\n")[:-1])
        return [start + ends for ends, start in enumerate(accumulate(lengths, initial=0))]
    lines = split_lines(text)
    if lines[-1][-1] in "\r\n":
        lines.append("")
    return [0, *accumulate(map(len, lines[:-1]))]


def line_body(line: str) -> str:
    """Return ``line`` without its end."""
    return line.rstrip("\r\n")


class Text:
    """An immutable text: a list of lines, its offsets and its join made when first asked for.

    ``lines`` keep their ends. Invariant: every line but the last ends with a line end, and
    the last never does (it may be empty), so that ``len(lines)`` is what an editor shows.
    """

    __slots__ = ("_joined", "_starts", "lines")

    def __init__(self, lines: list[str], joined: str | None = None) -> None:
        self.lines: Sequence[str] = lines
        self._joined = joined
        self._starts: list[int] | None = None

    @classmethod
    def of(cls, text: str) -> "Text":
        lines = split_lines(text)
        if not lines or lines[-1][-1] in "\r\n":
            lines.append("")
        return cls(lines, text)

    def __str__(self) -> str:
        if self._joined is None:
            self._joined = "".join(self.lines)
        return self._joined

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def starts(self) -> Sequence[int]:
        """The line table, see ``line_table``."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(len, self.lines[:-1]))]
        return self._starts

    def __len__(self) -> int:
        return self.starts[-1] + len(self.lines[-1])

    def offset(self, position: Position) -> int:
        """Return the offset of a position; past a line's end means its end, past the last line the text's end."""
        line, column = position
        if line >= len(self.lines):
            return len(self)
        return self.starts[line] + min(column, len(line_body(self.lines[line])))

    def position(self, offset: int) -> Position:
        """Return the position of an offset in ``0..len(self)``."""
        line = bisect_right(self.starts, offset) - 1
        return Position(line, offset - self.starts[line])

    def from_client(self, line: int, character: int, units: Units) -> Position:
        """Return the position a client means; anything past an end means that end."""
        if line >= len(self.lines):
            return Position(len(self.lines) - 1, len(self.lines[-1]))
        return Position(line, from_units(line_body(self.lines[line]), character, units))

    def to_client(self, offset: int, units: Units) -> tuple[int, int]:
        """Return the client's (line, character) of an offset."""
        line, column = self.position(offset)
        return line, to_units(self.lines[line], column, units)

    def slice(self, span: Span) -> str:
        return str(self)[span.start : span.stop]

    def splice(self, start: Position, stop: Position, new: str) -> "Splice":
        """Replace ``start..stop`` by ``new``; the cost does not grow with the text's length,
        only with its number of lines (one list copy).
        """
        lines = self.lines
        first, last = start.line, stop.line
        middle = lines[first][: start.column] + new + lines[last][stop.column :]
        # A "\r" that now stands before a "\n" is one line end, so the line before takes part.
        if first and middle[:1] == "\n" and lines[first - 1][-1] == "\r":
            first -= 1
            middle = lines[first] + middle
        fresh = split_lines(middle)
        if last == len(lines) - 1 and (not fresh or fresh[-1][-1] in "\r\n"):
            fresh.append("")
        return Splice(Text([*lines[:first], *fresh, *lines[last + 1 :]]), first, len(lines) - 1 - last)


class Splice(NamedTuple):
    """A text after an edit, and how many of its first and last lines the edit left alone."""

    text: Text
    head: int
    tail: int
