"""Spans and positions: where something stands in a text, in code points."""

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of offsets, in code points."""

    start: int
    stop: int

    def shifted(self, by: int) -> "Span":
        return Span(self.start + by, self.stop + by)

    def touches(self, other: "Span") -> bool:
        """Whether the spans overlap or meet; an empty span touches what it borders on."""
        return self.start <= other.stop and other.start <= self.stop

    def covers(self, other: "Span") -> bool:
        return self.start <= other.start and other.stop <= self.stop


class Position(NamedTuple):
    """Line and column, both from 0; the column counts code points."""

    line: int
    column: int
