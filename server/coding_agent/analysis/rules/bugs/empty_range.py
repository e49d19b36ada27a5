"""A ``range`` counts up to a number below its start, so it is empty.

``range(10, 0)`` gives nothing; counting down needs a step of -1. ``range(len(rows), 0)`` is empty for every list.
A test may hand an empty one to a function on purpose.

The fix adds the step.

Source: Python documentation, ``range``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_test
from coding_agent.text import Edit, Span


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not 2 <= len(node.args) <= 3 or not isinstance(context.parent(node), ast.For | ast.comprehension | ast.Call):
        return
    start, stop = node.args[0], _number(node.args[1])
    step = 1 if len(node.args) == 2 else _number(node.args[2])
    low = _at_least(start, context)
    if stop is None or step is None or low is None:
        return
    if isinstance(context.parent(node), ast.Call) and is_test(node, context):
        return
    exact = _number(start) is not None
    if step > 0 and low > stop:
        yield context.finding(node, "this range is empty: it counts up", lambda: _fix(node, context))
    elif step > 0 and low == stop and not exact:
        yield context.finding(node, "this range is always empty: it counts up", lambda: _fix(node, context))
    elif step < 0 and exact and low < stop:
        yield context.finding(node, "this range is empty: it counts down")


def _at_least(node: ast.expr, context: Context) -> int | None:
    """The smallest value an expression can have."""
    if isinstance(node, ast.Call) and context.qualified(node.func) == "builtins.len":
        return 0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        low, number = _at_least(node.left, context), _number(node.right)
        if low is None or number is None:
            return None
        return low + number if isinstance(node.op, ast.Add) else low - number
    return _number(node)


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _fix(node: ast.Call, context: Context) -> Fix | None:
    if len(node.args) != 2:
        return None
    stop = context.span(node.args[1]).stop
    return Fix("Count down", (Edit(Span(stop, stop), ", -1"),), Applicability.UNSAFE)


RULE = Rule(
    name="empty-range",
    check=check,
    calls=("builtins.range",),
    examples=(
        Example("what a test is about", before="def test_empty():\n    assert make(range(5, 1)) == []\n"),
        Example(
            "down from a number",
            before="for second in $0range(10, 0)$0:\n    print(second)\n",
            after="for second in range(10, 0, -1):\n    print(second)\n",
        ),
        Example(
            "down from a length",
            before="def last(rows):\n    return [rows[i - 1] for i in $0range(len(rows), 0)$0]\n",
            after="def last(rows):\n    return [rows[i - 1] for i in range(len(rows), 0, -1)]\n",
        ),
        Example("the wrong step", before="for second in $0range(0, 10, -1)$0:\n    print(second)\n"),
        Example("with a step", before="for second in range(10, 0, -1):\n    print(second)\n"),
        Example("up", before="def rest(rows):\n    return [rows[i] for i in range(1, len(rows))]\n"),
    ),
)
