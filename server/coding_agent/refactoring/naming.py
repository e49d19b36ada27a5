"""Names for what a refactoring brings in: said by the code, and used nowhere else."""

import ast
import builtins
import keyword
import re
from collections.abc import Iterable

from coding_agent.proof.scopes import Scopes
from coding_agent.proof.source import Source

_VERBS = re.compile(r"^(?:get|compute|calculate|make|build|create|find|load|read|fetch|parse|to|as|new)_(?=[a-z])")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FALLBACK: dict[type[ast.expr], str] = {
    ast.Compare: "condition",
    ast.BoolOp: "condition",
    ast.ListComp: "items",
    ast.GeneratorExp: "items",
    ast.List: "items",
    ast.Set: "items",
    ast.SetComp: "items",
    ast.Dict: "mapping",
    ast.DictComp: "mapping",
    ast.JoinedStr: "text",
    ast.Tuple: "pair",
    ast.Lambda: "function",
}


def variable_name(expression: ast.expr) -> str:  # noqa: PLR0911 - one per kind of node
    """A name that says what an expression is."""
    match expression:
        case ast.Attribute(attr=attr):
            return snake(attr)
        case ast.Subscript(slice=ast.Constant(value=str(key))) if key.isidentifier():
            return snake(key)
        case ast.Subscript(value=base):
            return (
                f"{variable_name(base).removesuffix('s')}_item"
                if isinstance(base, ast.Name | ast.Attribute)
                else "item"
            )
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            plain = _VERBS.sub("", snake(name))
            return plain if plain != snake(name) else f"{plain}_result"
        case ast.Await(value=value):
            return variable_name(value)
        case ast.Name(id=name):
            return snake(name)
        case ast.Constant(value=str() | bytes()):
            return "text"
        case ast.Constant():
            return "number"
        case _:
            return _FALLBACK.get(type(expression), "value")


def snake(name: str) -> str:
    """``HTTPServer`` becomes ``http_server``, more or less; never empty."""
    return _HUMP.sub("_", name.strip("_")).lower() or "value"


def fresh(source: Source, wanted: str, also: Iterable[str] = ()) -> str:
    """``wanted``, with a number if it is a keyword, a builtin, or any name of the text; ``also`` are taken too."""
    taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *also}
    if not wanted.isidentifier():
        wanted = "value"
    taken |= Scopes(source).identifiers
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
