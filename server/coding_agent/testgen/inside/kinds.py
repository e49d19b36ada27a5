# pyright: standard
# Values of any kind.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""What kind of value an expression makes."""

import ast
import functools
from typing import Sequence, Set

from .values import Value

_LITERAL_KINDS = {ast.List: "list", ast.Dict: "dict", ast.Tuple: "tuple", ast.Set: "set", ast.Lambda: "callable"}


@functools.lru_cache(maxsize=20000)
def kind_of(code: str) -> str:
    """Return what an expression makes: a literal's type, a callee, or the empty text."""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:
        return ""
    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    if isinstance(node, ast.UnaryOp):
        return kind_of(ast.unparse(node.operand))
    if isinstance(node, ast.BinOp):
        return kind_of(ast.unparse(node.left))
    if isinstance(node, ast.Call):
        return ast.unparse(node.func)
    if isinstance(node, ast.Attribute):
        return ast.unparse(node.value)
    return _LITERAL_KINDS.get(type(node), "")


def kinds_in(values: Sequence[Value]) -> Set[str]:
    """Return the kinds of several values; whole numbers stand where floats do."""
    kinds = {kind_of(value.code) for value in values}
    return kinds | {"int"} if "float" in kinds else kinds


_SEVERAL = frozenset({"list", "tuple", "set"})
_ITERABLE = _SEVERAL | {"dict", "iter", "range"}


def widened(kinds: Set[str]) -> Set[str]:
    """Return kinds with those that may stand in their place: who takes a list may take anything to iterate over."""
    return kinds | _ITERABLE if kinds & _SEVERAL else kinds
