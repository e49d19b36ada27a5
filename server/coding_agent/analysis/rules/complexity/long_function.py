"""A function is longer than several screens.

Whoever changes its end has forgotten its beginning. Parts with a comment above them are functions that have no
name yet. Functions that ``complex-function`` reports are not reported again; docstrings and tables do not count.
Off by default, since a long straight line may well be the clearest way to say it.

Source: McConnell, Code Complete, chapter 7.4, "How Long Can a Routine Be?"; pylint R0915.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.reading import statements, too_much
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    metrics, limit = context.metrics(node), context.number("max-statements")
    # A statement takes a line at least, but for those behind a semicolon.
    if metrics.lines <= limit:
        return ()
    if too_much(node, context, context.number("max-cognitive")):
        return ()
    return _found(node, limit, context)


def _found(node: ast.FunctionDef | ast.AsyncFunctionDef, limit: int, context: Context) -> Iterator[Finding]:
    count = statements(node)
    if count > limit:
        message = f"'{node.name}' has {count} statements on {context.metrics(node).lines} lines (limit {limit})"
        yield context.finding(context.name_span(node), message)


RULE = Rule(
    name="long-function",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.INFORMATION,
    twins=("ruff:PLR0915", "pylint:R0915"),
    options={"max-statements": 120, "max-cognitive": 80},
    on=False,
    budget=5_000,
    examples=(
        Example(
            "more than allowed",
            before="def $0go$0(a):\n    a.b()\n    if a:\n        a.c()\n    a.d()\n",
            options={"max-statements": 3},
        ),
        Example(
            "long for its table",
            before="def go():\n    return [\n        1,\n        2,\n        3,\n        4,\n    ]\n",
            options={"max-statements": 3},
        ),
        Example("short", before="def go(a):\n    a.b()\n"),
    ),
)
