"""The one walk over a piece: nodes by type, parents, scopes and metrics, for all rules at once.

Separate visitors cost 16 to 41 times a parse, one walk less than one.
"""

import ast
import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from coding_agent.analysis.metrics import Counter, Metrics, all_arguments, measured, only_wraps
from coding_agent.analysis.scope import Scope, ScopeKind, free_names

_PLAIN = re.compile(r"(\w+)([*?]?) (\w+)")
_LEAVES = {"identifier", "int", "string", "constant", "expr_context", "boolop", "operator", "unaryop", "cmpop"}


def _child_fields() -> dict[type[ast.AST], tuple[tuple[str, ...], tuple[str, ...]]]:
    """The fields of every node type that hold one node, and those that hold a list of nodes; read from the grammar in
    the type's docstring.
    """
    fields: dict[type[ast.AST], tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AST):
            typed = {name: (sort, many == "*") for sort, many, name in _PLAIN.findall(kind.__doc__ or "")}
            nodes = [name for name in kind._fields if typed.get(name, ("identifier", False))[0] not in _LEAVES]
            ones, lists = [n for n in nodes if not typed[n][1]], [n for n in nodes if typed[n][1]]
            fields[kind] = tuple(ones), tuple(lists)
    return fields


_FIELDS = _child_fields()
_NONE: list[ast.AST | None] = []
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


_Item = tuple[ast.AST, ast.AST | None, Scope, Counter, int]


