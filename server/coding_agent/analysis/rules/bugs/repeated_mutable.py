"""Multiplying a list of a list gives the same inner list many times.

``[[0] * width] * height`` looks like a grid and is one row: writing to one cell writes to all rows.
It is reported where an item of it is written to or changed in the same function, or where it becomes an
attribute.

The fix makes a new inner list for each place.

Source: Python documentation, FAQ "How do I create a multidimensional list?".
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import here
from coding_agent.text import Edit, Span

_MAKERS = ("builtins.list", "builtins.dict", "builtins.set", "collections.deque", "collections.defaultdict")
_CHANGES = ("append", "add", "extend", "update", "insert", "remove", "pop", "clear", "discard", "setdefault", "sort")


def check(node: ast.BinOp, context: Context) -> Iterable[Finding]:
    if not isinstance(node.op, ast.Mult) or not isinstance(node.left, ast.List) or len(node.left.elts) != 1:
        return ()
    inner = node.left.elts[0]
    if not _is_mutable(inner, context) or (isinstance(node.right, ast.Constant) and node.right.value == 1):
        return ()
    if _is_changed(node, context):
        message = "all items are one and the same: changing one changes all"
        return (context.finding(node, message, lambda: _fix(node, inner, context)),)
    return ()


def _is_mutable(node: ast.expr, context: Context) -> bool:
    if isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List)
    return isinstance(node, ast.Call) and context.qualified(node.func) in _MAKERS


def _is_changed(node: ast.BinOp, context: Context) -> bool:
    """Whether an item of the list is changed in the function that keeps it."""
    keeper = context.parent(node)
    if not isinstance(keeper, ast.Assign | ast.AnnAssign):
        return False
    target = keeper.targets[0] if isinstance(keeper, ast.Assign) else keeper.target
    if isinstance(target, ast.Attribute):
        # An attribute is changed elsewhere; a list of placeholders gets its items replaced.
        assert isinstance(node.left, ast.List)
        inner = node.left.elts[0]
        return not (isinstance(inner, ast.List | ast.Set) and inner.elts) and not (
            isinstance(inner, ast.Dict) and inner.keys
        )
    function = context.function(node)
    if not isinstance(target, ast.Name) or function is None:
        return False
    return any(_changes(each, target.id, context) for each in here(function.body))


def _changes(node: ast.AST, name: str, context: Context) -> bool:
    """Whether a node is ``name[...]``, and its item is written to or changed."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name) or node.value.id != name:
        return False
    if isinstance(node.slice, ast.Slice):
        return False
    use = context.parent(node)
    if isinstance(use, ast.Subscript):
        return use.value is node and not isinstance(use.ctx, ast.Load)
    return isinstance(use, ast.Attribute) and use.attr in _CHANGES and isinstance(context.parent(use), ast.Call)


def _fix(node: ast.BinOp, inner: ast.expr, context: Context) -> Fix | None:
    item, count = context.span(inner), context.span(node.right)
    start, stop = context.span(node)
    kept = context.source(Span(start, item.start)) + context.source(Span(item.stop, count.start))
    if kept.replace(" ", "") != "[]*" or context.source(Span(count.stop, stop)) or context.rebound("range"):
        return None
    if context.meaning("range", context.scope(node)) != "builtins.range":
        return None
    edits = (
        Edit(Span(item.stop, count.start), " for _ in range("),
        Edit(Span(count.stop, stop), ")]"),
    )
    return Fix("Make a new one for each place", edits, Applicability.UNSAFE)


RULE = Rule(
    name="repeated-mutable",
    check=check,
    nodes=(ast.BinOp,),
    examples=(
        Example(
            "a grid of one row",
            before=(
                "def grid(width, height):\n    cells = $0[[0] * width] * height$0\n    cells[1][1] = 1\n"
                "    return cells\n"
            ),
            after=(
                "def grid(width, height):\n    cells = [[0] * width for _ in range(height)]\n    cells[1][1] = 1\n"
                "    return cells\n"
            ),
        ),
        Example(
            "an attribute",
            before="class Table:\n    def __init__(self, n):\n        self.buckets = $0[[]] * n$0\n",
            after="class Table:\n    def __init__(self, n):\n        self.buckets = [[] for _ in range(n)]\n",
        ),
        Example("numbers", before="def zeros(n):\n    cells = [0] * n\n    cells[0] = 1\n    return cells\n"),
        Example("only read", before="def empty(n):\n    rows = [[]] * n\n    return zip(rows, range(n))\n"),
    ),
)
