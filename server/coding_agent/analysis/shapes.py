"""Questions about the shape of code that several rules ask: same text, no effects, where control goes."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard, cast

from coding_agent.analysis.context import Context, Function
from coding_agent.syntax.nodes import children
from coding_agent.text import Span

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
BLOCKS = (*FUNCTIONS, *LOOPS, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.ExceptHandler, ast.match_case)
"""The node types that hold statements, without classes."""
_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_PLAIN = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Constant,
    ast.Compare,
    ast.BoolOp,
    ast.BinOp,
    ast.UnaryOp,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.IfExp,
    ast.expr_context,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
)
_INERT = (ast.Name, ast.Constant, ast.expr_context, ast.Not, ast.UnaryOp, ast.BoolOp, ast.boolop)
_UNSAID = ("ctx", "type_comment", "kind")
"""Fields that say nothing of what a node does."""
_FEW = 16
"""Nodes up to which all pairs are compared."""

_REMARK = re.compile(r"#(?!\s*(?:coding-agent|fmt|isort|mypy|noqa|nosec|pragma|pylint|pyright|ruff|type)\b)")
_PRESCRIBED = re.compile(
    r"\bRFC[ -]?\d{3,}|\bPEP[ -]?\d+|\bISO[ -]?\d{4}|\bspecification\b|\blegacy\b|\bbackwards?[- ]compat", re.IGNORECASE
)
_STANDARDS = re.compile(
    r"(?:^|/)_?rfc\d+[^/]*\.py$|(?:^|/)(?:ntlm|kerberos|krb5|radius|snmp)[^/]*(?:/|\.py$)", re.IGNORECASE
)


def is_function(node: object) -> TypeGuard[Function]:
    return isinstance(node, FUNCTIONS)


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two nodes say the same, wherever they stand and however they are spaced."""
    if one.__class__ is not other.__class__:
        return False
    for field in one._fields:
        if field not in _UNSAID and not _same_values(getattr(one, field, None), getattr(other, field, None)):
            return False
    return True


def same_all(one: list[ast.stmt], other: list[ast.stmt]) -> bool:
    """Whether two blocks say the same."""
    return len(one) == len(other) and all(map(same, one, other))


def _same_values(one: object, other: object) -> bool:
    if isinstance(one, ast.AST):
        return isinstance(other, ast.AST) and same(one, other)
    if isinstance(one, list):
        left, right = cast("list[object]", one), cast("list[object]", other)
        return isinstance(other, list) and len(left) == len(right) and all(map(_same_values, left, right))
    return one.__class__ is other.__class__ and repr(one) == repr(other)


