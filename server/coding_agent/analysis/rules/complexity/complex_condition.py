"""One condition joins more questions than a reader can answer at once.

Give parts of it names (``is_ready = ...``) or put them into a function that says what they ask together.
Off by default: in well kept code most long conditions are set line by line and explained, and need no second name.

Source: Fowler, Refactoring, "Decompose Conditional"; pylint R0916.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.BoolOp, context: Context) -> Iterable[Finding]:
    parent = context.parent(node)
    if parent.__class__ is ast.BoolOp or parent.__class__ is ast.UnaryOp:
        return ()
    limit = context.number("max-operands")
    mixed = any(value.__class__ is ast.BoolOp or value.__class__ is ast.UnaryOp for value in node.values)
    # A list of alternatives is long and simple; it is mixing that makes it hard.
    if not mixed or not isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert | ast.comprehension):
        return ()
    count, runs = _operands(node)
    if count <= limit or runs < 2:
        return ()
    return (context.finding(node, f"this condition joins {count} questions with 'and' and 'or' (limit {limit})"),)


def _operands(node: ast.expr) -> tuple[int, int]:
    """How many questions a condition asks, and how many operators' runs join them."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _operands(node.operand)
    if not isinstance(node, ast.BoolOp):
        return 1, 0
    parts = [_operands(value) for value in node.values]
    return sum(count for count, _ in parts), 1 + sum(runs for _, runs in parts)


RULE = Rule(
    name="complex-condition",
    check=check,
    nodes=(ast.BoolOp,),
    severity=Severity.HINT,
    twins=("ruff:PLR0916", "pylint:R0916", "sonar:S1067"),
    options={"max-operands": 8},
    on=False,
    examples=(
        Example(
            "eight of both kinds",
            before=(
                "def f(a, b, c, d, e, g, h, i):\n    if $0a and b and (c or d) and not (e or g) and h and i$0:\n"
                "        return a\n"
            ),
            options={"max-operands": 7},
        ),
        Example(
            "a list of alternatives",
            before="def f(a, b, c, d, e, g, h, i):\n    if a or b or c or d or e or g or h or i:\n        return a\n",
        ),
        Example(
            "seven",
            before="def f(a, b, c, d, e, g, h):\n    if a and b and (c or d) and e and g and h:\n        return a\n",
        ),
    ),
)
