"""What code changes in place, and whether it made that itself: a list of its own is nobody's business."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from coding_agent.assist import harmless
from coding_agent.explain import world
from coding_agent.explain.code import Qualified, root_name
from coding_agent.proof.source import FUNCTIONS

_TAKES = frozenset(
    {"remove", "pop", "clear", "discard", "popitem", "popleft", "subtract", "__delitem__"}
    | {"difference_update", "intersection_update", "symmetric_difference_update"}
)
_ORDERS = frozenset({"sort", "reverse", "rotate", "move_to_end"})
_GIVES_PARTS = frozenset({"get", "setdefault", "pop", "popitem", "popleft", "values", "items", "keys", "elements"})
"""Methods whose result belongs to their object."""
_SHARED = frozenset(
    {f"builtins.{name}" for name in ("next", "max", "min", "getattr", "type", "super", "iter", "memoryview")}
    | {"functools.reduce", "decimal.getcontext", "logging.getLogger", "contextlib.nullcontext", "typing.cast"}
)
"""Harmless functions whose result may be somebody else's."""
_OWN_PARTS = frozenset({"builtins.range", "collections.defaultdict", "collections.Counter"})
_PLAIN = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Lambda)
_DISPLAYS = (ast.List, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.GeneratorExp)
_TYPES = ("builtins.", "collections.")
_MAKERS = frozenset({"__init__", "__new__", "__post_init__", "__setstate__"})


class Mutated(NamedTuple):
    """``what`` is changed, and ``how``, as hover would say it."""

    what: str
    how: str
    line: int


