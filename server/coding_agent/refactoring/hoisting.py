"""Whether an expression may be evaluated right before its statement, and where such a line goes."""

import ast
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from coding_agent.proof.source import SCOPES
from coding_agent.refactoring.view import View

_Node = TypeVar("_Node", bound=ast.AST)
_READ_F_STRINGS = sys.version_info >= (3, 12)
"""Before 3.12 the nodes inside an f-string have wrong places."""


def statement_of(path: tuple[ast.AST, ...]) -> ast.stmt | None:
    """The innermost statement of a path."""
    return next((node for node in reversed(path) if isinstance(node, ast.stmt)), None)


def starts_line(view: View, node: ast.stmt) -> bool:
    """Whether a line can be put before a statement: nothing else stands before it on its line."""
    start = view.source.full(node).start
    head = view.source.text[view.source.starts[view.source.line(start)] : start]
    return not head.strip(" \t\f")


def first_evaluated(path: tuple[ast.AST, ...], expression: ast.expr) -> bool:
    """Whether the last statement of ``path`` always evaluates ``expression``, once, before anything that has an effect.

    ``path`` are the nodes around the expression, from the outside in.
    """
    statement = statement_of(path)
    if statement is None:
        return False
    at = path.index(statement)
    steps = [*path[at : path.index(expression) + 1]] if expression in path else []
    constant = isinstance(expression, ast.Constant)
    for parent, child in pairwise(steps):
        earlier = _evaluated_before(parent, child)
        if earlier is None or not (constant or all(map(_quiet, earlier))):
            return False
    return bool(steps)


def _quiet(node: ast.expr) -> bool:
    """Whether evaluating a node has no effect and cannot be affected."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Tuple(elts=items):
            return all(map(_quiet, items))
        case _:
            return False


def _method(node: ast.expr) -> list[ast.expr]:
    """What is evaluated for the function of a call; reading a method of a variable counts as nothing."""
    if isinstance(node, ast.Attribute) and _quiet(node.value):
        return []
    return [node]


def _evaluated_before(  # noqa: PLR0911, PLR0912 - a table, one row per kind of node
    parent: ast.AST, child: ast.AST
) -> list[ast.expr] | None:
    """What ``parent`` evaluates before ``child``; None where it may not evaluate it once, and now."""
    match parent:
        case ast.Expr() | ast.Return() | ast.Await() | ast.Yield() | ast.YieldFrom() | ast.Starred() | ast.UnaryOp():
            return []
        case ast.Attribute() | ast.NamedExpr(value=ast.expr()) | ast.keyword():
            return []
        case ast.Assign(targets=targets, value=value):
            return [] if child is value else [value] if targets[0] is child else None
        case ast.AnnAssign(target=ast.Name(), value=value):
            return [] if child is value else None
        case ast.AugAssign(target=target, value=value):
            return [target] if child is value else None
        case ast.Raise(exc=exc, cause=cause):
            return [] if child is exc else [exc] if exc is not None and child is cause else None
        case ast.If(test=test) | ast.Match(subject=test):
            return [] if child is test else None
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable):
            return [] if child is iterable else None
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [] if child is items[0].context_expr else None
        case ast.Call(func=func, args=args, keywords=keywords):
            if child is func:
                return []
            before: list[ast.expr | ast.keyword] = _until([*args, *keywords], child)
            return [*_method(func), *(n.value if isinstance(n, ast.keyword) else n for n in before)]
        case ast.BinOp(left=left) | ast.Subscript(value=left):
            return [] if child is left else [left]
        case ast.Compare(left=left, comparators=comparators):
            return [] if child is left else [left] if child is comparators[0] else None
        case ast.BoolOp(values=values):
            return [] if child is values[0] else None
        case ast.IfExp(test=test):
            return [] if child is test else None
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return _until(items, child)
        case ast.Dict(keys=keys, values=values):
            pairs = [n for pair in zip(keys, values, strict=True) for n in pair if n is not None]
            return _until(pairs, child)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return _until([lower, upper, step], child)
        case ast.JoinedStr(values=values) if _READ_F_STRINGS:
            return [n for n in _until(values, child) if isinstance(n, ast.FormattedValue)]
        case ast.FormattedValue(value=value) if _READ_F_STRINGS:
            return [] if child is value else None
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return [] if child is parent.generators[0].iter else None
        case _:
            return None


def _until(items: Sequence[_Node | None], child: ast.AST) -> list[_Node]:
    found: list[_Node] = []
    for item in items:
        if item is child:
            break
        if item is not None:
            found.append(item)
    return found


def in_own_scope(path: tuple[ast.AST, ...], expression: ast.AST) -> bool:
    """Whether nothing between the statement and the expression has a scope of its own."""
    statement = statement_of(path)
    if statement is None:
        return False
    between = path[path.index(statement) : path.index(expression)]
    for parent, child in zip(between, [*between[1:], expression], strict=True):
        if isinstance(parent, SCOPES) and not (
            isinstance(parent, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
            and child is parent.generators[0].iter
        ):
            return False
    return True


def readable(path: tuple[ast.AST, ...]) -> bool:
    """Whether the last node of a path is ordinary code: evaluated there, and its place known."""
    for parent, child in pairwise(path):
        match parent:
            case ast.JoinedStr():
                if not _READ_F_STRINGS or isinstance(child, ast.Constant):
                    return False
            case ast.FormattedValue(value=value) if child is not value:
                return False
            case ast.AnnAssign(annotation=annotation) if child is annotation:
                return False
            case ast.arg() | ast.pattern():
                return False
            case _:
                pass
    return True
