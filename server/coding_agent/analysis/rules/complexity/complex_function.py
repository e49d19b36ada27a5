"""A function is harder to follow than a reader can hold in mind.

Cognitive complexity counts what breaks the straight line of reading: each branch, loop and
handler, more the deeper it is nested, and each change of operator in a condition. What helps most
is shown by the count: take nested blocks out into functions, return early, merge conditions.

Source: Cognitive Complexity, SonarSource, version 1.7. Its limit of 15 is a goal for new code; in
old and well kept code one function in fifty is above 25, so the default reports only what is far above
both (one in a hundred). Set ``max-cognitive`` to the goal of your project.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterator[Finding]:
    metrics, limit = context.metrics(node), context.number("max-cognitive")
    if metrics.cognitive > limit:
        message = (
            f"'{node.name}' is hard to follow: cognitive complexity {metrics.cognitive} (limit {limit}), "
            f"{metrics.lines} lines, nested {metrics.nesting} deep"
        )
        yield context.finding(context.name_span(node), message)


RULE = Rule(
    name="complex-function",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.INFORMATION,
    twins=("ruff:C901",),
    options={"max-cognitive": 40},
    examples=(
        Example(
            "nested branches count more",
            before=(
                "def $0first$0(rows):\n    for row in rows:\n        if row:\n            for cell in row:\n"
                "                if cell and cell.ready:\n                    return cell\n"
            ),
            options={"max-cognitive": 10},
        ),
        Example("a straight line", before="def total(rows):\n    return sum(row.price for row in rows)\n"),
    ),
)
