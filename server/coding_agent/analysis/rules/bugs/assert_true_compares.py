"""``assertTrue`` gets two values, and the second is only the message.

``self.assertTrue(total, 3)`` passes for every true ``total``. ``assertEqual`` compares.

The fix uses ``assertEqual``; a test that never could fail may begin to.

Source: Python documentation, ``unittest.TestCase.assertTrue``; pylint W1503.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if len(node.args) != 2 or node.keywords or not isinstance(node.func, ast.Attribute):
        return
    second = node.args[1]
    # A tuple is often written to show the values when the test fails.
    number = isinstance(second, ast.Constant) and not isinstance(second.value, str) and second.value is not None
    if number or isinstance(second, ast.List | ast.Dict | ast.Set | ast.UnaryOp):
        name = node.func.attr
        message = f"{name} does not compare: the second value is its message"
        yield context.finding(node, message, lambda: _fix(node, context))


def _fix(node: ast.Call, context: Context) -> Fix | None:
    assert isinstance(node.func, ast.Attribute)
    if node.func.attr != "assertTrue":
        return None
    stop = context.span(node.func).stop
    edit = Edit(Span(stop - len("assertTrue"), stop), "assertEqual")
    return Fix("Use assertEqual()", (edit,), Applicability.UNSAFE)


RULE = Rule(
    name="assert-true-compares",
    check=check,
    calls=(".assertTrue", ".assertFalse"),
    twins=("pylint:W1503",),
    examples=(
        Example(
            "two values",
            before="class Sums(TestCase):\n    def test_sum(self):\n        $0self.assertTrue(sum([1, 2]), 3)$0\n",
            after="class Sums(TestCase):\n    def test_sum(self):\n        self.assertEqual(sum([1, 2]), 3)\n",
        ),
        Example(
            "not false either",
            before="class Sums(TestCase):\n    def test_sum(self):\n        $0self.assertFalse(sum([]), 0)$0\n",
        ),
        Example(
            "a message",
            before="class Sums(TestCase):\n    def test_sum(self):\n        self.assertTrue(sum([1]), 'sum')\n",
        ),
        Example(
            "a message in a variable",
            before="class Sums(TestCase):\n    def test_sum(self):\n        self.assertTrue(sum([1]), self.message)\n",
        ),
    ),
)
