"""A condition with a name, tested on the next line, as the condition itself."""

import ast
import copy
from itertools import pairwise
from typing import cast

from coding_agent.proof.types import surely_bool


def folded(body: list[ast.stmt], names: frozenset[str]) -> tuple[list[ast.stmt], frozenset[str]]:
    """Replace ``v = a and b`` and ``if v:`` right behind it by ``if a and b:``, for ``v`` in ``names`` used only there.

    The named form tests the value that decides once more, so this takes something for granted:
    the second result says what.
    """
    result = copy.deepcopy(body)
    assumed: set[str] = set()
    for name in names:
        if _count(result, name) == 2:
            _fold(result, name, assumed)
    return result, frozenset(assumed)


def late_methods(body: list[ast.stmt], names: frozenset[str]) -> frozenset[str]:
    """The methods that are called with one of ``names`` among their arguments."""
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Attribute(attr=attr), args=args, keywords=keywords):
                    inner = [n for part in (*args, *keywords) for n in ast.walk(part)]
                    if any(isinstance(n, ast.Name) and n.id in names for n in inner):
                        found.add(attr)
                case _:
                    pass
    return frozenset(found)


def asked_again(value: ast.BoolOp) -> set[str]:
    """What is taken for granted when a junction is tested behind its name: parts are asked for their truth twice."""
    return {f"`{ast.unparse(p)}` is as true when it is asked again" for p in value.values[:-1] if not surely_bool(p)}


def _count(body: list[ast.stmt], name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for s in body for node in ast.walk(s))


def _fold(body: list[ast.stmt], name: str, assumed: set[str]) -> None:
    for index, (one, two) in enumerate(pairwise(body)):
        match one, two:
            case ast.Assign(targets=[ast.Name(id=bound)], value=ast.BoolOp() as value), ast.If() if bound == name:
                if _replace(two, name, value):
                    assumed.update(asked_again(value))
                    del body[index]
                    return
            case _:
                pass
    for statement in body:
        for node in (statement, *getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            for field in ("body", "orelse", "finalbody"):
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    _fold(cast("list[ast.stmt]", inner), name, assumed)


def _replace(node: ast.If, name: str, value: ast.expr) -> bool:
    """Put the value in place of the name, where the name is what the condition tests first."""
    holder: ast.If | ast.UnaryOp | ast.BoolOp = node
    while True:
        match holder:
            case ast.If():
                inner = holder.test
            case ast.UnaryOp():
                inner = holder.operand
            case ast.BoolOp():
                inner = holder.values[0]
        if isinstance(inner, ast.Name) and inner.id == name:
            break
        if isinstance(inner, ast.BoolOp) or (isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not)):
            holder = inner
            continue
        return False
    match holder:
        case ast.If():
            holder.test = value
        case ast.UnaryOp():
            holder.operand = value
        case ast.BoolOp():
            holder.values[0] = value
    return True