def repeats(nodes: Sequence[ast.expr]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each of some nodes that says what an earlier one does, with the first that does."""
    if len(nodes) <= _FEW:  # Most have few and differ at once.
        for index, node in enumerate(nodes):
            earlier = next((each for each in nodes[:index] if same(each, node)), None)
            if earlier is not None:
                yield node, earlier
        return
    seen: dict[object, ast.expr] = {}
    for node in nodes:
        earlier = seen.setdefault(_said(node), node)
        if earlier is not node:
            yield node, earlier


def _said(value: object) -> object:
    """What `same` compares, as one value."""
    if isinstance(value, ast.AST):
        fields = (each for each in value._fields if each not in _UNSAID)
        return value.__class__, *(_said(getattr(value, each, None)) for each in fields)
    if isinstance(value, list):
        return tuple(map(_said, cast("list[object]", value)))
    return value.__class__, repr(value)


def is_plain(node: ast.expr) -> bool:
    """Whether an expression calls nothing and binds nothing: evaluated twice in a row it gives the same twice."""
    return all(isinstance(each, _PLAIN) for each in ast.walk(node))


def is_inert(node: ast.expr) -> bool:
    """Whether evaluating an expression can have no effect at all, but for a name that is not bound."""
    if isinstance(node, ast.Compare) and all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
        return all(map(is_inert, (node.left, *node.comparators)))
    if isinstance(node, ast.BoolOp):
        return all(map(is_inert, node.values))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) and is_inert(node.operand)
    return isinstance(node, ast.Name | ast.Constant)


def is_path(node: ast.expr) -> bool:
    """Whether an expression is a name, or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def dotted(node: ast.expr) -> str:
    """A name, or attributes of one, as it is written; empty for anything else."""
    tail = ""
    while isinstance(node, ast.Attribute):
        tail = f".{node.attr}{tail}"
        node = node.value
    return node.id + tail if isinstance(node, ast.Name) else ""


def root(node: ast.expr) -> str | None:
    """The name that an attribute, subscript or call chain starts with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def here(body: ast.AST | Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body that run when it runs: not those inside functions, lambdas and classes it defines."""
    stack = [body] if isinstance(body, ast.AST) else list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack += children(node)[::-1]


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists right inside a node."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if block.__class__ is list and block:
            yield block


def choices(node: ast.If) -> tuple[list[ast.expr], list[list[ast.stmt]], list[ast.stmt]]:
    """The tests of if and elif, their bodies, and what stands under else."""
    tests, bodies = [node.test], [node.body]
    rest = node.orelse
    while len(rest) == 1 and isinstance(rest[0], ast.If):
        tests.append(rest[0].test)
        bodies.append(rest[0].body)
        rest = rest[0].orelse
    return tests, bodies, rest


def leaves(block: list[ast.stmt]) -> bool:
    """Whether what stands behind a block is never reached through its end."""
    return bool(block) and _leaves(block[-1])


def _leaves(last: ast.stmt) -> bool:
    if isinstance(last, _LEAVES):
        return True
    if isinstance(last, ast.If):
        return leaves(last.body) and leaves(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        # A context manager may swallow what is raised in it.
        return leaves(last.body) and not isinstance(last.body[-1], ast.Raise)
    return False


def block_of(node: ast.stmt, context: Context) -> list[ast.stmt]:
    """The list a statement stands in; only itself at the top of a piece."""
    parent = context.parent(node)
    if parent is not None:
        for block in (*blocks(parent), *([parent.handlers] if isinstance(parent, ast.Try) else [])):
            if any(each is node for each in block):
                return block  # type: ignore[return-value]
    return [node]


def is_method(function: Function, context: Context) -> bool:
    """Whether a function stands in a class body."""
    parent = context.parent(function)
    while isinstance(parent, ast.If | ast.Try):
        parent = context.parent(parent)
    return isinstance(parent, ast.ClassDef) or (parent is None and context.owner is not None)


def is_probed(node: ast.AST, context: Context) -> bool:
    """Whether an error of a node is waited for: in a ``try``, or ``with`` something that takes it."""
    below = node
    for above in context.ancestors(node):
        if isinstance(above, ast.Try | ast.TryStar) and above.handlers and any(below is each for each in above.body):
            return True
        if isinstance(above, ast.With | ast.AsyncWith):
            taken = " ".join(context.source(item.context_expr) for item in above.items)
            if "aises" in taken or "suppress" in taken:
                return True
        below = above
    return False


def is_test(node: ast.AST, context: Context) -> bool:
    """Whether a node is part of a test, by the names of its file and functions."""
    if context.path.rpartition("/")[2].startswith("test") or "/test" in context.path:
        return True
    functions = [each for each in (node, *context.ancestors(node)) if is_function(each)]
    return any(each.name.startswith("test") for each in functions)


def is_prescribed(node: ast.AST, context: Context) -> bool:
    """Whether the function around, in words, or the file, by its name, says that a standard or an old format asks for
    what it does.
    """
    function = context.function(node)
    said = function is not None and _PRESCRIBED.search(context.source(function)) is not None
    return said or _STANDARDS.search(context.path) is not None


def first_parameter(function: Function) -> str | None:
    """The name of the first positional parameter."""
    every = (*function.args.posonlyargs, *function.args.args)
    return every[0].arg if every else None


def decorator_names(node: Function | ast.ClassDef, context: Context) -> list[str]:
    """What the decorators mean; names and attributes of names as they are written where no import explains them."""
    targets = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return [context.qualified(target) or dotted(target) for target in targets]


def parameters(function: Function) -> list[ast.arg]:
    """All parameters in order."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return every + [each for each in (arguments.vararg, arguments.kwarg) if each is not None]


def assignments(name: str, body: Iterable[ast.AST]) -> list[ast.expr | None]:
    """What is bound to ``name`` in a body: the value of each plain assignment, None for any other binding."""
    found: list[ast.expr | None] = []
    for node in here(body):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            found.append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            found += [node.value] if node.value is not None else []
        elif isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            found.append(None)
        elif isinstance(node, ast.alias | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            bound = (node.asname or node.name) if isinstance(node, ast.alias) else node.name
            found += [None] if bound == name else []
    # Each plain assignment was counted twice: as itself, and as its target.
    plain = sum(value is not None for value in found)
    return [value for value in found if value is not None] + [None] * (found.count(None) - plain)


def only_value(name: str, node: ast.AST, context: Context) -> ast.expr | None:
    """The value of a local variable that is bound once, by an assignment, in the function around ``node``."""
    function = context.function(node)
    if function is None or any(each.arg == name for each in parameters(function)):
        return None
    values = assignments(name, function.body)
    return values[0] if len(values) == 1 else None


# Text.


def is_tested(node: ast.expr, context: Context) -> bool:
    """Whether an expression is asked only for being true: a test, or an operand of ``not``, ``and``, ``or`` in one."""
    parent = context.parent(node)
    while isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)):
        if isinstance(parent, ast.UnaryOp):
            return True
        node, parent = parent, context.parent(parent)
    return isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert) and parent.test is node


def line_span(context: Context, first: ast.stmt, last: ast.stmt) -> Span | None:
    """The whole lines of some statements, with the last line's end; None where they share a line with others."""
    text = context.layout.text
    start, stop = context.span(first).start, context.span(last).stop
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    end = stop
    while end < len(text) and text[end] not in "\r\n":
        end += 1
    if text[begin:start].strip() or text[stop:end].strip():
        return None
    if text.startswith("\r\n", end):
        end += 2
    elif end < len(text):
        end += 1
    return Span(begin, end)


def indentation(context: Context, node: ast.stmt) -> str:
    """The blanks before a statement that starts its line."""
    text, start = context.layout.text, context.span(node).start
    begin = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return text[begin:start]


def has_strings_over_lines(nodes: Iterable[ast.AST]) -> bool:
    """Whether a string or f-string holds line ends, so that its text cannot be indented anew."""
    return any(
        isinstance(each, ast.Constant | ast.JoinedStr) and (each.end_lineno or each.lineno) > each.lineno
        for node in nodes
        for each in ast.walk(node)
    )


def has_remark(text: str) -> bool:
    """Whether a text may hold a comment for readers, not for tools; a ``#`` in a string counts, too."""
    return _REMARK.search(text) is not None


def has_comment(text: str) -> bool:
    """Whether a text may hold a comment; a ``#`` in a string counts, too."""
    return "#" in text
