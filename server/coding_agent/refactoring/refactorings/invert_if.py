"""Invert if: turn the condition round and swap the branches.

The branch that matters, or the shorter one, can stand first; ``if not a: ... else: ...`` becomes
``if a: ... else: ...``.

Offered on an ``if`` or ``elif`` with a plain ``else``. ``is``, ``in`` and ``not`` have opposites; ``<``
and ``==`` have one only between values that are surely built-in (a NaN is neither ``<`` nor ``>=``,
and a class may define both), everything else gets ``not (...)``. Comments stay with their branch.

Source: the control flow graph must not change.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.refactoring.conditions import else_clause, has_elif, if_clause, line_end, negated
from coding_agent.refactoring.refactoring import REWRITE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span, line_body


def offer(view: View) -> str | None:
    return None if _target(view) is None else "Invert if"


def _target(view: View) -> ast.If | None:
    node = view.condition
    return node if node is not None and node.orelse and not has_elif(view.source, node) else None


def rewrite(view: View) -> Rewriting:
    node = _target(view)
    if node is None:
        raise Refused("there is no if with a plain else here")
    source = view.source
    clause, other = if_clause(source, node), else_clause(source, node)
    apart = "" if source.text[clause.condition.start - 1] in " \t(" else " "
    condition = Edit(clause.condition, f"{apart}{negated(source, view.scopes, clause)}")
    start, middle = clause.head.stop, source.starts[source.line(other.head.start)]
    last = max(other.lines.stop, source.line(source.span(node).stop) + 1)
    stop = source.starts[last] if last < len(source.starts) else len(source.text)
    first, lead = source.text[start:middle], source.text[middle : other.head.stop]
    second = source.text[other.head.stop : stop]
    if second[-1:] not in {"\n", "\r"}:
        end = line_end(source, source.line(other.head.start))
        return Rewriting((condition, Edit(Span(start, stop), f"{second}{end}{lead}{line_body(first)}")))
    # The shorter branch moves, so that the edit touches no more lines than it must.
    if len(first) <= len(second):
        return Rewriting((condition, Edit(Span(start, other.head.stop), ""), Edit(Span(stop, stop), lead + first)))
    return Rewriting((condition, Edit(Span(start, start), second + lead), Edit(Span(middle, stop), "")))


REFACTORING = Refactoring(
    "invert-if",
    REWRITE,
    offer,
    rewrite,
    (
        Example(
            "a negated condition",
            before="""\
def f(a):
    $0if not a:  # empty
        x()
        # after x
    else:
        y()  # full
    z()
""",
            after="""\
def f(a):
    if a:
        y()  # full
    else:  # empty
        x()
        # after x
    z()
""",
        ),
        Example(
            "identity and membership have opposites",
            before="""\
$0if key in table:
    use(table[key])
else:
    table[key] = 1
""",
            after="""\
if key not in table:
    table[key] = 1
else:
    use(table[key])
""",
        ),
        Example(
            "a comparison of unknown values",
            before="""\
$0if a == b:
    x()
else:
    y()
""",
            after="""\
if not (a == b):
    y()
else:
    x()
""",
        ),
        Example(
            "a comparison with a length",
            before="""\
def f(a):
    $0if len(a) > 2:
        x()
    else:
        y()
""",
            after="""\
def f(a):
    if len(a) <= 2:
        y()
    else:
        x()
""",
        ),
        Example(
            "len is something else here",
            before="""\
def f(a, len):
    $0if len(a) > 2:
        x()
    else:
        y()
""",
            after="""\
def f(a, len):
    if not (len(a) > 2):
        y()
    else:
        x()
""",
        ),
        Example(
            "an elif, on one line each",
            before="""\
if a: x()
$0elif b: y()
else: z()
""",
            after="""\
if a: x()
elif not b: z()
else: y()
""",
        ),
        Example(
            "no space before the condition",
            before="""\
$0if(a):
    x()
    y()
else:
    z()
""",
            after="""\
if not (a):
    z()
else:
    x()
    y()
""",
        ),
        Example(
            "an elif follows",
            before="""\
$0if a:
    x()
elif b:
    y()
else:
    z()
""",
            after=None,
        ),
    ),
)
