"""Near duplicates of a chunk: near in meaning, and of the same shape.

The index keeps no code, so the lines of those that are near are read when somebody asks.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from coding_agent.search.catalogue import Catalogue, Hit
from coding_agent.search.fingerprints import SAME, Fingerprint, attributes, fingerprint, may_be_alike, similarity
from coding_agent.store.source import Unreadable, decode
from coding_agent.text.text import split_lines

CANDIDATES = 50
"""Chunks near in meaning that are looked at."""

Lines = Callable[[str], list[str]]


def duplicates(index: Catalogue, root: Path, path: str, line: int, top: int, least: float = SAME) -> list[Hit]:
    """The chunks that do what the one at a line does, the most alike first; their score is how alike they are.

    None where that chunk is too small to say. A file that changed since it was indexed is compared as it is now.
    """
    own = index.here(path, line)
    lines = cache(partial(_lines, root))
    code = _code(own, lines) if own else ""
    shape, names = fingerprint(code), attributes(code)
    if own is None or shape is None:
        return []
    found: list[Hit] = []
    for hit in index.similar(path, line, CANDIDATES):
        # A function in a function is no copy of it.
        if hit.path != own.path or hit.line > own.end or own.line > hit.end:
            alike = _alike(shape, names, _code(hit, lines))
            if alike >= least:
                found.append(hit._replace(score=alike))
    return sorted(found, key=lambda hit: (-hit.score, -hit.meaning, hit.path, hit.line))[:top]


def _alike(shape: Fingerprint, names: frozenset[str], code: str) -> float:
    other = fingerprint(code, broken=shape.broken) if may_be_alike(names, attributes(code)) else None
    return similarity(shape, other) if other and other.broken == shape.broken else 0.0


def _code(hit: Hit, lines: Lines) -> str:
    return "".join(lines(hit.path)[hit.line - 1 : hit.end])


def _lines(root: Path, name: str) -> list[str]:
    path = root / name
    try:
        return split_lines(decode(path, path.read_bytes()).text)
    except (OSError, Unreadable):
        return []
