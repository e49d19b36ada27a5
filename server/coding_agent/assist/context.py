"""What a model is shown of the code around a definition: chosen by meaning, within a bound, in an order that stays.

The order is by kind, path and line, and what is asked comes last: a server that has read the same beginning before does
not read it again, and the same question is the same text.
"""

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
    CHANGE = "what was changed"
    MEANT = "the code that is meant"
    FINDING = "what was found in it"


WORTH = {
    Part.MEANT: 100, Part.CHANGE: 100, Part.FINDING: 90, Part.OUTSIDE: 80, Part.IMPORTS: 70, Part.CALLED: 60,
    Part.TEST: 50, Part.CALLER: 40, Part.SIMILAR: 20,
}  # fmt: skip
"""What is left out last has the highest figure."""
NEEDED = 90
"""What has at least so much cannot be left out."""


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
    order = sorted(range(len(every)), key=lambda at: (-WORTH[every[at].part], at))
    kept, left = set[int](), most
    for at in order:
        size = len(written(every[at]).encode("utf-8", "surrogatepass"))
        if size <= left:
            kept.add(at)
            left -= size
        elif WORTH[every[at].part] >= NEEDED:
            raise UserError(
                f"that is too much to be sent ({size} bytes, {most} at most); ask about a smaller part of it"
            )
    chosen = [every[at] for at in kept]
    parts = [*Part]
    return tuple(sorted(chosen, key=lambda each: (parts.index(each.part), each.path, each.line, each.text)))


def written(piece: Shown) -> str:
    """A piece as a model reads it. What it holds cannot end it."""
    place = f' place="{piece.place}"' if piece.place else ""
    text = piece.text.replace("</data", "<\\/data").rstrip("\n")
    return f'<data what="{piece.part.value}"{place}>\n{text}\n</data>\n'


def joined(pieces: Sequence[Shown]) -> str:
    return "".join(map(written, pieces))
