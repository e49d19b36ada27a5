# pyright: standard
# A transformer of trees returns nodes of many kinds.
"""Imports a module from a text, with a mark before each statement of one definition: which lines a run comes to."""

import ast
from typing import Any, List, Sequence, Set, Tuple

from .instrument import Hits, arcs
from .loading import Objects, compiled, load

_BLOCKS = ("body", "orelse", "finalbody")


class Marked:
    """A module that was imported from a text. ``first`` to ``last`` are the lines of the definition, from one."""

    def __init__(self, name: str, text: str, first: int, last: int) -> None:
        """Raises: what the module raises when it is imported, or is compiled."""
        self._spans: List[Tuple[int, int]] = []
        self._hits = Hits()
        self._range = range(first, last + 1)
        self._text = text
        self.module = load(name, self._make)
        self.path = str(self.module.__file__)

    def _make(self, _source: bytes, path: str) -> Any:
        objects = Objects(hits=self._hits)
        tree = ast.parse(self._text, path)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and self._is_in(node):
                self._mark(node, objects)
        self._hits.extend(bytes(len(self._spans)))
        return compiled(tree, path, objects)

    def _is_in(self, node: Any) -> bool:
        return node.lineno in self._range and node.end_lineno in self._range

    def _mark(self, node: Any, objects: Objects) -> None:
        """Put marks into the blocks of a function, not into functions and classes in it."""
        for field in _BLOCKS:
            body: Sequence[Any] = getattr(node, field, None) or ()
            marked: List[Any] = []
            for place, statement in enumerate(body):
                if not _is_text(statement) or place or field != "body":
                    marked.append(self._passed(statement, objects))
                marked.append(statement)
                if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    self._mark(statement, objects)
            if body:
                setattr(node, field, marked)
        for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._mark(inner, objects)

    def _passed(self, statement: Any, objects: Objects) -> ast.stmt:
        block: Sequence[Any] = getattr(statement, "body", None) or getattr(statement, "cases", None) or ()
        inside = block[0] if block else None
        below = getattr(inside, "lineno", getattr(getattr(inside, "pattern", None), "lineno", 0))
        last = max(statement.lineno, below - 1) if inside is not None else statement.end_lineno
        self._spans.append((statement.lineno, last))
        target = ast.Subscript(objects.node("hits"), ast.Constant(len(self._spans) - 1), ast.Store())
        return ast.copy_location(ast.Assign([target], ast.Constant(1)), statement)

    def taken(self) -> List[Tuple[int, int]]:
        """Return the lines that were come to since the last time, as pairs of first and last."""
        found = [self._spans[number] for number in arcs(bytes(self._hits))]
        self._hits[:] = bytes(len(self._hits))
        return found

    def all_lines(self) -> Set[int]:
        """Return the lines that statements of the definition stand on."""
        return {line for first, last in self._spans for line in range(first, last + 1)}


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
