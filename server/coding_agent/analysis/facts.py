"""Symbols and facts of a piece: what outlines show, and what rules over siblings and files may use."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from coding_agent.analysis.context import FUNCTIONS, Context, Function
from coding_agent.analysis.report import Imported, Member, Symbol, SymbolKind
from coding_agent.analysis.shapes import is_tested
from coding_agent.text import Span

_TESTS = (ast.If, ast.While, ast.IfExp, ast.Assert, ast.BoolOp, ast.UnaryOp)


_ASSIGNMENTS = (ast.Assign, ast.AnnAssign)
_BRANCHES = (ast.If, ast.Try)
_NOTHING = (ast.Pass, ast.Raise)
_DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)


def defined_by_words(source: str) -> dict[str, str | None]:
    """What broken top-level code defines, by the words its lines begin with."""
    return dict.fromkeys(_DEFINITION.findall(source))


def definitions(
    body: Iterable[ast.stmt], context: Context, in_class: bool
) -> tuple[tuple[Symbol, ...], tuple[Member, ...]]:
    """The definitions among ``body``: as outlines show them, and what rules over siblings may know of them."""
    symbols: list[Symbol] = []
    members: list[Member] = []
    for node in body:
        if isinstance(node, FUNCTIONS):
            name, parameters = context.name_span(node), _parameters(node)
            symbols.append(_function(node, name, parameters, context, in_class))
            members.append(_function_facts(node, name, parameters, context, in_class))
        elif isinstance(node, ast.ClassDef):
            name = context.name_span(node)
            symbols.append(_class(node, name, context))
            members.append(Member(node.name, SymbolKind.CLASS, name, _decorators(node, context)))
        elif isinstance(node, _ASSIGNMENTS):
            found = _variables(node, context)
            symbols += found
            members += [Member(each.name, SymbolKind.VARIABLE, each.name_span) for each in found]
        elif isinstance(node, _BRANCHES):
            symbols += _symbols([*node.body, *node.orelse], context, in_class)
    return tuple(symbols), tuple(members)


def _symbols(body: Iterable[ast.stmt], context: Context, in_class: bool) -> Iterator[Symbol]:
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield _function(node, context.name_span(node), _parameters(node), context, in_class)
        elif isinstance(node, ast.ClassDef):
            yield _class(node, context.name_span(node), context)
        elif isinstance(node, _ASSIGNMENTS):
            yield from _variables(node, context)
        elif isinstance(node, _BRANCHES):
            yield from _symbols([*node.body, *node.orelse], context, in_class)


def _function(node: Function, name: Span, parameters: tuple[str, ...], context: Context, in_class: bool) -> Symbol:
    kind = SymbolKind.METHOD if in_class else SymbolKind.FUNCTION
    return Symbol(node.name, kind, context.span(node), name, f"({', '.join(parameters)})", context.metrics(node))


def _class(node: ast.ClassDef, name: Span, context: Context) -> Symbol:
    children = tuple(_symbols(node.body, context, True))
    return Symbol(node.name, SymbolKind.CLASS, context.span(node), name, children=children)


def _variables(node: ast.Assign | ast.AnnAssign, context: Context) -> list[Symbol]:
    found: list[Symbol] = []
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Name):
            kind = SymbolKind.CONSTANT if target.id.isupper() else SymbolKind.VARIABLE
            found.append(Symbol(target.id, kind, context.layout.span(node), context.layout.span(target)))
    return found


def imported(body: Iterable[ast.stmt], context: Context, typing_only: bool = False) -> Iterator[Imported]:
    """The imports that run when the module is imported, wherever they stand outside functions."""
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Imported(alias.name, (), context.span(node), typing_only)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield Imported(module, tuple(alias.name for alias in node.names), context.span(node), typing_only)
        elif isinstance(node, ast.If):
            if _is_main(node.test):
                yield from imported(node.orelse, context, typing_only)
                continue
            checking = (context.qualified(node.test) or "").endswith("typing.TYPE_CHECKING")
            yield from imported(node.body, context, typing_only or checking)
            yield from imported(node.orelse, context, typing_only)
        elif isinstance(node, ast.With):
            yield from imported(node.body, context, typing_only)
        elif isinstance(node, ast.Try | ast.TryStar):
            for part in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                yield from imported(part, context, typing_only)


def _is_main(test: ast.expr) -> bool:
    """``__name__ == "__main__"``: what stands under it does not run when the module is imported."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    )


def _function_facts(
    node: Function, name: Span, parameters: tuple[str, ...], context: Context, in_class: bool
) -> Member:
    kind = SymbolKind.METHOD if in_class else SymbolKind.FUNCTION
    own = parameters[0] if in_class and parameters and not parameters[0].startswith("*") else ""
    use = _use(node, own, context) if own else _UNUSED
    return Member(
        node.name,
        kind,
        name,
        _decorators(node, context),
        parameters,
        frozenset(use.reads),
        frozenset(use.writes),
        frozenset(use.calls),
        tuple(use.raises),
        use.returns_value,
        isinstance(node, ast.AsyncFunctionDef),
        _is_stub(node),
        tuple(use.tested),
    )


class _Use:
    """What a method does with its object, and how it ends."""

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.calls: set[str] = set()
        self.raises: list[str] = []
        self.returns_value = False
        self.tested: list[tuple[str, Span]] = []


def _use(method: Function, own: str, context: Context) -> _Use:
    # A member piece holds one method in all but odd cases, where its facts are those of the piece.
    use, found, parents = _Use(), context.walk.found, context.walk.parents
    for node in cast("Sequence[ast.Attribute]", found.get(ast.Attribute, ())):
        if node.value.__class__ is ast.Name and node.value.id == own:  # type: ignore[attr-defined]
            (use.reads if node.ctx.__class__ is ast.Load else use.writes).add(node.attr)
            if parents[node].__class__ in _TESTS and is_tested(node, context):
                use.tested.append((node.attr, context.span(node)))
    for call, _ in context.walk.calls:
        callee = call.func
        if isinstance(callee, ast.Attribute):
            if isinstance(callee.value, ast.Name) and callee.value.id == own:
                use.calls.add(f".{callee.attr}")
            elif _is_super(callee.value):
                use.calls.add(f"super().{callee.attr}")
            elif callee.attr.startswith("__"):
                use.calls.add(context.qualified(callee) or ast.unparse(callee))
    for node in found.get(ast.Raise, ()):
        if isinstance(node, ast.Raise) and node.exc is not None:
            target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            use.raises.append(context.qualified(target) or "")
    if ast.Return in found:
        alone = len(context.walk.metrics) == 1
        use.returns_value = any(
            node.value is not None and (alone or context.function(node) is method)
            for node in cast("Sequence[ast.Return]", found[ast.Return])
        )
    return use


_UNUSED = _Use()


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_stub(node: Function) -> bool:
    for each in node.body:
        if not isinstance(each, _NOTHING) and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):
            return False
    return True


def _decorators(node: Function | ast.ClassDef, context: Context) -> tuple[str, ...]:
    if not node.decorator_list:
        return ()
    targets = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return tuple(context.qualified(target) or ast.unparse(target) for target in targets)


def _parameters(node: Function) -> tuple[str, ...]:
    arguments = node.args
    if not (arguments.posonlyargs or arguments.vararg or arguments.kwonlyargs or arguments.kwarg):
        return tuple([each.arg for each in arguments.args])
    shown = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg is not None:
        shown.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        shown.append("*")
    shown += [a.arg for a in arguments.kwonlyargs]
    if arguments.kwarg is not None:
        shown.append(f"**{arguments.kwarg.arg}")
    return tuple(shown)
