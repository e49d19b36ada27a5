"""Expressions as events, in the order in which the interpreter evaluates them."""

import ast
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.graph import BRANCH, NOT, OUTER, TRUTH, Graph, Label, Load, Node, Operand, Result, Term, Var
from coding_agent.proof.scopes import Meaning, Scope, outer_names
from coding_agent.proof.types import comparable

_MIRROR: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.IsNot: ast.Is,
    ast.NotIn: ast.In,
    ast.NotEq: ast.Eq,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
}
"""A comparison and the one that is its negation; the last three only for built-in types."""

NONE = Term(("constant", "NoneType", "None"))
TRUE = Term(("constant", "bool", "True"))
FALSE = Term(("constant", "bool", "False"))

Edge = tuple[int, str]
"""An edge that does not lead anywhere yet: a node and the name of the edge."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How exactly to look. ``typed`` knows what compares as built-in values do.

    The others take something for granted: the methods ``late`` are read after the arguments of their
    call instead of before; with ``asked_again`` a value may be asked for its truth once more than it was.
    """

    typed: bool = True
    late: frozenset[str] = frozenset()
    asked_again: bool = False


@dataclass(slots=True)
class Frame:
    """A function that is followed: its number, its names, and where its ``return``s go.

    ``returns`` is None in the code itself, where a return is an event.
    """

    number: int
    scope: Scope
    returns: list[tuple[list[Edge], Operand]] | None = None
    depth: int = 0
    tested: bool = False


