"""What is surely of a built-in type, and so behaves as the language says."""

import ast
from collections.abc import Callable

_MAKES: dict[str, str] = {
    "len": "int",
    "ord": "int",
    "id": "int",
    "chr": "str",
    "hex": "str",
    "bin": "str",
    "oct": "str",
}


def builtin_type(node: ast.expr, is_builtin: Callable[[str], bool]) -> str | None:  # noqa: PLR0911 - one per kind
    """``int``, ``str`` or ``bytes`` where the value is surely exactly that, None where it may be anything.

    ``is_builtin`` says whether a name is the builtin of that name here. Floats are left out:
    a NaN compares false with everything.
    """
    match node:
        case ast.Constant(value=bool()):
            return "int"
        case ast.Constant(value=int() | str() | bytes() as value):
            return type(value).__name__
        case ast.JoinedStr():
            return "str"
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _MAKES and is_builtin(name):
            return _MAKES[name]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right):
            kinds = {builtin_type(left, is_builtin), builtin_type(right, is_builtin)}
            return "int" if kinds == {"int"} else None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
            return "int" if builtin_type(operand, is_builtin) == "int" else None
        case _:
            return None


def comparable(left: ast.expr, right: ast.expr, is_builtin: Callable[[str], bool]) -> bool:
    """Whether both sides are surely of one built-in type with a total order, so that ``not a < b`` is ``a >= b``."""
    kind = builtin_type(left, is_builtin)
    return kind is not None and kind == builtin_type(right, is_builtin)


def surely_bool(node: ast.expr) -> bool:
    """Whether the value is ``True`` or ``False``, whose truth is no code of anybody's."""
    match node:
        case ast.Compare(ops=ops):
            return all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops)
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Constant(value=bool()):
            return True
        case ast.BoolOp(values=values):
            return all(surely_bool(value) for value in values)
        case _:
            return False
