"""How the tests of explain/ read code: a resolver of imports as analysis gives one, simple but independent of it."""

import ast
import builtins
import importlib
import inspect
from collections.abc import Callable

from coding_agent.explain.code import Function


def resolver(tree: ast.Module) -> Callable[[ast.expr], str | None]:
    """Return what names mean by the imports and builtins of ``tree``; what it defines at top level means None."""
    names: dict[str, str] = {name: f"builtins.{name}" for name in dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.pop(node.name, None)

    def qualified(node: ast.expr) -> str | None:
        tail = ""
        while isinstance(node, ast.Attribute):
            tail = f".{node.attr}{tail}"
            node = node.value
        meaning = names.get(node.id) if isinstance(node, ast.Name) else None
        return meaning and meaning + tail

    return qualified


def function(text: str) -> tuple[Function, Callable[[ast.expr], str | None]]:
    """Return the last function at the top level of a text, and the resolver of that text."""
    tree = ast.parse(text)
    found = [node for node in tree.body if isinstance(node, Function)]
    return found[-1], resolver(tree)


def library(path: str) -> tuple[Function, Callable[[ast.expr], str | None]]:
    """Return a function of the standard library, as ``random:Random.shuffle``."""
    module, _, dotted = path.partition(":")
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    here: ast.AST = tree
    for name in dotted.split("."):
        here = next(node for node in ast.walk(here) if isinstance(node, Function | ast.ClassDef) and node.name == name)
    assert isinstance(here, Function)
    return here, resolver(tree)
