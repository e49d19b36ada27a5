# pyright: standard
# A transformer of trees returns nodes of many kinds.
"""Which small faults a piece of code may have: each gives the nodes that a mutant has instead."""

import ast
import copy
from typing import Any, Dict, Iterator, Tuple

COMPARISONS: Dict[Any, Any] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: Dict[Any, Any] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
SIGNS: Dict[Any, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
NEGATED = (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.NamedExpr)
"""Tests that are negated; others have an operator that is swapped."""

Mutated = Iterator[Tuple[str, Any]]
"""What was done, and the node instead."""


def expressions(node: Any) -> Mutated:
    """Yield the mutants of an expression, made of copies of its parts."""
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS and not _is_format(node):
        yield _swapped(node)
    elif isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ("and becomes or" if isinstance(node.op, ast.And) else "or becomes and"), new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield ("not left out" if isinstance(node.op, ast.Not) else "minus left out"), copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.IfExp) and isinstance(node.test, NEGATED):
        new = copy.deepcopy(node)
        new.test = ast.UnaryOp(ast.Not(), new.test)
        yield "condition negated", new


def _compared(node: ast.Compare) -> Mutated:
    for at, operator in enumerate(node.ops):
        other = COMPARISONS.get(type(operator))
        if other is not None:
            new = copy.deepcopy(node)
            new.ops[at] = other()
            yield "%s becomes %s" % (SIGNS[type(operator)], SIGNS[other]), new


def _swapped(node: Any) -> Tuple[str, Any]:
    new = copy.deepcopy(node)
    new.op = OPERATORS[type(node.op)]()
    return "%s becomes %s" % (SIGNS[type(node.op)], SIGNS[type(new.op)]), new


def _is_format(node: ast.BinOp) -> bool:
    left = node.left
    return isinstance(node.op, ast.Mod) and isinstance(left, ast.Constant) and isinstance(left.value, (str, bytes))


def _constants(node: ast.Constant) -> Mutated:
    value = node.value
    if isinstance(value, bool):
        new: Any = not value
    elif isinstance(value, (int, float)):
        new = value + 1
    elif isinstance(value, str):
        new = value + "XX"
    elif isinstance(value, bytes):
        new = value + b"XX"
    else:
        return
    yield "%s becomes %s" % (_short(value), _short(new)), ast.Constant(new)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 24 else text[:20] + "..." + text[0]


def statements(node: Any) -> Mutated:
    """Yield the mutants of a simple statement."""
    if isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield _swapped(node)
        yield "assignment left out", ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await)):
        yield "call left out", ast.Pass()
    elif isinstance(node, ast.Assign) and any(isinstance(one, (ast.Attribute, ast.Subscript)) for one in node.targets):
        yield "assignment left out", ast.Pass()
    elif isinstance(node, ast.Raise):
        yield "raise left out", ast.Pass()
    elif isinstance(node, ast.Delete):
        yield "del left out", ast.Pass()
    elif isinstance(node, (ast.Break, ast.Continue)):
        leaves = isinstance(node, ast.Break)
        yield (
            ("break becomes continue" if leaves else "continue becomes break"),
            ast.Continue() if leaves else ast.Break(),
        )


def returns(node: ast.Return) -> bool:
    """Whether a return gives something that can be None instead."""
    return node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None)
