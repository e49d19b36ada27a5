"""Reading a function's own code: the nodes that run with it, and code as one short line."""

import ast
from collections.abc import Callable, Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Qualified = Callable[[ast.expr], str | None]
"""What a name or attribute means by imports and builtins, as ``os.environ.get`` or ``builtins.open``; None: local."""

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def own_nodes(statements: Iterable[ast.AST]) -> list[ast.AST]:
    """Return the nodes that run when ``statements`` run, in order: not the bodies of functions defined in them."""
    found: list[ast.AST] = []
    # No recursion: a sum of 5 000 terms is 5 000 levels deep.
    waiting = list(statements)[::-1]
    while waiting:
        node = waiting.pop()
        found.append(node)
        inner = _at_definition(node) if isinstance(node, _SCOPES) else ast.iter_child_nodes(node)
        waiting += list(inner)[::-1]
    return found


def is_generator(node: Function) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in own_nodes(node.body))


def shortened(node: ast.AST, length: int = 60) -> str:
    """Return code on one line of at most ``length`` characters."""
    try:
        text = " ".join(ast.unparse(node).split())
    except RecursionError:  # A sum of 5 000 terms.
        return "..."
    return text if len(text) <= length else text[: length - 3] + "..."


def root_name(node: ast.expr) -> str | None:
    """Return the variable that an attribute or item is reached from, None when it is no variable."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def first_attribute(node: ast.expr) -> str:
    """Return a variable, or the first attribute of one: ``self.items`` for ``self.items[0].name``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        parts.append(node.attr if isinstance(node, ast.Attribute) else "")
        node = node.value
    first = [part for part in parts[-1:] if part]
    return ".".join((node.id if isinstance(node, ast.Name) else "", *first))


def _at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[ast.AST]:
    """Defaults and decorators of an inner function run where it is defined."""
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default)
    if not isinstance(node, ast.Lambda):
        yield from node.decorator_list
