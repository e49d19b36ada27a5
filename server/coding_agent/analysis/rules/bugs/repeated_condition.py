"""A branch of an ``if`` chain asks what an earlier branch asked.

When the condition is true the earlier branch runs, so the later one never does. One of the two was
meant to ask for something else.

Source: CWE-561, dead code; Sonar's rule S1862.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_plain, repeats


def check(node: ast.If, context: Context) -> Iterable[Finding]:
    return _found(node, context) if len(node.orelse) == 1 and node.orelse[0].__class__ is ast.If else ()


def _found(node: ast.If, context: Context) -> Iterator[Finding]:
    parent = context.parent(node)
    if len(node.orelse) != 1 or (isinstance(parent, ast.If) and len(parent.orelse) == 1 and parent.orelse[0] is node):
        return
    tests = [node.test]
    rest = node.orelse
    while len(rest) == 1 and isinstance(rest[0], ast.If):
        tests.append(rest[0].test)
        rest = rest[0].orelse
    for test, earlier in repeats(tests):
        if is_plain(test) and not isinstance(test, ast.Constant):
            message = f"never true here: '{context.source(test)}' was asked before"
            yield context.finding(test, message, related=[(earlier, "asked here")])


RULE = Rule(
    name="repeated-condition",
    check=check,
    nodes=(ast.If,),
    twins=("sonar:S1862", "pylint:R1714"),
    examples=(
        Example(
            "the same again",
            before=(
                "def name(code):\n    if code == 1:\n        return 'one'\n    elif code == 2:\n        return 'two'\n"
                "    elif $0code == 1$0:\n        return 'three'\n"
            ),
        ),
        Example(
            "a call may answer differently",
            before=(
                "def read(file):\n    if file.next() == 1:\n        return 'one'\n    elif file.next() == 1:\n"
                "        return 'two'\n"
            ),
        ),
        Example(
            "three questions",
            before=(
                "def name(code):\n    if code == 1:\n        return 'one'\n    elif code == 2:\n        return 'two'\n"
                "    elif code == 3:\n        return 'three'\n"
            ),
        ),
    ),
)
