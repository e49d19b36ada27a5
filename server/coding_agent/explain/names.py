"""What names mean inside one function: what it was given, what it bound, what stands outside."""

import ast
from collections.abc import Collection, Iterator

from coding_agent.explain import world
from coding_agent.explain.code import Function, Qualified, own_nodes, root_name

_NAMED = ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Names:
    """The names of one function.

    ``nodes`` are those that run with it, in order; ``own`` is its "self" or "cls", ``parameters`` are the others;
    ``globals`` and ``outer`` are declared so; ``enclosing`` are the names of functions around it; ``stored`` are bound
    in it, with the line from which on they are; ``tried`` are the nodes whose exceptions it handles.
    """

    def __init__(self, node: Function, qualified: Qualified, method: bool, enclosing: Collection[str]) -> None:
        self._node = node
        self._qualified = qualified
        arguments = node.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
        self.own = names.pop(0) if method and not static and names else None
        self.parameters = set(names)
        self.nodes = own_nodes(node.body)
        self.globals = {name for each in self.nodes if isinstance(each, ast.Global) for name in each.names}
        self.outer = {name for each in self.nodes if isinstance(each, ast.Nonlocal) for name in each.names}
        self.enclosing = {*enclosing, *self.outer}
        self.stored = dict(self._stores())
        self.tried = set(self._tried())
        self._paths = set(self._path_names())

    def meaning(self, node: ast.expr) -> str | None:
        """What the resolver says; but a parameter or a local variable means nothing outside, whatever it says."""
        root = root_name(node)
        local = root in self.parameters or root == self.own or (root in self.stored and root not in self.globals)
        return None if local or not isinstance(node, ast.Name | ast.Attribute) else self._qualified(node)

    def _stores(self) -> Iterator[tuple[str, int]]:
        """Imports bind names too, but what those mean is the resolver's to say."""
        arguments = self._node.args
        lines = {each.arg: self._node.lineno for each in (arguments.vararg, arguments.kwarg) if each}
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                lines.setdefault(node.id, node.lineno)
            elif isinstance(node, _NAMED) and node.name:
                lines.setdefault(node.name, node.lineno)
        yield from lines.items()

    def _tried(self) -> Iterator[ast.AST]:
        for node in self.nodes:
            if isinstance(node, ast.Try | ast.TryStar) and node.handlers:
                yield from own_nodes(node.body)

    def still_given(self, name: str, line: int) -> bool:
        """Whether a parameter still holds what was given: it was not bound anew before ``line``."""
        return self.stored.get(name, line) >= line

    def _path_names(self) -> Iterator[str]:
        arguments = self._node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if each.annotation is not None and self._qualified(each.annotation) in world.PATH_TYPES:
                yield each.arg
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and self._makes_path(node.value):
                yield node.targets[0].id

    def _makes_path(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self._qualified(node.func) in world.PATH_TYPES

    def is_path(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._paths or self.meaning(node) in world.PATH_TYPES
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self.is_path(node.left)
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            return self.is_path(node.value)
        return self._makes_path(node) or self.meaning(node) in world.PATH_TYPES
