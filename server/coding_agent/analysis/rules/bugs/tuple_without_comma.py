"""Brackets around one text look like a tuple and are the text.

``mode in ("read")`` asks whether ``mode`` is a part of the text, ``args=("x")`` gives the characters one by one,
``__all__ = ("name")`` names the letters. One comma makes the tuple.

The fix adds it.

Source: Python documentation, "Tuples and Sequences": a tuple with one item ends with a comma.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_NAMES = ("__all__", "__slots__", "__match_args__")
_BLANK = r"(?>(?:[\s\\]|#[^\r\n]*)*)"
_OPEN = re.compile(rf"(?>(?:[\s\\)]|#[^\r\n]*)*)(?:args{_BLANK}=|=|(?:not{_BLANK})?in){_BLANK}(\(){_BLANK}\Z")
_CLOSE = re.compile(rf"{_BLANK}\)")


def check(node: ast.Compare | ast.keyword | ast.Assign, context: Context) -> Iterable[Finding]:
    value = node.comparators[0] if isinstance(node, ast.Compare) else node.value
    # A text over several lines needs its brackets.
    if not isinstance(value, ast.Constant) or value.value.__class__ is not str or value.end_lineno != value.lineno:
        return ()
    return _found(node, value, context)


def _found(node: ast.Compare | ast.keyword | ast.Assign, value: ast.Constant, context: Context) -> Iterator[Finding]:
    if isinstance(node, ast.Compare):
        wanted = len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
        before: ast.AST = node.left
    elif isinstance(node, ast.keyword):
        wanted, before = node.arg == "args", node
    else:
        before = node.targets[0]
        wanted = isinstance(before, ast.Name) and before.id in _NAMES
    if not wanted or not value.value or any(mark in str(value.value) for mark in " ,"):
        return
    at = context.span(before)
    start, stop = context.span(value)
    opened = _OPEN.match(context.layout.text, at.start if before is node else at.stop, start)
    closed = _CLOSE.match(context.layout.text, stop)
    if opened and closed:
        yield context.finding(
            Span(opened.start(1), closed.end()),
            "these brackets make no tuple: this is one text",
            Fix("Add the comma", (Edit(Span(stop, stop), ","),), Applicability.UNSAFE),
        )


RULE = Rule(
    name="tuple-without-comma",
    check=check,
    nodes=(ast.Compare, ast.keyword, ast.Assign),
    examples=(
        Example(
            "a part of the text",
            before="def opens(mode):\n    return mode in $0('read')$0\n",
            after="def opens(mode):\n    return mode in ('read',)\n",
        ),
        Example(
            "arguments of a thread",
            before="import threading\n\n\ndef go(work):\n    threading.Thread(target=work, args=$0('x')$0).start()\n",
            after="import threading\n\n\ndef go(work):\n    threading.Thread(target=work, args=('x',)).start()\n",
        ),
        Example("a tuple", before="def opens(mode):\n    return mode in ('read',)\n"),
        Example("no brackets", before="def vowel(letter):\n    return letter in 'aeiou'\n"),
        Example("brackets of a call", before="def f(g, mode):\n    return mode in g('read')\n"),
    ),
)
