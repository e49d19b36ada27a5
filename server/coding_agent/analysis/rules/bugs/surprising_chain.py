"""A chain of comparisons means something else than it reads.

``x in names == True`` is ``x in names and names == True``: the answer is never compared with True. Chains are for
what has one direction, as ``low < x < high``; brackets say what is compared with what.

Source: Python Language Reference, "Comparisons"; pylint W3601 (bad-chained-comparison).
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule

_MEMBERSHIP = (ast.In, ast.NotIn)
_ANSWERS = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)


def check(node: ast.Compare, context: Context) -> Iterable[Finding]:
    if len(node.ops) == 1:
        return ()
    for index, op in enumerate(node.ops[:-1]):
        # "a == b in c" is also written on purpose; nobody asks whether a container equals something in passing.
        if isinstance(op, _MEMBERSHIP) and isinstance(node.ops[index + 1], _ANSWERS):
            middle = context.source(node.comparators[index])
            return (context.finding(node, f"this is a chain: '{middle}' is compared on both sides, joined by 'and'"),)
    return ()


RULE = Rule(
    name="surprising-chain",
    check=check,
    nodes=(ast.Compare,),
    twins=("pylint:W3601",),
    examples=(
        Example("asked for being true", before="def has(names, x):\n    return $0x in names == True$0\n"),
        Example("not in", before="def has(names, x, y):\n    return $0x not in names is y$0\n"),
        Example("brackets", before="def has(names, x):\n    return (x in names) == True\n"),
        Example("both ends", before="def quoted(text):\n    return text[0] == text[-1] in ('\"', \"'\")\n"),
        Example("between", before="def inside(low, x, high):\n    return low < x <= high\n"),
    ),
)
