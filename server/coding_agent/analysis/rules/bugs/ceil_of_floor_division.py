"""``ceil`` of ``//`` rounds down: the division has done it before.

``math.ceil(7 // 2)`` is 3. What was meant is ``math.ceil(7 / 2)``, or ``-(-7 // 2)`` for large whole numbers.

``round`` of it is reported where whole numbers are divided: of others it may only make a whole number.

The fix divides with ``/``.

Source: Python documentation, ``math.ceil``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_KEEP_WHOLE = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    divided = node.args[0] if node.args else None
    if not isinstance(divided, ast.BinOp) or not isinstance(divided.op, ast.FloorDiv) or len(node.args) > 1:
        return
    # round() may also be there to make a whole number of a float that was rounded down on purpose.
    if context.qualified(node.func) == "builtins.round" and not _is_whole(divided.left, context):
        return
    name = context.source(node.func)
    yield context.finding(node, f"'//' has rounded down before {name}() sees it", lambda: _fix(divided, context))


def _is_whole(node: ast.expr, context: Context) -> bool:
    """Whether a value is a whole number for certain."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _KEEP_WHOLE) and _is_whole(node.left, context) and _is_whole(node.right, context)
    if isinstance(node, ast.Call):
        return context.qualified(node.func) in ("builtins.len", "builtins.int")
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


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
        Example(
            "half of a count",
            before="def middle(rows):\n    return $0round(len(rows) // 2)$0\n",
            after="def middle(rows):\n    return round(len(rows) / 2)\n",
        ),
        Example("a whole number of a float", before="def half(scale, width):\n    return round(scale * width // 2)\n"),
        Example("digits given", before="def cut(a, b):\n    return round(a // b, -2)\n"),
    ),
)
