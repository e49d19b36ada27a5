"""What counts of words: which ones say something, what is one word, and how much a field weighs.

Standard library only, so that files can be read without numpy. The sums are in `postings`.
"""

from __future__ import annotations

import re
from zlib import crc32

from coding_agent.search.words import JOINT, split, whole

WEIGHTS = (8.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.8, 4.0)
"""How much a word counts by its field, in the order of `words`. Chosen on development packages (`training/README.md`),
as the two below."""
SATURATION = 1.2
"""BM25's k1: how soon more of a word says nothing more."""
LENGTH = 0.9
"""BM25's b: how much a long chunk has to have more of it."""
WORDS = 0.4
"""Share of the words where there are meanings, too (`fusion`)."""

_STOP = """
a an and are as at be been but by can could do does for from has have how i if in into is it its may me my no not of on
or our should so such t s that the their then there these they this to was we what when where which while who will with
would you your
"""
STOP = frozenset(_STOP.split())
_WORD = re.compile(r"\w+")
_ENDINGS = ("ing", "ed", "es", "s")
_VOWELS, _DOUBLE = frozenset("aeiouy"), frozenset("lsz")


def wanted(text: str) -> dict[str, int]:
    """The words of a question that say something, with the numbers they are known by; all where none does.

    A name is asked for as a whole, too: `get_user` finds what has get or user, and above all what has getUser.
    """
    parts: list[str] = []
    for word in _WORD.findall(text):
        found = split(word)
        joined = whole(found)
        parts += [*found, joined] if joined else found
    telling = [part for part in parts if part not in STOP]
    return {part.removeprefix(JOINT): number_of(part) for part in telling or parts}


def telling(text: str) -> list[str]:
    """The parts of a question that say something, each once; all where none does."""
    parts = [part for word in _WORD.findall(text) for part in split(word)]
    return list(dict.fromkeys([part for part in parts if part not in STOP] or parts))


def number_of(part: str) -> int:
    """What a part is known by: 32 bits of its stem. A joined name and a word of its letters are one."""
    return crc32(stem(part.removeprefix(JOINT)).encode())


def stem(part: str) -> str:
    """A part without what plurals and participles add: price, prices, priced and pricing are one."""
    if len(part) < 4:
        return part
    for ending in _ENDINGS:
        rest = part.removesuffix(ending)
        if rest != part and len(rest) >= 3 and not _VOWELS.isdisjoint(rest) and not part.endswith("ss"):
            part = rest
            break
    if part[-1] == part[-2] and part[-1] not in _DOUBLE:
        part = part[:-1]
    if part[-1] == "e" and len(part) > 3:
        part = part[:-1]
    return f"{part[:-1]}i" if part[-1] == "y" and len(part) > 3 else part
