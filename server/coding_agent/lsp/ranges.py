"""Spans as the client's ranges, and back."""

from coding_agent.lsp.connection import Json
from coding_agent.lsp.shapes import inside, position_of
from coding_agent.text import Edit, Span, Text, Units


def range_of(text: Text, span: Span, units: Units) -> Json:
    """The client's range of a span."""
    (line, character), (last, end) = text.to_client(span.start, units), text.to_client(span.stop, units)
    return {"start": {"line": line, "character": character}, "end": {"line": last, "character": end}}


def span_of(text: Text, place: Json, units: Units) -> Span:
    """The span a client's range means; an end before its start is taken as the start."""
    start = text.offset(text.from_client(*position_of(inside(place, "start")), units))
    stop = text.offset(text.from_client(*position_of(inside(place, "end")), units))
    return Span(start, max(start, stop))


def text_edits(text: Text, edits: tuple[Edit, ...], units: Units) -> list[Json]:
    return [{"range": range_of(text, edit.span, units), "newText": edit.new} for edit in edits]
