"""``=+`` and ``=-`` assign a signed value where ``+=`` and ``-=`` were meant.

``x =+ 1`` sets ``x`` to 1 on every round. It is reported where the sign stands right behind the
equals sign and apart from its operand, which nobody writes for a sign. A part of an array that nothing has set before
is left alone: there is nothing to add to, and its sum begins with a sign.

Source: Python Language Reference, "Augmented assignment statements".
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import LOOPS, is_function, same
from coding_agent.text import Edit, Span

_SIGNS = {ast.UAdd: "+", ast.USub: "-", ast.Invert: "~"}


def check(node: ast.UnaryOp, context: Context) -> Iterable[Finding]:
    sign = _SIGNS.get(type(node.op))  # type: ignore[arg-type]
    parent = context.parent(node)
    if sign not in ("+", "-") or not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return ()
    text, start = context.layout.text, context.span(node).start
    if text[start - 1 : start] != "=" or text[start + 1 : start + 2] not in (" ", "\t"):
        return ()
    if isinstance(parent.targets[0], ast.Subscript) and not _is_set_before(parent.targets[0], parent, context):
        return ()
    at = Span(start - 1, start + 1)
    return (
        context.finding(
            at,
            f"'={sign}' assigns a signed value; '{sign}=' was meant",
            Fix(f"Use '{sign}='", (Edit(at, f"{sign}="),), Applicability.SAFE if sign == "+" else Applicability.UNSAFE),
        ),
    )


def _is_set_before(target: ast.Subscript, node: ast.Assign, context: Context) -> bool:
    """Whether the same part was set further up, or a loop comes by again."""
    for above in context.ancestors(node):
        if isinstance(above, LOOPS):
            return True
        if is_function(above):
            stores = (each for each in ast.walk(above) if isinstance(each, ast.Subscript) and each.lineno < node.lineno)
            return any(isinstance(each.ctx, ast.Store) and same(each, target) for each in stores)
    return False


RULE = Rule(
    name="wrong-assignment-operator",
    check=check,
    nodes=(ast.UnaryOp,),
    twins=("sonar:S2757",),
    examples=(
        Example(
            "a plus",
            before="def count(rows):\n    n = 0\n    for _ in rows:\n        n $0=+$0 1\n    return n\n",
            after="def count(rows):\n    n = 0\n    for _ in rows:\n        n += 1\n    return n\n",
        ),
        Example("a minus", before="def take(n):\n    n $0=-$0 1\n", after="def take(n):\n    n -= 1\n"),
        Example(
            "a part that was set",
            before="def fill(a, x, y):\n    a[0] = x\n    a[0] $0=-$0 y\n",
            after="def fill(a, x, y):\n    a[0] = x\n    a[0] -= y\n",
        ),
        Example("a sum begins", before="def fill(a, x, y):\n    a[0] =- x\n    a[0] += y\n"),
        Example("a sign", before="low = -1\nhigh = +1\n"),
        Example("no blanks at all", before="low=-1\n"),
    ),
)
