"""What a module defines, read from its text: functions, classes, methods, and the names of their parameters."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from coding_agent.testgen import reading

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class by its qualified name; lines count from one, the last one inclusive."""

    name: str
    line: int
    last: int
    parameters: tuple[str, ...]
    is_class: bool
    branches: int


def definitions(source: str) -> list[Definition]:
    """Return what a module defines at its top and in its classes, in order; nothing where it does not parse."""
    return [
        Definition(name, node.lineno, node.end_lineno or node.lineno, tuple(_fields(node)), True, 0)
        if isinstance(node, ast.ClassDef)
        else _function(node, name)
        for name, node in _walked(source)
    ]


def functions(source: str) -> Iterator[tuple[str, _Function]]:
    """Yield the functions and methods of a module by their qualified names."""
    for name, node in _walked(source):
        if not isinstance(node, ast.ClassDef):
            yield name, node


def parameters_by_name(found: list[Definition]) -> dict[str, tuple[str, ...]]:
    """Return the parameters of each definition; a class has those of its constructor."""
    named = {each.name: each.parameters for each in found}
    for each in found:
        if each.is_class and not named[each.name]:
            named[each.name] = named.get(f"{each.name}.__init__", named.get(f"{each.name}.__new__", ()))
    return named


def _walked(source: str) -> Iterator[tuple[str, _Function | ast.ClassDef]]:
    tree = reading.module(source)
    if tree is not None:
        yield from _of(tree.body, "")


def _of(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, _Function | ast.ClassDef]]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield owner + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield owner + node.name, node
            yield from _of(node.body, f"{owner}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try)):
            handlers = [each for handler in getattr(node, "handlers", ()) for each in handler.body]
            yield from _of([*node.body, *handlers, *node.orelse], owner)


def _function(node: _Function, name: str) -> Definition:
    arguments = node.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
    if "." in name and not static:
        names = names[1:]
    branches = sum(
        isinstance(each, (ast.If, ast.For, ast.While, ast.IfExp, ast.Try, ast.BoolOp)) for each in ast.walk(node)
    )
    return Definition(name, node.lineno, node.end_lineno or node.lineno, tuple(names), False, branches)


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The fields of a dataclass or named tuple, in the order its constructor takes them."""
    marks = " ".join(ast.unparse(each) for each in (*node.decorator_list, *node.bases))
    if not any(word in marks for word in ("dataclass", "NamedTuple", "define", "attr", "BaseModel")):
        return
    for each in node.body:
        if (
            isinstance(each, ast.AnnAssign)
            and isinstance(each.target, ast.Name)
            and "ClassVar" not in ast.unparse(each)
        ):
            yield each.target.id
