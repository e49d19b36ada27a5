"""What a function's code is like, whatever its names: two of one shape do the same.

A fingerprint is a bag of features with weights: one for each statement, below those that decide whether it runs, and
one for each local by all the places where it stands. Names of locals, the function's own, annotations, docstrings,
logging, the order of statements, which branch of an ``if`` comes first and how a text is put together are not in it;
whatever is called, read from elsewhere or compared is.

Source: the colours of locals are one round of B. Weisfeiler, A. Leman (1968), which tells graphs apart.
"""

import ast
import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from coding_agent.search.shapes import LEVELS, Shapes
from coding_agent.text.text import split_lines

LEAST = 16
"""Parts of code (names, constants, operations) below which nothing is said: what is small is alike by chance."""
SAME = 0.85
"""Similarity from which two are called near duplicates."""
_REPLACED, _MORE = 8.0, 1.0
"""How much counts what each has instead of the other's, and what only one has."""
_ATTRIBUTE = re.compile(r"(?<=[\w)\]\"'}])\.([^\W\d]\w*)")
_KEYWORDS = frozenset(keyword.kwlist)
_TOKEN = re.compile(r"\.?\b[^\W\d]\w*\(?|\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*|[^\w\s,;()]+", re.DOTALL)


Weights = dict[int, float]


class Fingerprint(NamedTuple):
    """Features (hashes) with their weights, and the sum of these: of statements, and of locals by where they stand.

    ``size`` counts the parts of the code. ``broken``: of tokens, as the code cannot be parsed; with others it has
    nothing in common.
    """

    weights: Weights
    total: float
    locals: Weights
    locals_total: float
    size: int
    broken: bool


def fingerprint(code: str, *, broken: bool = False) -> Fingerprint | None:
    """The fingerprint of whole lines of code, indented as they stand; None where there is too little of it.

    With ``broken`` of its tokens, to be compared with that of code that cannot be parsed.
    """
    try:
        # Invariant: an indented text is a block as it stands; to dedent it would change texts of several lines.
        body = [] if broken else ast.parse(f"if 1:\n{code}" if code[:1] in " \t" else code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        broken = True
        body = []
    if broken:
        return _weighed(_tokens(code), (), 0, broken=True)
    return fingerprint_of(body[0].body if code[:1] in " \t" and isinstance(body[0], ast.If) else body)


def fingerprint_of(body: Sequence[ast.stmt]) -> Fingerprint | None:
    """The same of code that is parsed."""
    shapes = Shapes()
    try:
        shapes.block(body, -1, "")
    except RecursionError:
        return None
    return _weighed(*shapes.features(), shapes.size, broken=False) if shapes.size >= LEAST else None


def similarity(one: Fingerprint, other: Fingerprint) -> float:
    """How alike two are: 0 (nothing in common) to 1."""
    common = _common(one.weights, other.weights)
    if not common:
        return 0.0
    replaced, more = _apart(one.total - common, other.total - common)
    wired = _common(one.locals, other.locals)
    replaced_locals, more_locals = _apart(one.locals_total - wired, other.locals_total - wired)
    # What one has more stands with other locals, too; where all statements are the same, so must be the locals.
    replaced += replaced_locals if not more else 0.0
    more += more_locals + (replaced_locals if more else 0.0)
    return (common + wired) / (common + wired + _REPLACED * replaced + _MORE * more)


def _common(one: Weights, other: Weights) -> float:
    if len(one) > len(other):
        one, other = other, one
    get = other.get
    return sum([min(weight, get(feature, 0.0)) for feature, weight in one.items()])


def _apart(left: float, right: float) -> tuple[float, float]:
    """What each has instead of the other's, and what only one has."""
    return min(left, right), abs(left - right)


def attributes(code: str) -> frozenset[str]:
    """What a code reads of others, seen without parsing it; a docstring may add to it."""
    return frozenset(_ATTRIBUTE.findall(code)) - LEVELS - {"format"}


def may_be_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether it is worth while to compare what has these attributes."""
    return len(one & other) >= 0.75 * min(len(one), len(other))


def _weighed(
    statements: Iterable[tuple[int, float]], names: Iterable[tuple[int, float]], size: int, *, broken: bool
) -> Fingerprint | None:
    (weights, total), (locals_, locals_total) = _summed(statements), _summed(names)
    return Fingerprint(weights, total, locals_, locals_total, size, broken) if weights else None


def _summed(features: Iterable[tuple[int, float]]) -> tuple[Weights, float]:
    weights: Weights = {}
    total = 0.0
    for feature, weight in features:
        weights[feature] = weights.get(feature, 0.0) + weight
        total += weight
    return weights, total


def _tokens(code: str) -> Iterator[tuple[int, float]]:
    """Lines as features: without names that are neither called nor attributes."""
    found: list[tuple[int, float]] = []
    size = 0
    for line in split_lines(code):
        tokens = [token for token in _TOKEN.findall(line) if token[0] != "#"]
        shape = [token if _says_something(token) else "$" for token in tokens]
        if shape and shape[0][0] not in "\"'" and shape[0] not in ("def", "async"):
            found.append((crc32(" ".join(shape).encode("utf-8", "surrogatepass")), float(len(shape))))
        size += len(shape)
    return iter(found if size >= LEAST else ())


def _says_something(token: str) -> bool:
    is_name = token[0].isalpha() or token[0] == "_"
    return not is_name or token[-1] == "(" or token in _KEYWORDS
