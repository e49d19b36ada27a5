"""The pieces that code is spelled in: names, signs, texts, and the gaps between things."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

_QUOTES = "'\""
Spelled = tuple[str, ...]


class Piece(NamedTuple):
    """``kind`` is ``text``, ``name``, ``sign``, or ``gap`` between things."""

    kind: str
    text: str = ""


GAP = Piece("gap")
GIVEN = Piece("given")
"""Before what fills a place of a text as a parameter, as databases have it."""


def put_together(pieces: Iterable[Piece]) -> Spelled:
    """The words of all pieces: names, signs, and texts from blank to blank; "" stands between things."""
    found: list[str] = []
    glue = False
    for piece in pieces:
        if piece.kind == "text":
            for at, word in enumerate(re.split(r"\s+", piece.text)):
                if at:
                    found.append("")
                if word and glue and not at:
                    found[-1] += word
                elif word:
                    found.append(f"'{word}")
            glue = bool(found) and found[-1][:1] == "'"
            continue
        if piece.kind != "given":
            found.append({"gap": "", "name": f"`{piece.text}", "sign": f" {piece.text}"}[piece.kind])
        glue = False
    tidy = [each for at, each in enumerate(found) if each or (at and found[at - 1])]
    while tidy and not tidy[0]:
        del tidy[0]
    while tidy and not tidy[-1]:
        del tidy[-1]
    return tuple(tidy)


def unquoted(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces without the quotes around what stands in a text: a parameter of a statement has none."""
    found = list(pieces)
    texts = [at for at, each in enumerate(found) if each.kind == "text"]
    for at, behind in pairwise(texts):
        quote = found[at].text[-1:]
        if behind > at + 1 and quote and quote in _QUOTES and found[behind].text[:1] == quote:
            found[at] = Piece("text", found[at].text[:-1])
            found[behind] = Piece("text", found[behind].text[1:])
    return found


def parts_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces from gap to gap."""
    found: list[list[Piece]] = [[]]
    for each in pieces:
        if each != GAP:
            found[-1].append(each)
        elif found[-1]:
            found.append([])
    return [each for each in found if each]


def by_parameters(pieces: Iterable[Piece]) -> int:
    """How many places of texts are filled as parameters."""
    return sum(piece.kind == "given" for piece in pieces)
