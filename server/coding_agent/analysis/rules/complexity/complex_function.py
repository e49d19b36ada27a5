"""A function is harder to follow than a reader can hold in mind.

Cognitive complexity counts what breaks the straight line of reading: each branch, loop and
handler, more the deeper it is nested, and each change of operator in a condition. What helps most
is shown by the count: take nested blocks out into functions, return early, merge conditions.
A function that stands in another one is read on its own: it counts without the depth at which it
stands, and not at all where it is reported itself. Guards, which do nothing but leave, are what makes the
rest easier, and a chain of branches that asks about one thing is one choice: neither adds to it. A function most of
which stands inside nothing else is read from top to bottom, and may have twice as much; so may one that has fewer
statements under four blocks than a twentieth of the limit. Tests are left alone, and so is a function with a comment
that declines the same remark of pylint or ruff, or that says, like the head of a file may, that it was taken over:
code from elsewhere is kept like its original. So is a kernel that is compiled for other hardware: it is one unit.

Source: Cognitive Complexity, SonarSource, version 1.7. Its limit of 15 is a goal for new code; in
old and well kept code one function in fifty is above 25, so the default reports only what is far above
both: more than five times the goal. Set ``max-cognitive`` to the goal of your project.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.reading import is_spared, too_much
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_test


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    limit = context.number("max-cognitive")
    cost = too_much(node, context, limit)
    return _found(node, cost, limit, context) if cost else ()


def _found(node: ast.FunctionDef | ast.AsyncFunctionDef, cost: int, limit: int, context: Context) -> Iterator[Finding]:
    if is_test(node, context) or is_spared(node, context):
        return
    metrics = context.metrics(node)
    message = (
        f"'{node.name}' is hard to follow: cognitive complexity {cost} (limit {limit}), "
        f"{metrics.lines} lines, nested {metrics.nesting} deep"
    )
    yield context.finding(context.name_span(node), message)


RULE = Rule(
    name="complex-function",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.INFORMATION,
    twins=("ruff:C901",),
    options={"max-cognitive": 80},
    budget=5_000,
    examples=(
        Example(
            "nested branches count more",
            before=(
                "def $0first$0(rows):\n    for row in rows:\n        if row:\n            for cell in row:\n"
                "                if cell and cell.ready:\n                    return cell\n"
            ),
            options={"max-cognitive": 10},
        ),
        Example(
            "a function in it is reported itself",
            before=(
                "def make(rows):\n    def $0first$0():\n        for row in rows:\n            if row:\n"
                "                for cell in row:\n                    if cell and cell.ready:\n"
                "                        return cell\n\n    return first if rows else None\n"
            ),
            options={"max-cognitive": 10},
        ),
        Example(
            "a kernel",
            before=(
                "import triton\n\n\n@triton.jit\ndef first(rows):\n    for row in rows:\n        if row:\n"
                "            for cell in row:\n                if cell and cell.ready:\n"
                "                    return cell\n"
            ),
            options={"max-cognitive": 10},
        ),
        Example(
            "functions in it are read on their own",
            before=(
                "def make(rows):\n    def one():\n        for row in rows:\n            if row:\n"
                "                return row\n\n    def two():\n        for row in rows:\n            if not row:\n"
                "                return row\n\n    return one if rows else two\n"
            ),
            options={"max-cognitive": 8},
        ),
        Example(
            "a list of choices",
            before=(
                "def mask(a, b, c):\n    return sum((a is not None and 1, b and 2 or 0, c and 4 or 0, 8 if a else 0))\n"
            ),
            options={"max-cognitive": 3},
        ),
        Example(
            "guards, and a choice",
            before=(
                "def width(sign, rows):\n    for row in rows:\n        if not row:\n            continue\n"
                "        if row.wide:\n            return 2\n    if sign == '+':\n        return 1\n"
                "    elif sign == '-':\n        return 1\n    elif sign == '~':\n        return 2\n"
                "    else:\n        return 0\n"
            ),
            options={"max-cognitive": 2},
        ),
        Example(
            "branches that do something",
            before=(
                "def $0width$0(rows):\n    total = 0\n    for row in rows:\n        if row:\n"
                "            total += 1\n        if row.wide:\n            total += 2\n    return total\n"
            ),
            options={"max-cognitive": 4},
        ),
        Example(
            "most of it inside nothing else",
            before=(
                "def show(box):\n    if box.a:\n        box.a()\n    if box.b:\n        box.b()\n    if box.c:\n"
                "        box.c()\n    for row in box:\n        if row:\n            row()\n"
            ),
            options={"max-cognitive": 3},
        ),
        Example(
            "declined to pylint",
            before=(
                "def first(rows):\n    # pylint: disable=too-many-locals,too-many-branches\n    for row in rows:\n"
                "        if row:\n            return row\n"
            ),
            options={"max-cognitive": 1},
        ),
        Example(
            "declined for a function in it",
            before=(
                "def $0make$0(rows):\n    def one():  # noqa: C901\n        for row in rows:\n            if row:\n"
                "                return row\n\n    for row in rows:\n        if row:\n            one()\n"
            ),
            options={"max-cognitive": 2},
        ),
        Example(
            "hardly anything of it deep",
            before=(
                "def show(box):\n"
                + "    for row in box:\n        if row:\n            if row.a:\n                row()\n"
                "            else:\n                box(row)\n" * 4
            ),
            options={"max-cognitive": 20},
        ),
        Example(
            "kept like its original",
            before=(
                "def merge(rows):\n    # A translation of the sort in listobject.c.\n    for row in rows:\n"
                "        if row:\n            return row\n"
            ),
            options={"max-cognitive": 1},
        ),
        Example("a straight line", before="def total(rows):\n    return sum(row.price for row in rows)\n"),
    ),
)
