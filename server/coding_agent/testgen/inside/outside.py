# pyright: standard
# Looks at what the user's module imports.
"""Finds what of the world outside a target uses: clients, processes, clock, chance, environment, console."""

import ast
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, List, NamedTuple, Set, Tuple

from .survey import Target
from .usage import Use, Uses, dotted, uses_of
from .world import World

VERBS = frozenset({"get", "post", "put", "delete", "patch", "head", "options", "request", "send", "stream"})
CLIENTS = frozenset({"requests", "httpx", "requests.api"})
SESSIONS = frozenset(
    {
        "requests.sessions.Session",
        "httpx.Client",
        "httpx.AsyncClient",
        "aiohttp.client.ClientSession",
        "httpx._client.Client",
        "httpx._client.AsyncClient",
    }
)


class Contact(NamedTuple):
    """One thing outside that is used: ``full`` is its real name, ``owner.attribute`` how the test reaches it.

    ``path`` is where its result is in ``uses``; ``handlers`` are exceptions that the code around it catches.
    """

    full: str
    owner: str
    attribute: str
    path: str
    uses: Uses
    handlers: Tuple[str, ...]
    imports: Tuple[str, ...] = ()


class Environment(NamedTuple):
    """A variable of the environment with texts it is compared with."""

    name: str
    values: Tuple[str, ...]


def contacts(target: Target, world: World) -> List[Contact]:
    """Return what a target and the functions it leads to use, each once."""
    found: Dict[Tuple[str, str, str], Contact] = {}
    for name, node in _nodes(target, world):
        uses = (
            world.uses(name)
            if name in world.nodes
            else world.noted(f"uses {id(node)}", lambda node=node: uses_of(node))
        )
        caught = _caught(node, world)
        for text in called(node, world):
            for contact in _of_call(text, uses, caught, world):
                found.setdefault((contact.full, contact.owner, contact.attribute), contact)
    return list(found.values())


def _nodes(target: Target, world: World) -> List[Tuple[str, Any]]:
    names: Dict[str, None] = dict.fromkeys(target.reach)
    if target.owner:
        names.setdefault(f"{target.owner}.__init__")
    found = [(name, world.nodes[name]) for name in names if name in world.nodes]
    return found + [("", node) for _, node in found for node in _elsewhere(node, world)]


def _elsewhere(node: ast.AST, world: World) -> List[Any]:
    """Return the trees of functions in other modules of the project that a function calls."""
    return world.noted(f"elsewhere {id(node)}", lambda: _find_elsewhere(node, world))


def called(node: ast.AST, world: World) -> List[str]:
    """Return the dotted names that a function calls, each once."""
    return world.noted(
        f"called {id(node)}",
        lambda: list(
            dict.fromkeys(
                text for child in ast.walk(node) if isinstance(child, ast.Call) for text in [dotted(child.func)] if text
            )
        ),
    )


def _find_elsewhere(node: ast.AST, world: World) -> List[Any]:
    found: List[Any] = []
    for text in called(node, world):
        value = live(text, world)
        if (
            inspect.isfunction(value)
            and value.__module__.split(".")[0] == world.package
            and value.__module__ != world.module.__name__
        ):
            try:
                found += ast.parse(inspect.cleandoc(inspect.getsource(value))).body
            except (OSError, SyntaxError, TypeError):
                continue
    return found[:6]


def live(text: str, world: World) -> Any:
    """Return the object a dotted name stands for in the module; None where it stands for none."""
    value: Any = world.module
    for part in text.split(".") if text else ():
        try:
            value = inspect.getattr_static(value, part) if isinstance(value, type) else getattr(value, part)
        except Exception:  # AttributeError, or what a proxy says without its context
            return None
    return value if text else None


def _of_call(text: str, uses: Uses, caught: Tuple[str, ...], world: World) -> List[Contact]:
    value = live(text, world)
    head, _, last = text.rpartition(".")
    path = text + "()"
    if text == "input" and value is None:
        return [Contact("builtins.input", "builtins", text, path, uses, caught, ("import builtins",))]
    if value is None:
        return _of_session(text, last, uses, caught, world)
    full = full_name(value, text, world)
    if isinstance(value, type) and full in SESSIONS:
        return []
    owner = live(head, world) if head else world.module
    if isinstance(owner, ModuleType) and owner is not world.module:
        root = text.split(".", maxsplit=1)[0]
        return [Contact(full, world.spell(root) + head[len(root) :], last, path, uses, caught)]
    if not head:
        spelled = world.spell(text)
        base, _, attribute = spelled.rpartition(".")
        return [Contact(full, base, attribute, path, uses, caught)] if base else []
    return [Contact(full, "", last, path, uses, caught)]


