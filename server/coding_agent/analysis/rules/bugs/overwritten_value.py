"""A value is overwritten by the next statement before anything could read it.

``self.width = width`` followed by ``self.width = height``: the second was copied and not changed. A comment
between the two says why they are there.

Source: CWE-563, assignment to variable without use; Sonar's rule S1656 and S4143.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import BLOCKS, blocks, has_remark, is_plain, is_test, same
from coding_agent.text import Span

_NONE: list[ast.stmt] = []


def check(node: ast.FunctionDef | ast.If | ast.With, context: Context) -> Iterable[Finding]:
    body, rest = node.body, getattr(node, "orelse", _NONE)
    # Most blocks are too short for two.
    return _found(node, context) if (len(body) > 1 and _has_two(body)) or (len(rest) > 1 and _has_two(rest)) else ()


def _has_two(block: list[ast.stmt]) -> bool:
    """Whether two assignments to targets of one kind stand one behind the other."""
    before: type[ast.AST] | None = None
    for statement in block:
        kind = statement.targets[0].__class__ if isinstance(statement, ast.Assign) else None
        if kind is before is not None:
            return True
        before = kind
    return False


def _found(node: ast.AST, context: Context) -> Iterator[Finding]:
    for block in blocks(node):
        before: ast.Assign | None = None
        for statement in block:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                before = None
                continue
            if (
                before is not None
                and _overwrites(statement, before)
                and not _is_meant(before, statement, node, context)
            ):
                target = statement.targets[0]
                message = f"'{context.source(target)}' was set just above, and nothing has read it"
                yield context.finding(target, message, related=[(before.targets[0], "set here")])
            before = statement


def _is_meant(before: ast.stmt, statement: ast.stmt, node: ast.AST, context: Context) -> bool:
    """Whether somebody says why there are two, in a comment between them, or it is a test."""
    between = context.source(Span(context.span(before).stop, context.span(statement).start))
    return has_remark(between) or is_test(node, context)


def _overwrites(later: ast.Assign, earlier: ast.Assign) -> bool:
    target, old = later.targets[0], earlier.targets[0]
    if target.__class__ is not old.__class__ or not same(target, old):
        return False
    # A placeholder for what follows, and a call that is wanted for what it does, are written on purpose.
    if _is_placeholder(earlier.value) or not is_plain(earlier.value):
        return False
    if isinstance(target, ast.Name):
        return target.id != "_" and not _reads(later.value, target)
    if isinstance(target, ast.Attribute):
        return isinstance(target.value, ast.Name) and not _reads(later.value, target) and is_plain(later.value)
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
        and is_plain(later.value)
        and not _reads(later.value, target)
    )


def _is_placeholder(value: ast.expr) -> bool:
    """Whether a value is a constant, of an enumeration too: a state to go through, or to begin with."""
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name) and value.value.id[0].isupper()
    return isinstance(value, ast.Constant | ast.List | ast.Dict | ast.Tuple | ast.Set)


def _reads(value: ast.expr, target: ast.expr) -> bool:
    """Whether a value reads the target, or all of the object it is in."""
    whole = target.value if isinstance(target, ast.Subscript) else target
    return any(isinstance(each, ast.expr) and (same(each, target) or same(each, whole)) for each in ast.walk(value))


RULE = Rule(
    name="overwritten-value",
    check=check,
    nodes=BLOCKS,
    cwe=563,
    twins=("sonar:S4143", "codeql:py/multiple-definition"),
    budget=6_000,
    examples=(
        Example(
            "copied and not changed",
            before="def size(box, width, height):\n    box.width = width\n    $0box.width$0 = height\n",
        ),
        Example(
            "a key",
            before=(
                "def row(box):\n    found = {}\n    found['a'] = box.a\n    $0found['a']$0 = box.b\n    return found\n"
            ),
        ),
        Example("step by step", before="def f(x):\n    y = x\n    y = y + x\n    return y\n"),
        Example("a start", before="def f(x):\n    y = 0\n    y = x\n    return y\n"),
        Example(
            "through a state",
            before="def wake(box):\n    box.state = State.paused\n    box.state = State.running\n",
        ),
        Example(
            "as a comment says",
            before=(
                "def raw(card):\n    value = card.value\n    # Parsed now; the text itself is wanted.\n"
                "    value = card.text\n    return value\n"
            ),
        ),
        Example("something in between", before="def f(x, y):\n    x.a = y\n    x.go()\n    x.a = x\n"),
    ),
)
