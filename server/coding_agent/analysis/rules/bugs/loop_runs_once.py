"""A loop that looks for something is always left in its first round.

The ``return`` or ``break`` behind the ``if`` belongs one step to the left, behind the loop: as it stands only the
first element is ever looked at. Any other answer than None, True or False is meant to be the first's.

Source: CWE-670, always-incorrect control flow; Sonar's rule S1751.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import LOOPS, here


def check(node: ast.For | ast.AsyncFor, context: Context) -> Iterator[Finding]:
    last = node.body[-1]
    if len(node.body) < 2 or not isinstance(last, ast.Return | ast.Break):
        return
    # Something must look for an element before: an if that leaves, without an else of its own.
    searched = node.body[-2]
    if not isinstance(searched, ast.If) or searched.orelse or not isinstance(searched.body[-1], ast.Return | ast.Break):
        return
    # Only the first is looked at where the loop is left without an answer, or with one of its own.
    if isinstance(last, ast.Break) and isinstance(searched.body[-1], ast.Return):
        return
    if not _continues(node.body) and (isinstance(last, ast.Break) or _finds_nothing(last)):
        word = "return" if isinstance(last, ast.Return) else "break"
        yield context.finding(
            last, f"this '{word}' ends the loop in its first round", related=[(node.target, "the loop")]
        )


def _finds_nothing(last: ast.Return) -> bool:
    """Whether an answer is that nothing was found: any other is that for the first element."""
    return last.value is None or (isinstance(last.value, ast.Constant) and last.value.value in (None, False, True))


def _continues(body: list[ast.stmt]) -> bool:
    """Whether a ``continue`` of this loop stands in its body."""
    inner = {id(each) for loop in here(body) if isinstance(loop, LOOPS) for each in here([*loop.body])}
    return any(isinstance(each, ast.Continue) and id(each) not in inner for each in here(body))


RULE = Rule(
    name="loop-runs-once",
    check=check,
    nodes=(ast.For, ast.AsyncFor),
    twins=("sonar:S1751",),
    examples=(
        Example(
            "a return too far to the right",
            before=(
                "def has(rows, name):\n    for row in rows:\n        if row.name == name:\n            return True\n"
                "        $0return False$0\n"
            ),
        ),
        Example(
            "behind the loop",
            before=(
                "def has(rows, name):\n    for row in rows:\n        if row.name == name:\n            return True\n"
                "    return False\n"
            ),
        ),
        Example(
            "the first on purpose",
            before="def first(rows):\n    for row in rows:\n        return row\n    return None\n",
        ),
        Example(
            "what the first has",
            before=(
                "def versions(rows):\n    for row in rows:\n        found = row.versions\n        if found is None:\n"
                "            return None\n        return found\n    return []\n"
            ),
        ),
        Example(
            "whether the first fits",
            before=(
                "def fits(rows):\n    for row in rows:\n        if row.kind != 'head':\n            return False\n"
                "        break\n    for row in rows:\n        row.go()\n    return True\n"
            ),
        ),
        Example(
            "some are passed over",
            before=(
                "def first(rows):\n    for row in rows:\n        if row.old:\n            continue\n"
                "        if row.new:\n            return True\n        return False\n"
            ),
        ),
    ),
)
