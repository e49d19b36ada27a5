"""What code changes in place, and whether it made that itself: a list of its own is nobody's business."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from coding_agent.assist import harmless
from coding_agent.explain import world
from coding_agent.explain.code import Qualified, first_attribute, root_name
from coding_agent.proof.source import FUNCTIONS

_TAKES = frozenset(
    {"remove", "pop", "clear", "discard", "popitem", "popleft", "subtract", "__delitem__"}
    | {"difference_update", "intersection_update", "symmetric_difference_update"}
)
_ORDERS = frozenset({"sort", "reverse", "rotate", "move_to_end"})
_GIVES_PARTS = frozenset({"get", "setdefault", "pop", "popitem", "popleft", "values", "items", "keys", "elements"})
"""Methods whose result belongs to their object."""
_NEW_EACH_TIME = frozenset(
    {*dir(str), *dir(bytes), "copy", "findall", "groups", "groupdict", "tolist", "astype", "total", "isoformat"}
    | {"difference", "intersection", "symmetric_difference", "union"}
)
"""Methods whose result is nobody else's."""
_SHARED = frozenset(
    {f"builtins.{name}" for name in ("next", "max", "min", "getattr", "type", "super", "iter", "memoryview")}
    | {"functools.reduce", "decimal.getcontext", "logging.getLogger", "contextlib.nullcontext", "typing.cast"}
)
"""Harmless functions whose result may be somebody else's."""
_OWN_PARTS = frozenset({"copy.deepcopy", "builtins.range", "collections.defaultdict", "collections.Counter"})
_PLAIN = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Lambda)
_ALL = 9
"""As deep as anybody looks."""
_COPIES = frozenset(
    {f"builtins.{name}" for name in ("list", "dict", "set", "tuple", "sorted", "reversed", "frozenset")}
)
_FILL_PARTS = frozenset({"extend", "extendleft", "update", "difference_update", "symmetric_difference_update"})
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitOr: "|", ast.BitAnd: "&"}
_TYPES = ("builtins.", "collections.")
_TAKE_NEXT = frozenset({"builtins.next", "builtins.anext"})
_ITERATORS = frozenset({f"builtins.{name}" for name in ("iter", "map", "filter", "zip", "enumerate", "reversed")})
_OF_ONE = frozenset({
    "abs", "arccos", "arcsin", "arctan", "ceil", "cos", "cosh", "exp", "expm1", "floor", "isfinite",
    "isinf", "isnan", "log", "log10", "log1p", "log2", "logical_not", "negative", "sign", "sin", "sinh",
    "sqrt", "square", "tan", "tanh",
})  # fmt: skip
_OF_TWO = frozenset({
    "add", "arctan2", "divide", "dot", "equal", "floor_divide", "greater", "greater_equal", "hypot",
    "less", "less_equal", "logical_and", "logical_or", "logical_xor", "matmul", "maximum", "minimum",
    "mod", "multiply", "outer", "power", "subtract", "round",
})  # fmt: skip
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
                case ast.AugAssign(target=ast.Name() as target, op=op) if not self._counts(node):
                    yield from self._of(target, f"{_SIGNS.get(type(op), '')}=", "changes in place", node.lineno)
                case ast.Call():
                    yield from self._by_call(node)
                case _:
                    pass

    def _counts(self, node: ast.AugAssign) -> bool:
        """Whether a figure is added: then a list is no value that it is added to."""
        figure = isinstance(node.value, ast.Constant) and isinstance(node.value.value, int | float)
        return figure and isinstance(node.op, ast.Add | ast.Sub)

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
        match node.args:
            case [ast.Name() as first, *_] if dotted in _TAKE_NEXT and not self._is_iterator(first):
                yield from self._of(first, "next", "takes out of", node.lineno)
            case _:
                pass
        owner, _, method = dotted.rpartition(".")
        of_a_type = owner.startswith(_TYPES)
        places = (0,) if of_a_type and method in world.MUTATORS else world.CHANGES.get(dotted, ())
        places = (*places, *_out(dotted))
        given = [node.args[place] for place in places if place < len(node.args)]
        for each in (*given, *(keyword.value for keyword in node.keywords if keyword.arg == "out")):
            yield from self._of(each, f".{method}", _how(method), node.lineno)

    def _is_iterator(self, node: ast.Name) -> bool:
        """Whether a variable is an iterator that the code made."""
        values = [value for value, _ in self._bound.get(node.id, ())]
        calls = [value for value in values if isinstance(value, ast.Call) and isinstance(value.func, ast.Name)]
        made = bool(calls) and all(self._qualified(each.func) in _ITERATORS for each in calls)
        return made and len(calls) == len(values)

    def _of(self, owner: ast.expr, part: str, how: str, line: int) -> Iterator[Mutated]:
        """A change of ``owner``, unless the code made it."""
        root = root_name(owner)
        if root is None:
            if not self._level(owner, self._levels):
                yield Mutated(ast.unparse(owner), how, line)
        elif root in self._bound:
            if not self._level(owner, self._levels):
                yield Mutated(f"what it was given ({part})", how, line)
        elif not (root in self._own and part[:1] == "."):
            yield Mutated(first_attribute(owner), how, line)

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
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    yield ast.Name(name, ast.Store()), None, False
                case _:
                    pass

    @cached_property
    def _levels(self) -> dict[str, int]:
        """How deep the values of variables are surely made by the code: 1 for themselves, 2 for their parts, too."""
        # The greatest fixed point: variables that stand for one another are as new as what else they are bound to.
        levels = dict.fromkeys(self._bound, _ALL)
        changed = True
        while changed:
            changed = False
            for name, values in self._bound.items():
                known = [0 if v is None else self._level(v, levels) - part for v, part in values]
                level = max(0, min([levels[name], *known, *(self._put(*each, levels) for each in self._puts[name])]))
                changed = changed or level != levels[name]
                levels[name] = level
        return levels

    def _put(self, value: ast.expr, depth: int, part: bool, levels: dict[str, int]) -> int:
        """How deep a value is new into which another one, or its parts, is put."""
        return 1 + depth + max(0, self._level(value, levels) - part)

    @cached_property
    def _puts(self) -> dict[str, list[tuple[ast.expr, int, bool]]]:
        """What is put into variables, how deep, and whether only its parts are."""
        found: defaultdict[str, list[tuple[ast.expr, int, bool]]] = defaultdict(list)
        for node in ast.walk(self._node):
            for owner, value, part in _puts_of(node):
                root = root_name(owner)
                if root is not None:
                    found[root].append((value, _depth(owner), part))
        return found

    def _level(  # noqa: PLR0911, PLR0912 - one per kind
        self, node: ast.expr, levels: dict[str, int]
    ) -> int:
        """How deep the value of an expression is new."""
        match node:
            case ast.Name(id=name):
                return levels.get(name, 0)
            case ast.BoolOp(values=parts):
                return min(self._level(each, levels) for each in parts)
            case ast.IfExp(body=body, orelse=orelse):
                return min(self._level(body, levels), self._level(orelse, levels))
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self._level(value, levels)
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                return max(0, self._level(value, levels) - 1)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _GIVES_PARTS:
                return max(0, self._level(value, levels) - 1)
            case ast.Call(func=ast.Name() | ast.Attribute() as function):
                return self._made(function, [*node.args, *(each.value for each in node.keywords)], levels)
            case ast.List(elts=parts) | ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
                return self._around(parts, levels)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part) | ast.DictComp(value=part):
                return self._around([part], levels)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return max(1, min(self._level(left, levels), self._level(right, levels)))
            case ast.BinOp(left=ast.List() as part, op=ast.Mult()) | ast.BinOp(op=ast.Mult(), right=ast.List() as part):
                return self._level(part, levels)
            case ast.Constant() | ast.JoinedStr():
                return _ALL
            case _:
                return int(isinstance(node, _PLAIN))

    def _around(self, parts: list[ast.expr], levels: dict[str, int]) -> int:
        return min([_ALL, *(1 + self._level(each, levels) for each in parts)])

    def _made(self, function: ast.Name | ast.Attribute, given: list[ast.expr], levels: dict[str, int]) -> int:
        """How deep what a call gives is new."""
        dotted = self._qualified(function)
        if dotted in _OWN_PARTS:
            return _ALL
        if dotted in _COPIES:
            return max([1, *(self._level(each, levels) for each in given)]) if given else _ALL
        name = function.id if isinstance(function, ast.Name) else function.attr
        if dotted is None and name[:1].isupper():
            return self._around(given, levels)
        return int(self._makes(function))

    def _makes(self, function: ast.Name | ast.Attribute) -> bool:
        """Whether what is called gives a new object each time."""
        dotted = self._qualified(function)
        if dotted is not None:
            return harmless.harmless_name(dotted) and dotted not in _SHARED
        name = function.id if isinstance(function, ast.Name) else function.attr
        if name[:1].isupper():
            return True
        return isinstance(function, ast.Attribute) and name in _NEW_EACH_TIME


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


