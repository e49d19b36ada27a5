"""Merge nested ifs: ``if a:`` holding nothing but ``if b:`` becomes ``if a and b:``.

Two conditions that only matter together read better together, and a level of nesting goes.
``and`` evaluates as the nested ifs did: the second condition only where the first holds.

Offered on the header of either ``if`` where neither has an ``else`` or ``elif`` and nothing else
stands in the outer one. Comments of the outer header and between the two move to the start of the block.

Source: Fowler, "Consolidate Conditional Expression"; the control flow graph must not change.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.refactoring.conditions import (
    Clause,
    behind,
    if_clause,
    line_end,
    reindented,
    replace_lines,
)
from coding_agent.refactoring.refactoring import REWRITE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.text import line_body

_LOOSE = (ast.IfExp, ast.Lambda, ast.NamedExpr)


def offer(view: View) -> str | None:
    return None if _pair(view) is None else "Merge nested ifs"


def rewrite(view: View) -> Rewriting:
    pair = _pair(view)
    if pair is None:
        raise Refused("there are no nested ifs without else here")
    source = view.source
    outer, inner = if_clause(source, pair[0]), if_clause(source, pair[1])
    if not outer.lines:
        raise Refused("the block stands on the line of its header")
    end = line_end(source, outer.lines.start - 1)
    start = source.starts[source.line(outer.head.start)]
    head = source.text[start : outer.condition.start]
    both = f"{_operand(view, outer, outer.indent)} and {_operand(view, inner, outer.indent)}"
    header = f"{head}{both}{source.text[inner.condition.stop : inner.head.stop]}"
    notes = [behind(source, outer.head.stop)]
    between = range(outer.lines.start, source.line(inner.head.start))
    notes += [line_body(source.lines[n]).strip() for n in between]
    indent = outer.body_indent
    comments = "".join(f"{indent}{note}{end}" for note in notes if note)
    after = behind(source, inner.head.stop)
    if inner.lines:
        header += f"  {after}{end}" if after else end
        body = reindented(source, inner.lines, inner.body_indent, indent, view.kept_lines)
        rest = range(inner.lines.stop, outer.lines.stop)
    else:
        header += end
        body = f"{indent}{after}{end}"
        rest = range(source.line(inner.head.start) + 1, outer.lines.stop)
    if body[-1] not in "\r\n":
        body += end
    trailing = "".join(source.lines[n] for n in rest)
    lines = range(source.line(outer.head.start), outer.lines.stop)
    return Rewriting(replace_lines(source, lines, f"{header}{comments}{body}{trailing}"))


def _pair(view: View) -> tuple[ast.If, ast.If] | None:
    """The outer and the inner ``if``; the selection is at either."""
    node = view.condition
    if node is None or node.orelse:
        return None
    if len(node.body) == 1 and isinstance(node.body[0], ast.If) and not node.body[0].orelse:
        return node, node.body[0]
    around = view.ancestors(node)
    parent = around[0] if around else None
    if isinstance(parent, ast.If) and parent.body == [node] and not parent.orelse:
        return parent, node
    return None


def _operand(view: View, clause: Clause, indent: str) -> str:
    """A condition as it may stand beside ``and``; further lines are moved to where the statement goes."""
    source, (start, stop) = view.source, clause.condition
    first, last = source.line(start), source.line(stop)
    text = source.text[start:stop]
    if last > first:
        lines = range(first + 1, last + 1)
        moved = reindented(source, lines, clause.indent, indent, view.kept_lines)
        cut = source.starts[last] + len(source.lines[last]) - stop
        text = source.text[start : source.starts[first + 1]] + moved[: len(moved) - cut]
    test = clause.node.test
    wrapped = source.span(test).start > start
    loose = isinstance(test, _LOOSE) or (isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or))
    if loose and not wrapped:
        return f"({text})"
    inner = source.of(test)
    # Parentheses that only held a line together are kept; others around a plain condition go.
    if wrapped and not loose and text == f"({inner})" and "\n" not in inner and "\r" not in inner:
        return inner
    return text


REFACTORING = Refactoring(
    "merge-nested-ifs",
    REWRITE,
    offer,
    rewrite,
    (
        Example(
            "two conditions",
            before="""\
def f(a, b):
    $0if a:
        if b is None:
            log(a)
            # Both hold.
            log(b)
""",
            after="""\
def f(a, b):
    if a and b is None:
        log(a)
        # Both hold.
        log(b)
""",
        ),
        Example(
            "comments of both headers are kept",
            before="""\
if a:  # first
    # Between.
    $0if b or c:  # second
        go()
    # Last.
""",
            after="""\
if a and (b or c):  # second
    # first
    # Between.
    go()
    # Last.
""",
        ),
        Example(
            "an elif takes the condition in",
            before="""\
def f(a, b):
    if a:
        x()
    elif $0b:
        if (y := get(b)):
            use(y)
""",
            after="""\
def f(a, b):
    if a:
        x()
    elif b and (y := get(b)):
        use(y)
""",
        ),
        Example(
            "a condition over several lines",
            before="""\
$0if (
    a
    or b  # why
):
    if c: go()
""",
            after="""\
if (
    a
    or b  # why
) and c:
    go()
""",
        ),
        Example(
            "an inner condition over several lines",
            before="""\
def f(a, b, c):
    if a:
        $0if (
            b
            or c
        ):
            go()
""",
            after="""\
def f(a, b, c):
    if a and (
        b
        or c
    ):
        go()
""",
        ),
        Example(
            "the inner one has an else",
            before="""\
$0if a:
    if b:
        x()
    else:
        y()
""",
            after=None,
        ),
        Example(
            "the outer one has an else",
            before="""\
$0if a:
    if b:
        x()
else:
    y()
""",
            after=None,
        ),
        Example(
            "something else stands in the outer one",
            before="""\
$0if a:
    log(a)
    if b:
        x()
""",
            after=None,
        ),
    ),
)
