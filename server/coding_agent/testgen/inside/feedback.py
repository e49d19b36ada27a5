# pyright: standard
# Operands of any kind.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Turns what comparisons saw into changed inputs: what was wanted is put where what was seen came from."""

import math
import random
import re
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from . import regex, types
from .execute import Outcome
from .genome import Genome, components, with_component
from .literals import literal, numbers, replaced, with_attribute, with_key, with_number
from .seen import Note
from .told import MOMENT
from .world import World

_ORDER = {"<", "<=", ">", ">="}
_REFUSED = (
    (r"Invalid isoformat string: '(.*)'", ("2024-01-15", "2024-01-15T12:30:45", "12:30:45")),
    (r"could not convert string to float: '(.*)'", ("1.5",)),
    (r"invalid literal for int\(\) with base \d+: '(.*)'", ("42",)),
)
_FILLINGS = ("1", "'abc'", "{}", "[]", "None", "True")


def variants(genome: Genome, note: Note, world: World, rng: random.Random) -> Iterator[Genome]:
    """Give genomes in which one literal that one side of a comparison came from is what the other side asks for."""
    for old, new in _wishes(note, rng):
        yield from _exchanged(genome, old, new)
    if note.kind == "key":
        yield from _with_key(genome, note.left)
    elif note.kind == "isinstance":
        yield from _of_class(genome, note.right, world)


def _wishes(note: Note, rng: random.Random) -> List[Tuple[Any, Any]]:
    """Return pairs of what is there and what it should be."""
    left, right, kind = note.left, note.right, note.kind
    if kind in ("==", "!="):
        if left == right:
            return []
        return [(left, right), (right, left), *_members(left, right)]
    if kind in _ORDER:
        return _ordered(left, right)
    if kind == "in":
        return _contained(left, right, rng)
    if kind in ("startswith", "endswith"):
        return _affixed(left, right, kind)
    if kind in ("match", "fullmatch", "search"):
        return _matched(left, right, rng)
    if kind in ("int", "float"):
        return [(left, "42"), (left, "-1"), (left, "1.5"), (left, "x")]
    if kind == "get" and isinstance(left, str):
        return [(left, right)]
    if kind == "len" and isinstance(left, str):
        return [(left, "")]
    return []