class Mutations:
    """The changes in place of one definition; ``qualified`` says what names mean by imports and builtins."""

    def __init__(self, node: ast.AST, qualified: Qualified) -> None:
        self._node, self._qualified = node, qualified

    @cached_property
    def found(self) -> dict[tuple[str, str], int]:
        """What is changed and how, with the line, but for what the code made itself."""
        found: dict[tuple[str, str], int] = {}
        for what, how, line in self._changed():
            found.setdefault((what, how), line)
        return found

    def _changed(self) -> Iterator[Mutated]:
        called = {id(node.func) for node in ast.walk(self._node) if isinstance(node, ast.Call)}
        for node in ast.walk(self._node):
            match node:
                case ast.Attribute(value=owner, ctx=ast.Store()):
                    yield from self._of(owner, f".{node.attr}", "sets", node.lineno)
                case ast.Subscript(value=owner, ctx=ast.Store()):
                    yield from self._of(owner, "[]", "puts into", node.lineno)
                case ast.Attribute(value=owner, ctx=ast.Del()) | ast.Subscript(value=owner, ctx=ast.Del()):
                    yield from self._of(owner, "[]", "takes out of", node.lineno)
                case ast.Attribute(attr=method) if method in world.MUTATORS:
                    yield from self._by_method(node, handed=id(node) not in called)
                case ast.Call():
                    yield from self._by_call(node)
                case _:
                    pass

    def _by_method(self, node: ast.Attribute, *, handed: bool) -> Iterator[Mutated]:
        dotted = self._qualified(node)
        if dotted is None:
            yield from self._of(node.value, f".{node.attr}", _how(node.attr), node.lineno)
        elif handed and dotted.startswith(_TYPES):
            yield Mutated(f"what `{ast.unparse(node)}` is given", _how(node.attr), node.lineno)

    def _by_call(self, node: ast.Call) -> Iterator[Mutated]:
        """Changes of an argument: ``list.append(x, 1)``, ``heapq.heappush(x, 1)``, ``np.add(a, b, out=a)``."""
        dotted = self._qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
        if dotted is None:
            return
        owner, _, method = dotted.rpartition(".")
        of_a_type = owner.startswith(_TYPES)
        places = (0,) if of_a_type and method in world.MUTATORS else world.CHANGES.get(dotted, ())
        given = [node.args[place] for place in places if place < len(node.args)]
        for each in (*given, *(keyword.value for keyword in node.keywords if keyword.arg == "out")):
            yield from self._of(each, f".{method}", _how(method), node.lineno)

    def _of(self, owner: ast.expr, part: str, how: str, line: int) -> Iterator[Mutated]:
        """A change of ``owner``, unless the code made it."""
        root = root_name(owner)
        if root is None:
            if not self._fresh(owner, *self._new):
                yield Mutated(ast.unparse(owner), how, line)
        elif root in self._bound:
            if not self._new[0][root]:
                yield Mutated(f"what it was given ({part})", how, line)
        elif not (root in self._own and part[:1] == "."):
            yield Mutated(_first(owner), how, line)

    @cached_property
    def _own(self) -> frozenset[str]:
        """What objects are called in the methods that make them."""
        makers = [each for each in ast.walk(self._node) if isinstance(each, FUNCTIONS) and each.name in _MAKERS]
        return frozenset(each.args.args[0].arg for each in makers if each.args.args)

    @cached_property
    def _bound(self) -> dict[str, list[tuple[ast.expr | None, bool]]]:
        """What each variable of the code is bound to; True where only to a part of that, None where nobody knows."""
        found: defaultdict[str, list[tuple[ast.expr | None, bool]]] = defaultdict(list)
        for target, value, part in self._bindings():
            for name, inner in _targets(target, part):
                found[name].append((value, inner))
        for each in ast.walk(self._node):
            if isinstance(each, ast.Lambda) or (isinstance(each, FUNCTIONS) and each is not self._node):
                for argument in ast.walk(each.args):
                    if isinstance(argument, ast.arg) and argument.arg in found:
                        found[argument.arg].append((None, False))
        return dict(found)

    def _bindings(self) -> Iterator[tuple[ast.AST, ast.expr | None, bool]]:
        for node in ast.walk(self._node):
            match node:
                case ast.Assign(targets=targets, value=value):
                    yield from ((each, value, False) for each in targets)
                case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                    yield target, value, False
                case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                    yield target, value, True
                case ast.comprehension(target=target, iter=value):
                    yield target, value, True
                case ast.withitem(optional_vars=ast.expr() as target):
                    yield target, None, False
                case _:
                    pass

    @cached_property
    def _new(self) -> tuple[dict[str, bool], dict[str, bool]]:
        """Of which variables the values, and of which the parts of the values too, are surely made by the code."""
        # The greatest fixed point: variables that stand for one another are as new as what else they are bound to.
        fresh, deep = dict.fromkeys(self._bound, True), dict.fromkeys(self._bound, True)
        changed = True
        while changed:
            changed = False
            for name, values in self._bound.items():
                one = fresh[name] and all(v is not None and self._value(v, fresh, deep, part) for v, part in values)
                other = deep[name] and all(v is not None and self._deep(v, fresh, deep) for v, _ in values)
                changed = changed or (one, other) != (fresh[name], deep[name])
                fresh[name], deep[name] = one, other
        return fresh, deep

    def _value(self, node: ast.expr, fresh: dict[str, bool], deep: dict[str, bool], part: bool) -> bool:
        return self._deep(node, fresh, deep) if part else self._fresh(node, fresh, deep)

    def _fresh(  # noqa: PLR0911 - one per kind
        self, node: ast.expr, fresh: dict[str, bool], deep: dict[str, bool]
    ) -> bool:
        """Whether the value of an expression is new."""
        match node:
            case ast.Name(id=name):
                return fresh.get(name, False)
            case ast.BoolOp(values=values):
                return all(self._fresh(each, fresh, deep) for each in values)
            case ast.IfExp(body=body, orelse=orelse):
                return self._fresh(body, fresh, deep) and self._fresh(orelse, fresh, deep)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self._deep(value, fresh, deep)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _GIVES_PARTS:
                return self._deep(value, fresh, deep)
            case ast.Call(func=ast.Name() | ast.Attribute() as function):
                return self._makes(function)
            case _:
                return isinstance(node, (*_PLAIN, *_DISPLAYS, ast.Dict, ast.DictComp))

    def _deep(  # noqa: PLR0911 - one per kind
        self, node: ast.expr, fresh: dict[str, bool], deep: dict[str, bool]
    ) -> bool:
        """Whether the parts of a value are new as well."""
        match node:
            case ast.Name(id=name):
                return deep.get(name, False)
            case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
                return all(self._fresh(each, fresh, deep) for each in parts)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part) | ast.DictComp(value=part):
                return self._fresh(part, fresh, deep)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._deep(left, fresh, deep) and self._deep(right, fresh, deep)
            case ast.BinOp(left=ast.List() as part, op=ast.Mult()) | ast.BinOp(op=ast.Mult(), right=ast.List() as part):
                return self._deep(part, fresh, deep)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return self._deep(value, fresh, deep)
            case ast.Call(func=ast.Name() | ast.Attribute() as function):
                return self._qualified(function) in _OWN_PARTS
            case _:
                return isinstance(node, ast.Constant)

    def _makes(self, function: ast.Name | ast.Attribute) -> bool:
        """Whether what is called gives a new object each time."""
        dotted = self._qualified(function)
        if dotted is not None:
            return harmless.harmless_name(dotted) and dotted not in _SHARED
        name = function.id if isinstance(function, ast.Name) else function.attr
        if name[:1].isupper():
            return True
        return isinstance(function, ast.Attribute) and harmless.harmless_attribute(name)


def _how(method: str) -> str:
    return "takes out of" if method in _TAKES else "puts in another order" if method in _ORDERS else "puts into"


def _targets(target: ast.AST, part: bool) -> Iterator[tuple[str, bool]]:
    """The variables of a target, with whether they get only a part of the value."""
    if isinstance(target, ast.Name):
        yield target.id, part
    elif isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _targets(each, True)
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value, True)


def _first(node: ast.expr) -> str:
    """A variable with the first attribute that is asked of it: ``self.items`` of ``self.items[0].name``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        parts.append(node.attr if isinstance(node, ast.Attribute) else "")
        node = node.value
    first = [part for part in parts[-1:] if part]
    return ".".join((node.id if isinstance(node, ast.Name) else "", *first))
