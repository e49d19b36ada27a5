"""What a function does to the world, read from its own code: called functions are not followed.

Claims are made only where names say it: an imported name, a builtin, a parameter, ``self``. What depends on the type
of an unknown object is left out.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from coding_agent.explain import world
from coding_agent.explain.code import Function, Qualified, first_attribute, own_nodes, root_name, shortened
from coding_agent.explain.names import Names
from coding_agent.explain.world import Kind

_MAKERS = frozenset(("__init__", "__new__", "__post_init__", "__setstate__"))
"""Setting up their object is what these are for."""
_MODE_CHARACTERS = frozenset("rwxabtU+|:*gzbx2")


@dataclass(frozen=True, slots=True)
class Effect:
    """``what`` is code: the call, the argument, the variable. ``line`` is ``ast``'s."""

    kind: Kind
    what: str
    line: int


def effects(
    node: Function, qualified: Qualified, *, method: bool = False, enclosing: Collection[str] = ()
) -> tuple[Effect, ...]:
    """Return what ``node`` does beside returning a value, in the order of its code, each thing once.

    ``method``: it stands in a class, so its first parameter is its object or class.
    ``enclosing`` are the names bound in functions around it.
    """
    found = _Finder(Names(node, qualified, method, enclosing)).effects()
    if method and node.name in _MAKERS:
        found = (effect for effect in found if effect.kind is not Kind.SELF)
    once: dict[tuple[Kind, str], Effect] = {}
    for effect in sorted(found, key=lambda effect: effect.line):
        once.setdefault((effect.kind, effect.what), effect)
    return tuple(once.values())