def _puts_of(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
    """What a node puts into what, and whether only the parts of it."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=args) if method in world.MUTATORS:
            if method in {"insert", "setdefault"}:
                args = args[1:]
            yield from ((owner, each, method in _FILL_PARTS) for each in args)
            yield from ((owner, each.value, False) for each in node.keywords)
        case ast.Assign(targets=targets, value=value):
            yield from ((e.value, value, False) for e in targets if isinstance(e, ast.Attribute | ast.Subscript))
        case ast.AugAssign(target=ast.Attribute(value=owner) | ast.Subscript(value=owner), value=value):
            yield owner, value, False
        case ast.AugAssign(target=ast.Name() as owner, op=ast.Add() | ast.BitOr(), value=value):
            yield owner, value, True
        case _:
            pass


def _depth(node: ast.expr) -> int:
    """How deep in its variable something is."""
    depth = 0
    while isinstance(node, ast.Attribute | ast.Subscript):
        node, depth = node.value, depth + 1
    return depth


def _out(dotted: str) -> tuple[int, ...]:
    """Where a function of numpy is given, by place, what it writes its result to."""
    module, _, name = dotted.rpartition(".")
    if module != "numpy":
        return ()
    return (2,) if name in _OF_TWO else (3,) if name == "clip" else (1,) if name in _OF_ONE else ()