def _members(left: Any, right: Any) -> List[Tuple[Any, Any]]:
    """Two sequences of one kind are compared item by item."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return [(mine, other) for mine, other in zip(left, right) if mine != other][:3]
    return []


def _ordered(left: Any, right: Any) -> List[Tuple[Any, Any]]:
    if type(left) in (int, float) and type(right) in (int, float):
        return [
            (left, right),
            (left, right + 1),
            (left, right - 1),
            (right, left),
            (right, left + 1),
            (right, left - 1),
        ]
    if isinstance(left, str) and isinstance(right, str):
        return [(left, right), (left, right + "a"), (right, left)]
    return _members(left, right)


def _contained(left: Any, right: Any, rng: random.Random) -> List[Tuple[Any, Any]]:
    if isinstance(right, str) and isinstance(left, str):
        if not right:
            return []
        return [(right, right + left), (right, left), (left, rng.choice(right)), (right, left + right)]
    if isinstance(right, (tuple, frozenset)):
        wanted = [item for item in right if literal(item) is not None][:4]
        return [(left, item) for item in wanted] + [(item, left) for item in wanted[:2]]
    return []


def _affixed(left: Any, right: Any, kind: str) -> List[Tuple[Any, Any]]:
    found: List[Tuple[Any, Any]] = []
    for affix in (right if isinstance(right, tuple) else (right,))[:3]:
        if type(affix) is not type(left) or not isinstance(left, (str, bytes)):
            continue
        found += [(left, affix + left if kind == "startswith" else left + affix), (left, affix)]
    return found


def _matched(left: Any, right: Any, rng: random.Random) -> List[Tuple[Any, Any]]:
    pattern, flags = (right.pattern, right.flags) if isinstance(right, re.Pattern) else (right, 0)
    if not isinstance(left, str) or not isinstance(pattern, str):
        return []
    return [(left, text) for text in [*regex.matching(pattern, flags, 3, rng), *regex.almost(pattern, flags, rng)[:1]]]


def _exchanged(genome: Genome, old: Any, new: Any) -> Iterator[Genome]:
    for place, code in components(genome):
        for text in replaced(code, old, new, 3):
            yield with_component(genome, place, text)


def _with_key(genome: Genome, key: Any) -> Iterator[Genome]:
    for place, code in components(genome):
        if "{" in code:
            for filling in _FILLINGS[:3]:
                for text in with_key(code, key, filling):
                    yield with_component(genome, place, text)


def _of_class(genome: Genome, wanted: Any, world: World) -> Iterator[Genome]:
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    for kind in kinds[:3]:
        if not isinstance(kind, type):
            continue
        for value in types.values_of(kind, world, 2)[:2]:
            for number, (row, keyword, _) in enumerate(genome.args):
                args = list(genome.args)
                args[number] = (row, keyword, value)
                yield genome._replace(args=tuple(args), origin="type")


def after_failure(genome: Genome, outcome: Outcome) -> Iterator[Genome]:
    """Give genomes that have what a failed run missed: a key, an attribute, an argument."""
    error = outcome.error
    for old, new in _said(error):
        yield from _exchanged(genome, old, new)
    if isinstance(error, KeyError) and error.args:
        yield from _with_key(genome, error.args[0])
    name = getattr(error, "name", None) or _missing(str(error))
    if isinstance(error, AttributeError) and isinstance(name, str):
        for place, code in components(genome):
            if "SimpleNamespace" in code:
                for filling in (*_FILLINGS[:4], "lambda *args, **kwargs: 1"):
                    for text in with_attribute(code, name, filling):
                        yield with_component(genome, place, text)


def _said(error: Optional[BaseException]) -> List[Tuple[str, str]]:
    """Return pairs of the text that a conversion refused, and one that it takes; also of a failure that led to this."""
    found: List[Tuple[str, str]] = []
    for _ in range(4):
        if error is None:
            break
        for pattern, wanted in _REFUSED:
            match = re.search(pattern, str(error), re.DOTALL)
            if match:
                found += [(match[1], text) for text in wanted]
        match = re.search(r"time data '(.*)' does not match format '(.*)'", str(error), re.DOTALL)
        if match:
            found.append((match[1], MOMENT.strftime(match[2])))
        error = error.__cause__ or error.__context__
    return [(old, new) for old, new in found if old]


def _missing(text: str) -> str:
    match = re.search(r"has no attribute '(\w+)'", text)
    return match[1] if match else ""


def steps(genome: Genome, limit: int = 3) -> List[Tuple[Any, int, Any]]:
    """Return the places of number literals: component, place in it, value; few, the first ones."""
    found = [(place, at, value) for place, code in components(genome) for at, value in numbers(code)]
    return found[:limit]


def moved(genome: Genome, step: Tuple[Any, int, Any], value: Any) -> Genome:
    """Return the genome with the number at one of ``steps`` exchanged."""
    place, at, _ = step
    code = dict(components(genome))[place]
    return with_component(genome, place, with_number(code, at, value))


def solutions(step: Tuple[Any, int, Any], delta: Any, before: Note, after: Note) -> Sequence[Any]:
    """Return values for a number that should bring both sides of a comparison together, taking it for linear.

    ``before`` and ``after`` are the comparison as it was and with the number ``delta`` larger.
    """
    try:
        slope = ((after.left - after.right) - (before.left - before.right)) / delta
        exact = step[2] - (before.left - before.right) / slope
    except (TypeError, ZeroDivisionError, OverflowError):
        return ()
    if abs(exact) > 10**15 or math.isnan(exact):
        return ()
    base = round(exact)
    margin = max(1, round(1 / abs(slope))) if abs(slope) > 1e-9 else 1
    return list(dict.fromkeys([base, base + 1, base - 1, base + margin, base - margin]))
