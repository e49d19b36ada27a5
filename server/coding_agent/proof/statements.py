"""Statements as events: branches, loops, handlers and clean-up as the interpreter runs them."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.expressions import FALSE, NONE, TRUE, Edge, Expressions, Frame, Mode, Target
from coding_agent.proof.folding import asked_again
from coding_agent.proof.graph import Graph, Load, Node, Operand, Result, Term, Var
from coding_agent.proof.scopes import Meaning, Scope, bound_names, own_nodes


@dataclass(slots=True)
class _Loop:
    head: int
    breaks: list[Edge] = field(default_factory=list[Edge])


@dataclass(slots=True)
class _Cleanup:
    """What runs whichever way control leaves; ``handler`` is where exceptions go from there."""

    run: Callable[[], None]
    handler: int


def graph_of(body: list[ast.stmt], scope: Scope, target: Target | None, mode: Mode) -> tuple[Graph, frozenset[str]]:
    """The graph of a function's body, or of statements of a class or module; and what it takes for granted.

    Raises: Unprovable - something cannot be followed.
    """
    return Statements(scope, target, mode).run(body)


class Statements(Expressions):
    def __init__(self, scope: Scope, target: Target | None, mode: Mode) -> None:
        super().__init__(scope, target, mode)
        self.contexts: list[_Loop | _Cleanup] = []

    def run(self, body: list[ast.stmt]) -> tuple[Graph, frozenset[str]]:
        self.graph.parameters = set(self.frame.scope.parameters())
        self.block(body)
        if self.pending:
            if self.frame.scope.is_function():
                self._leave(NONE)
            else:
                self.add(Node(("end",)))
        if self.target and self.target.calls != 1:
            raise Unprovable(f"the new function is called {self.target.calls} times")
        self.graph.finish()
        return self.graph, frozenset(self.assumptions)

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if not self.pending:
                return
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        method = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if method is None:
            raise Unprovable(f"{type(node).__name__} cannot be followed")
        method(node)

    # Simple statements.

    def _do_pass(self, node: ast.stmt) -> None:
        """Nothing happens."""

    _do_global = _do_nonlocal = _do_pass

    def _do_expr(self, node: ast.Expr) -> None:
        exits = self.follow(node.value)
        if exits is not None:
            self.pending = [edge for edges, _ in exits for edge in edges]
            return
        value = self.value(node.value)
        if isinstance(node.value, ast.Name):
            self.event(("touch",), value)

    def _do_assign(self, node: ast.Assign) -> None:
        exits = self.follow(node.value)
        if exits is None:
            self._store_all(node.targets, self.value(node.value))
            return
        ends: list[Edge] = []
        for edges, value in exits:
            self.pending = edges
            if len(node.targets) != 1 or not self._hand_over(node.targets[0], value):
                self._store_all(node.targets, value)
            ends += self.pending
        self.pending = ends

    def _hand_over(self, target: ast.expr, value: Operand) -> bool:
        """Bind names to what a followed function returns, if that is variables of its own: nothing is evaluated."""
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        parts = value.parts if isinstance(target, ast.Tuple) and isinstance(value, Term) else (value,)
        if isinstance(target, ast.Tuple) and (not isinstance(value, Term) or value.label != ("tuple",)):
            return False
        if len(targets) != len(parts):
            return False
        copies: dict[Var, Var] = {}
        for name, part in zip(targets, parts, strict=True):
            if not isinstance(name, ast.Name) or not isinstance(part, Load) or part.var.frame != self.frame.number + 1:
                return False
            if self.frame.scope.meaning(name.id) is not Meaning.LOCAL:
                return False
            copies[self.var(name.id)] = part.var
            self.graph.bound.append(part)
        self.add(Node(copies=copies))
        return True

    def _store_all(self, targets: list[ast.expr], value: Operand) -> None:
        for target in targets:
            self.store(target, value)

    def store(self, target: ast.expr, value: Operand) -> None:
        match target:
            case ast.Name(id=name):
                self.bind(name, value)
            case ast.Attribute(value=base, attr=attr):
                owner = self.value(base)
                self.event(("store attribute", self.frame.scope.mangled(attr)), owner, value)
            case ast.Subscript(value=base, slice=index):
                owner = self.value(base)
                self.event(("store subscript",), owner, self.value(index), value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                stars = tuple(isinstance(item, ast.Starred) for item in items)
                unpacked = self.event(("unpack", stars), value)
                for index, item in enumerate(items):
                    inner = item.value if isinstance(item, ast.Starred) else item
                    self.store(inner, Term(("item", index), (unpacked,)))
            case _:
                raise Unprovable(f"a store to {type(target).__name__} cannot be followed")

    def _do_augassign(self, node: ast.AugAssign) -> None:
        label = ("inplace", type(node.op).__name__)
        match node.target:
            case ast.Name(id=name):
                before = self.load(name)
                self.bind(name, self.event(label, before, self.value(node.value)))
            case ast.Attribute(value=base, attr=attr):
                owner = self.value(base)
                before = self.event(("attribute", self.frame.scope.mangled(attr)), owner)
                after = self.event(label, before, self.value(node.value))
                self.event(("store attribute", self.frame.scope.mangled(attr)), owner, after)
            case ast.Subscript(value=base, slice=index):
                owner, key = self.value(base), self.value(index)
                before = self.event(("subscript",), owner, key)
                after = self.event(label, before, self.value(node.value))
                self.event(("store subscript",), owner, key, after)

    def _do_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.store(node.target, self.value(node.value))
        if not self.frame.scope.is_function() or not node.simple:
            self.event(("annotation", ast.dump(node.annotation), ast.dump(node.target)))

    def _do_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._delete(target)

    def _delete(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._unbind("delete", name)
            case ast.Attribute(value=base, attr=attr):
                self.event(("delete attribute", self.frame.scope.mangled(attr)), self.value(base))
            case ast.Subscript(value=base, slice=index):
                owner = self.value(base)
                self.event(("delete subscript",), owner, self.value(index))
            case ast.Tuple(elts=items) | ast.List(elts=items):
                for item in items:
                    self._delete(item)
            case _:
                raise Unprovable(f"del of {type(target).__name__} cannot be followed")

    def _unbind(self, label: str, name: str) -> None:
        if self.frame.scope.meaning(name) is not Meaning.LOCAL:
            self.event((label, "shared", name))
            return
        var = self.var(name)
        reads = (self.load(name),) if label == "delete" else ()
        self.add(Node((label, var.name), reads, binds=frozenset({var}), unbinds=True))

    def _do_assert(self, node: ast.Assert) -> None:
        # It vanishes under -O, so nothing may move into or out of it: one event.
        if any(isinstance(n, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr) for n in ast.walk(node)):
            raise Unprovable("an assert with await, yield or := cannot be followed")
        self.event(("assert", ast.dump(node)), *self.captured(node))

    def _do_import(self, node: ast.Import | ast.ImportFrom) -> None:
        result = self.event(("import", ast.dump(node)))
        for name in sorted(bound_names(node)):
            if name == "*":
                raise Unprovable("a star import cannot be followed")
            self.bind(name, Term(("imported", name), (result,)))

    _do_importfrom = _do_import

    def _do_raise(self, node: ast.Raise) -> None:
        operands = self.values([part for part in (node.exc, node.cause) if part is not None])
        self.event(("raise", len(operands)), *operands)
        self.pending = []

    # Definitions.

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = self.values(node.decorator_list)
        defaults = self.values([*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)])
        made = self.event(("function", ast.dump(node)), *decorators, *defaults, *self.captured(node))
        self.bind(node.name, made)

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef) -> None:
        operands = self.values([*node.decorator_list, *node.bases, *(k.value for k in node.keywords)])
        made = self.event(("class", ast.dump(node)), *operands, *self.captured(node))
        self.bind(node.name, made)

    # Branches and loops.

    def _do_if(self, node: ast.If) -> None:
        yes, no = self.condition(node.test)
        self.pending = yes
        self.block(node.body)
        ends, self.pending = self.pending, no
        self.block(node.orelse)
        self.pending += ends

    def _do_while(self, node: ast.While) -> None:
        head = self.label()
        yes, no = self.condition(node.test)
        self._loop(head, node.body, yes, no, node.orelse)

    def _do_for(self, node: ast.For | ast.AsyncFor) -> None:
        kind = type(node).__name__
        iterator = self.event(("iterate", kind), self.value(node.iter))
        head = self.label()
        item = len(self.graph.nodes)
        yes, no = self.split(("next", kind), iterator)
        self.pending = yes
        self.store(node.target, Result(item))
        self._loop(head, node.body, self.pending, no, node.orelse)

    _do_asyncfor = _do_for

    def _loop(self, head: int, body: list[ast.stmt], yes: list[Edge], no: list[Edge], orelse: list[ast.stmt]) -> None:
        loop = _Loop(head)
        self.contexts.append(loop)
        self.pending = yes
        self.block(body)
        self.connect(self.pending, head)
        self.contexts.pop()
        self.pending = no
        self.block(orelse)
        self.pending += loop.breaks

    def _do_break(self, _: ast.stmt) -> None:
        loop = self._unwind_to_loop()
        if loop is not None:
            loop.breaks += self.pending
        self.pending = []

    def _do_continue(self, _: ast.stmt) -> None:
        loop = self._unwind_to_loop()
        if loop is not None:
            self.connect(self.pending, loop.head)
        self.pending = []

    def _unwind_to_loop(self) -> _Loop | None:
        at = next((i for i in reversed(range(len(self.contexts))) if isinstance(self.contexts[i], _Loop)), None)
        if at is None or at < self.frame.depth:
            raise Unprovable("a break or continue without its loop")
        self._unwind(at + 1)
        loop = self.contexts[at]
        return loop if isinstance(loop, _Loop) and self.pending else None

    def _unwind(self, down_to: int) -> None:
        """Run the clean-up of all contexts from the innermost one down to number ``down_to``."""
        contexts, handler = self.contexts, self.handler
        for index in reversed(range(down_to, len(contexts))):
            context = contexts[index]
            if isinstance(context, _Cleanup) and self.pending:
                self.contexts, self.handler = contexts[:index], context.handler
                context.run()
        self.contexts, self.handler = contexts, handler

    def _do_return(self, node: ast.Return) -> None:
        if self.frame.tested and isinstance(node.value, ast.BoolOp):
            self._return_truth(node.value)
            return
        exits = self.follow(node.value) if node.value is not None else None
        if exits is None:
            self._leave(NONE if node.value is None else self.value(node.value))
            return
        for edges, value in exits:
            self.pending = edges
            self._leave(value)

    def _return_truth(self, value: ast.BoolOp) -> None:
        """Return only whether the value is true: what decides it is asked for its truth here, not once more outside."""
        self.assumptions.update(asked_again(value))
        yes, no = self.condition(value)
        for edges, result in ((yes, TRUE), (no, FALSE)):
            self.pending = edges
            self._leave(result)

    def _leave(self, value: Operand) -> None:
        self._unwind(self.frame.depth)
        if not self.pending:
            return
        if self.frame.returns is None:
            self.add(Node(("return",), (value,)))
        else:
            self.frame.returns.append((self.pending, value))
        self.pending = []

    # Handlers and clean-up.

    def _guarded(self, body: Callable[[], None], cleanup: Callable[[], None]) -> None:
        """Run ``body``, then ``cleanup`` whichever way control leaves it; exceptions go on after it."""
        outer = self.handler
        landing = self.handler = self.place(Node())
        self.contexts.append(_Cleanup(cleanup, outer))
        body()
        self.contexts.pop()
        self.handler = outer
        if self.pending:
            cleanup()
        ends, self.pending = self.pending, [(landing, "next")]
        cleanup()
        self.connect(self.pending, outer)
        self.pending = ends

    def _do_try(self, node: ast.Try) -> None:
        if not node.finalbody:
            self._handled(node)
            return
        self._guarded(lambda: self._handled(node), lambda: self.block(node.finalbody))

    def _handled(self, node: ast.Try) -> None:
        if not node.handlers:
            self.block([*node.body, *node.orelse])
            return
        outer = self.handler
        landing = self.handler = self.place(Node())
        self.block(node.body)
        self.handler = outer
        self.block(node.orelse)
        ends, self.pending = self.pending, [(landing, "next")]
        for handler in node.handlers:
            rest: list[Edge] = []
            if handler.type is not None:
                yes, rest = self.split(("except",), self.value(handler.type))
                self.pending = yes
            self._handler(handler)
            ends += self.pending
            self.pending = rest
            if not rest:
                break
        self.connect(self.pending, outer)
        self.pending = ends

    def _handler(self, handler: ast.ExceptHandler) -> None:
        """The end of a handler is an event: until then the exception is the one being handled."""

        def leave() -> None:
            self.event(("handled",), raises=False)

        def named() -> None:
            if handler.name is None:
                self.block(handler.body)
                return
            name = handler.name
            self.bind(name, Term(("caught",)), "caught")
            self._guarded(lambda: self.block(handler.body), lambda: self._unbind("forget", name))

        self._guarded(named, leave)

    def _do_with(self, node: ast.With | ast.AsyncWith) -> None:
        self._with(node.items, node.body, type(node).__name__)

    _do_asyncwith = _do_with

    def _with(self, items: list[ast.withitem], body: list[ast.stmt], kind: str) -> None:
        if not items:
            self.block(body)
            return
        manager = self.value(items[0].context_expr)
        entered = self.event(("enter", kind), manager)
        outer = self.handler
        landing = self.handler = self.place(Node())
        cleanup = _Cleanup(lambda: self._exit(kind, entered), outer)
        self.contexts.append(cleanup)
        if items[0].optional_vars is not None:
            self.store(items[0].optional_vars, entered)
        self._with(items[1:], body, kind)
        self.contexts.pop()
        self.handler = outer
        if self.pending:
            self._exit(kind, entered)
        ends, self.pending = self.pending, [(landing, "next")]
        swallowed, raised = self.split(("exit raising", kind), entered)
        self.connect(raised, outer)
        self.pending = ends + swallowed

    def _exit(self, kind: str, entered: Result) -> None:
        self.event(("exit", kind), entered)

    def _do_match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        ends: list[Edge] = []
        for case in node.cases:
            values = [n for n in ast.walk(case.pattern) if isinstance(n, ast.MatchValue | ast.MatchClass)]
            reads = [operand for n in values for operand in self.captured(n)]
            yes, no = self.split(("case", ast.dump(case.pattern)), subject, *reads)
            self.pending = yes
            for name in sorted({name for n in own_nodes(case.pattern) for name in bound_names(n)}):
                self.bind(name, Term(("matched", name)))
            if case.guard is not None:
                self.pending, less = self.condition(case.guard)
                no += less
            self.block(case.body)
            ends += self.pending
            self.pending = no
        self.pending += ends

    # Following a call of the new function.

    def follow(self, node: ast.expr, tested: bool = False) -> list[tuple[list[Edge], Operand]] | None:
        target = self.target
        if target is None or self.frame.number != 0:
            return None
        plain, wrapper = node, ""
        if isinstance(node, ast.Await | ast.YieldFrom):
            plain, wrapper = node.value, type(node).__name__
        if not isinstance(plain, ast.Call) or not self._calls(plain, target):
            return None
        if wrapper != _needs(target.node):
            raise Unprovable("the new function is not called as what it is: plain, async or generator")
        return self._enter(plain, target, tested)

    def _calls(self, call: ast.Call, target: Target) -> bool:
        match call.func:
            case ast.Name(id=name):
                return target.receiver is None and name == target.node.name
            case ast.Attribute(value=ast.Name(id=base), attr=attr):
                return target.receiver == base and attr == target.node.name
            case _:
                return False

    def _enter(self, call: ast.Call, target: Target, tested: bool) -> list[tuple[list[Edge], Operand]]:
        target.calls += 1
        names = [argument.arg for argument in target.node.args.args]
        given = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
        if target.receiver is not None:
            given.insert(0, target.receiver)
        if len(given) != len(call.args) + (target.receiver is not None) or call.keywords or len(names) != len(given):
            raise Unprovable("the new function is not called with one variable per parameter")
        frame = Frame(1, target.scope, [], len(self.contexts), tested)
        copies: dict[Var, Var] = {}
        for name, outer in zip(names, given, strict=True):
            value = self.load(outer)
            if not isinstance(value, Load):
                raise Unprovable(f"`{outer}` can be rebound by other functions")
            self.graph.bound.append(value)
            copies[Var(1, target.scope.mangled(name))] = value.var
        self.add(Node(copies=copies, enters=1))
        returns = frame.returns
        assert returns is not None
        with self.entered(frame):
            body = target.node.body
            self.block(body[1:] if ast.get_docstring(target.node) is not None else body)
            if self.pending:
                self._leave(NONE)
        return returns


def _needs(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    if any(isinstance(inner, ast.Yield | ast.YieldFrom) for statement in node.body for inner in own_nodes(statement)):
        return "YieldFrom" if isinstance(node, ast.FunctionDef) else "never"
    return "Await" if isinstance(node, ast.AsyncFunctionDef) else ""
