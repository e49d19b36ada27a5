"""Scopes: which names a piece binds, and which it only reads."""

import ast
from collections.abc import Sequence
from enum import Enum

_NONE = frozenset[str]()


class ScopeKind(Enum):
    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class Scope:
    """The names of one scope while a piece is analysed.

    ``bound`` maps a name to what an import says it means (a dotted name, relative ones with
    their dots), or to None where it is bound otherwise, or in two ways.
    """

    __slots__ = ("bound", "declared_global", "declared_nonlocal", "kind", "loads", "node", "outer")

    def __init__(self, node: ast.AST | None, kind: ScopeKind, outer: "Scope | None") -> None:
        self.node = node
        self.kind = kind
        self.outer = outer
        self.bound: dict[str, str | None] = {}
        self.loads: set[str] = set()
        self.declared_global = _NONE
        self.declared_nonlocal = _NONE

    def bind(self, name: str, meaning: str | None) -> None:
        if self.bound.setdefault(name, meaning) != meaning:
            self.bound[name] = None

    def bind_arguments(self, arguments: Sequence[ast.arg]) -> None:
        for argument in arguments:
            self.bound[argument.arg] = None

    def owner_of(self, name: str) -> "Scope | None":
        """The scope that ``name``, read in this one, belongs to; None when no scope here binds it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.declared_global:
                return None
            if (
                name in scope.bound
                and name not in scope.declared_nonlocal
                and (scope is self or scope.kind is not ScopeKind.CLASS)
            ):
                return scope
            scope = scope.outer
        return None


def free_names(scopes: list[Scope]) -> frozenset[str]:
    """The names that are read in some scope and belong to none of them."""
    free: set[str] = set()
    for scope in scopes:
        if scope.outer is None:
            # Nothing is around it that could bind a name.
            free |= scope.loads - scope.bound.keys()
        else:
            for name in scope.loads - scope.bound.keys() - free:
                if scope.owner_of(name) is None:
                    free.add(name)
        free |= scope.declared_global
        # What is bound in a class body, or may be bound later, can mean the outer name before.
        if scope.kind is ScopeKind.CLASS:
            free |= scope.loads & scope.bound.keys()
    return frozenset(free)