class _Finder:
    def __init__(self, names: Names) -> None:
        self._names = names

    def effects(self) -> Iterator[Effect]:
        for node in self._names.nodes:
            if isinstance(node, ast.Call):
                yield from self._call(node)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield from self._name(node)
            elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
                yield from self._changed(node.value if isinstance(node, ast.Subscript) else node, node.lineno)
            elif isinstance(node, ast.Subscript) and self._names.meaning(node.value) == "os.environ":
                yield Effect(Kind.READS_ENVIRONMENT, "os.environ", node.lineno)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                yield from self._augmented(node, node.target.id)
            elif isinstance(node, ast.While) and node not in self._names.tried and _endless(node):
                yield Effect(Kind.ENDLESS, "while True", node.lineno)

    def _call(self, node: ast.Call) -> Iterator[Effect]:
        name = self._names.meaning(node.func)
        if name:
            yield from self._known(node, name)
        if isinstance(node.func, ast.Attribute):
            yield from self._method(node, node.func, name)

    def _known(self, node: ast.Call, name: str) -> Iterator[Effect]:
        shown = name.removeprefix("builtins.")
        if name in world.OPENERS:
            yield Effect(_opening(node, *world.OPENERS[name]), shown, node.lineno)
        kind = world.CALLS.get(name)
        target = next((each.value for each in node.keywords if each.arg == "file"), None)
        if kind is Kind.PRINTS and target is not None:
            yield from self._stream(target, Kind.WRITES_ARGUMENT, node.lineno)
        elif kind:
            yield Effect(kind, shown, node.lineno)
        for index in world.CHANGES.get(name, ()):
            if index < len(node.args):
                yield from self._changed(node.args[index], node.lineno)
        for table, stream in ((world.READS_STREAM, Kind.READS_ARGUMENT), (world.WRITES_STREAM, Kind.WRITES_ARGUMENT)):
            index = table.get(name, len(node.args))
            if index < len(node.args):
                yield from self._stream(node.args[index], stream, node.lineno)

    def _method(self, node: ast.Call, function: ast.Attribute, name: str | None) -> Iterator[Effect]:
        """A call of a method of an object that is no module."""
        method, owner = function.attr, function.value
        if self._names.is_path(owner):
            path_method = f"pathlib.Path.{method}"
            if path_method in world.OPENERS:
                yield Effect(_opening(node, *world.OPENERS[path_method]), "Path.open", node.lineno)
            elif path_method in world.CALLS:
                yield Effect(world.CALLS[path_method], f"Path.{method}", node.lineno)
        elif name is None and method in world.PATH_METHODS:
            yield Effect(world.PATH_METHODS[method], f"{shortened(owner, 40)}.{method}", node.lineno)
        elif method in world.LOG_METHODS and _last_name(owner).strip("_").lower() in world.LOGGERS:
            if name not in world.CALLS:
                yield Effect(Kind.LOGS, f"{_last_name(owner)}.{method}", node.lineno)
        elif method in world.READERS and name is None:
            yield from self._stream(owner, Kind.READS_ARGUMENT, node.lineno)
        elif method in world.WRITERS and name is None:
            yield from self._stream(owner, Kind.WRITES_ARGUMENT, node.lineno)
        elif method in world.MUTATORS and name not in world.CALLS and self._is_object(owner):
            yield from self._changed(owner, node.lineno)

    def _name(self, node: ast.Name) -> Iterator[Effect]:
        if node.id in self._names.globals:
            yield Effect(Kind.GLOBAL, node.id, node.lineno)
        elif node.id in self._names.outer:
            yield Effect(Kind.OUTER, node.id, node.lineno)

    def _augmented(self, node: ast.AugAssign, name: str) -> Iterator[Effect]:
        """``x += [1]`` changes the list that was given; with a number it changes nothing outside."""
        contents = ast.List | ast.Set | ast.Dict | ast.ListComp | ast.SetComp | ast.DictComp
        if (
            name in self._names.parameters
            and isinstance(node.value, contents)
            and self._names.still_given(name, node.lineno)
        ):
            yield Effect(Kind.ARGUMENT, name, node.lineno)

    def _stream(self, owner: ast.expr, kind: Kind, line: int) -> Iterator[Effect]:
        root = root_name(owner)
        if root in self._names.parameters and isinstance(owner, ast.Name) and self._names.still_given(root, line):
            yield Effect(kind, root, line)
        elif (name := self._names.meaning(owner)) in ("sys.stdout", "sys.stderr"):
            yield Effect(Kind.PRINTS, name, line)
        elif name == "sys.stdin":
            yield Effect(Kind.TERMINAL, name, line)

    def _changed(self, owner: ast.expr, line: int) -> Iterator[Effect]:
        """Something inside ``owner`` was changed (or the attribute ``owner`` itself was set)."""
        root = root_name(owner)
        if root is None:
            return
        if root == self._names.own:
            yield Effect(Kind.SELF, first_attribute(owner), line)
        elif root in self._names.parameters:
            if self._names.still_given(root, line):
                yield Effect(Kind.ARGUMENT, root, line)
        elif root in self._names.enclosing and (root in self._names.outer or root not in self._names.stored):
            yield Effect(Kind.OUTER, root, line)
        elif root not in self._names.stored or root in self._names.globals:
            name = self._names.meaning(owner) or first_attribute(owner)
            kind = Kind.ENVIRONMENT if name.startswith("os.environ") else Kind.GLOBAL
            yield Effect(kind, name.removeprefix("builtins."), line)

    def _is_object(self, owner: ast.expr) -> bool:
        """Whether ``owner`` may be a container: ``sys.path`` and ``CACHE``, but not the module ``os``."""
        meaning = self._names.meaning(owner)
        return meaning is None or ("." in meaning and not meaning.startswith("builtins."))


def _opening(node: ast.Call, place: int, default: str) -> Kind:
    mode: ast.expr | None = node.args[place] if place < len(node.args) else None
    mode = next((each.value for each in node.keywords if each.arg == "mode"), mode)
    text: object = default if mode is None else mode.value if isinstance(mode, ast.Constant) else "?"
    if not isinstance(text, str) or not _MODE_CHARACTERS.issuperset(text):
        return Kind.OPENS_FILES
    return Kind.WRITES_FILES if set(text) & set("wax+") else Kind.READS_FILES


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _endless(node: ast.While) -> bool:
    """Whether nothing in a ``while True`` leaves it. A generator hands back control, an await may be cancelled."""
    if not isinstance(node.test, ast.Constant) or not node.test.value:
        return False
    leaves = ast.Return | ast.Raise | ast.Yield | ast.YieldFrom | ast.Await
    return not any(isinstance(each, leaves) for each in own_nodes(node.body)) and not _breaks(node)


def _breaks(loop: ast.While) -> bool:
    """Whether a break leaves ``loop`` itself: one in an inner loop is not its own."""
    waiting: list[ast.AST] = [*loop.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = ast.iter_child_nodes(node)
            waiting += [each for each in inner if isinstance(each, ast.stmt | ast.ExceptHandler | ast.match_case)]
    return False
