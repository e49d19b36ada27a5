"""An exception or ``print`` gets a format and its values, and nobody formats them.

Only logging puts its arguments into the text. ``raise ValueError("bad row %d", row)`` shows
``('bad row %d', 7)`` to whoever reads the message.

The fix formats them with ``%``; it is safe for errors whose arguments are nothing but the message, and ``%s``.

Source: Python documentation, ``BaseException.args``; pylint W0715.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_PERCENT = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?([sdrifgxc])(?![A-Za-z]))")
_ERRORS = (
    *(
        "Exception",
        "ValueError",
        "TypeError",
        "RuntimeError",
        "KeyError",
        "IndexError",
        "AttributeError",
        "LookupError",
    ),
    *("NotImplementedError", "AssertionError", "ArithmeticError", "NameError", "PermissionError", "FileNotFoundError"),
    *("OSError", "IOError", "EOFError", "MemoryError", "OverflowError", "BufferError", "TimeoutError", "SystemExit"),
    *("Warning", "UserWarning", "DeprecationWarning", "RuntimeWarning"),
)

_OTHERS = frozenset(
    f"builtins.{name}"
    for name in ("print", "OSError", "IOError", "PermissionError", "FileNotFoundError", "TimeoutError", "SystemExit")
)
"""What gives its further arguments a meaning of their own."""


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if len(node.args) < 2 or any(isinstance(each, ast.Starred) for each in node.args):
        return
    text, *values = node.args
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str) or "%" not in text.value:
        return
    fields = [match[1] for match in _PERCENT.finditer(text.value) if match[1]]
    called = context.qualified(node.func) or ""
    if len(fields) != len(values) or (called == "builtins.print" and node.keywords):
        return
    # "%s" takes everything, and only some errors keep their arguments for nothing but the message.
    safe = set(fields) <= {"s", "r"} and called not in _OTHERS
    message = f"the values are not put into the text: {context.source(node.func)}() does not format"
    yield context.finding(node, message, lambda: _fix(text, values, safe, context))


def _fix(text: ast.expr, values: list[ast.expr], safe: bool, context: Context) -> Fix | None:
    between = [
        Span(context.span(one).stop, context.span(other).start)
        for one, other in zip([text, *values], values, strict=False)
    ]
    # Brackets around a value, and comments, would have to be told apart from what is replaced.
    if any(context.source(each).strip() != "," for each in between):
        return None
    last = context.span(values[-1]).stop
    close = ")" if len(values) > 1 else ",)"
    edits = (Edit(between[0], " % ("), Edit(Span(last, last), close))
    return Fix("Format the message", edits, Applicability.SAFE if safe else Applicability.UNSAFE)


RULE = Rule(
    name="arguments-not-formatted",
    check=check,
    calls=("builtins.print", *(f"builtins.{name}" for name in _ERRORS)),
    twins=("pylint:W0715",),
    examples=(
        Example(
            "an exception",
            before="def read(row, at):\n    raise $0ValueError('bad row %d: %s', at, row)$0\n",
            after="def read(row, at):\n    raise ValueError('bad row %d: %s' % (at, row))\n",
        ),
        Example(
            "one value",
            before="def show(row):\n    $0print('row %s', row)$0\n",
            after="def show(row):\n    print('row %s' % (row,))\n",
        ),
        Example("formatted", before="def read(row):\n    raise ValueError('bad row %s' % row)\n"),
        Example("no place for it", before="def show(row):\n    print('100 %', row)\n"),
        Example("logging does it", before="def show(log, row):\n    log.info('row %s', row)\n"),
    ),
)
