# pyright: standard
# Looks at the user's classes.
"""Objects of classes: constructors ranked, classmethods, factories, duck objects, types as inputs."""

import abc
import ast
import inspect
import itertools
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import guess, pools, reflection, types
from .usage import Use, Uses, dotted
from .values import NAMESPACE, Value, composed, plain, unique
from .world import World

LIMIT = 14
WIDTH = 5
MOST_TRIED = 60


def types_at_hand(world: World) -> List[Value]:
    """Return the module's own classes as types, and local shapes where the module reflects over such."""
    own = [value for value in (reference(kind, world) for kind in world.classes()[:4]) if value is not None]
    shapes = reflection.types_of_dataclasses(world) if reflection.on_dataclasses(world) else []
    return [*shapes, *own, *(reflection.FORMS if reflection.on_annotations(world) else [])]


def reference(kind: type, world: World) -> Optional[Value]:
    """Return a class as a value; None where a test could not name it."""
    code, imports = world.reference(kind)
    return Value(code, imports) if code else None


def member(kind: Any, item: Any, world: World) -> Optional[Value]:
    """Return an enum member as a value."""
    owner = reference(kind, world)
    return owner._replace(code=f"{owner.code}.{item.name}") if owner and item.name else None


def protocol(kind: Any, world: World, depth: int) -> List[Value]:
    """Return a duck object with the members of a protocol: attributes by their annotations, methods as lambdas."""
    parts: List[Value] = []
    names: List[str] = []
    for name in sorted(_members(kind)):
        value = getattr(kind, name, None)
        if name == "__call__":
            return types.callables(_callable_args(value), world, depth)
        if name.startswith("__"):
            continue
        hint = (
            getattr(value, "__annotations__", {}).get("return") if callable(value) else kind.__annotations__.get(name)
        )
        options = types.values_of(hint, world, depth - 1) or plain("1")
        head = "lambda *args, **kwargs: " if callable(value) else ""
        parts.append(composed(options[:1], lambda codes, head=head: head + codes[0]))
        names.append(name)
    if not names:
        return []
    made = composed(
        parts, lambda codes: "SimpleNamespace(%s)" % ", ".join(f"{name}={code}" for name, code in zip(names, codes))
    )
    return [made._replace(imports=(*made.imports, NAMESPACE))]


def _members(kind: Any) -> List[str]:
    found: Dict[str, None] = {}
    for base in kind.__mro__:
        if getattr(base, "_is_protocol", False):
            found.update(
                dict.fromkeys(
                    name
                    for name in [*vars(base), *getattr(base, "__annotations__", {})]
                    if not name.startswith(("_abc", "__")) or name == "__call__"
                )
            )
    return [
        name
        for name in found
        if name not in ("_is_protocol", "_is_runtime_protocol", "__call__")
        or (name == "__call__" and "__call__" in vars(kind))
    ]


def _callable_args(value: Any) -> Tuple[Any, ...]:
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ()
    return ([Any] * (len(signature.parameters) - 1), signature.return_annotation)


def instances(kind: type, world: World, depth: int) -> List[Value]:
    """Return objects of a class: seen ones, its calls, classmethods, factories, subclasses of an abstract one."""
    key = (id(kind), depth)
    if key not in world.made:
        world.made[key] = []  # A class that needs itself gets nothing on the way round.
        world.made[key] = _instances(kind, world, depth)
    return world.made[key]


def _instances(kind: type, world: World, depth: int) -> List[Value]:
    found: List[Value] = list(world.examples.get(kind.__qualname__, []))
    if depth <= 0 and found:
        return found[:3]
    owner = reference(kind, world)
    if inspect.isabstract(kind) or (owner is not None and abc.ABC in kind.__bases__ and _unmade(kind)):
        others = [
            other
            for other in world.visible_classes()
            if issubclass(other, kind) and other is not kind and not inspect.isabstract(other)
        ]
        return unique(
            found + [value for other in others[:4] for value in instances(other, world, depth - 1)[:3]], LIMIT
        )
    if owner is not None:
        found += constructed(kind, owner, world, depth)
        found += _from_classmethods(kind, owner, world, depth)
    found = unique(found + _from_factories(kind, world, depth), LIMIT)
    if world.maker is None:
        return found
    # What the class itself refuses is no object of it, and a test of something else would show only that.
    sound = world.maker.sound(found)
    if not sound and owner is not None:
        sound = world.maker.sound(_combined(kind, owner, world, depth))[:WIDTH]
    return sound or found


def _combined(kind: type, owner: Value, world: World, depth: int) -> List[Value]:
    """Return calls of the class with what it must have in other combinations, for one that refuses the usual ones."""
    try:
        rows = pools.for_constructor(kind, inspect.signature(kind), world, depth - 1)
    except (TypeError, ValueError):
        return []
    needed = [(name, pool[:6]) for name, is_needed, pool in rows if is_needed and pool]
    names = [name for name, _ in needed]
    return [
        _call(owner, list(zip(names, picked)))
        for picked in itertools.islice(itertools.product(*(pool for _, pool in needed)), MOST_TRIED)
    ]


def _unmade(kind: type) -> bool:
    return "__init__" not in vars(kind) and bool(getattr(kind, "__abstractmethods__", None))


