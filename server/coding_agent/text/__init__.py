"""Spans, lines, position units, edits. Standard library only; knows no file."""

from coding_agent.text.edit import Edit, apply_edits, unified
from coding_agent.text.span import Position, Span
from coding_agent.text.text import Splice, Text, line_body, line_table, split_lines
from coding_agent.text.units import Units, from_units, to_units

__all__ = [
    "Edit",
    "Position",
    "Span",
    "Splice",
    "Text",
    "Units",
    "apply_edits",
    "from_units",
    "line_body",
    "line_table",
    "split_lines",
    "to_units",
    "unified",
]
