"""Trees of pieces: made when asked for, the last ones kept; those of large texts are made elsewhere."""

import ast
from dataclasses import dataclass

from coding_agent.syntax.parse import Failure, Parsed, parse
from coding_agent.syntax.piece import Piece, Role

_TOLD = 8
"""Large texts whose parse is remembered."""
_KNOWN = 2_000_000
"""Characters of texts of which is remembered whether they are Python."""

UNREAD = Failure("too large to be read here", 0, 0)
"""What is known of a large text before somebody tells."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that is too large to be parsed where it is cut. Parse it elsewhere, `Trees.tell` what that gives, go on.

    Without an answer it is taken for broken.
    """

    text: str
    indented: bool


class Trees:
    """The last trees made, by the text they were made of.

    Bounded by characters, because trees take a hundred times the memory of their text, and memory that is used again
    at once is quicker than other: a long file costs a twentieth more where four times as much is kept. What a piece's
    analysis yields is kept elsewhere. Whether a text is Python is remembered longer, so that a class of any length is
    cut again at the price of what changed. Texts of more than ``largest`` characters are never parsed here.
    """

    def __init__(self, characters: int = 1_000, largest: int | None = None) -> None:
        self._largest = largest
        self._kept: dict[tuple[str, bool], Parsed] = {}
        self._room = characters
        self._left = characters
        self._told: dict[tuple[str, bool], Failure | None] = {}
        self._known: dict[tuple[str, bool], Failure | None] = {}
        self._known_left = _KNOWN

    def is_large(self, text: str) -> bool:
        """Whether a text is parsed elsewhere."""
        return self._largest is not None and len(text) > self._largest

    def tell(self, text: str, indented: bool, failure: Failure | None) -> None:
        """Say what the parse of a large text gave; the last ones are remembered."""
        self._told[text, indented] = failure
        if len(self._told) > _TOLD:
            del self._told[next(iter(self._told))]

    def failure(self, text: str, indented: bool) -> Failure | None:
        """Why a text is not Python, None where it is, ``UNREAD`` where the question is still to be answered."""
        if self.is_large(text):
            return self._told.get((text, indented), UNREAD)
        key = (text, indented)
        failure = self._known.get(key, UNREAD)
        if failure is UNREAD:
            failure = self._known[key] = self.parse(text, indented).failure
            self._known_left -= len(text)
            while self._known_left < 0 and len(self._known) > 1:
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._known_left += len(oldest[0])
        return failure

    def parse(self, text: str, indented: bool) -> Parsed:
        key = (text, indented)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = parse(text, indented)
            self._left -= len(text)
            while self._left < 0 and len(self._kept) > 1:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._left += len(oldest[0])
        return found

    def of(self, piece: Piece) -> list[ast.stmt]:
        """The statements of a piece; none where it is broken, or large. Lines as in ``parse``."""
        if piece.failure or self.is_large(piece.source):
            return []
        return self.parse(piece.source, piece.role is Role.MEMBER).body
