"""A slice is compared with a text longer than the slice can be.

``name[:4] == "https"`` is never true: four characters do not equal five.

The fix asks ``startswith`` or ``endswith``, which count for themselves.

Source: CWE-570, expression is always false.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.Compare, context: Context) -> Iterable[Finding]:
    left = node.left
    if not isinstance(left, ast.Subscript) or not isinstance(left.slice, ast.Slice) or len(node.ops) != 1:
        return ()
    right, longest = node.comparators[0], _longest(left.slice)
    if longest is None or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return ()
    if isinstance(right, ast.Constant) and isinstance(right.value, str | bytes) and len(right.value) > longest:
        always = "never" if isinstance(node.ops[0], ast.Eq) else "always"
        message = f"{always} true: the slice has at most {longest} characters, the text has {len(right.value)}"
        return (context.finding(node, message, lambda: _fix(node, left, right, context)),)
    return ()


def _longest(part: ast.Slice) -> int | None:
    """How many items a slice gives at most; None where that is open."""
    if part.step is not None:
        return None
    lower, upper = _number(part.lower, 0), _number(part.upper, None)
    if lower is None:
        return None
    if part.upper is None:
        return -lower if lower < 0 else None
    if upper is None or (lower < 0) != (upper < 0):
        return None
    return max(0, upper - lower)


def _number(node: ast.expr | None, absent: int | None) -> int | None:
    if node is None:
        return absent
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    return sign * node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _fix(node: ast.Compare, left: ast.Subscript, right: ast.expr, context: Context) -> Fix | None:
    part = left.slice
    assert isinstance(part, ast.Slice)
    if not isinstance(left.value, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        return None
    if part.upper is None:
        method = "endswith"
    elif _number(part.lower, 0) == 0:
        method = "startswith"
    else:
        return None
    between = Span(context.span(left).stop, context.span(right).start)
    cut = Span(context.span(left.value).stop, context.span(left).stop)
    tail = Span(context.span(right).stop, context.span(node).stop)
    if context.source(between).strip() not in ("==", "!=") or context.source(tail) or "#" in context.source(cut):
        return None
    stop = context.span(right).stop
    edits = [Edit(Span(cut.start, between.stop), f".{method}("), Edit(Span(stop, stop), ")")]
    if isinstance(node.ops[0], ast.NotEq):
        if isinstance(context.parent(node), ast.Compare | ast.BinOp | ast.Await | ast.Attribute | ast.Subscript):
            return None
        start = context.span(node).start
        edits.insert(0, Edit(Span(start, start), "not "))
    return Fix(f"Use {method}()", tuple(edits), Applicability.UNSAFE)


RULE = Rule(
    name="slice-length-mismatch",
    check=check,
    nodes=(ast.Compare,),
    twins=("codeql:py/mismatched-slice",),
    examples=(
        Example(
            "too short from the start",
            before="def web(url):\n    return $0url[:4] == 'https'$0\n",
            after="def web(url):\n    return url.startswith('https')\n",
        ),
        Example(
            "too short at the end",
            before="def page(name):\n    return $0name[-4:] != '.html'$0\n",
            after="def page(name):\n    return not name.endswith('.html')\n",
        ),
        Example("in the middle", before="def sure(url):\n    return $0url[1:3] == 'ttp'$0\n"),
        Example("it fits", before="def web(url):\n    return url[:5] == 'https'\n"),
        Example("open", before="def web(url):\n    return url[5:] == 'https'\n"),
        Example("a shorter text", before="def web(url):\n    return url[:5] == 'http'\n"),
    ),
)