class Walk:
    """What one walk over the statements of a piece found.

    ``found`` holds the nodes of the wanted types with their scopes, in no particular order.
    """

    def __init__(self, body: list[ast.stmt], wanted: Iterable[type[ast.AST]], in_class: bool) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.top = Scope(None, ScopeKind.CLASS if in_class else ScopeKind.MODULE, None)
        self.found: dict[type[ast.AST], list[tuple[ast.AST, Scope]]] = {kind: [] for kind in wanted}
        self.metrics: dict[ast.AST, Metrics] = {}
        self._counters: list[Counter] = []
        self._pending: list[_Item] = []
        self._run(body)
        self._measure()

    def reads(self) -> frozenset[str]:
        """The names this piece reads and does not bind itself, inside its functions."""
        return free_names([self.top, *self.scopes.values()])

    def _measure(self) -> None:
        # Inner functions come behind outer ones in the list, so sums go from the end.
        for counter in reversed(self._counters):
            if counter.outer is not None:
                added = counter.cognitive + counter.structures * counter.depth
                counter.outer.cognitive += added
                counter.outer.inner += added if counter.node is not None else 0
                counter.outer.structures += counter.structures
        recursive = self._recursive() if ast.Call in self.found else set[ast.AST]()
        for counter in self._counters:
            if counter.node is not None:
                self.metrics[counter.node] = measured(counter, counter.node in recursive)

    def _recursive(self) -> set[ast.AST]:
        """The functions that call themselves by name, or through ``self`` or ``cls``."""
        found: set[ast.AST] = set()
        for call, scope in self.found[ast.Call]:
            callee = call.func if isinstance(call, ast.Call) else None
            name = (
                callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else ""
            )
            own = scope
            while own.outer is not None and not isinstance(own.node, _FUNCTIONS):
                own = own.outer
            node = own.node
            if not isinstance(node, _FUNCTIONS) or node.name != name:
                continue
            method = own.outer is not None and own.outer.kind is ScopeKind.CLASS
            through = callee.value if isinstance(callee, ast.Attribute) else None
            if method == (isinstance(through, ast.Name) and through.id in ("self", "cls")):
                found.add(node)
        return found

    def _run(self, body: list[ast.stmt]) -> None:
        # One long function on purpose: this loop runs for every node on every keystroke.
        parents, found, fields, special = self.parents, self.found, _FIELDS, _SPECIAL
        module = Counter(None)
        stack: list[_Item] = [(statement, None, self.top, module, 0) for statement in reversed(body)]
        push, pop = stack.append, stack.pop
        name_type, constant_type, load_type = ast.Name, ast.Constant, ast.Load
        while stack:
            node, parent, scope, counter, depth = pop()
            kind = node.__class__
            if parent is not None:
                parents[node] = parent
            bucket = found.get(kind)
            if bucket is not None:
                bucket.append((node, scope))
            if kind is name_type:
                if node.ctx.__class__ is load_type:  # type: ignore[attr-defined]
                    scope.loads.add(node.id)  # type: ignore[attr-defined]
                else:
                    scope.bind(node.id, None)  # type: ignore[attr-defined]
                continue
            if kind is constant_type:
                continue
            handler = special.get(kind)
            if handler is not None:
                result = handler(self, node, scope, counter, depth)
                if result is None:
                    for item in reversed(self._pending):
                        push(item)
                    continue
                depth = result
            ones, lists = fields[kind]
            for field in ones:
                child: ast.AST | None = getattr(node, field, None)
                if child is not None:
                    push((child, node, scope, counter, depth))
            for field in lists:
                children: list[ast.AST | None] = getattr(node, field, _NONE)
                for child in children:
                    if child is not None:
                        push((child, node, scope, counter, depth))

    def _scope(self, node: ast.AST, kind: ScopeKind, outer: Scope) -> Scope:
        scope = self.scopes[node] = Scope(node, kind, outer)
        return scope

    # Handlers return the nesting for the node's children, or None when they leave the children in _pending.

    def on_function(self, node: "_Function", scope: Scope, counter: Counter, depth: int) -> None:
        scope.bind(node.name, None)
        inner = self._scope(node, ScopeKind.FUNCTION, scope)
        outer = counter.node
        # The specification's exception for decorators: a function that only wraps another one does not nest it.
        nested = depth if outer is None or only_wraps(outer) else depth + 1
        own = Counter(node, counter if outer is not None else None, nested)
        self._counters.append(own)
        arguments = node.args
        inner.bind_arguments(arguments)
        for parameter in getattr(node, "type_params", ()):
            inner.bind(parameter.name, None)
        outside = [*node.decorator_list, *arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        outside += [a.annotation for a in all_arguments(arguments) if a.annotation is not None]
        if node.returns is not None:
            outside.append(node.returns)
        ignored = Counter(None)
        self._pending = [(item, node, scope, ignored, depth) for item in outside]
        self._pending += [(item, node, inner, own, 0) for item in node.body]

    def on_lambda(self, node: ast.Lambda, scope: Scope, counter: Counter, depth: int) -> None:
        inner = self._scope(node, ScopeKind.FUNCTION, scope)
        inner.bind_arguments(node.args)
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        self._pending = [(item, node, scope, counter, depth) for item in defaults]
        self._pending.append((node.body, node, inner, counter, depth + 1))

    def on_class(self, node: ast.ClassDef, scope: Scope, counter: Counter, depth: int) -> None:
        scope.bind(node.name, None)
        inner = self._scope(node, ScopeKind.CLASS, scope)
        for parameter in getattr(node, "type_params", ()):
            inner.bind(parameter.name, None)
        ignored = Counter(None)
        outside = [*node.decorator_list, *node.bases, *node.keywords]
        self._pending = [(item, node, scope, ignored, depth) for item in outside]
        self._pending += [(item, node, inner, ignored, depth) for item in node.body]

    def on_comprehension(self, node: ast.ListComp, scope: Scope, counter: Counter, depth: int) -> None:
        inner = self._scope(node, ScopeKind.COMPREHENSION, scope)
        pending: list[_Item] = []
        for index, generator in enumerate(node.generators):
            counter.cyclomatic += len(generator.ifs) + 1
            self.parents[generator] = node
            bucket = self.found.get(ast.comprehension)
            if bucket is not None:
                bucket.append((generator, inner))
            pending.append((generator.iter, generator, scope if index == 0 else inner, counter, depth))
            pending.append((generator.target, generator, inner, counter, depth))
            pending += [(test, generator, inner, counter, depth) for test in generator.ifs]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        pending += [(part, node, inner, counter, depth) for part in parts]
        self._pending = pending

    def on_named(self, node: ast.NamedExpr, scope: Scope, counter: Counter, depth: int) -> None:
        target = scope
        while target.kind is ScopeKind.COMPREHENSION and target.outer is not None:
            target = target.outer
        target.bind(node.target.id, None)
        self.parents[node.target] = node
        self._pending = [(node.value, node, scope, counter, depth)]

    def on_import(self, node: ast.Import, scope: Scope, counter: Counter, depth: int) -> int:
        for alias in node.names:
            if alias.asname:
                scope.bind(alias.asname, alias.name)
            else:
                top = alias.name.partition(".")[0]
                scope.bind(top, top)
        return depth

    def on_import_from(self, node: ast.ImportFrom, scope: Scope, counter: Counter, depth: int) -> int:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(module)
            else:
                dot = "" if module.endswith(".") else "."
                scope.bind(alias.asname or alias.name, f"{module}{dot}{alias.name}")
        return depth

    def on_handler(self, node: ast.ExceptHandler, scope: Scope, counter: Counter, depth: int) -> int:
        if node.name:
            scope.bind(node.name, None)
        return depth

    def on_outer_names(self, node: ast.Global | ast.Nonlocal, scope: Scope, counter: Counter, depth: int) -> int:
        target = scope.declared_global if isinstance(node, ast.Global) else scope.declared_nonlocal
        target.update(node.names)
        return depth

    def on_capture(self, node: ast.MatchAs | ast.MatchStar, scope: Scope, counter: Counter, depth: int) -> int:
        if node.name:
            scope.bind(node.name, None)
        return depth

    def on_rest(self, node: ast.MatchMapping, scope: Scope, counter: Counter, depth: int) -> int:
        if node.rest:
            scope.bind(node.rest, None)
        return depth

    def on_if(self, node: ast.If, scope: Scope, counter: Counter, depth: int) -> None:
        counter.cyclomatic += 1
        parent = self.parents.get(node)
        is_elif = (
            isinstance(parent, ast.If)
            and len(parent.orelse) == 1
            and parent.orelse[0] is node
            and (node.col_offset == parent.col_offset)
        )
        # An elif adds one whatever its nesting, and its children nest as deep as those of the if.
        if is_elif:
            counter.cognitive += 1
        else:
            counter.structure(depth)
        if node.orelse and not _is_elif_body(node):
            counter.cognitive += 1
        self._pending = [(node.test, node, scope, counter, depth)]
        self._pending += [(item, node, scope, counter, depth + 1) for item in node.body]
        deeper = depth if _is_elif_body(node) else depth + 1
        self._pending += [(item, node, scope, counter, deeper) for item in node.orelse]

    def on_loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, counter: Counter, depth: int) -> None:
        counter.cyclomatic += 1 + bool(node.orelse)
        counter.cognitive += bool(node.orelse)
        counter.structure(depth)
        heads = [node.test] if isinstance(node, ast.While) else [node.iter, node.target]
        self._pending = [(item, node, scope, counter, depth) for item in heads]
        self._pending += [(item, node, scope, counter, depth + 1) for item in (*node.body, *node.orelse)]

    def on_try(self, node: ast.Try | ast.TryStar, scope: Scope, counter: Counter, depth: int) -> None:
        # radon does not know ``except*``.
        counter.cyclomatic += len(node.handlers) + bool(node.orelse) if isinstance(node, ast.Try) else 0
        for _ in node.handlers:
            counter.structure(depth)
        self._pending = [(item, node, scope, counter, depth) for item in (*node.body, *node.orelse, *node.finalbody)]
        self._pending += [(item, node, scope, counter, depth + 1) for item in node.handlers]

    def on_ternary(self, node: ast.IfExp, scope: Scope, counter: Counter, depth: int) -> int:
        counter.cyclomatic += 1
        counter.structure(depth)
        return depth + 1

    def on_bool(self, node: ast.BoolOp, scope: Scope, counter: Counter, depth: int) -> int:
        counter.cyclomatic += len(node.values) - 1
        if self.parents.get(node).__class__ is not ast.BoolOp:
            counter.cognitive += _runs(node)
        return depth

    def on_assert(self, node: ast.Assert, scope: Scope, counter: Counter, depth: int) -> None:
        counter.cyclomatic += 1
        # radon does not look into the assertion; its logic is to be understood all the same.
        aside = Counter(None, counter if counter.node is not None else None)
        self._counters.append(aside)
        parts = [node.test] if node.msg is None else [node.test, node.msg]
        self._pending = [(part, node, scope, aside, depth) for part in parts]

    def on_match(self, node: ast.Match, scope: Scope, counter: Counter, depth: int) -> None:
        catch_all = any(isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None for c in node.cases)
        counter.cyclomatic += max(0, len(node.cases) - catch_all)
        counter.structure(depth)
        self._pending = [(node.subject, node, scope, counter, depth)]
        self._pending += [(case, node, scope, counter, depth + 1) for case in node.cases]


