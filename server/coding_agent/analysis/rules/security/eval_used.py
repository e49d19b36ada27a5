"""``eval`` runs whatever its text says.

Where the text comes from outside the program, or is built from something that does, whoever
writes it runs code with the program's rights. Literals need no ``eval``: ``ast.literal_eval``
reads numbers, strings, tuples, lists, dicts, sets, booleans and None, and nothing else.
A call whose whole text is a constant is left alone.

The fix replaces ``eval`` by ``ast.literal_eval`` and changes behaviour on purpose: expressions
that are not literals raise ValueError.

Source: CWE-95, improper neutralization of directives in dynamically evaluated code.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant):
        return
    yield context.finding(node, "eval() runs whatever its text says", _fix(node, context))


def _fix(node: ast.Call, context: Context) -> Fix | None:
    # Names and globals given along mean that more than a literal is wanted.
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred) or context.rebound("ast"):
        return None
    edit = Edit(context.span(node.func), "ast.literal_eval")
    return Fix("Use ast.literal_eval()", (edit,), Applicability.UNSAFE, ("ast",))


RULE = Rule(
    name="eval-used",
    check=check,
    calls=("builtins.eval",),
    cwe=95,
    twins=("ruff:S307", "bandit:B307"),
    examples=(
        Example(
            "text from outside",
            before="import ast\n\n\ndef read(text):\n    return $0eval(text)$0\n",
            after="import ast\n\n\ndef read(text):\n    return ast.literal_eval(text)\n",
        ),
        Example("names are given along", before="def run(text, names):\n    return $0eval(text, names)$0\n"),
        Example("a constant text", before="three = eval('1 + 2')\n"),
        Example("another eval", before="from pandas import eval\n\n\ndef run(text):\n    return eval(text)\n"),
    ),
)
