"""What is remembered of pieces: their reports, by all that decides them."""

from collections.abc import Mapping

from coding_agent.analysis.context import BUILTINS, ClassInfo
from coding_agent.analysis.report import Report
from coding_agent.syntax.pieces import Piece, Role


class Memo:
    """Reports by the piece's text, role, class and path, and what the outer names it reads mean.

    The oldest are forgotten beyond ``room`` reports.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._reads: dict[tuple[str, str], frozenset[str]] = {}
        self._reports: dict[tuple[object, ...], Report] = {}

    def get(self, piece: Piece, names: Mapping[str, str | None], owner: ClassInfo | None, path: str) -> Report | None:
        reads = self._reads.get((piece.text, piece.indent))
        return None if reads is None else self._reports.get(_key(piece, reads, names, owner, path))

    def keep(
        self, piece: Piece, names: Mapping[str, str | None], owner: ClassInfo | None, path: str, report: Report
    ) -> None:
        self._reads[piece.text, piece.indent] = report.reads
        self._reports[_key(piece, report.reads, names, owner, path)] = report
        if len(self._reports) > self._room:
            for _ in range(max(self._room // 10, 1)):
                del self._reports[next(iter(self._reports))]
            for _ in range(len(self._reads) - self._room):
                del self._reads[next(iter(self._reads))]


def _key(
    piece: Piece, reads: frozenset[str], names: Mapping[str, str | None], owner: ClassInfo | None, path: str
) -> tuple[object, ...]:
    # A name that the module defines itself means as little as one that is not seen yet, unless it hides a builtin.
    meanings = frozenset(
        [(name, names[name]) for name in reads if name in names and (names[name] is not None or name in BUILTINS)]
    )
    return (piece.text, piece.indent, piece.role is Role.CLASS, piece.failure is None, owner, path, meanings)
