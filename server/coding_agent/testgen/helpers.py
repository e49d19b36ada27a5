"""Classes and functions that tests bring along: they stand once, at the top of the file."""

import ast
from collections.abc import Collection, Sequence

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate

_Definition = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Helpers:
    """Definitions for the top of a file. ``taken`` are names that mean something else there."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = frozenset(taken)
        self._found: dict[str, str] = {}

    def without(self, candidate: Candidate) -> tuple[Candidate, tuple[str, ...]]:
        """Return a candidate without the definitions that can stand at the top, and their names.

        One that reads what the test binds stays, and so does one whose name has another meaning already.
        """
        left: list[str] = []
        lifted: list[str] = []
        local: set[str] = set(candidate.fixtures)
        for statement in candidate.arrange:
            node = _definition(statement)
            reads = _names(statement)
            if node is None or reads & local or not self._takes(node.name, statement):
                left.append(statement)
                local |= {node.name} if node else _bound(statement)
            else:
                lifted.append(node.name)
        if set(lifted) & local:
            # A name that is bound again later means two things in this test.
            return candidate, ()
        return candidate._replace(arrange=tuple(left)), tuple(lifted)

    def texts(self, names: Collection[str]) -> list[str]:
        """Return the definitions of these names, and of those they read, in the order they were found."""
        wanted = set(names)
        for name in reversed(self._found):
            if name in wanted:
                wanted |= _names(self._found[name]) & self._found.keys()
        return [text for name, text in self._found.items() if name in wanted]

    def _takes(self, name: str, statement: str) -> bool:
        if name in self._taken or self._found.get(name, statement) != statement:
            return False
        self._found.setdefault(name, statement)
        return True


def _definition(statement: str) -> ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | None:
    body = _parsed(statement)
    return body[0] if len(body) == 1 and isinstance(body[0], _Definition) else None


def _names(statement: str) -> set[str]:
    return {node.id for top in _parsed(statement) for node in ast.walk(top) if isinstance(node, ast.Name)}


def _bound(statement: str) -> set[str]:
    return {
        node.id
        for top in _parsed(statement)
        for node in ast.walk(top)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _parsed(statement: str) -> Sequence[ast.stmt]:
    tree = parsing.module(statement)
    return tree.body if tree is not None else ()
