"""The first lines of a hover: how a definition or a known name reads as code."""

import ast
from collections.abc import Iterator

from coding_agent.explain.code import Function, shortened
from coding_agent.explain.page import Code, Line
from coding_agent.semantics.symbol import SymbolInfo

Definition = Function | ast.ClassDef

_PARAMETERS = 12
_LONG = 88
_KINDS = {"statement": "variable", "param": "parameter"}


def symbol_code(symbol: SymbolInfo) -> str:
    if symbol.kind == "function" and symbol.signatures:
        return "\n".join(f"def {each}" for each in symbol.signatures)
    if symbol.kind == "class" and symbol.signatures:
        return "\n".join(f"class {each}" for each in symbol.signatures)
    if symbol.type:
        return f"{symbol.name}: {symbol.type}"
    known = symbol.full_name if symbol.kind == "module" else symbol.name
    return f"({_KINDS.get(symbol.kind, symbol.kind or 'name')}) {known}"


def whereabouts(symbol: SymbolInfo) -> Iterator[Line]:
    if symbol.full_name and symbol.full_name != symbol.name and symbol.kind != "module":
        place = symbol.place
        where = f", defined in {_file_name(place.path)}, line {place.line + 1}" if place else ""
        yield (Code(symbol.full_name), where)


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def header(node: Definition) -> str:
    """Return the line a definition begins with, one parameter a line where it is long."""
    if isinstance(node, ast.ClassDef):
        bases = [shortened(each) for each in (*node.bases, *node.keywords)]
        return f"class {node.name}({', '.join(bases)})" if bases else f"class {node.name}"
    returns = f" -> {shortened(node.returns)}" if node.returns else ""
    start = f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {node.name}("
    shown = _parameters(node.args)
    whole = f"{start}{', '.join(shown)}){returns}"
    if len(whole) <= _LONG:
        return whole
    more = [f"    ...  # {len(shown) - _PARAMETERS} more"] if len(shown) > _PARAMETERS else []
    return "\n".join([start, *(f"    {each}," for each in shown[:_PARAMETERS]), *more, f"){returns}"])


def _parameters(arguments: ast.arguments) -> list[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    shown = [_parameter(*pair) for pair in zip(plain, defaults, strict=True)]
    if arguments.posonlyargs:
        shown.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg:
        shown.append(f"*{_parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        shown.append("*")
    shown += [_parameter(*pair) for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg:
        shown.append(f"**{_parameter(arguments.kwarg, None)}")
    return shown


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    typed = f": {shortened(argument.annotation)}" if argument.annotation else ""
    value = f"{' = ' if typed else '='}{shortened(default, 40)}" if default else ""
    return f"{argument.arg}{typed}{value}"