@dataclass(slots=True)
class Target:
    """The function that a claim says is new: its definition, and the class whose method it is."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    scope: Scope
    receiver: str | None
    calls: int = field(default=0)


class Expressions:
    """Builds a graph, expression by expression."""

    def __init__(self, scope: Scope, target: Target | None, mode: Mode) -> None:
        self.mode = mode
        self.graph = Graph()
        self.graph.nodes.append(Node())
        self.escape = self.place(Node(("escape",)))
        self.frame = Frame(0, scope)
        self.target = target
        self.handler = self.escape
        self.pending: list[Edge] = [(0, "next")]
        self.assumptions: set[str] = set()

    # Nodes and edges.

    def place(self, node: Node) -> int:
        self.graph.nodes.append(node)
        return len(self.graph.nodes) - 1

    def connect(self, edges: Iterable[Edge], target: int) -> None:
        for number, name in edges:
            self.graph.nodes[number].edges[name] = target

    def add(self, node: Node, raises: bool = False) -> int:
        """Put a node where control is."""
        number = self.place(node)
        self.connect(self.pending, number)
        if raises:
            node.edges["raises"] = self.handler
        self.pending = [(number, "next")]
        return number

    def event(self, label: Label, *operands: Operand, raises: bool = True) -> Result:
        return Result(self.add(Node(label, operands), raises))

    def label(self) -> int:
        """A place to jump to."""
        return self.add(Node())

    def split(self, label: Label, *operands: Operand, raises: bool = True) -> tuple[list[Edge], list[Edge]]:
        """An event with two ways out: (true, false)."""
        number = self.add(Node(label, operands), raises)
        self.pending = []
        return [(number, "true")], [(number, "false")]

    def branch(self, value: Operand) -> tuple[list[Edge], list[Edge]]:
        """Ask for the truth of a value, which may run code, and go one of two ways."""
        return self.split(BRANCH, self.event(TRUTH, value), raises=False)

    def var(self, name: str) -> Var:
        return Var(self.frame.number, self.frame.scope.mangled(name))

    def load(self, name: str) -> Operand:
        meaning = self.frame.scope.meaning(name)
        if meaning is Meaning.SHARED:
            return self.event(("shared", self.frame.scope.mangled(name)))
        var = self.var(name) if meaning is Meaning.LOCAL else Var(OUTER, self.frame.scope.mangled(name))
        load = Load(var, self.add(Node()))
        if meaning is Meaning.LOCAL:
            self.graph.reads.append((load, self.handler))
        return load

    def bind(self, name: str, value: Operand, label: str = "store") -> None:
        """Store to a name."""
        shown = self.frame.scope.mangled(name)
        if self.frame.scope.meaning(name) is not Meaning.LOCAL:
            self.event((label, "shared", shown), value, raises=False)
            return
        self.add(Node((label, shown), (value,), binds=frozenset({self.var(name)})))

    # Conditions.

    def condition(self, node: ast.expr) -> tuple[list[Edge], list[Edge]]:
        """Evaluate for truth; returns the edges of truth and of falsehood."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yes, no = self.condition(operand)
                return no, yes
            case ast.BoolOp(op=op, values=values):
                return self._junction(values, isinstance(op, ast.And))
            case ast.Constant(value=value):
                edges, self.pending = self.pending, []
                return (edges, []) if value else ([], edges)
            case ast.Call() | ast.Await() if (exits := self.follow(node, tested=self.mode.asked_again)) is not None:
                return self._exits_condition(exits)
            case _:
                return self.branch(self.value(node))

    def _is_builtin(self, name: str) -> bool:
        return self.frame.scope.is_builtin(name)

    def _junction(self, values: list[ast.expr], conjunction: bool) -> tuple[list[Edge], list[Edge]]:
        early: list[Edge] = []
        late: list[Edge] = []
        for value in values:
            yes, no = self.condition(value)
            going, leaving = (yes, no) if conjunction else (no, yes)
            early += leaving
            self.pending = late = going
        self.pending = []
        return (late, early) if conjunction else (early, late)

    def _exits_condition(self, exits: list[tuple[list[Edge], Operand]]) -> tuple[list[Edge], list[Edge]]:
        """A call that was followed, tested: a constant it returns decides at once."""
        yes: list[Edge] = []
        no: list[Edge] = []
        for edges, value in exits:
            if isinstance(value, Term) and value.label[:2] in {("constant", "bool"), ("constant", "NoneType")}:
                (yes if value == TRUE else no).extend(edges)
                continue
            self.pending = edges
            more, less = self.branch(value)
            yes += more
            no += less
        self.pending = []
        return yes, no

    # Values.

    def value(self, node: ast.expr) -> Operand:
        """Evaluate; the operand stands for the value."""
        method = getattr(self, f"_value_{type(node).__name__.lower()}", None)
        if method is None:
            raise Unprovable(f"{type(node).__name__} cannot be followed")
        result: Operand = method(node)
        return result

    def values(self, nodes: Iterable[ast.expr]) -> tuple[Operand, ...]:
        return tuple([self.value(node) for node in nodes])

    def _value_constant(self, node: ast.Constant) -> Operand:
        return Term(("constant", type(node.value).__name__, repr(node.value)))

    def _value_name(self, node: ast.Name) -> Operand:
        return self.load(node.id)

    def _value_attribute(self, node: ast.Attribute) -> Operand:
        return self.event(("attribute", self.frame.scope.mangled(node.attr)), self.value(node.value))

    def _value_subscript(self, node: ast.Subscript) -> Operand:
        base = self.value(node.value)
        return self.event(("subscript",), base, self.value(node.slice))

    def _value_slice(self, node: ast.Slice) -> Operand:
        parts = [NONE if part is None else self.value(part) for part in (node.lower, node.upper, node.step)]
        return Term(("slice",), tuple(parts))

    def _value_binop(self, node: ast.BinOp) -> Operand:
        left = self.value(node.left)
        return self.event(("binary", type(node.op).__name__), left, self.value(node.right))

    def _value_unaryop(self, node: ast.UnaryOp) -> Operand:
        if isinstance(node.op, ast.Not):
            return Term(NOT, (self.event(TRUTH, self.value(node.operand)),))
        return self.event(("unary", type(node.op).__name__), self.value(node.operand))

    def _value_boolop(self, node: ast.BoolOp) -> Operand:
        conjunction = isinstance(node.op, ast.And)
        ends: list[Edge] = []
        parts: list[Operand] = []
        for value in node.values[:-1]:
            part = self.value(value)
            parts.append(part)
            yes, no = self.branch(part)
            self.pending, leaving = (yes, no) if conjunction else (no, yes)
            ends += leaving
        parts.append(self.value(node.values[-1]))
        self.pending += ends
        return self.event(("either", type(node.op).__name__), *parts, raises=False)

    def _value_ifexp(self, node: ast.IfExp) -> Operand:
        yes, no = self.condition(node.test)
        self.pending = yes
        body = self.value(node.body) if yes else NONE
        ends, self.pending = self.pending, no
        orelse = self.value(node.orelse) if no else NONE
        self.pending += ends
        return self.event(("either", "if"), body, orelse, raises=False)

    def _value_compare(self, node: ast.Compare) -> Operand:
        return self.compare(node)

    def compare(self, node: ast.Compare) -> Operand:
        left = self.value(node.left)
        ends: list[Edge] = []
        parts: list[Operand] = []
        for index, (op, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
            right = self.value(comparator)
            source = node.comparators[index - 1] if index else node.left
            builtin = self.mode.typed and comparable(source, comparator, self._is_builtin)
            result = self._compared(op, left, right, builtin)
            parts.append(result)
            left = right
            if index + 1 < len(node.ops):
                yes, no = self.branch(result)
                ends += no
                self.pending = yes
        if len(parts) == 1:
            return parts[0]
        self.pending += ends
        return self.event(("either", "And"), *parts, raises=False)

    def _compared(self, op: ast.cmpop, left: Operand, right: Operand, builtin: bool) -> Operand:
        """One comparison; one that is the negation of another is shown as that."""
        mirror = _MIRROR.get(type(op)) if builtin or isinstance(op, ast.IsNot | ast.NotIn) else None
        kind = (mirror or type(op)).__name__
        result = self.event(("compare", kind, "bool" if builtin or kind in {"Is", "In"} else ""), left, right)
        return result if mirror is None else Term(NOT, (result,))

    def _value_namedexpr(self, node: ast.NamedExpr) -> Operand:
        value = self.value(node.value)
        self.bind(node.target.id, value)
        return value

    def _value_tuple(self, node: ast.Tuple) -> Operand:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return self._display("tuple", node.elts)
        return Term(("tuple",), self.values(node.elts))

    def _value_list(self, node: ast.List) -> Operand:
        return self._display("list", node.elts)

    def _value_set(self, node: ast.Set) -> Operand:
        return self._display("set", node.elts)

    def _display(self, kind: str, items: list[ast.expr]) -> Operand:
        stars = tuple(isinstance(item, ast.Starred) for item in items)
        operands = [self.value(item.value if isinstance(item, ast.Starred) else item) for item in items]
        return self.event((kind, stars), *operands)

    def _value_dict(self, node: ast.Dict) -> Operand:
        operands: list[Operand] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                operands.append(self.value(key))
            operands.append(self.value(value))
        return self.event(("dict", tuple(key is None for key in node.keys)), *operands)

    def _value_joinedstr(self, node: ast.JoinedStr) -> Operand:
        return Term(("joined",), self.values(node.values))

    def _value_formattedvalue(self, node: ast.FormattedValue) -> Operand:
        value = self.value(node.value)
        spec = NONE if node.format_spec is None else self.value(node.format_spec)
        return self.event(("format", node.conversion), value, spec)

    def _value_await(self, node: ast.Await) -> Operand:
        exits = self.follow(node)
        return self.event(("await",), self.value(node.value)) if exits is None else self._only(exits)

    def _value_yield(self, node: ast.Yield) -> Operand:
        return self.event(("yield",), NONE if node.value is None else self.value(node.value))

    def _value_yieldfrom(self, node: ast.YieldFrom) -> Operand:
        exits = self.follow(node)
        return self.event(("yield from",), self.value(node.value)) if exits is None else self._only(exits)

    def _value_call(self, node: ast.Call) -> Operand:
        exits = self.follow(node)
        if exits is not None:
            return self._only(exits)
        if isinstance(node.func, ast.Attribute) and node.func.attr in self.mode.late:
            operands = [self.value(node.func.value)]
            label: Label = ("method", self.frame.scope.mangled(node.func.attr))
        else:
            operands, label = [self.value(node.func)], ("call",)
        stars = tuple(isinstance(item, ast.Starred) for item in node.args)
        operands += [self.value(item.value if isinstance(item, ast.Starred) else item) for item in node.args]
        operands += [self.value(keyword.value) for keyword in node.keywords]
        return self.event((label, stars, tuple(keyword.arg for keyword in node.keywords)), *operands)

    def _only(self, exits: list[tuple[list[Edge], Operand]]) -> Operand:
        """The value of a call that was followed and returns in one place."""
        if len(exits) != 1:
            raise Unprovable("the new function returns in several places, and its value is used in an expression")
        self.pending, value = exits[0]
        return value

    # Code that runs later, or in a scope of its own: one event each, with all the names it reads.

    def _value_lambda(self, node: ast.Lambda) -> Operand:
        defaults = self.values([*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)])
        captured = self.captured(node)
        return self.event(("lambda", ast.dump(node)), *defaults, *captured, raises=False)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Operand:
        first = node.generators[0]
        iterable = self.value(first.iter)
        if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node)):
            raise Unprovable("an assignment expression inside a comprehension cannot be followed")
        shown = ast.dump(node).replace(ast.dump(first.iter), "", 1)
        captured = self.captured(node, skip=first.iter)
        return self.event(("comprehension", shown), iterable, *captured)

    _value_listcomp = _comprehension
    _value_setcomp = _comprehension
    _value_dictcomp = _comprehension
    _value_generatorexp = _comprehension

    def captured(self, node: ast.AST, skip: ast.AST | None = None) -> list[Operand]:
        """Read every name of this scope that code in a scope of its own mentions."""
        eager = isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.ClassDef)
        found: list[Operand] = []
        for name in sorted(outer_names(node, skip)):
            meaning = self.frame.scope.meaning(name)
            # Globals are looked up when the code runs, so only variables are handed over here.
            if not self.frame.scope.is_variable(name):
                continue
            if meaning is Meaning.LOCAL and not eager:
                self.graph.captures.append((self.frame.number, self.var(name)))
            found.append(self.load(name))
        return found

    # Following a call of the new function.

    @contextmanager
    def entered(self, frame: Frame) -> Generator[None]:
        before = self.frame
        self.frame = frame
        try:
            yield
        finally:
            self.frame = before

    def follow(self, node: ast.expr, tested: bool = False) -> list[tuple[list[Edge], Operand]] | None:
        """The ways out of a call of the claimed function, None for any other expression.

        ``tested``: only the truth of what it returns matters, and may be asked for once more than it was.
        """
        raise NotImplementedError
