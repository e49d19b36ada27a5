"""What differs between two trees: the smallest function, or statements, that hold every difference."""

import ast
from dataclasses import dataclass
from itertools import takewhile
from typing import cast

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.source import FUNCTIONS, Function


@dataclass(frozen=True, slots=True)
class Unit:
    """The code that changed: the body of one function, or statements of a class or module body.

    ``holder`` are the function, class or None for the module, before and after. ``new`` is the
    function only the result has, ``new_holder`` the class it is a method of.
    """

    before: list[ast.stmt]
    after: list[ast.stmt]
    holder: tuple[Function | ast.ClassDef | None, Function | ast.ClassDef | None]
    new: Function | None = None
    new_holder: ast.ClassDef | None = None


def same(one: object, other: object) -> bool:
    """Whether two trees are equal, wherever they stand."""
    if isinstance(one, ast.AST):
        if type(one) is not type(other):
            return False
        return all(same(getattr(one, name, None), getattr(other, name, None)) for name in one._fields if name != "ctx")
    if isinstance(one, list):
        if not isinstance(other, list):
            return False
        items, twins = cast("list[object]", one), cast("list[object]", other)
        return len(items) == len(twins) and all(same(a, b) for a, b in zip(items, twins, strict=True))
    return type(one) is type(other) and repr(one) == repr(other)


def locate(before: list[ast.stmt], after: list[ast.stmt], function: str | None) -> Unit:
    """Find what changed. Raises: Unprovable - nothing did, or the new function is not where it should be."""
    unit = _descend(before, after, (None, None), function)
    if function is not None and unit.new is None:
        raise Unprovable("the new function is missing")
    return unit


def _descend(
    before: list[ast.stmt],
    after: list[ast.stmt],
    holder: tuple[Function | ast.ClassDef | None, Function | ast.ClassDef | None],
    function: str | None,
) -> Unit:
    new: Function | None = None
    found: list[Function] = []
    if function is not None and not isinstance(holder[0], FUNCTIONS):
        found = [s for s in after if isinstance(s, FUNCTIONS) and s.name == function]
        if found:
            new = found[0]
            after = [s for s in after if s is not new]
            function = None
    left, right = _trimmed(before, after)
    unit = _inside(left, right, function)
    if unit is None:
        unit = Unit(before, after, holder) if isinstance(holder[0], FUNCTIONS) else Unit(left, right, holder)
    if new is not None:
        owner = holder[1]
        if len(found) != 1 or isinstance(owner, FUNCTIONS):
            raise Unprovable("the new function is not defined exactly once")
        return Unit(unit.before, unit.after, unit.holder, new, owner)
    return unit


def _inside(left: list[ast.stmt], right: list[ast.stmt], function: str | None) -> Unit | None:
    """The unit inside the one statement that differs, if it lies in one function or class there."""
    if len(left) != 1 or len(right) != 1:
        return None
    one, other = left[0], right[0]
    if type(one) is not type(other):
        return None
    if isinstance(one, (*FUNCTIONS, ast.ClassDef)) and isinstance(other, (*FUNCTIONS, ast.ClassDef)):
        return _descend(one.body, other.body, (one, other), function) if _same_but(one, other, "body") else None
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner, twin = getattr(one, name, None), getattr(other, name, None)
        if isinstance(inner, list) and isinstance(twin, list) and _same_but(one, other, name):
            found = _inside(*_trimmed(cast("list[ast.stmt]", inner), cast("list[ast.stmt]", twin)), function)
            if found is not None:
                return found
    return None


def _same_but(one: ast.AST, other: ast.AST, field: str) -> bool:
    return all(same(getattr(one, n, None), getattr(other, n, None)) for n in one._fields if n != field)


def _trimmed(before: list[ast.stmt], after: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements that differ: what is equal at the start and at the end is left out."""
    head = sum(1 for _ in takewhile(lambda pair: same(*pair), zip(before, after, strict=False)))
    left, right = before[head:], after[head:]
    tail = sum(1 for _ in takewhile(lambda pair: same(*pair), zip(reversed(left), reversed(right), strict=False)))
    return left[: len(left) - tail], right[: len(right) - tail]
