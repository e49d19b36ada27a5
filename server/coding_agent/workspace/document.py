"""A document as an editor shows it, and what editors send when it changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from coding_agent.text import Position, Text, Units


@dataclass(frozen=True, slots=True)
class Change:
    """What a client sent: a replacement of ``start..stop``, (line, character) in the client's units, or of
    everything where both are None.
    """

    new: str
    start: tuple[int, int] | None = None
    stop: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One text at one version. ``version`` is the editor's number, ``revision`` counts the workspace's changes."""

    uri: str
    version: int | None
    revision: int
    text: Text
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Same:
    """How many lines at the start and the end of two texts are equal, at least."""

    head: int
    tail: int

    def and_then(self, later: "Same") -> "Same":
        """The same of the first and the last of three texts."""
        return Same(min(self.head, later.head), min(self.tail, later.tail))


EVERYTHING = Same(1 << 60, 1 << 60)


def changed(text: Text, changes: Iterable[Change], units: Units) -> tuple[Text, Same]:
    """Make changes one after the other, each counted in the text that the ones before it left.

    Positions past a line's end mean its end, past the last line the end of the text; a stop before
    its start is taken as the start.
    """
    same = EVERYTHING
    for change in changes:
        if change.start is None or change.stop is None:
            text, same = Text.of(change.new), Same(0, 0)
            continue
        start = text.from_client(*change.start, units)
        stop = max(start, text.from_client(*change.stop, units))
        splice = text.splice(Position(*start), Position(*stop), change.new)
        text, same = splice.text, same.and_then(Same(splice.head, splice.tail))
    return text, same
