"""Code stands under more conditions and loops than a reader can keep in mind.

Six levels deep, what must be true to get there is spread over a page. Leave early (guard clauses), merge conditions,
take the inner part out into a function. A function of fewer than forty statements is seen at a glance, however deep,
and so are loops in one another with hardly a question in them: fewer than three conditions or handlers on the way.
Functions that ``complex-function`` reports are not reported again, nor are tests, which go through combinations, nor
functions with a comment that declines the same remark of pylint or ruff, or that says, like the head of a file may,
that they were taken over from elsewhere, nor kernels that are compiled for other hardware.

Source: Linux kernel coding style, chapter 1, on more than three levels of indentation; pylint R1702.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.reading import is_spared, questions, statements, too_much
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_test


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    metrics, limit = context.metrics(node), context.number("max-nesting")
    if metrics.nesting <= limit or is_test(node, context):
        return ()
    # The definition itself is a statement, too.
    if 1 + statements(node) <= context.number("min-statements"):
        return ()
    if questions(node.body, limit) < context.number("min-questions"):
        return ()
    if too_much(node, context, context.number("max-cognitive")) or is_spared(node, context):
        return ()
    message = f"'{node.name}' is nested {metrics.nesting} deep (limit {limit})"
    return (context.finding(context.name_span(node), message),)


RULE = Rule(
    name="deep-nesting",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.INFORMATION,
    twins=("ruff:PLR1702", "pylint:R1702"),
    options={"max-nesting": 5, "min-statements": 40, "min-questions": 3, "max-cognitive": 80},
    examples=(
        Example(
            "six deep",
            before=(
                "def $0find$0(a):\n    for b in a:\n        for c in b:\n            if c:\n"
                "                for e in c:\n"
                "                    if e:\n                        if e.f:\n                            return e\n"
            ),
            options={"min-statements": 7},
        ),
        Example(
            "loops with hardly a question",
            before=(
                "def find(a):\n    for b in a:\n        for c in b:\n            for d in c:\n"
                "                for e in d:\n"
                "                    for f in e:\n                        if f:\n                            return f\n"
            ),
            options={"min-statements": 7},
        ),
        Example(
            "seen at a glance",
            before=(
                "def find(a):\n    for b in a:\n        for c in b:\n            for d in c:\n"
                "                for e in d:\n"
                "                    for f in e:\n                        if f:\n                            return f\n"
            ),
        ),
        Example(
            "taken over",
            before=(
                'def find(a):\n    """Ported from lockfile.c."""\n    for b in a:\n        for c in b:\n'
                "            if c:\n                return c\n"
            ),
            options={"max-nesting": 2, "min-statements": 3, "min-questions": 1},
        ),
        Example(
            "said to be complex already",
            before="def find(a):\n    for b in a:\n        for c in b:\n            if c:\n                return c\n",
            options={"max-nesting": 2, "min-statements": 3, "min-questions": 1, "max-cognitive": 5},
        ),
        Example(
            "a test of all combinations",
            before=(
                "def test_find():\n    for a in A:\n        for b in B:\n            if a and b:\n"
                "                assert find(a, b)\n"
            ),
            options={"max-nesting": 2, "min-statements": 3, "min-questions": 1},
        ),
        Example(
            "declined to pylint",
            before=(
                "def find(a):\n    for b in a:  # pylint: disable=too-many-nested-blocks\n        for c in b:\n"
                "            if c:\n                return c\n"
            ),
            options={"max-nesting": 2, "min-statements": 3, "min-questions": 1},
        ),
        Example(
            "another remark declined",
            before=(
                "def $0find$0(a):\n    for b in a:  # pylint: disable=invalid-name\n        for c in b:\n"
                "            if c:\n                return c\n"
            ),
            options={"max-nesting": 2, "min-statements": 3, "min-questions": 1},
        ),
        Example(
            "five deep is much, but not too much",
            before="def find(a):\n    for b in a:\n        if b:\n            return b\n",
        ),
    ),
)
