"""Conditional expressions stand inside one another.

``a if b else c if d else e`` is read from the middle, and each further one moves the middle. An ``if`` statement, a
``match`` or a dict says the same in the order it is read.
Off by default: in well kept code most of them are tables, one value to a line.

Source: PEP 308; Sonar's rule S3358.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.IfExp, context: Context) -> Iterable[Finding]:
    parts = (node.body, node.test, node.orelse)
    if not any(part.__class__ is ast.IfExp for part in parts) or context.parent(node).__class__ is ast.IfExp:
        return ()
    count, limit = _count(node), context.number("max-conditions")
    if count <= limit:
        return ()
    return (context.finding(node, f"{count} conditional expressions stand inside one another (limit {limit})"),)


def _count(node: ast.expr) -> int:
    if not isinstance(node, ast.IfExp):
        return 0
    return 1 + _count(node.body) + _count(node.test) + _count(node.orelse)


RULE = Rule(
    name="nested-ternary",
    check=check,
    nodes=(ast.IfExp,),
    severity=Severity.HINT,
    twins=("sonar:S3358",),
    options={"max-conditions": 2},
    on=False,
    examples=(
        Example(
            "three",
            before=(
                "def size(n):\n    return $0'no' if n == 0 else 'one' if n == 1 else 'two' if n == 2 else 'many'$0\n"
            ),
        ),
        Example("two", before="def size(n):\n    return 'no' if n == 0 else 'one' if n == 1 else 'many'\n"),
        Example(
            "side by side",
            before=(
                "def size(n, m, o):\n    return ('no' if n else 'one', 'no' if m else 'one', 'no' if o else 'one')\n"
            ),
        ),
    ),
)
