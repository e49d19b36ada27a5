"""A lock stays taken when what stands between ``acquire`` and ``release`` raises.

Everybody who waits for it then waits for ever. ``with lock:`` releases it on every way out. Tests are left alone:
they hold a lock until the other side has done something. A list that takes one more cannot fail, nor can a copy of one:
only other calls count. A lock that the function makes itself is waited for by nobody.

The fix writes it so. That anything else was wanted when an error passes through is hardly ever the case, but a
lock of one's own may not be usable in ``with``, so it is not applied unasked.

Source: CWE-667, improper locking; Python documentation, "Using locks, conditions, and
semaphores in the with statement".
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import value
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import (
    block_of,
    has_strings_over_lines,
    here,
    indentation,
    is_path,
    is_test,
    line_span,
    same,
)
from coding_agent.text import Edit, Span, split_lines

_NEVER_FAIL = {
    *("add", "append", "appendleft", "clear", "copy", "discard", "get", "items", "keys", "values"),
    *("is_set", "notify", "notify_all", "notifyAll", "set", "time"),
}
_COPIES = {
    f"builtins.{name}" for name in ("bool", "dict", "id", "isinstance", "len", "list", "repr", "set", "str", "tuple")
}
_LOCKS = re.compile(r"lock|mutex|sem|cond|guard", re.IGNORECASE)


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    statement = context.parent(node)
    if not isinstance(statement, ast.Expr) or node.args or node.keywords or not isinstance(node.func, ast.Attribute):
        return
    lock = node.func.value
    if not is_path(lock) or is_test(node, context) or not _LOCKS.search(context.source(lock).rpartition(".")[2]):
        return
    if isinstance(lock, ast.Name) and isinstance(value(lock, context), ast.Call):
        return
    block = block_of(statement, context)
    start = next(index for index, each in enumerate(block) if each is statement)
    stop = next((i for i in range(start + 1, len(block)) if _is_release(block[i], lock)), None)
    if stop is None:
        return
    between = block[start + 1 : stop]
    if any(
        isinstance(each, ast.Call) and not _is_on(each, lock) and not _cannot_fail(each, context)
        for each in here(between)
    ):
        end = block[stop]
        yield context.finding(
            node,
            "the lock stays taken when what follows raises; 'with' releases it",
            lambda: _fix(statement, between, end, context),
            related=[(end, "released here")],
        )


def _is_release(statement: ast.stmt, lock: ast.expr) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and (call.func.attr == "release" and same(call.func.value, lock))
    )


def _cannot_fail(call: ast.Call, context: Context) -> bool:
    """Whether a call is one that lists and the like never raise in."""
    if context.qualified(call.func) in _COPIES:
        return True
    return isinstance(call.func, ast.Attribute) and call.func.attr in _NEVER_FAIL and not call.keywords


def _is_on(call: ast.Call, lock: ast.expr) -> bool:
    return isinstance(call.func, ast.Attribute) and same(call.func.value, lock)


def _fix(first: ast.Expr, between: list[ast.stmt], last: ast.stmt, context: Context) -> Fix | None:
    whole, inner = line_span(context, first, last), line_span(context, between[0], between[-1])
    head, tail = line_span(context, first, first), line_span(context, last, last)
    if whole is None or inner is None or head is None or tail is None or has_strings_over_lines(between):
        return None
    assert isinstance(first.value, ast.Call)
    assert isinstance(first.value.func, ast.Attribute)
    releases = sum(isinstance(n, ast.Attribute) and n.attr in ("release", "acquire") for s in between for n in here(s))
    start = context.span(first).start
    lock = context.source(first.value.func.value)
    call = context.source(first)
    # A release in between, on a way out, would be one too many.
    if releases or call != f"{lock}.acquire()" or context.source(last) != f"{lock}.release()":
        return None
    outer = indentation(context, first)
    step = "\t" if "\t" in outer else "    "
    body = context.source(Span(head.stop, tail.start))
    lines = [step + line if line.strip() else line for line in split_lines(body)]
    edits = (Edit(Span(start, start + len(call)), f"with {lock}:"), Edit(Span(head.stop, tail.stop), "".join(lines)))
    return Fix("Use 'with'", edits, Applicability.UNSAFE)


RULE = Rule(
    name="lock-not-released",
    check=check,
    calls=(".acquire",),
    cwe=667,
    twins=("pylint:R1732",),
    examples=(
        Example(
            "in a test",
            before=("def test_wait(self):\n    self.lock.acquire()\n    self.start()\n    self.lock.release()\n"),
        ),
        Example(
            "a call in between",
            before=(
                "def add(self, row):\n    $0self.lock.acquire()$0\n    # One at a time.\n    self.rows.write(row)\n"
                "    self.lock.release()\n"
            ),
            after=(
                "def add(self, row):\n    with self.lock:\n        # One at a time.\n        self.rows.write(row)\n"
            ),
        ),
        Example(
            "released in finally",
            before=(
                "def add(self, row):\n    self.lock.acquire()\n    try:\n        self.rows.append(row)\n"
                "    finally:\n        self.lock.release()\n"
            ),
        ),
        Example(
            "a list takes one more",
            before="def add(self, row):\n    self.lock.acquire()\n    self.rows.append(row)\n    self.lock.release()\n",
        ),
        Example(
            "of one's own",
            before=(
                "import threading\n\n\ndef pool(index):\n    lock = threading.Lock()\n    lock.acquire()\n"
                "    start()\n    lock.release()\n"
            ),
        ),
        Example(
            "a copy",
            before=(
                "def keys(self):\n    self.lock.acquire()\n    found = list(self.rows)\n    self.lock.release()\n"
                "    return found\n"
            ),
        ),
        Example(
            "nothing can raise",
            before="def add(self, row):\n    self.lock.acquire()\n    self.row = row\n    self.lock.release()\n",
        ),
        Example("with", before="def add(self, row):\n    with self.lock:\n        self.rows.append(row)\n"),
    ),
)
