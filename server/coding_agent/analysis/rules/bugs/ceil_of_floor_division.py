"""``ceil`` of ``//`` rounds down: the division has done it before.

``math.ceil(7 // 2)`` is 3. What was meant is ``math.ceil(7 / 2)``, or ``-(-7 // 2)`` for large whole numbers.

The fix divides with ``/``.

Source: Python documentation, ``math.ceil``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    divided = node.args[0] if node.args else None
    if not isinstance(divided, ast.BinOp) or not isinstance(divided.op, ast.FloorDiv) or len(node.args) > 1:
        return
    name = context.source(node.func)
    yield context.finding(node, f"'//' has rounded down before {name}() sees it", lambda: _fix(divided, context))


def _fix(divided: ast.BinOp, context: Context) -> Fix | None:
    between = Span(context.span(divided.left).stop, context.span(divided.right).start)
    source = context.source(between)
    if source.count("//") != 1 or "#" in source:
        return None
    at = between.start + source.index("//")
    return Fix("Divide with '/'", (Edit(Span(at, at + 2), "/"),), Applicability.UNSAFE)


RULE = Rule(
    name="ceil-of-floor-division",
    check=check,
    calls=("math.ceil", "builtins.round"),
    examples=(
        Example(
            "pages",
            before="import math\n\n\ndef pages(rows, size):\n    return $0math.ceil(len(rows) // size)$0\n",
            after="import math\n\n\ndef pages(rows, size):\n    return math.ceil(len(rows) / size)\n",
        ),
        Example(
            "a true division",
            before="import math\n\n\ndef pages(rows, size):\n    return math.ceil(len(rows) / size)\n",
        ),
        Example("digits given", before="def cut(a, b):\n    return round(a // b, -2)\n"),
    ),
)
