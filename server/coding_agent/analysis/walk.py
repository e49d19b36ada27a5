"""The one walk over a piece: nodes by type, parents, scopes and metrics, for all rules at once.

Separate visitors cost 16 to 41 times a parse, one walk less than one.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from coding_agent.analysis.metrics import Counter, Metrics, all_arguments, measured, only_wraps
from coding_agent.analysis.scope import Scope, ScopeKind, free_names
from coding_agent.syntax.nodes import FIELDS

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


_Group = tuple[Sequence[ast.AST], Scope, Counter, int]
"""Nodes that are walked in one scope, counted in one counter, at one nesting."""


class Walk:
    """What one walk over the statements of a piece found.

    ``found`` holds the nodes by type, ``calls`` the calls with the scopes they stand in; neither is in any order.
    """

    def __init__(self, body: list[ast.stmt], in_class: bool) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.top = Scope(None, ScopeKind.CLASS if in_class else ScopeKind.MODULE, None)
        self.found: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.metrics: dict[ast.AST, Metrics] = {}
        self._counters: list[Counter] = []
        self._groups: list[_Group] = [(body, self.top, Counter(None), 0)]
        self._run()
        self._measure()

    def reads(self) -> frozenset[str]:
        """The names this piece reads and does not bind itself, inside its functions."""
        return free_names([self.top, *self.scopes.values()])

    def _measure(self) -> None:
        if not self._counters:
            return
        # Inner functions come behind outer ones in the list, so sums go from the end.
        for counter in reversed(self._counters):
            if counter.outer is not None:
                added = counter.cognitive + counter.structures * counter.depth
                counter.outer.cognitive += added
                counter.outer.inner += added if counter.node is not None else 0
                counter.outer.structures += counter.structures
        recursive = self._recursive()
        for counter in self._counters:
            if counter.node is not None:
                self.metrics[counter.node] = measured(counter, counter.node in recursive)

    def _recursive(self) -> set[ast.AST]:
        """The functions that call themselves by name, or through ``self`` or ``cls``."""
        found: set[ast.AST] = set()
        names = {counter.node.name for counter in self._counters if counter.node is not None}
        for call, scope in self.calls:
            callee = call.func
            name = callee.id if isinstance(callee, ast.Name) else getattr(callee, "attr", "")
            if name not in names:
                continue
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

    def _run(self) -> None:
        # One long function on purpose: this loop runs for every node on every keystroke.
        parents, found, calls, fields, special = self.parents, self.found, self.calls, FIELDS, _SPECIAL
        groups = self._groups
        name_type, constant_type, attribute_type, load_type = ast.Name, ast.Constant, ast.Attribute, ast.Load
        call_type = ast.Call
        node: Any
        while groups:
            nodes, scope, counter, depth = groups.pop()
            stack: list[Any] = [*nodes]
            push, pop, read = stack.append, stack.pop, scope.loads.add
            while stack:
                node = pop()
                kind = node.__class__
                found[kind].append(node)
                if kind is name_type:
                    if node.ctx.__class__ is load_type:
                        read(node.id)
                    else:
                        scope.bind(node.id, None)
                    continue
                if kind is constant_type:
                    continue
                if kind is attribute_type:
                    child = node.value
                    parents[child] = node
                    push(child)
                    continue
                if kind is call_type:
                    calls.append((node, scope))
                    child = node.func
                    parents[child] = node
                    push(child)
                    for child in node.args:
                        parents[child] = node
                        push(child)
                    for child in node.keywords:
                        parents[child] = node
                        push(child)
                    continue
                if kind in special:
                    rest = special[kind](self, node, scope, counter, depth)
                    if rest is not None:
                        for child in rest:
                            parents[child] = node
                        stack += rest
                        continue
                for field in fields[kind]:
                    child = getattr(node, field)
                    if child.__class__ is list:
                        for each in child:
                            # A key of a dict display is None where a mapping is unpacked.
                            if each is not None:
                                parents[each] = node
                                push(each)
                    elif child is not None:
                        parents[child] = node
                        push(child)

    def _scope(self, node: ast.AST, kind: ScopeKind, outer: Scope) -> Scope:
        scope = self.scopes[node] = Scope(node, kind, outer)
        return scope

    def _later(self, parent: ast.AST, nodes: Sequence[ast.AST], scope: Scope, counter: Counter, depth: int) -> None:
        """Have children of ``parent`` walked with what is theirs."""
        for node in nodes:
            self.parents[node] = parent
        self._groups.append((nodes, scope, counter, depth))

    # Handlers return the children that are walked with what their parent is walked with; None for all of them.

    def on_function(self, node: "_Function", scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        scope.bind(node.name, None)
        inner = self._scope(node, ScopeKind.FUNCTION, scope)
        outer = counter.node
        # The specification's exception for decorators: a function that only wraps another one does not nest it.
        nested = depth if outer is None or only_wraps(outer) else depth + 1
        own = Counter(node, counter if outer is not None else None, nested)
        self._counters.append(own)
        arguments = node.args
        every = all_arguments(arguments)
        inner.bind_arguments(every)
        for parameter in getattr(node, "type_params", ()):
            inner.bind(parameter.name, None)
        outside = [*node.decorator_list, *arguments.defaults, *[d for d in arguments.kw_defaults if d is not None]]
        outside += [a.annotation for a in every if a.annotation is not None]
        if node.returns is not None:
            outside.append(node.returns)
        if outside:
            self._later(node, outside, scope, Counter(None), depth)
        self._later(node, node.body, inner, own, 0)
        return ()

    def on_lambda(self, node: ast.Lambda, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        inner = self._scope(node, ScopeKind.FUNCTION, scope)
        inner.bind_arguments(all_arguments(node.args))
        self._later(node, [node.body], inner, counter, depth + 1)
        return [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]

    def on_class(self, node: ast.ClassDef, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        scope.bind(node.name, None)
        inner = self._scope(node, ScopeKind.CLASS, scope)
        for parameter in getattr(node, "type_params", ()):
            inner.bind(parameter.name, None)
        ignored = Counter(None)
        self._later(node, [*node.decorator_list, *node.bases, *node.keywords], scope, ignored, depth)
        self._later(node, node.body, inner, ignored, depth)
        return ()

    def on_comprehension(self, node: ast.ListComp, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        inner = self._scope(node, ScopeKind.COMPREHENSION, scope)
        for index, generator in enumerate(node.generators):
            counter.cyclomatic += len(generator.ifs) + 1
            self.parents[generator] = node
            self.found[ast.comprehension].append(generator)
            self._later(generator, [generator.iter], scope if index == 0 else inner, counter, depth)
            self._later(generator, [generator.target, *generator.ifs], inner, counter, depth)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        self._later(node, parts, inner, counter, depth)
        return ()

    def on_named(self, node: ast.NamedExpr, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        target = scope
        while target.kind is ScopeKind.COMPREHENSION and target.outer is not None:
            target = target.outer
        target.bind(node.target.id, None)
        self.parents[node.target] = node
        return (node.value,)

    def on_import(self, node: ast.Import, scope: Scope, counter: Counter, depth: int) -> None:
        for alias in node.names:
            if alias.asname:
                scope.bind(alias.asname, alias.name)
            else:
                top = alias.name.partition(".")[0]
                scope.bind(top, top)

    def on_import_from(self, node: ast.ImportFrom, scope: Scope, counter: Counter, depth: int) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name != "*":
                dot = "" if module.endswith(".") else "."
                scope.bind(alias.asname or alias.name, f"{module}{dot}{alias.name}")

    def on_handler(self, node: ast.ExceptHandler, scope: Scope, counter: Counter, depth: int) -> None:
        if node.name:
            scope.bind(node.name, None)

    def on_outer_names(self, node: ast.Global | ast.Nonlocal, scope: Scope, counter: Counter, depth: int) -> None:
        if isinstance(node, ast.Global):
            scope.declared_global = scope.declared_global.union(node.names)
        else:
            scope.declared_nonlocal = scope.declared_nonlocal.union(node.names)

    def on_capture(self, node: ast.MatchAs | ast.MatchStar, scope: Scope, counter: Counter, depth: int) -> None:
        if node.name:
            scope.bind(node.name, None)

    def on_rest(self, node: ast.MatchMapping, scope: Scope, counter: Counter, depth: int) -> None:
        if node.rest:
            scope.bind(node.rest, None)

    def on_if(self, node: ast.If, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
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
        self._later(node, node.body, scope, counter, depth + 1)
        if not node.orelse:
            return (node.test,)
        if _is_elif_body(node):
            return (node.test, *node.orelse)
        counter.cognitive += 1
        self._later(node, node.orelse, scope, counter, depth + 1)
        return (node.test,)

    def on_loop(
        self, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, counter: Counter, depth: int
    ) -> Sequence[ast.AST]:
        counter.cyclomatic += 1 + bool(node.orelse)
        counter.cognitive += bool(node.orelse)
        counter.structure(depth)
        self._later(node, (*node.body, *node.orelse), scope, counter, depth + 1)
        return (node.test,) if isinstance(node, ast.While) else (node.iter, node.target)

    def on_try(self, node: ast.Try | ast.TryStar, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        # radon does not know ``except*``.
        counter.cyclomatic += len(node.handlers) + bool(node.orelse) if isinstance(node, ast.Try) else 0
        for _ in node.handlers:
            counter.structure(depth)
        self._later(node, node.handlers, scope, counter, depth + 1)
        return (*node.body, *node.orelse, *node.finalbody)

    def on_ternary(self, node: ast.IfExp, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        counter.cyclomatic += 1
        counter.structure(depth)
        self._later(node, (node.test, node.body, node.orelse), scope, counter, depth + 1)
        return ()

    def on_bool(self, node: ast.BoolOp, scope: Scope, counter: Counter, depth: int) -> None:
        counter.cyclomatic += len(node.values) - 1
        if self.parents.get(node).__class__ is not ast.BoolOp:
            counter.cognitive += _runs(node)

    def on_assert(self, node: ast.Assert, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        counter.cyclomatic += 1
        # radon does not look into the assertion; its logic is to be understood all the same.
        aside = Counter(None, counter if counter.node is not None else None)
        self._counters.append(aside)
        self._later(node, (node.test,) if node.msg is None else (node.test, node.msg), scope, aside, depth)
        return ()

    def on_match(self, node: ast.Match, scope: Scope, counter: Counter, depth: int) -> Sequence[ast.AST]:
        catch_all = any(isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None for c in node.cases)
        counter.cyclomatic += max(0, len(node.cases) - catch_all)
        counter.structure(depth)
        self._later(node, node.cases, scope, counter, depth + 1)
        return (node.subject,)


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


_SPECIAL: dict[type[ast.AST], Callable[..., Sequence[ast.AST] | None]] = {
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
