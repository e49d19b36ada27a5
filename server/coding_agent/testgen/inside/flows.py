# pyright: standard
# Live classes and functions of any kind.
# ruff: noqa: PLR0911, PLR0912 - one question after the other is what these functions are
"""How a target is exercised: plain calls, protocols of dunders, descriptors, states reached by earlier calls."""

import ast
import inspect
from typing import Any, List, Sequence, Tuple

from . import apps, declared, pools, recipes, types
from .dunders import ALONE, BINARY, COMPARED, IMPORTING
from .genome import RECEIVER, SELF, Shape
from .pools import Row
from .survey import Target
from .values import ANYTHING, KINDS, Value, plain, unique
from .world import World


def shapes_of(target: Target, world: World) -> List[Shape]:
    """Return the ways to exercise a target, the usual one first; empty where none is known."""
    value = world.member(target.name)
    app = apps.shapes(target, value, world)
    return app or _plain_shapes(target, value, world)


def _plain_shapes(target: Target, value: Any, world: World) -> List[Shape]:
    if declared.is_validator(world.member(target.owner) if target.owner else None, target.name.rpartition(".")[2]):
        rows = [Row("", keyword, needed, pool) for keyword, needed, pool in _rows_of(target.owner, world)]
        return [Shape(target.name, "call", world.spell(target.owner), tuple(rows))]
    if target.kind in ("function", "class"):
        return _of_function(target, value, world)
    if target.kind in ("static", "classmethod"):
        bound = getattr(world.member(target.owner), target.name.rpartition(".")[2], value)
        return [
            Shape(target.name, "call", world.spell(target.name), tuple(pools.for_callable(bound, target.name, world)))
        ]
    receivers = tuple(receivers_of(target.owner, world))
    if not receivers:
        return []
    base = Shape(
        target.name,
        "get",
        f"{SELF}.{target.name.rpartition('.')[2]}",
        (),
        target.owner,
        receivers,
        steps=_step_shapes(target, world),
    )
    if target.kind == "property":
        return _of_property(target, base, world)
    if target.kind == "dunder":
        return _of_dunder(target, value, base, world)
    rows = _without_self(pools.for_callable(value, target.name, world), target.name, world)
    return [base._replace(kind="call", rows=rows)]


def _of_function(target: Target, value: Any, world: World) -> List[Shape]:
    if target.kind == "class":
        if inspect.isabstract(value):
            return []
        rows = [Row("", keyword, needed, pool) for keyword, needed, pool in _constructor_rows(value, world)]
        return [Shape(target.name, "call", world.spell(target.name), tuple(rows))]
    return [Shape(target.name, "call", world.spell(target.name), tuple(pools.for_callable(value, target.name, world)))]


def _constructor_rows(value: Any, world: World) -> List[Tuple[str, bool, List[Value]]]:
    try:
        return pools.for_constructor(value, inspect.signature(value), world, 3)
    except (TypeError, ValueError):
        return []


def _rows_of(owner: str, world: World) -> List[Tuple[str, bool, List[Value]]]:
    return _constructor_rows(world.member(owner), world)


def receivers_of(owner: str, world: World) -> List[Value]:
    """Return objects on which the methods of a class can be called."""
    kind = world.member(owner)
    if not isinstance(kind, type):
        return []
    found = recipes.instances(kind, world, 3) if not hasattr(kind, "__members__") else types.values_of(kind, world)
    return found or _bare(kind, world)


def _bare(kind: Any, world: World) -> List[Value]:
    """Return an object of a local subclass that fills in what an abstract base leaves open."""
    owner = recipes.reference(kind, world)
    if owner is None or not inspect.isabstract(kind):
        return []
    name = "Concrete" + kind.__name__.strip("_")
    lines = [f"class {name}({owner.code}):"]
    for missing in sorted(kind.__abstractmethods__):
        member = inspect.getattr_static(kind, missing)
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if isinstance(member, property):
            lines.append("    @property")
        head = "async def" if inspect.iscoroutinefunction(function) else "def"
        lines += [
            f"    {head} {missing}(self{'' if isinstance(member, property) else ', *args, **kwargs'}):",
            "        return 1",
        ]
    rows = [(keyword, needed, pool) for keyword, needed, pool in _constructor_rows(kind, world)]
    return [
        call._replace(arrange=("\n".join(lines), *call.arrange))
        for call in recipes.calls(Value(name, owner.imports), rows)[:6]
    ]


