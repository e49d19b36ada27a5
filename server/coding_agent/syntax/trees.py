"""Trees of pieces: made when asked for, the last ones kept."""

import ast

from coding_agent.syntax.parse import Parsed, parse
from coding_agent.syntax.piece import Piece, Role


class Trees:
    """The last trees made, by the text they were made of.

    Bounded by characters, because trees take a hundred times the memory of their text; what a piece's
    analysis yields is kept elsewhere.
    """

    def __init__(self, characters: int = 200_000) -> None:
        self._kept: dict[tuple[str, bool], Parsed] = {}
        self._room = characters
        self._left = characters

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
        """The statements of a piece; none where it is broken. Lines as in ``parse``."""
        return [] if piece.failure else self.parse(piece.source, piece.role is Role.MEMBER).body
