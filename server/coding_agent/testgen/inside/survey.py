# pyright: standard
# Walks live objects of any kind.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Lists what of a module can be tested: functions, classes, methods, properties, dunders, module-level callables."""

import ast
import functools
import inspect
import types as kinds
from typing import Any, Dict, List, NamedTuple, Set

from .usage import dotted
from .world import World

PLAIN_DUNDERS = frozenset(
    {
        "__init__",
        "__new__",
        "__post_init__",
        "__init_subclass__",
        "__class_getitem__",
        "__set_name__",
        "__del__",
        "__getnewargs__",
        "__subclasshook__",
    }
)
_GIVEN = frozenset({"__module__", "__dict__", "__weakref__", "__doc__", "__annotations__", "__slots__", "__qualname__"})


class Target(NamedTuple):
    """``kind``: function, class, method, static, classmethod, property, dunder. ``owner``: its class's qualified name.

    ``private``: reached through others first. ``parameters``: what a call gives by position. ``reach``: qualified names
    of this module that it leads to, itself first.
    """

    name: str
    kind: str
    owner: str
    line: int
    private: bool
    asynchronous: bool
    parameters: List[str]
    reach: List[str]


def targets_of(world: World) -> List[Target]:
    """Return the targets in the order they stand in the module, private helpers included and marked."""
    found: Dict[str, Target] = {}
    for name, value in list(vars(world.module).items()):
        if name.startswith("__") or not _is_own(value, name, world):
            continue
        if isinstance(value, type):
            for target in _of_class(value, world):
                found.setdefault(target.name, target)
        elif callable(value):
            target = _target(name, "function", "", value, world)
            found.setdefault(target.name, target)
    for name, node in world.nodes.items():
        # Something of a module may have replaced what it defined by another object under the same name.
        if (
            name not in found
            and "." not in name
            and not isinstance(node, ast.ClassDef)
            and callable(getattr(world.module, name, None))
        ):
            found[name] = _target(name, "function", "", getattr(world.module, name), world)
    worth = (target for target in found.values() if not _is_stub(world.nodes.get(target.name)))
    return _marked(sorted(worth, key=lambda target: target.line))


def _is_stub(node: Any) -> bool:
    """Whether a function does nothing: there is nothing in it that could go wrong."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in node.body
    )


def _marked(targets: List[Target]) -> List[Target]:
    """Mark private ones; in a module that has nothing public, nothing counts as private."""
    if any(not target.private for target in targets):
        return targets
    return [
        target._replace(private=False)
        for target in targets
        if not target.name.rpartition(".")[2].startswith("__") or target.kind == "dunder"
    ]


def _is_own(value: Any, name: str, world: World) -> bool:
    if inspect.ismodule(value) or isinstance(value, (str, int, float, list, dict, tuple, set)):
        return False
    module = getattr(value, "__module__", None)
    if isinstance(value, type) or inspect.isroutine(value):
        return module == world.module.__name__ and _plain_name(value, name)
    if not callable(value):
        return False
    if isinstance(value, functools.partial) or hasattr(value, "__wrapped__"):
        return name in world.nodes or _assigned(name, world)
    return name in world.nodes or (_assigned(name, world) and type(value).__module__ == world.module.__name__)


def _plain_name(value: Any, name: str) -> bool:
    # ``alias = parse`` is no target of its own.
    return getattr(value, "__name__", name) == name or "<" in getattr(value, "__qualname__", "")


def _assigned(name: str, world: World) -> bool:
    return any(
        isinstance(node, ast.Assign) and any(dotted(target) == name for target in node.targets)
        for node in world.tree.body
    )


def _of_class(kind: type, world: World) -> List[Target]:
    name = kind.__qualname__
    node = world.nodes.get(name)
    if node is None:
        return []
    private = name.startswith("_")
    found: List[Target] = []
    if issubclass(kind, BaseException) and not any(
        isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) for item in node.body
    ):
        return []
    import enum

    if not issubclass(kind, enum.Enum) and not getattr(kind, "_is_protocol", False):
        parameters = _of_constructor(kind)
        found.append(Target(name, "class", "", node.lineno, private, False, parameters, _reach(name, world)))
    for member, value in vars(kind).items():
        if isinstance(value, type) and value.__qualname__ == f"{name}.{member}":
            found += _of_class(value, world)
            continue
        full = f"{name}.{member}"
        if member in _GIVEN or full not in world.nodes:
            continue
        what = _member_kind(member, value)
        if what and not getattr(kind, "_is_protocol", False):
            target = _target(full, what, name, value, world)
            hidden = private or (member.startswith("_") and what != "dunder")
            found.append(target._replace(private=hidden))
    return found


def _member_kind(member: str, value: Any) -> str:
    if isinstance(value, staticmethod):
        return "static"
    if isinstance(value, classmethod):
        return "classmethod" if member not in PLAIN_DUNDERS else ""
    if isinstance(value, (property, functools.cached_property)):
        return "property"
    if member in PLAIN_DUNDERS:
        return ""
    if member.startswith("__") and member.endswith("__"):
        return "dunder"
    if callable(value):
        return "method"
    return "property" if hasattr(value, "__get__") else ""


def _target(name: str, kind: str, owner: str, value: Any, world: World) -> Target:
    function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
    node: Any = world.nodes.get(name)
    line = getattr(node, "lineno", 0) or getattr(getattr(function, "__code__", None), "co_firstlineno", 0)
    asynchronous = isinstance(node, ast.AsyncFunctionDef) or (
        isinstance(function, kinds.FunctionType) and inspect.iscoroutinefunction(function)
    )
    return Target(
        name, kind, owner, line, name.startswith("_"), asynchronous, _parameters(node, kind, owner), _reach(name, world)
    )


def _parameters(node: Any, kind: str, owner: str) -> List[str]:
    """Return what a caller gives by position, in order: without the object or class a method gets by itself."""
    if not hasattr(node, "args"):
        return []
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    return names[1:] if owner and kind != "static" else names


def _of_constructor(kind: type) -> List[str]:
    try:
        found = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return []
    return [each.name for each in found if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]


def _reach(name: str, world: World) -> List[str]:
    """Return the functions of this module that a call of the target may lead to, nearest first."""
    found: Dict[str, None] = {}
    todo = [name]
    owners: Set[str] = set()
    while todo and len(found) < 40:
        current = todo.pop(0)
        if current in found or current not in world.nodes:
            continue
        found.setdefault(current)
        node = world.nodes[current]
        if isinstance(node, ast.ClassDef):
            owners.add(current)
            todo += [f"{current}.{special}" for special in ("__init__", "__new__", "__post_init__")]
            continue
        owner = current.rpartition(".")[0]
        for text in world.mentions(current):
            if owner and text.startswith(("self.", "cls.")):
                todo += [f"{base}.{text.partition('.')[2]}" for base in _bases(owner, world)]
            elif text in world.nodes:
                todo.append(text)
    return list(found)


def _bases(owner: str, world: World) -> List[str]:
    found = [owner]
    for name in found:
        node = world.nodes.get(name)
        if isinstance(node, ast.ClassDef):
            found += [dotted(base) for base in node.bases if dotted(base) in world.nodes and dotted(base) not in found]
    return found
