# pyright: standard
# A transformer of trees returns nodes of many kinds.
"""Compiles a module with all its mutants in it, each behind a switch, so that one import serves them all.

An expression becomes ``mutant if on[17] else original``, a statement ``if on[17]: mutant`` with the original in the
``else``. Invariant: only one switch is on at a time, so a mutant's parts need no switches, and the code grows by its
depth only.
"""

import ast
import copy
from types import CodeType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set

from .loading import Objects, compiled
from .mutators import NEGATED, expressions, returns, statements

NOT_VISITED = frozenset({
    "annotation", "returns", "type_comment", "decorator_list", "bases", "type_params", "format_spec",
    "pattern",
})  # fmt: skip


class Mutant(NamedTuple):
    """One fault. ``function`` is the qualified name around it, "" at module level; ``imported``: it acts at import."""

    line: int
    what: str
    function: str
    imported: bool


class Switches(Dict[int, int]):
    """Which mutant is on; a switch that is asked for the first time comes to be, off."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __missing__(self, number: int) -> int:
        self[number] = 0
        return 0

    def taken(self) -> Set[int]:
        """Return the switches asked for since the last time, and forget them."""
        found = set(self)
        self.clear()
        return found


class Mutants:
    """The mutants of one module. ``make`` gives its code with the switches in ``on``; ``table`` has them by number.

    ``wanted`` leaves out the switches of others; numbers stay the same.
    """

    def __init__(self, wanted: Optional[Callable[[int, Mutant], bool]] = None) -> None:
        self.on = Switches()
        self.table: List[Mutant] = []
        self._wanted = wanted

    def make(self, source: bytes, path: str) -> CodeType:
        objects = Objects(on=self.on)
        switcher = Switcher(objects, self._wanted)
        tree = switcher.module(ast.parse(source, path))
        self.table[:] = switcher.table
        return compiled(tree, path, objects)


class Switcher(ast.NodeTransformer):
    """Puts switches into one tree."""

    def __init__(self, objects: Objects, wanted: Optional[Callable[[int, Mutant], bool]] = None) -> None:
        self.table: List[Mutant] = []
        self._objects = objects
        self._wanted = wanted
        self._where: List[str] = []
        self._inside = 0

    def module(self, tree: ast.Module) -> ast.Module:
        return self.generic_visit(tree)  # type: ignore[return-value]

    def generic_visit(self, node: ast.AST) -> Any:
        """Visit what may be mutated."""
        for field, old in ast.iter_fields(node):
            if field in NOT_VISITED or (field == "keywords" and isinstance(node, ast.ClassDef)):
                continue
            if isinstance(old, list):
                setattr(node, field, [self.visit(one) if isinstance(one, ast.AST) else one for one in old])
            elif isinstance(old, ast.AST):
                setattr(node, field, self.visit(old))
        return node

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt):
            return self._statement(node)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return self.generic_visit(node)
        if isinstance(node, ast.expr):
            return self._expression(node)
        return self.generic_visit(node)

    def _expression(self, node: Any) -> ast.expr:
        if type(node).__name__ in ("JoinedStr", "TemplateStr"):
            node.values = [one if isinstance(one, ast.Constant) else self.visit(one) for one in node.values]
            return node
        if isinstance(node, ast.Lambda):
            return self._scope(node, "<lambda>")
        if isinstance(node, ast.Constant):
            new: ast.expr = node
            for what, mutant in expressions(node):
                new = self._switch(node, what, mutant, new)
            return new
        mutants = list(expressions(node))
        new = self.generic_visit(node)
        for what, mutant in mutants:
            new = self._switch(node, what, mutant, new)
        return new

    def _statement(self, node: Any) -> Any:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)) or _is_text(node):
            return node
        if type(node).__name__ == "TypeAlias" or (not self._where and _is_dunder(node)) or _is_main(node):
            return node
        if isinstance(node, ast.If) and _is_typing(node.test):
            node.orelse = [self.visit(one) for one in node.orelse]
            return node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self._scope(node, node.name)
        if isinstance(node, ast.ClassDef):
            return self._class(node)
        return self._simple(node)

    def _simple(self, node: Any) -> Any:
        mutants = list(statements(node))
        negated = isinstance(node, (ast.If, ast.While)) and isinstance(node.test, NEGATED)
        test = copy.deepcopy(node.test) if negated else None
        new = self.generic_visit(node)
        if test is not None:
            opposite = ast.UnaryOp(ast.Not(), test)
            node.test = self._switch(node, "condition negated", opposite, node.test)
        if isinstance(node, ast.Return) and node.value is not None and returns(node):
            node.value = self._switch(node, "returns None", ast.Constant(None), node.value)
        for what, mutant in mutants:
            number = self._number(node, what)
            if number is not None:
                new = ast.If(test=self._on(number), body=[ast.copy_location(mutant, node)], orelse=[new])
                ast.copy_location(new, node)
        return new

    def _scope(self, node: Any, name: str) -> Any:
        self.generic_visit(node.args)
        self._where.append("<locals>." + name if self._inside else name)
        self._inside += 1
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = [self.visit(one) for one in node.body]
        self._inside -= 1
        self._where.pop()
        return node

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        self._where.append("<locals>." + node.name if self._inside else node.name)
        outer, self._inside = self._inside, 0
        node.body = [self.visit(one) for one in node.body]
        self._inside = outer
        self._where.pop()
        return node

    def _switch(self, node: Any, what: str, mutant: ast.expr, original: ast.expr) -> ast.expr:
        number = self._number(node, what)
        if number is None:
            return original
        return ast.copy_location(ast.IfExp(test=self._on(number), body=mutant, orelse=original), node)

    def _number(self, node: Any, what: str) -> Optional[int]:
        """Return the new mutant's number; None where its switch is not wanted."""
        mutant = Mutant(node.lineno, what, ".".join(self._where), not self._inside)
        self.table.append(mutant)
        number = len(self.table) - 1
        return number if self._wanted is None or self._wanted(number, mutant) else None

    def _on(self, number: int) -> ast.expr:
        return ast.Subscript(value=self._objects.node("on"), slice=ast.Constant(number), ctx=ast.Load())


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_dunder(node: Any) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id.startswith("__") for target in targets)


def _is_main(node: Any) -> bool:
    return isinstance(node, ast.If) and "'__main__'" in ast.dump(node.test)


def _is_typing(test: Any) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"
