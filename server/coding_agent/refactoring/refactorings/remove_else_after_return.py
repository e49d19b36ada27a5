"""Remove else after return: where the branch before always leaves, ``else`` says nothing.

Behind ``return``, ``raise``, ``continue`` or ``break`` the other branch needs no ``else``: it goes
one level out, and an ``elif`` becomes an ``if``.

Offered on an ``if`` (not on an ``elif``) whose own block always leaves. The comment of the
``else`` line becomes a line of its own.

Source: pylint R1705, ruff RET505; the control flow graph must not change.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.refactoring.conditions import (
    behind,
    else_clause,
    has_elif,
    if_clause,
    is_elif,
    line_end,
    reindented,
    replace_lines,
    terminates,
)
from coding_agent.refactoring.refactoring import REWRITE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span


def offer(view: View) -> str | None:
    node = _target(view)
    return None if node is None else f"Remove {'elif' if has_elif(view.source, node) else 'else'} after return"


def _target(view: View) -> ast.If | None:
    """The ``if`` whose header, or whose ``else`` or ``elif``, the selection is at."""
    node = view.condition
    if node is not None and is_elif(view.source, node):
        around = view.ancestors(node)
        node = around[0] if around and isinstance(around[0], ast.If) else None
    if node is None:
        node = next((n for n in reversed(view.path) if isinstance(n, ast.If)), None)
        if node is None or not _on_else(view, node):
            return None
    if not node.orelse or is_elif(view.source, node) or not terminates(node.body):
        return None
    return node


def _on_else(view: View, node: ast.If) -> bool:
    """Whether the selection is on the line of the ``else``."""
    if not node.orelse or has_elif(view.source, node):
        return False
    line = view.source.line(view.selection.start)
    text = view.source.lines[line] if line < len(view.source.lines) else ""
    return text.lstrip().startswith("else") and (
        view.source.span(node.body[-1]).stop <= view.selection.start
        and view.selection.stop <= view.source.span(node.orelse[0]).start
    )


def rewrite(view: View) -> Rewriting:
    node = _target(view)
    if node is None:
        raise Refused("there is no else behind a branch that always leaves")
    source = view.source
    if has_elif(source, node):
        start = source.span(node.orelse[0]).start
        return Rewriting((Edit(Span(start, start + 4), "if"),))
    clause, other = if_clause(source, node), else_clause(source, node)
    end = line_end(source, source.line(other.head.start))
    note = behind(source, other.head.stop)
    first = source.line(other.head.start)
    if other.lines:
        comment = f"{clause.indent}{note}{end}" if note else ""
        body = reindented(source, other.lines, other.body_indent, clause.indent, view.kept_lines)
        return Rewriting(replace_lines(source, range(first, other.lines.stop), comment + body))
    last = source.line(source.span(other.body[-1]).stop)
    lead = source.text[source.starts[first] : other.head.start]
    stop = source.starts[last] + len(source.lines[last])
    start = source.full(other.body[0]).start
    return Rewriting(replace_lines(source, range(first, last + 1), f"{lead}{source.text[start:stop]}"))


REFACTORING = Refactoring(
    "remove-else-after-return",
    REWRITE,
    offer,
    rewrite,
    (
        Example(
            "else after return",
            before="""\
def sign(x):
    $0if x < 0:
        return -1
    # Otherwise
    else:  # not negative
        y = x * 2
        return y
""",
            after="""\
def sign(x):
    if x < 0:
        return -1
    # Otherwise
    # not negative
    y = x * 2
    return y
""",
        ),
        Example(
            "elif after raise",
            before="""\
def f(x):
    $0if x is None:
        raise ValueError(x)
    elif x:
        y()
    else:
        z()
""",
            after="""\
def f(x):
    if x is None:
        raise ValueError(x)
    if x:
        y()
    else:
        z()
""",
        ),
        Example(
            "in a loop, from the else",
            before="""\
for x in rows:
    if x:
        continue
    $0else:
        log(x)
    flush()
""",
            after="""\
for x in rows:
    if x:
        continue
    log(x)
    flush()
""",
        ),
        Example(
            "on one line",
            before="""\
def f(x):
    $0if x: return 1
    else: return 2
""",
            after="""\
def f(x):
    if x: return 1
    return 2
""",
        ),
        Example(
            "both branches of the block leave",
            before="""\
def f(x, y):
    $0if x:
        if y:
            return 1
        else:
            return 2
    else:
        return 3
""",
            after="""\
def f(x, y):
    if x:
        if y:
            return 1
        else:
            return 2
    return 3
""",
        ),
        Example(
            "the block does not always leave",
            before="""\
def f(x, y):
    $0if x:
        if y:
            return 1
    else:
        return 3
""",
            after=None,
        ),
        Example(
            "an elif in the middle of a chain",
            before="""\
def f(x, y):
    if x:
        log(x)
    $0elif y:
        return 1
    else:
        return 3
""",
            after=None,
        ),
    ),
)
