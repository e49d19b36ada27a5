"""What a model is shown of the code around a definition: chosen by meaning, within a bound, in an order that stays.

The order is by kind, path and line, and what is asked comes last: a server that has read the same beginning before does
not read it again, and the same question is the same text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from coding_agent.errors import UserError


class Part(Enum):
    """What a piece of the context is, in the order it is sent; the value says it to the model."""

    IMPORTS = "imports of the file"
    OUTSIDE = "the class around it"
    CALLED = "what it calls"
    CALLER = "where it is called"
    TEST = "a test of it"
    SIMILAR = "similar code of the project"
    MESSAGES = "the last messages of commits"
    CHANGE = "what was changed"
    UNSEEN = "files that were changed, too, and are too much to be shown"
    MEANT = "the code that is meant"
    FINDING = "what was found in it"


WORTH = {
    Part.MEANT: 100, Part.CHANGE: 100, Part.FINDING: 90, Part.OUTSIDE: 80, Part.IMPORTS: 70, Part.CALLED: 60,
    Part.TEST: 50, Part.CALLER: 40, Part.SIMILAR: 20, Part.MESSAGES: 100, Part.UNSEEN: 100,
}  # fmt: skip
"""What is left out last has the highest figure."""
NEEDED = 90
"""What has at least so much cannot be left out."""
_END = re.compile(r"<(?=\s*/\s*data)", re.IGNORECASE)
_ESCAPED = {'"': "&quot;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece: whole lines of a file from ``line`` (from 1; 0 for what has no place) to ``end``. ``path`` is relative
    to the root, with slashes; "" where it comes from no file.
    """

    part: Part
    text: str
    path: str = ""
    line: int = 0
    end: int = 0

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}-{self.end}" if self.line else self.path


def fitted(pieces: Iterable[Shown], most: int) -> tuple[Shown, ...]:
    """The pieces that are worth most and fit into ``most`` bytes, each once, in the order they are sent.

    Raises: UserError - what cannot be left out does not fit.
    """
    every = list(dict.fromkeys(pieces))
    needed = sum(size(each) for each in every if WORTH[each.part] >= NEEDED)
    if needed > most:
        raise too_much(needed, most)
    order = sorted(range(len(every)), key=lambda at: (-WORTH[every[at].part], at))
    kept, left = set[int](), most
    for at in order:
        if (taken := size(every[at])) <= left:
            kept.add(at)
            left -= taken
    return in_order(every[at] for at in kept)


def in_order(pieces: Iterable[Shown]) -> tuple[Shown, ...]:
    """The order in which pieces are sent."""
    parts = [*Part]
    return tuple(sorted(pieces, key=lambda each: (parts.index(each.part), each.path, each.line, each.text)))


def size(piece: Shown) -> int:
    """The bytes that a piece takes."""
    return len(written(piece).encode("utf-8", "surrogatepass"))


def too_much(needed: int, most: int) -> UserError:
    return UserError(f"that is too much to be sent ({needed} bytes, {most} at most); ask about a smaller part of it")


def escaped(path: str) -> str:
    """A path as it stands beside a piece: in one line, without what could end that. Few have anything of it."""
    return "".join(
        _ESCAPED.get(each, each) if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in path
    )


def written(piece: Shown) -> str:
    """A piece as a model reads it. What it holds cannot end it."""
    place = f' place="{escaped(piece.place)}"' if piece.place else ""
    text = _END.sub("<\\\\", piece.text).rstrip("\n")
    return f'<data what="{piece.part.value}"{place}>\n{text}\n</data>\n'


def joined(pieces: Sequence[Shown]) -> str:
    return "".join(map(written, pieces))
