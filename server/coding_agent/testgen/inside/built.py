# pyright: standard
# Trees of many forms.
"""Tells an act's arguments from the act: what is raised while they are made is not the target's doing."""

import ast
from typing import Any, List

from .model import Act

BUILT = "_built"
"""The name by which the act says that its parts are there; given to it as a function that returns what it gets."""

_AROUND = frozenset({"list", "islice", "pickle.loads"})


def needs_mark(act: Act) -> bool:
    """Whether a part of the act is itself a call, so that it may raise before the act begins."""
    given = act.callee if act.kind in ("get", "expr", "set") else act.callee.rpartition(".")[0]
    return "(" in given or any("(" in arg.code for arg in act.args)


def marked(text: str) -> ast.Module:
    """Return the tree of an act's statement in which what is evaluated last before the act passes through ``BUILT``."""
    tree = ast.parse(text)
    statement: Any = tree.body[0]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        _mark(statement.items[0].context_expr)
    elif isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Name):
        target: Any = statement.targets[0]
        if isinstance(target, ast.Subscript):
            _mark(target)
        else:
            target.value = _through(target.value)
    else:
        _mark(_inner(getattr(statement, "value", None)))
    return ast.fix_missing_locations(tree)


def _inner(node: Any) -> Any:
    """Leave what only lists or awaits the act."""
    if isinstance(node, ast.Await):
        return node.value
    if isinstance(node, ast.ListComp) and node.generators[0].is_async:
        return node.generators[0].iter
    while isinstance(node, ast.Call) and ast.unparse(node.func) in _AROUND and isinstance(node.args[0], ast.Call):
        node = node.args[0]
    return node


def _mark(node: Any) -> None:
    if isinstance(node, ast.Call):
        last: List[Any] = [*node.args, *node.keywords][-1:]
        if not last:
            if isinstance(node.func, ast.Attribute):
                node.func.value = _through(node.func.value)
        elif isinstance(last[0], (ast.keyword, ast.Starred)):
            last[0].value = _through(last[0].value)
        else:
            node.args[-1] = _through(last[0])
    elif isinstance(node, ast.BinOp):
        node.right = _through(node.right)
    elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
        node.comparators[0] = _through(node.comparators[0])
    elif isinstance(node, ast.UnaryOp):
        node.operand = _through(node.operand)
    elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        node.slice = _through(node.slice)  # type: ignore[assignment]
    elif isinstance(node, (ast.Attribute, ast.Subscript)):
        node.value = _through(node.value)


def _through(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(BUILT, ast.Load()), [node], [])
