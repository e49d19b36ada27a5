"""Marks in a text: one ``$0`` is a cursor, two enclose a selection."""

from coding_agent.text import Span


def span_of(marked: str) -> tuple[str, Span]:
    """A text without its marks, and the span they enclose."""
    parts = marked.split("$0")
    assert len(parts) in {2, 3}, "one mark, or two"
    start = len(parts[0])
    return "".join(parts), Span(start, start + (len(parts[1]) if len(parts) == 3 else 0))
