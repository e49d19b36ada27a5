"""What jedi knows, as plain frozen data."""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Where a name stands: line and column from 0, the column in code points."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """What a name means. Anything jedi does not know is empty.

    ``kind`` is jedi's word: module, class, instance, function, param, path, keyword, property, statement.
    ``signatures`` has one line per overload, as ``join(a: str, *p: str) -> str``. ``type`` is the type of a value.
    ``doc`` is the docstring without its indentation. ``place`` is None for what has no source, as builtins in C.
    """

    name: str
    kind: str
    full_name: str
    signatures: tuple[str, ...]
    type: str
    doc: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Uses:
    """Where a name is used, definitions not counted; ``project``: looked for beyond the file (jedi may stop early)."""

    places: tuple[Place, ...]
    project: bool


@dataclass(frozen=True, slots=True)
class Project:
    """A workspace folder as jedi sees it; ``paths`` are where its imports come from, the standard library aside."""

    root: str
    paths: tuple[str, ...] = ()


class Question(NamedTuple):
    """A question to the worker: about the name at ``line`` and ``column`` of ``text``; travels as a bare tuple.

    Files are as they were when ``stamp`` was last the same.
    """

    text: str
    path: str
    line: int
    column: int
    cache_folder: str
    root: str
    paths: tuple[str, ...]
    stamp: int


# The same as the wire carries them.
QuestionData = tuple[str, str, int, int, str, str, tuple[str, ...], int]
PlaceData = tuple[str, int, int]
SymbolData = tuple[str, str, str, tuple[str, ...], str, str, PlaceData | None]
