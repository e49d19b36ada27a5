"""The nodes right inside a node, found by a table: the standard library asks every node for every field."""

import ast
import re
from typing import Any

_PLAIN = re.compile(r"(\w+)([*?]?) (\w+)")
_LEAVES = {"identifier", "int", "string", "constant", "expr_context", "boolop", "operator", "unaryop", "cmpop"}


_GAPS = (ast.Dict, ast.arguments)


def _child_fields() -> dict[type[ast.AST], tuple[str, ...]]:
    """The fields of every node type that hold nodes; read from the grammar in the type's docstring."""
    fields: dict[type[ast.AST], tuple[str, ...]] = {}
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AST):
            sorts = {name: sort for sort, _, name in _PLAIN.findall(kind.__doc__ or "")}
            fields[kind] = tuple(name for name in kind._fields if sorts.get(name, "identifier") not in _LEAVES)
    return fields


FIELDS = _child_fields()


def descendants(node: ast.AST) -> list[ast.AST]:
    """A node and all that stand in it, those higher up first: ``ast.walk`` without operators and contexts."""
    found = [node]
    for each in found:
        found += children(each)
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right inside a node, as they stand in the text; without operators and contexts."""
    found: list[Any] = []
    for field in FIELDS[node.__class__]:
        child = getattr(node, field)
        if child.__class__ is list:
            found += child
        elif child is not None:
            found.append(child)
    # None are the key where a mapping is unpacked and the default of a keyword without one.
    return [child for child in found if child is not None] if node.__class__ in _GAPS else found