def _is_elif_body(node: ast.If) -> bool:
    """Whether what follows ``node`` as else is an ``elif`` (or an if alone in its else, which reads the same)."""
    return (
        len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and (node.orelse[0].col_offset == node.col_offset)
    )


def _runs(node: ast.BoolOp) -> int:
    """How many runs of one operator a condition has, read from left to right: `a or b and c or d` has three."""
    operators = _operators(node)
    return 1 + sum(one is not other for one, other in pairwise(operators))


def _operators(node: ast.BoolOp) -> list[type[ast.boolop]]:
    found: list[type[ast.boolop]] = []
    for index, value in enumerate(node.values):
        if index:
            found.append(type(node.op))
        if isinstance(value, ast.BoolOp):
            found += _operators(value)
    return found


_SPECIAL: dict[type[ast.AST], Callable[..., int | None]] = {
    ast.FunctionDef: Walk.on_function,
    ast.AsyncFunctionDef: Walk.on_function,
    ast.Lambda: Walk.on_lambda,
    ast.ClassDef: Walk.on_class,
    ast.ListComp: Walk.on_comprehension,
    ast.SetComp: Walk.on_comprehension,
    ast.DictComp: Walk.on_comprehension,
    ast.GeneratorExp: Walk.on_comprehension,
    ast.NamedExpr: Walk.on_named,
    ast.Import: Walk.on_import,
    ast.ImportFrom: Walk.on_import_from,
    ast.ExceptHandler: Walk.on_handler,
    ast.Global: Walk.on_outer_names,
    ast.Nonlocal: Walk.on_outer_names,
    ast.MatchAs: Walk.on_capture,
    ast.MatchStar: Walk.on_capture,
    ast.MatchMapping: Walk.on_rest,
    ast.If: Walk.on_if,
    ast.For: Walk.on_loop,
    ast.AsyncFor: Walk.on_loop,
    ast.While: Walk.on_loop,
    ast.Try: Walk.on_try,
    ast.TryStar: Walk.on_try,
    ast.IfExp: Walk.on_ternary,
    ast.BoolOp: Walk.on_bool,
    ast.Assert: Walk.on_assert,
    ast.Match: Walk.on_match,
}