def constructed(kind: type, owner: Value, world: World, depth: int) -> List[Value]:
    """Return calls of the class: with what it must have, each option once, everything given."""
    try:
        signature = inspect.signature(kind)
    except (TypeError, ValueError):
        return [owner._replace(code=owner.code + "()")]
    return calls(owner, pools.for_constructor(kind, signature, world, depth - 1))


def calls(owner: Value, rows: Sequence[Tuple[str, bool, List[Value]]], width: int = WIDTH) -> List[Value]:
    """Return calls: only what is needed, with its values varied, then each optional argument given once.

    ``rows``: keyword ("" where it goes by place), whether it is needed, its values.
    """
    if any(needed and not pool for _, needed, pool in rows):
        return []
    needed_rows = [row for row in rows if row[1]]
    found: List[Value] = []

    def made(picked: Sequence[Tuple[str, Value]]) -> Value:
        return _call(owner, picked)

    base = [(name, pool[0]) for name, _, pool in needed_rows]
    found.append(made(base))
    others = range(1, width if needed_rows else 1)
    found += [made([(name, pool[place % len(pool)]) for name, _, pool in needed_rows]) for place in others]
    for name, needed, pool in rows:
        if not needed and name and pool:
            found.extend(made([*base, (name, value)]) for value in pool[:2])
    options = [(name, pool[0]) for name, needed, pool in rows if not needed and name and pool]
    if len(options) > 1:
        found.append(made([*base, *options[:4]]))
    return found


def _call(owner: Value, picked: Sequence[Tuple[str, Value]]) -> Value:
    names = [name for name, _ in picked]

    def text(codes: List[str]) -> str:
        return "%s(%s)" % (codes[0], ", ".join(f"{n}={code}" if n else code for n, code in zip(names, codes[1:])))

    return composed([owner, *(value for _, value in picked)], text)


def _from_classmethods(kind: type, owner: Value, world: World, depth: int) -> List[Value]:
    if depth <= 0:
        return []
    found: List[Value] = []
    for name, value in vars(kind).items():
        if (
            not isinstance(value, (classmethod, staticmethod))
            or name.startswith("_")
            or not makes(kind, value.__func__, world)
        ):
            continue
        rows = pools.for_callable(getattr(kind, name), f"{kind.__qualname__}.{name}", world, depth - 1)
        found += calls(
            owner._replace(code=f"{owner.code}.{name}"), [(row.keyword, row.needed, row.pool) for row in rows], 3
        )[:4]
    return found


def makes(kind: type, function: Any, world: World) -> bool:
    """Tell whether a function is annotated to return the class, or returns ``cls(...)``."""
    hint = getattr(function, "__annotations__", {}).get("return", "")
    if (isinstance(hint, str) and hint.strip("'\"").rpartition(".")[2] in (kind.__name__, "Self")) or hint is kind:
        return True
    node = world.nodes.get(getattr(function, "__qualname__", ""))
    return node is not None and any(
        isinstance(child, ast.Return)
        and isinstance(child.value, ast.Call)
        and dotted(child.value.func) in ("cls", kind.__name__)
        for child in ast.walk(node)
    )


def _from_factories(kind: type, world: World, depth: int) -> List[Value]:
    found: List[Value] = []
    for name, value in vars(world.module).items():
        if (
            depth <= 0
            or not inspect.isfunction(value)
            or getattr(value, "__module__", "") != world.module.__name__
            or name.startswith("_")
        ):
            continue
        hint = world.resolved(value.__annotations__.get("return", ""))
        if hint is kind or (
            isinstance(hint, type) and hint is not object and kind is not object and issubclass(hint, kind)
        ):
            rows = pools.for_callable(value, name, world, depth - 1)
            found += calls(Value(world.spell(name)), [(row.keyword, row.needed, row.pool) for row in rows], 3)[:3]
    return found


def duck(uses: Uses, path: str, world: World, depth: int = 3) -> List[Value]:
    """Return a SimpleNamespace with what the code reads of a subject, or objects of a class here that has all of it."""
    use = uses[path]
    wanted = {name for name in use.attributes if not name.startswith("__")}
    if not wanted or depth <= 0:
        return []
    fitting = [
        kind
        for kind in world.near_classes()
        if not issubclass(kind, BaseException)
        and wanted
        <= world.noted(f"members {id(kind)}", lambda kind=kind: set(dir(kind)))
        | world.uses(kind.__qualname__).get("self", Use()).attributes
    ]
    found = [value for kind in fitting[:2] for value in types.values_of(kind, world, depth - 1)[:4]]
    parts: List[Value] = []
    names = sorted(wanted)
    for name in names:
        inner = f"{path}.{name}"
        if name in use.methods or (inner in uses and "called" in uses[inner].flags):
            options = guess.guess(uses, inner + "()", name, world, depth - 1) or plain("1")
            parts.append(composed(options[:1], lambda codes: "lambda *args, **kwargs: " + codes[0]))
        else:
            parts.append((guess.guess(uses, inner, name, world, depth - 1) or plain("1"))[0])
    made = composed(
        parts, lambda codes: "SimpleNamespace(%s)" % ", ".join(f"{name}={code}" for name, code in zip(names, codes))
    )
    return [*found[:1], made._replace(imports=(*made.imports, NAMESPACE), origin="usage"), *found[1:]]