def _without_self(rows: Sequence[Row], name: str, world: World) -> Tuple[Row, ...]:
    """Drop the row of the object itself; what a decorator made of a method may hide it already."""
    node = world.nodes.get(name)
    own = (
        [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]][:1]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        else ["self"]
    )
    return tuple(rows[1:]) if rows and rows[0].name in (*own, "self") and rows[0].many == "" else tuple(rows)


def _of_property(target: Target, base: Shape, world: World) -> List[Shape]:
    value = world.member(target.name)
    found = [base]
    if isinstance(value, property) and value.fset is not None:
        hint = value.fset.__annotations__.get("value") or (
            value.fget.__annotations__.get("return") if value.fget else None
        )
        pool = (types.values_of(hint, world) if hint is not None else []) or ANYTHING
        found.append(base._replace(kind="set", rows=(Row("value", "", True, list(pool)),)))
    return found


def _of_dunder(target: Target, value: Any, base: Shape, world: World) -> List[Shape]:
    name = target.name.rpartition(".")[2]
    rows = _without_self(pools.for_callable(value, target.name, world), target.name, world)
    pool = [*base.receivers[:8], *(rows[0].pool[:14] if rows else ()), *plain("3", "'abc'", "None")]
    one = (Row("other", "", True, unique(pool, 30)),)
    expr = base._replace(kind="expr")
    # What an operator answers with NotImplemented is only seen when the method is called by its name.
    named = expr._replace(
        kind="call", callee=f"{SELF}.{name}", rows=(Row("other", "", True, plain("3", "'abc'", "None")),)
    )
    if name in COMPARED:
        return [
            expr._replace(callee=f"{SELF} {COMPARED[name]} {{0}}", rows=one),
            *([named] if name not in ("__eq__", "__ne__") else []),
        ]
    short = name.strip("_")
    for prefix, frame in (("i", "{self} {op} {0}"), ("r", "{0} {op} {self}"), ("", "{self} {op} {0}")):
        if short.startswith(prefix) and short[len(prefix) :] in BINARY and short not in ("invert", "round"):
            operands = (
                one
                if prefix != "r"
                else (one[0]._replace(pool=[*(rows[0].pool if rows else []), *KINDS["int"], *pool]),)
            )
            return [
                expr._replace(
                    callee=frame.replace("{self}", SELF).replace("{op}", BINARY[short[len(prefix) :]]), rows=operands
                ),
                named,
            ]
    if name in ALONE:
        return [expr._replace(callee=ALONE[name])]
    if name in IMPORTING:
        line, callee = IMPORTING[name]
        return [expr._replace(callee=callee, imports=(line,))] if callee else []
    return _of_access(name, expr, rows, one)


def _of_access(name: str, expr: Shape, rows: Tuple[Row, ...], one: Tuple[Row, ...]) -> List[Shape]:
    keys = rows[:1] or (Row("key", "", True, [*KINDS["str"][:3], *KINDS["int"][:3]]),)
    if name == "__hash__":
        return [
            expr._replace(callee=f"hash({SELF}) == hash({{0}})", rows=(one[0]._replace(pool=list(expr.receivers[:6])),))
        ]
    if name in ("__getitem__", "__missing__"):
        return [expr._replace(callee=f"{SELF}[{{0}}]", rows=keys)]
    if name == "__setitem__":
        return [
            expr._replace(
                kind="set", callee=f"{SELF}[{{0}}]", rows=(*keys, *(rows[1:2] or (Row("value", "", True, ANYTHING),)))
            )
        ]
    if name == "__delitem__":
        return [expr._replace(callee=f"operator.delitem({SELF}, {{0}})", imports=("import operator",), rows=keys)]
    if name == "__contains__":
        return [expr._replace(callee=f"{{0}} in {SELF}", rows=keys)]
    if name == "__call__":
        return [expr._replace(kind="call", callee=SELF, rows=rows)]
    if name == "__format__":
        return [expr._replace(callee=f"format({SELF}, {{0}})", rows=keys)]
    if name in ("__getattr__", "__getattribute__"):
        return [
            expr._replace(
                callee=f"getattr({SELF}, {{0}})",
                rows=(keys[0]._replace(pool=KINDS["str"][3:6] + plain("'missing'", "'name'")),),
            )
        ]
    if name == "__setattr__":
        return [expr._replace(kind="set", callee=f"{SELF}.name", rows=(Row("value", "", True, ANYTHING),))]
    if name == "__delattr__":
        return [
            expr._replace(callee=f"delattr({SELF}, {{0}})", rows=(keys[0]._replace(pool=plain("'name'", "'missing'")),))
        ]
    if name in ("__enter__", "__exit__"):
        return _entered(expr, False)
    if name in ("__aenter__", "__aexit__"):
        return _entered(expr, True)
    if name == "__aiter__":
        return [expr._replace(kind="alist", callee=f"{SELF}.__aiter__")]
    if name == "__anext__":
        return [expr._replace(kind="await", callee=f"{SELF}.__anext__")]
    if name in ("__get__", "__set__", "__delete__", "__set_name__"):
        return _descriptor(name, expr)
    return []


