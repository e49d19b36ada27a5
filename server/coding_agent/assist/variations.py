"""More inputs out of those that a search keeps: it keeps what takes another branch, and bugs hide in what does not.

Values in the code of a call are changed one at a time: other orders, doubles, empty ones, borders, and, where nobody
said of what type they are, other types too. The same calls give the same variations.
"""

import ast
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

from coding_agent.testgen.inside.model import Candidate

_LONGEST = 2_000
"""Characters of code that is varied."""
_EACH = 40
"""Variations of one call, at most."""
_SEED = 11


def varied(candidates: Sequence[Candidate], typed: bool, most: int) -> list[Candidate]:
    """Calls with variations of theirs, ``most`` of both. ``typed``: values keep their types."""
    rows = [iter(_shuffled(_of(candidate, typed), place)) for place, candidate in enumerate(candidates)]
    found = {_key(each): each for each in candidates}
    while rows and len(found) < most:
        for row in list(rows):
            each = next(row, None)
            if each is None:
                rows.remove(row)
            elif len(found) < most:
                found.setdefault(_key(each), each)
    return list(found.values())[:most]


def _shuffled(each: Iterable[Candidate], place: int) -> list[Candidate]:
    found = list(islice(each, 10 * _EACH))
    random.Random(_SEED + place).shuffle(found)
    return found[:_EACH]


def _key(candidate: Candidate) -> tuple[object, ...]:
    return candidate.arrange, candidate.act, candidate.patches, candidate.imports


def _of(candidate: Candidate, typed: bool) -> Iterator[Candidate]:
    act = candidate.act
    for place, arg in enumerate(act.args):
        for code in _codes(arg.code, typed):
            args = (*act.args[:place], arg._replace(code=code), *act.args[place + 1 :])
            yield candidate._replace(act=act._replace(args=args))
    for place, line in enumerate(candidate.arrange):
        for code in _codes(line, typed):
            yield candidate._replace(arrange=(*candidate.arrange[:place], code, *candidate.arrange[place + 1 :]))


def _codes(code: str, typed: bool) -> Iterator[str]:
    """Some code with one of its values changed."""
    try:
        tree = ast.parse(code) if len(code) <= _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None:
        return
    for node in _literals(tree):
        for value in _values(ast.literal_eval(node), typed):
            yield ast.unparse(_Replaced(node, value).visit(ast.parse(code)))


def _literals(tree: ast.AST) -> Iterator[ast.expr]:
    """The largest parts of some code that are plain values."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.expr) and _is_literal(node):
            yield node
        elif not isinstance(node, ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


class _Replaced(ast.NodeTransformer):
    """Puts a value into the place of a node, in another tree of the same code."""

    def __init__(self, node: ast.expr, value: object) -> None:
        self._place = (type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        self._value = value

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            place = (type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            if place == self._place:
                return ast.parse(repr(self._value), mode="eval").body
        return self.generic_visit(node)


def _values(value: object, typed: bool) -> list[object]:
    """Values that are like one."""
    match value:
        case bool():
            found: list[object] = [not value]
        case int():
            found = [0, 1, -1, 2, -value, value + 1, value - 1, value * 10 + 3]
            found += [] if typed else [str(value), None, 0.5]
        case float():
            found = [0.0, -value, value + 0.5, value * 1e6, value / 3, -0.0]
            found += [] if typed else [None]
        case str():
            found = [
                "",
                "a",
                value * 2,
                value[::-1],
                value.upper(),
                value.title(),
                f" {value} ",
                value + "é\n",
                value[:1],
            ]
        case bytes():
            found = [b"", value * 2, value[::-1], value[:1]]
        case None:
            found = [] if typed else [0, "", [], False]
        case _:
            found = _containers(value, typed)
    return [each for each in found if type(each) is not type(value) or each != value]


def _containers(value: object, typed: bool) -> list[object]:
    if isinstance(value, list | tuple):
        items = list(cast("Sequence[object]", value))
        return [each if isinstance(value, list) else tuple(each) for each in _lists(items, typed)]
    if isinstance(value, dict):
        table = cast("dict[object, object]", value)
        keys = list(table)
        orders: list[list[object]] = [keys[::-1], keys[1:], keys[:1], []]
        found: list[object] = [{key: table[key] for key in order} for order in orders]
        return found + [{**table, key: new} for key in keys[:3] for new in _values(table[key], typed)[:4]]
    if isinstance(value, set):
        some = sorted(cast("set[object]", value), key=repr)
        return [set(some[:1]), set(some[1:])]
    return []


def _lists(items: list[object], typed: bool) -> Iterator[list[object]]:
    yield []
    yield items[::-1]
    yield items * 2
    yield [*items, *items[:1]]
    yield items[1:]
    yield items[:1]
    yield [*items[1:], *items[:1]]
    for place in range(min(len(items), 3)):
        for new in _values(items[place], typed)[:6]:
            yield [*items[:place], new, *items[place + 1 :]]
            yield [*items, new]
            yield [new, *items, new]
    if all(type(each) is int for each in items):
        yield [3, 1, 2, 3, 0, -1, 2]
        yield [10, 9, 2, 33, 1]
    if all(isinstance(each, str) for each in items):
        yield ["b", "a", "c", "B", "", "a"]
    if not typed:
        yield [*items, None]
        yield [1, 1.0, True, "1"]
        yield [[1], [1], [2]]
        yield [*items, "x", 0.5]