def _of_session(text: str, last: str, uses: Uses, caught: Tuple[str, ...], world: World) -> List[Contact]:
    """A verb of something that a client library's session may be: patched on the class of the session."""
    if last not in VERBS:
        return []
    found: List[Contact] = []
    for name, value in _session_classes(world):
        found.append(
            Contact(f"session {value.__module__.split('.')[0]}", name, last, _path_of(text, uses), uses, caught)
        )
    return found[:1]


def _path_of(text: str, uses: Uses) -> str:
    fitting = [path for path in uses if path.endswith("." + text.rpartition(".")[2] + "()")]
    return fitting[0] if fitting else text + "()"


def _session_classes(world: World) -> List[Tuple[str, Any]]:
    return world.noted("sessions", lambda: _find_session_classes(world))


def _find_session_classes(world: World) -> List[Tuple[str, Any]]:
    found: Dict[str, Any] = {}
    for node in ast.walk(world.tree):
        text = dotted(node) if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        value = live(text, world) if text else None
        if isinstance(value, type) and f"{value.__module__}.{value.__qualname__}" in SESSIONS:
            root = text.split(".")[0]
            found.setdefault(world.spell(root) + text[len(root) :], value)
    return list(found.items())


def full_name(value: Any, text: str, world: World) -> str:
    """Return ``package.name`` for what a call names, by the module that it is reached through."""
    head, _, last = text.rpartition(".")
    owner = live(head, world) if head else None
    if isinstance(owner, ModuleType):
        return f"{owner.__name__}.{last}"
    if isinstance(owner, type):
        return f"{owner.__module__}.{owner.__qualname__}.{last}"
    module = getattr(value, "__module__", "") or getattr(getattr(value, "__self__", None), "__module__", "") or ""
    if not module and inspect.ismethod(value):
        module = value.__func__.__module__
    named = f"{module}.{getattr(value, '__qualname__', last)}"
    return (
        {"random.Random.": "random."}.get(named[:14], named[:14]) + named[14:]
        if named.startswith("random.Random.")
        else named
    )


def _caught(node: ast.AST, world: World) -> Tuple[str, ...]:
    """Return the expressions of exceptions that a function catches and a test can spell."""
    return world.noted(f"caught {id(node)}", lambda: _find_caught(node, world))


def _find_caught(node: ast.AST, world: World) -> Tuple[str, ...]:
    found: Dict[str, None] = {}
    for handler in ast.walk(node):
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None:
            options = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            for option in options:
                if dotted(option) and isinstance(
                    live(dotted(option), world) or getattr(sys.modules["builtins"], dotted(option), None), type
                ):
                    found.setdefault(dotted(option))
    return tuple(found)


def environment(target: Target, world: World) -> List[Environment]:
    """Return the variables of the environment that a target reads by a constant name."""
    found: Dict[str, Set[str]] = {}
    if not world.noted(
        "reads the environment",
        lambda: any(
            text.rpartition(".")[2] in ("environ", "getenv")
            for node in ast.walk(world.tree)
            if isinstance(node, (ast.Attribute, ast.Name))
            for text in [dotted(node)]
        ),
    ):
        return []
    for _, node in _nodes(target, world):
        for key, values in world.noted(f"environment {id(node)}", lambda node=node: _read_variables(node, world)):
            found.setdefault(key, set()).update(values)
    return [Environment(name, tuple(sorted(values))[:8]) for name, values in found.items()]


def _read_variables(node: ast.AST, world: World) -> List[Tuple[str, List[str]]]:
    keys = dict.fromkeys(key for child in ast.walk(node) for key in [_variable(child, world)] if key)
    texts = [text for text in _texts(node) if len(text) < 12 and " " not in text] if keys else []
    return [(key, [text for text in texts if text != key]) for key in keys]


def _variable(node: ast.AST, world: World) -> str:
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in ("getenv", "get", "pop") and node.args:
        text = dotted(node.func)
        if text.endswith(("getenv", "environ.get", "environ.pop")):
            return _constant(node.args[0], world)
    if isinstance(node, ast.Subscript) and dotted(node.value).endswith("environ"):
        return _constant(node.slice, world)
    if (
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], (ast.In, ast.NotIn))
        and dotted(node.comparators[0]).endswith("environ")
    ):
        return _constant(node.left, world)
    return ""


def _constant(node: ast.AST, world: World) -> str:
    value = node.value if isinstance(node, ast.Constant) else live(dotted(node), world) if dotted(node) else None
    return value if isinstance(value, str) else ""


def _texts(node: ast.AST) -> List[str]:
    return [child.value for child in ast.walk(node) if isinstance(child, ast.Constant) and isinstance(child.value, str)]


def use_at(contact: Contact) -> Use:
    """Return how the result of a contact is used."""
    return contact.uses.get(contact.path, Use())


__all__ = ["Contact", "Path", "contacts", "environment", "live", "use_at"]
