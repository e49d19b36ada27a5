"""``seconds`` of a time difference leaves the days out.

``(end - start).seconds`` of two days and one second is 1, and of minus one second 86399.
``total_seconds()`` counts all of it.

The fix asks for ``total_seconds()``; it gives a fraction where ``seconds`` gave a whole number.

Source: Python documentation, ``datetime.timedelta``: "seconds" is between 0 and 86399.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.BinOp, context: Context) -> Iterable[Finding]:
    if not isinstance(node.op, ast.Sub):
        return ()
    use = context.parent(node)
    if isinstance(use, ast.Attribute) and use.attr == "seconds" and isinstance(use.ctx, ast.Load):
        message = "'seconds' leaves out the days of a time difference"
        return (context.finding(use, message, lambda: _fix(use, context)),)
    return ()


def _fix(use: ast.Attribute, context: Context) -> Fix:
    stop = context.span(use).stop
    edit = Edit(Span(stop - len("seconds"), stop), "total_seconds()")
    return Fix("Use total_seconds()", (edit,), Applicability.UNSAFE)


RULE = Rule(
    name="timedelta-seconds",
    check=check,
    nodes=(ast.BinOp,),
    examples=(
        Example(
            "how long it took",
            before="def took(start, end):\n    return $0(end - start).seconds$0\n",
            after="def took(start, end):\n    return (end - start).total_seconds()\n",
        ),
        Example("all of it", before="def took(start, end):\n    return (end - start).total_seconds()\n"),
        Example("the days", before="def took(start, end):\n    return (end - start).days\n"),
    ),
)