def _entered(expr: Shape, asynchronous: bool) -> List[Shape]:
    """Enter the object; and leave it with an exception, which a ``with`` in a test would let through."""
    leave = "__aexit__" if asynchronous else "__exit__"
    enter = expr._replace(kind="awith" if asynchronous else "with", callee=RECEIVER, steps=())
    left = expr._replace(
        kind="await" if asynchronous else "call",
        callee=f"{SELF}.{leave}",
        rows=(
            Row("kind", "", True, plain("ValueError", "None")),
            Row("error", "", True, plain("ValueError('boom')", "None")),
            Row("trace", "", True, plain("None")),
        ),
    )
    return [enter, left]


def _descriptor(name: str, expr: Shape) -> List[Shape]:
    frame = (f"class Sample:\n    field = {SELF}", "sample = Sample()")
    base = expr._replace(frame=frame, steps=())
    if name == "__set__":
        return [base._replace(kind="set", callee=f"{SELF}.field", rows=(Row("value", "", True, ANYTHING),))]
    if name == "__delete__":
        return [base._replace(callee=f"delattr({SELF}, 'field')")]
    return [base._replace(kind="get", callee=f"{SELF}.field"), base._replace(kind="get", callee="Sample.field")]


# States


def _step_shapes(target: Target, world: World) -> Tuple[Shape, ...]:
    """Return shapes of what may be called before the act: methods that change the object, item assignment, setters."""
    kind = world.member(target.owner)
    found: List[Shape] = []
    for base in kind.__mro__ if isinstance(kind, type) else ():
        for name, value in vars(base).items():
            full = f"{base.__qualname__}.{name}"
            if (
                base is object
                or (
                    name.startswith("_")
                    and name not in ("__setitem__", "__delitem__", "__enter__", "__call__", "__iadd__")
                )
                or len(found) > 12
            ):
                continue
            if (
                full in world.nodes
                and base.__module__ == world.module.__name__
                and callable(value)
                and (name.startswith("__") or changes(world.nodes[full]))
            ) or (base in (dict, list, set) and name in ("__setitem__", "append", "add", "update")):
                found.append(_step(name, full, value, world))
    return tuple(found)


def _step(name: str, full: str, value: Any, world: World) -> Shape:
    rows = _without_self(pools.for_callable(value, full, world, 2), full, world)
    key = rows[:1] or (Row("key", "", True, KINDS["str"][:3] + KINDS["int"][:3]),)
    rest = rows[1:2] or (Row("value", "", True, ANYTHING[:6]),)
    if name == "__setitem__":
        return Shape(full, "set", f"{SELF}[{{0}}]", (*key, *rest))
    if name == "__delitem__":
        return Shape(full, "del", f"{SELF}[{{0}}]", key)
    if name == "__call__":
        return Shape(full, "call", SELF, rows)
    if name == "__enter__":
        return Shape(full, "call", f"{SELF}.__enter__", ())
    asynchronous = inspect.iscoroutinefunction(value)
    return Shape(full, "await" if asynchronous else "call", f"{SELF}.{name}", rows)


def changes(node: ast.AST) -> bool:
    """Tell whether a method changes its object: assigns to it, or calls something of an attribute of it."""
    first = (
        node.args.args[0].arg
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.args.args
        else "self"
    )
    for child in ast.walk(node):
        if (
            isinstance(child, (ast.Attribute, ast.Subscript))
            and isinstance(child.ctx, (ast.Store, ast.Del))
            and _root(child) == first
        ):
            return True
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and _root(child.func) == first:
            return True
    return False


def _root(node: Any) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
