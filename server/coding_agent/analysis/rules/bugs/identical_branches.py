"""All branches of an ``if`` do the same.

The condition decides nothing: one of the branches was meant to differ, or the condition is a leftover.
Where all branches are one statement that only leaves (``pass``, ``continue``, ``return``) it is not reported, nor
where the condition is about the version or platform: type checkers read one of such branches, with its comments.
Where a comment stands in them somebody knows.

The fix keeps one of them. It is safe where evaluating the condition can have no effect.

Source: CWE-1164, irrelevant code; pylint's and Sonar's rules against it (S3923).
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import (
    choices,
    has_comment,
    has_remark,
    has_strings_over_lines,
    indentation,
    is_inert,
    is_plain,
    line_span,
    same_all,
)
from coding_agent.text import Edit, split_lines

_VERSIONS = ("sys.version_info", "sys.platform")


def check(node: ast.If, context: Context) -> Iterable[Finding]:
    # An "if" without else, or with another number of statements there, is all there is to most.
    rest = node.orelse
    if not rest or (len(rest) != len(node.body) and rest[0].__class__ is not ast.If):
        return ()
    return _found(node, context)


def _found(node: ast.If, context: Context) -> Iterator[Finding]:
    parent = context.parent(node)
    if isinstance(parent, ast.If) and len(parent.orelse) == 1 and parent.orelse[0] is node:
        return
    tests, bodies, rest = choices(node)
    branches = [*bodies, rest]
    if not rest or not all(same_all(node.body, each) for each in branches[1:]):
        return
    if len(node.body) == 1 and isinstance(node.body[0], ast.Pass | ast.Continue | ast.Break):
        return
    # What is explained is known; a "#" in a string is taken for a comment.
    if has_remark(context.source(node)) or any(
        context.qualified(each) in _VERSIONS for test in tests for each in _names(test)
    ):
        return
    what = "both branches do" if len(branches) == 2 else "all branches do"
    yield context.finding(node.test, f"{what} the same, whatever this is", lambda: _fix(node, tests, context))


def _names(test: ast.expr) -> Iterator[ast.Name | ast.Attribute]:
    return (each for each in ast.walk(test) if isinstance(each, ast.Name | ast.Attribute))


def _fix(node: ast.If, tests: list[ast.expr], context: Context) -> Fix | None:
    whole = line_span(context, node, node)
    body = line_span(context, node.body[0], node.body[-1])
    if whole is None or body is None or not all(map(is_plain, tests)) or has_strings_over_lines(node.body):
        return None
    source = context.source(whole)
    if has_comment(source):
        return None
    inner, outer = indentation(context, node.body[0]), indentation(context, node)
    lines = [outer + line.removeprefix(inner) if line.strip() else line for line in split_lines(context.source(body))]
    applicability = Applicability.SAFE if all(map(is_inert, tests)) else Applicability.UNSAFE
    return Fix("Keep one branch", (Edit(whole, "".join(lines)),), applicability)


RULE = Rule(
    name="identical-branches",
    check=check,
    nodes=(ast.If,),
    twins=("sonar:S3923",),
    examples=(
        Example(
            "both the same",
            before=(
                "def area(shape, exact):\n    if $0exact$0:\n        return shape.area()\n    else:\n"
                "        return shape.area()\n"
            ),
            after="def area(shape, exact):\n    return shape.area()\n",
        ),
        Example(
            "the condition does something",
            before="def step(todo):\n    if $0todo.pop()$0:\n        todo.go()\n    else:\n        todo.go()\n",
        ),
        Example(
            "they differ",
            before=(
                "def area(shape, exact):\n    if exact:\n        return shape.area()\n    else:\n"
                "        return shape.box()\n"
            ),
        ),
        Example(
            "for type checkers",
            before=(
                "import sys\n\nif sys.version_info >= (3, 12):\n    from distutils import log  # type: ignore\n"
                "else:\n    from distutils import log\n"
            ),
        ),
        Example(
            "explained",
            before=(
                "def order(rows, by_graph):\n    if by_graph:\n        # For now by date, too.\n"
                "        found = rows.by_date()\n    else:\n        found = rows.by_date()\n    return found\n"
            ),
        ),
        Example(
            "without else",
            before=(
                "def area(shape, a, b):\n    if a:\n        return shape.area()\n    elif b:\n"
                "        return shape.area()\n"
            ),
        ),
    ),
)
