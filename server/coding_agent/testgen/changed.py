"""Which functions of a module changed, by what they say, not by where they stand."""

import ast
from collections.abc import Iterator, Sequence


def changed(before: str | None, now: str) -> tuple[str, ...]:
    """Return the functions and methods, by their qualified names, that are new or other than before.

    Comments, blank lines and places do not count; what does not parse has none.
    """
    old = dict(_functions(before)) if before is not None else {}
    return tuple(name for name, text in _functions(now) if old.get(name) != text)


def _functions(text: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _of(tree.body, "")


def _of(body: Sequence[ast.stmt], owner: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _of(node.body, f"{owner}{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield owner + node.name, ast.dump(node)
