"""Pieces: the units of incremental analysis.

A text is cut at its top-level statements, and classes at their members. A piece that parses
alone left the tokenizer neutral, so the cut is exact: joined, the trees equal ``ast.parse`` of
the whole, positions included. A piece that does not parse is tried together with what follows,
as far as its brackets and quotes reach; when that does not parse either it is *broken*, alone,
and its neighbours are not.

Cutting goes from the first line to the last and never looks back, so an old border behind an
edit that comes up again means that all that follows is as it was.
"""

import ast
from collections.abc import Iterator, Sequence

from coding_agent.syntax.cutter import Cutter
from coding_agent.syntax.parse import parse
from coding_agent.syntax.piece import Chunk, Piece, Role
from coding_agent.syntax.trees import UNREAD, Trees, Unread
from coding_agent.text import Text

__all__ = ["UNREAD", "Chunk", "Piece", "Recut", "Role", "Trees", "Unread", "cut", "joined", "recut"]


def cut(text: Text, trees: Trees) -> Iterator[Chunk]:
    """Cut a text from scratch, chunk by chunk."""
    return (chunk for chunk in Cutter(text.lines, trees).chunks(0) if isinstance(chunk, Chunk))


class Recut:
    """Cuts ``text`` again where it differs from the text that ``old`` was cut from; iterate to get the new chunks,
    and in between None wherever a pause can be made (a class can be long), ``Unread`` where an answer is needed.

    ``head`` and ``tail`` say how many lines at the start and the end are equal. ``kept`` chunks of
    ``old`` stay at the start; once all new ones are out, ``kept_at_end`` says how many stay at the end.
    """

    def __init__(self, old: Sequence[Chunk], text: Text, head: int, tail: int, trees: Trees) -> None:
        self.kept = 0
        self.kept_at_end = 0
        start = 0
        for chunk in old:
            if start + chunk.reach > head:
                break
            start += chunk.lines
            self.kept += 1
        self.first_line = start
        # Old borders behind the edit, counted from the end of the text, where both texts agree.
        self._borders: dict[int, int] = {}
        below = 0
        for count, chunk in enumerate(reversed(old[self.kept :]), 1):
            below += chunk.lines
            if below > tail:
                break
            self._borders[len(text.lines) - below] = count
        self._cutter = Cutter(text.lines, trees)

    def __iter__(self) -> Iterator[Chunk | Piece | Unread | None]:
        at = self.first_line
        for chunk in self._cutter.chunks(at):
            if not isinstance(chunk, Chunk):
                yield chunk
                continue
            at += chunk.lines
            self.kept_at_end = self._borders.get(at, 0)
            yield chunk
            if self.kept_at_end:
                return


def recut(old: Sequence[Chunk], text: Text, head: int, tail: int, trees: Trees) -> list[Chunk]:
    """All chunks of ``text``, those of ``old`` where nothing changed; see ``Recut``."""
    again = Recut(old, text, head, tail, trees)
    fresh = [chunk for chunk in again if isinstance(chunk, Chunk)]
    return [*old[: again.kept], *fresh, *old[len(old) - again.kept_at_end :]]


def joined(chunks: Sequence[Chunk]) -> ast.Module | None:
    """The tree of the whole text, as ``ast.parse`` makes it; None while a piece is broken. For tests."""
    body: list[ast.stmt] = []
    line = 0
    holder: ast.ClassDef | None = None
    for chunk in chunks:
        for piece in chunk.pieces:
            if piece.failure:
                return None
            fresh = parse(piece.source, piece.role is Role.MEMBER).body
            shift = line - (piece.role is Role.MEMBER)
            for statement in fresh:
                ast.increment_lineno(statement, shift)
            if piece.role is Role.MEMBER and holder is not None:
                holder.body += fresh
            else:
                body += fresh
                holder = None
            if piece.role is Role.CLASS:
                assert isinstance(fresh[-1], ast.ClassDef)
                holder = fresh[-1]
                holder.body.clear()
            if holder is not None and holder.body:
                holder.end_lineno = holder.body[-1].end_lineno
                holder.end_col_offset = holder.body[-1].end_col_offset
            line += piece.lines
    return ast.Module(body, [])
