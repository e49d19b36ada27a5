"""What a piece is, and a chunk of them: data."""

from enum import Enum
from typing import NamedTuple

from coding_agent.syntax.parse import Failure


class Role(Enum):
    """What a piece is a part of."""

    STATEMENTS = "statements"
    """Top-level statements."""
    CLASS = "class"
    """Decorators and header of a class whose members are pieces of their own."""
    MEMBER = "member"
    """Statements of a class body, indented."""


class Piece(NamedTuple):
    """Some whole lines of a text that are parsed and analysed alone.

    ``owner`` is the text of the class header a member stands under, "" elsewhere.
    """

    text: str
    lines: int
    role: Role
    indent: str = ""
    owner: str = ""
    failure: Failure | None = None

    @property
    def source(self) -> str:
        """What is parsed for it: a class header gets a body."""
        return f"{self.text}{self.indent}pass\n" if self.role is Role.CLASS else self.text


class Chunk(NamedTuple):
    """One top-level piece, or the pieces of one class.

    ``reach`` is how many lines from its first one decided where it ends.
    """

    pieces: tuple[Piece, ...]
    lines: int
    reach: int
