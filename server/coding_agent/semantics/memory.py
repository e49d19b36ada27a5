"""What jedi said, kept: an answer that came too late for its question is there for the next."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from coding_agent.semantics.symbol import Project, SymbolInfo


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that jedi is asked about, in the words under which its answer is remembered.

    ``path`` and ``text`` with the name's line and column say exactly where it stands. ``dotted`` is what it means by
    the imports of its file, None where something else decides. ``piece`` is the piece around it, ``at`` its offset
    there. Of texts only hashes are kept.
    """

    project: Project
    path: str
    text: int
    line: int
    column: int
    dotted: str | None
    piece: int
    at: int

    @property
    def sure(self) -> tuple[object, ...]:
        """Keys under which an answer is as good as a new one, the best first."""
        exact = (self.project, self.path, self.text, self.line, self.column)
        # A relative import means another module in another folder.
        folder = str(Path(self.path).parent) if self.dotted and self.dotted.startswith(".") else ""
        return (exact, *(((self.project, folder, self.dotted),) if self.dotted else ()))

    @property
    def likely(self) -> object:
        """The key of an answer that edits elsewhere in the file may have made untrue."""
        return self.project, self.path, self.piece, self.at


@dataclass(frozen=True, slots=True)
class Answer:
    """What jedi said, and when the file that it speaks about was written, in nanoseconds (0: there is none)."""

    symbol: SymbolInfo | None
    written: int


class Memory:
    """The last answers. One that speaks about a file is good until that file is written."""

    def __init__(self, room: int = 4_000) -> None:
        self._room = room
        self._answers: OrderedDict[object, Answer] = OrderedDict()

    def learn(self, asked: Asked, symbol: SymbolInfo | None) -> None:
        answer = Answer(symbol, _written(symbol))
        for key in (*asked.sure, asked.likely):
            self._answers[key] = answer
            self._answers.move_to_end(key)
        while len(self._answers) > self._room:
            self._answers.popitem(last=False)

    def sure(self, asked: Asked) -> Answer | None:
        """An answer as good as a new one; None where there is none."""
        return next((found for key in asked.sure if (found := self._good(key)) is not None), None)

    def likely(self, asked: Asked) -> Answer | None:
        """An answer that beats none."""
        return self._good(asked.likely)

    def forget(self) -> None:
        """Imports may come from elsewhere, or files changed."""
        self._answers.clear()

    def _good(self, key: object) -> Answer | None:
        found = self._answers.get(key)
        if found is not None and found.written != _written(found.symbol):
            del self._answers[key]
            return None
        return found


def _written(symbol: SymbolInfo | None) -> int:
    if symbol is None or symbol.place is None:
        return 0
    try:
        return Path(symbol.place.path).stat().st_mtime_ns
    except (OSError, ValueError):  # Not on disk (yet), or no path at all.
        return 0
