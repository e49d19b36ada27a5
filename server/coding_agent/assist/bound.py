"""What variables of a definition are bound to, as expressions; and where the functions inside of it are called."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from coding_agent.analysis.context import Context
from coding_agent.analysis.metrics import all_arguments
from coding_agent.analysis.scope import Scope, ScopeKind
from coding_agent.assist.meant import Failing
from coding_agent.explain import world
from coding_agent.proof.source import FUNCTIONS

_MOST = 100
"""Ways to one place beyond which nobody follows."""
_MAPS = frozenset({"builtins.map", "builtins.filter"})
_SAME_ITEMS = frozenset(
    {f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict")}
)
_ADDS = frozenset({"append", "extend", "add", "update", "write", "writelines"})
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+"}
_MAKE_PATHS = frozenset({"joinpath", "with_suffix", "with_name", "with_stem", "resolve", "absolute", "relative_to"})
_LISTS = frozenset({"iterdir", "glob", "rglob"})
PATHS = frozenset({f"pathlib.{name}" for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath")})
"""What makes a path of a text."""
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FILLS = world.MUTATORS | world.WRITERS
"""Methods that put what they are given into their object."""


class Each(ast.expr):
    """Any item of ``value``."""

    _fields = ("value",)

    def __init__(self, value: ast.expr) -> None:
        super().__init__()
        self.value = value


class More(ast.expr):
    """What is added to a value in place, by ``how``: by ``+=``, by a method, and nothing where that only adds."""

    _fields = ("value",)

    def __init__(self, value: ast.expr, how: str = "") -> None:
        super().__init__()
        self.value, self.how = value, how


class Frame(NamedTuple):
    """A function that is run from ``at``: by ``call``, or by somebody whom it is handed to where that is None."""

    function: ast.AST
    at: ast.expr | None
    call: ast.Call | None
    given: tuple[ast.expr, ...]
    outer: "Frame | None"


Variable = tuple[Scope, str]


class Bound:
    """The variables and inner functions of ``root``. ``more`` are methods that it did not have before: they are read
    where they are called, as functions inside are."""

    def __init__(self, root: ast.AST, context: Context, more: frozenset[str] = frozenset()) -> None:
        self.root, self.context, self._more = root, context, more
        self._values: defaultdict[Variable, list[tuple[tuple[int, int], ast.expr]]] = defaultdict(list)
        self._set: defaultdict[Variable, list[tuple[tuple[int, int], str, ast.expr]]] = defaultdict(list)
        self._called: defaultdict[str, list[ast.Name | ast.Attribute]] = defaultdict(list)
        self.functions: defaultdict[Variable, list[ast.AST]] = defaultdict(list)
        self._named: dict[ast.AST, str] = {}
        for node in ast.walk(root):
            self._read(node)

    def values(self, variable: Variable) -> list[ast.expr]:
        """All that a variable is bound to, in the order of the code."""
        return [value for _, value in sorted(self._values.get(variable, ()), key=lambda each: each[0])]

    def attributes(self, variable: Variable, name: str | None) -> list[tuple[str, ast.expr]]:
        """What an attribute of a variable's object is set to; what all of them are, for None."""
        found = sorted(self._set.get(variable, ()), key=lambda each: each[0])
        return [(attribute, value) for _, attribute, value in found if name in {None, attribute}]

    def variable(self, node: ast.Name) -> Variable | None:
        """The variable of the definition that a name stands for."""
        owner = self.context.scope(node).owner_of(node.id)
        if owner is None or owner.kind is ScopeKind.MODULE or owner.node is None:
            return None
        return owner, node.id

    def reads(self, name: str) -> list[ast.Name]:
        """Where a variable of a name is read."""
        return [each for each in self._called.get(name, ()) if isinstance(each, ast.Name)]

    def plain(self, node: ast.expr) -> ast.expr:
        """What an expression is, where it is a variable that is bound once."""
        for _ in range(9):
            variable = self.variable(node) if isinstance(node, ast.Name) else None
            values = self.values(variable) if variable is not None else []
            if len(values) != 1 or (variable is not None and self.parameter(*variable) is not None):
                break
            (node,) = values
        return node.value if isinstance(node, ast.NamedExpr) else node

    def called(self, call: ast.Call) -> tuple[str | None, ast.expr | None, ast.expr]:
        """The dotted name of what is called, the object that it is a method of, and what is called, followed.

        A method of a path has its name in ``pathlib.Path`` and its object, as ``Path(x).open`` is ``open`` of x.
        """
        function = self.plain(call.func)
        function = function if isinstance(function, ast.Name | ast.Attribute) else call.func
        dotted = self.context.qualified(function) if isinstance(function, ast.Name | ast.Attribute) else None
        if dotted is not None or not isinstance(function, ast.Attribute):
            return dotted, None, function
        of_paths = f"pathlib.Path.{function.attr}"
        if (of_paths in world.CALLS or of_paths in world.OPENERS) and self.is_path(function.value):
            return of_paths, function.value, function
        return None, function.value, function

    def is_path(self, node: ast.expr) -> bool:
        """Whether an expression surely gives a path."""
        node = self.plain(node)
        match node:
            case ast.Call(func=ast.Name() | ast.Attribute() as function):
                dotted = self.context.qualified(function)
                method = (
                    isinstance(function, ast.Attribute)
                    and function.attr in _MAKE_PATHS
                    and self.is_path(function.value)
                )
                return dotted in PATHS or method
            case Each(value=values):
                # What a folder has, in whatever list.
                listed = self.items(self.plain(self.items(values)))
                found = listed.func if isinstance(listed, ast.Call) else None
                return isinstance(found, ast.Attribute) and found.attr in _LISTS and self.is_path(found.value)
            case ast.BinOp(left=value, op=ast.Div()) | ast.Attribute(value=value, attr="parent"):
                return self.is_path(value)
            case _:
                return False

    def parameter(self, owner: Scope, name: str) -> int | None:
        """The place of a parameter in its function, None for another variable."""
        arguments = getattr(owner.node, "args", None)
        if not isinstance(arguments, ast.arguments):
            return None
        return next((at for at, each in enumerate(all_arguments(arguments)) if each.arg == name), None)

    def function(self, node: ast.AST) -> ast.AST | None:
        """The function inside of the definition that a node stands in."""
        for above in self.context.ancestors(node):
            if above is self.root:
                return None
            if isinstance(above, (*FUNCTIONS, ast.Lambda)) and not self._is_outside(above, node):
                return None if self._is_member(above) else above
        return None

    def _is_outside(self, function: ast.AST, node: ast.AST) -> bool:
        """Whether a node stands in what is run where a function is defined: a default, a decorator."""
        body: list[ast.AST] | ast.AST = getattr(function, "body", [])
        inner = body if isinstance(body, list) else [body]
        above = [node, *self.context.ancestors(node)]
        return not any(each in above for each in inner)

    def _is_member(self, function: ast.AST) -> bool:
        above = self.context.parent(function)
        return isinstance(above, ast.ClassDef) and not (
            above is self.root and isinstance(function, FUNCTIONS) and function.name in self._more
        )

    def in_a_class(self, node: ast.AST) -> bool:
        """Whether a node stands in a class inside of the definition."""
        for above in self.context.ancestors(node):
            if above is self.root:
                return False
            if isinstance(above, ast.ClassDef):
                return True
        return False

    def frames(self, node: ast.AST, seen: tuple[ast.AST, ...] = ()) -> list[Frame | None]:
        """All ways in which a node comes to be run. Raises: Failing - there are too many."""
        function = self.function(node)
        if function is None:
            return [None]
        used = [] if function in seen else self._used(function)
        found: list[Frame | None] = [
            Frame(function, at, call, given, outer)
            for at, call, given in used
            for outer in self.frames(at, (*seen, function))
        ]
        if len(found) > _MOST:
            raise Failing("it calls its own functions in more ways than can be followed")
        return found or [Frame(function, None, None, (), None)]

    def _used(self, function: ast.AST) -> list[tuple[ast.expr, ast.Call | None, tuple[ast.expr, ...]]]:
        name = getattr(function, "name", "") or self._named.get(function, "")
        at = [each for each in self._called.get(name, ()) if self.means(each) is function] if name else []
        if isinstance(function, ast.Lambda) and not name:
            at = [function]
        return [(each, *self._handed(each)) for each in at]

    def _handed(self, at: ast.expr) -> tuple[ast.Call | None, tuple[ast.expr, ...]]:
        call = self.context.parent(at)
        if isinstance(call, ast.keyword) and call.arg == "key":
            return None, tuple(Each(each) for each in _ordered(self.context.parent(call)))
        if not isinstance(call, ast.Call):
            return None, ()
        if call.func is at:
            return call, ()
        mapped = isinstance(call.func, ast.Name) and self.context.qualified(call.func) in _MAPS
        return None, tuple(Each(each) for each in call.args[1:]) if mapped and call.args[0] is at else ()

    def means(self, function: ast.expr) -> ast.AST | None:
        """The function inside that a name, or an attribute of the object, stands for."""
        if isinstance(function, ast.Lambda):
            return function
        if isinstance(function, ast.Name):
            variable = self.variable(function)
            found = self.functions.get(variable, []) if variable is not None else []
            return found[0] if len(found) == 1 and variable is not None and len(self.values(variable)) < 2 else None
        if isinstance(function, ast.Attribute) and function.attr in self._more and isinstance(self.root, ast.ClassDef):
            members = [each for each in self.root.body if isinstance(each, FUNCTIONS) and each.name == function.attr]
            return members[0] if len(members) == 1 else None
        return None

    def gives(self, called: ast.expr) -> tuple[ast.AST, ast.expr] | None:
        """A function inside that does nothing but give a value, with that."""
        function = self.means(called)
        if isinstance(function, ast.Lambda):
            return function, function.body
        match getattr(function, "body", []):
            case [*others, ast.Return(value=ast.expr() as value)] if function is not None and not others[1:]:
                said = all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in others)
                return (function, value) if said else None
            case _:
                return None

    def argument(self, function: ast.AST, place: int, frame: Frame | None) -> tuple[ast.expr | None, Frame | None]:
        """What a parameter of a function is given where it runs, and how that is read; None where nobody knows."""
        while frame is not None and frame.function is not function:
            frame = frame.outer
        if frame is None:
            return None, None
        if frame.call is None:
            return (frame.given[place] if place < len(frame.given) else None), frame.outer
        arguments = getattr(function, "args", None)
        assert isinstance(arguments, ast.arguments)
        name = all_arguments(arguments)[place].arg
        bound = isinstance(frame.call.func, ast.Attribute) and not _is_static(function)
        plain = [*arguments.posonlyargs, *arguments.args]
        if bound and place == 0:
            assert isinstance(frame.call.func, ast.Attribute)
            return frame.call.func.value, frame.outer
        given = frame.call.args[place - bound :] if place < len(plain) else []
        if any(isinstance(each, ast.Starred) for each in frame.call.args):
            return None, None
        if given:
            return given[0], frame.outer
        named = next((each.value for each in frame.call.keywords if each.arg == name), None)
        return named or _default(arguments, place), frame.outer

    def _read(self, node: ast.AST) -> None:
        for target, value in self._bindings(node):
            for name, bound in self._targets(target, value):
                self._bind(name, bound)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node is not self.root:
                owner = self.context.scope(node).owner_of(node.name)
                if owner is not None:
                    self.functions[owner, node.name].append(node)
            case ast.Match(subject=subject, cases=cases):
                for each in (inner for case in cases for inner in ast.walk(case.pattern)):
                    name = getattr(each, "name", None) or getattr(each, "rest", None)
                    owner = self.context.scope(each).owner_of(name) if isinstance(name, str) else None
                    if owner is not None and isinstance(name, str):
                        at = (getattr(each, "lineno", 0), getattr(each, "col_offset", 0))
                        self._values[owner, name].append((at, Each(subject)))
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                self._called[name].append(node)
            case _:
                pass

    def _bind(self, name: ast.Name, value: ast.expr) -> None:
        variable = self.variable(name)
        if variable is None:
            return
        self._values[variable].append(((name.lineno, name.col_offset), value))
        if isinstance(value, ast.Lambda):
            self.functions[variable].append(value)
            self._named[value] = name.id

    def _bindings(self, node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((each, value) for each in targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                yield target, value
            case ast.AugAssign(target=target, op=op, value=value):
                yield target, More(value, f"{_SIGNS.get(type(op), type(op).__name__)}=")
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                yield target, Each(value)
            case ast.comprehension(target=target, iter=value):
                yield target, Each(value)
            case ast.withitem(value, ast.expr() as target):
                yield target, value
            case ast.Call(func=ast.Attribute(value=ast.Name() as owner, attr=method)) if method in FILLS:
                given = ast.Tuple([*node.args, *(each.value for each in node.keywords)], ast.Load())
                yield owner, More(given, "" if method in _ADDS else method)
            case _:
                pass

    def _targets(self, target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.Name, ast.expr]]:
        """The variables of a target, each with what it gets."""
        match target:
            case ast.Name():
                yield target, value
            case ast.Starred(value=inner):
                yield from self._targets(inner, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for at, each in enumerate(parts):
                    yield from self._targets(each, self._part(value, at, len(parts)))
            case ast.Subscript(value=ast.Name() as owner, slice=key):
                yield owner, More(ast.Dict([key], [value]))
            case ast.Attribute(value=ast.Name() as owner, attr=name):
                variable = self.variable(owner)
                if variable is not None:
                    self._set[variable].append(((target.lineno, target.col_offset), name, value))
            case _:
                pass

    def _part(self, value: ast.expr, at: int, count: int) -> ast.expr:
        """What comes of unpacking; ``enumerate``, ``zip`` and ``items`` give what a loop by places would read."""
        match value:
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) == count:
                return parts[at]
            case Each(value=ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[])):
                return Each(owner) if at == 0 else ast.Subscript(owner, Each(owner), ast.Load())
            case Each(value=ast.Call(func=ast.Name() as function, args=args)):
                dotted = self.context.qualified(function)
                if dotted == "builtins.enumerate" and args:
                    return Each(args[0]) if at == 1 else Each(_counted(args[0])) if len(args) == 1 else value
                if dotted == "builtins.zip" and at < len(args):
                    return Each(args[0]) if at == 0 else ast.Subscript(args[at], Each(_counted(args[0])), ast.Load())
            case _:
                pass
        return ast.Subscript(value, ast.Constant(at), ast.Load())

    def items(self, value: ast.expr) -> ast.expr:
        """What has the same items in another order or another form."""
        while isinstance(value, ast.Call) and len(value.args) == 1:
            named = isinstance(value.func, ast.Name | ast.Attribute)
            if not (named and self.context.qualified(value.func) in _SAME_ITEMS):
                break
            (value,) = value.args
        match value:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys"), args=[]):
                return owner
            case _:
                return value


def _ordered(call: ast.AST | None) -> list[ast.expr]:
    """What is put in an order: what ``sorted`` is given, the list that is asked to ``sort``."""
    match call:
        case ast.Call(func=ast.Attribute(value=owner, attr="sort")):
            return [owner]
        case ast.Call(func=ast.Name(id="sorted" | "min" | "max"), args=[value]):
            return [value]
        case _:
            return []


def _counted(value: ast.expr) -> ast.expr:
    """The places of the items of a value."""
    return ast.Call(ast.Name("range", ast.Load()), [ast.Call(ast.Name("len", ast.Load()), [value], [])], [])


def _is_static(function: ast.AST) -> bool:
    decorators: list[ast.expr] = getattr(function, "decorator_list", [])
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)


def _default(arguments: ast.arguments, place: int) -> ast.expr | None:
    plain = [*arguments.posonlyargs, *arguments.args]
    if place < len(plain):
        at = place - len(plain) + len(arguments.defaults)
        return arguments.defaults[at] if at >= 0 else None
    name = all_arguments(arguments)[place].arg
    found = [each for one, each in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if one.arg == name]
    return found[0] if found else None
