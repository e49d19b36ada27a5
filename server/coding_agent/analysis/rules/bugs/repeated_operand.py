"""An operand of ``and``, ``or`` or a comparison chain stands there twice.

``a.x == b.x and a.y == b.y and a.x == b.x`` most likely wants a third thing, copied and not changed.

Source: CWE-682, incorrect calculation; Sonar's rule S1764.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_plain, repeats


def check(node: ast.BoolOp, context: Context) -> Iterable[Finding]:
    # Two of one kind at least; a set is made faster than all pairs.
    return _found(node, context) if len({value.__class__ for value in node.values}) < len(node.values) else ()


def _found(node: ast.BoolOp, context: Context) -> Iterator[Finding]:
    word = "and" if isinstance(node.op, ast.And) else "or"
    for value, first in repeats([each for each in node.values if each.__class__ is not ast.Constant]):
        if is_plain(value):
            message = f"'{context.source(value)}' stands twice in this '{word}'"
            yield context.finding(value, message, related=[(first, "the first one")])


RULE = Rule(
    name="repeated-operand",
    check=check,
    nodes=(ast.BoolOp,),
    twins=("sonar:S1764", "pylint:R0124"),
    examples=(
        Example(
            "copied and not changed",
            before="def equal(a, b):\n    return a.x == b.x and a.y == b.y and $0a.x == b.x$0\n",
        ),
        Example("calls", before="def pair(file):\n    return file.read() or file.read()\n"),
        Example("three things", before="def equal(a, b):\n    return a.x == b.x and a.y == b.y and a.z == b.z\n"),
    ),
)
