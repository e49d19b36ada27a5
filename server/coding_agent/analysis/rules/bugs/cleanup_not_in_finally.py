"""What a context manager cleans up stays as it is when its ``with`` block raises.

The error comes out of the ``yield``: what stands behind it never runs, unless it stands in ``finally``. It is
reported where a function made by ``contextlib.contextmanager`` puts something back, closes, stops or releases it
behind a bare ``yield``; not in tests, nor where it is the life of a web application, whose end is no ``with`` block,
and not where an object puts back what it notes on itself.

The fix puts the ``yield`` into ``try`` and what follows into ``finally``.

Source: CWE-460, improper cleanup on thrown exception; Python documentation, ``contextlib.contextmanager``.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import (
    decorator_names,
    has_strings_over_lines,
    here,
    indentation,
    is_test,
    line_span,
    same,
)
from coding_agent.text import Edit, Span, split_lines

_MANAGERS = ("contextlib.contextmanager", "contextlib.asynccontextmanager")
_PUTS_BACK = frozenset(
    (
        *("close", "aclose", "release", "stop", "restore", "reset", "shutdown", "cleanup", "disconnect", "terminate"),
        *("kill", "unlock", "rmtree", "chdir", "unlink", "rmdir", "uninstall", "disable", "deactivate"),
    )
)


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    return _found(node, context) if node.decorator_list else ()


def _found(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterator[Finding]:
    if not any(name in _MANAGERS for name in decorator_names(node, context)):
        return
    # No block of the program's own code stands in the life of an application, and a test that fails says so anyway.
    if "lifespan" in node.name or is_test(node, context):
        return
    at = next((index for index, each in enumerate(node.body) if _is_yield(each)), None)
    if at is None or at + 1 == len(node.body):
        return
    before, behind = node.body[:at], node.body[at + 1 :]
    cleaned = next((each for each in behind if _puts_back(each, before)), None)
    if cleaned is not None and not any(isinstance(each, ast.Yield | ast.YieldFrom) for each in here(behind)):
        yield context.finding(
            cleaned,
            "not done when the 'with' block raises: put the 'yield' into try and this into finally",
            lambda: _fix(node.body[at], behind, context),
            related=[(node.body[at], "the error comes out here")],
        )


def _is_yield(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr | ast.Assign) and isinstance(statement.value, ast.Yield)


def _puts_back(statement: ast.stmt, before: list[ast.stmt]) -> bool:
    """Whether a statement closes something, or sets what was set before the ``yield`` as well, of another object."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    if isinstance(value, ast.Await):
        value = value.value
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Call):
        callee = value.func
        name = callee.attr if isinstance(callee, ast.Attribute) else callee.id if isinstance(callee, ast.Name) else ""
        return name in _PUTS_BACK
    if not isinstance(statement, ast.Assign):
        return False
    target = statement.targets[0]
    # A pass that is broken off is not gone on with, and neither are the object's own notes on where it is.
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return False
    return isinstance(target, ast.Attribute | ast.Subscript) and any(
        isinstance(each, ast.Assign) and same(each.targets[0], target) for each in before
    )


def _fix(first: ast.stmt, behind: list[ast.stmt], context: Context) -> Fix | None:
    head, rest = line_span(context, first, first), line_span(context, behind[0], behind[-1])
    if head is None or rest is None or has_strings_over_lines([first, *behind]):
        return None
    # A return behind a yield would swallow the error in finally.
    if any(isinstance(each, ast.Return | ast.Break | ast.Continue) for each in here(behind)):
        return None
    text, outer = context.layout.text, indentation(context, first)
    end = text[head.start : head.stop][len(text[head.start : head.stop].rstrip("\r\n")) :]
    step = "\t" if "\t" in outer else "    "

    def deeper(span: Span) -> str:
        return "".join(step + line if line.strip() else line for line in split_lines(context.source(span)))

    new = f"{outer}try:{end}{deeper(head)}{outer}finally:{end}{deeper(Span(head.stop, rest.stop))}"
    return Fix("Clean up in finally", (Edit(Span(head.start, rest.stop), new),), Applicability.UNSAFE)


RULE = Rule(
    name="cleanup-not-in-finally",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    cwe=460,
    examples=(
        Example(
            "closed behind the yield",
            before=(
                "from contextlib import contextmanager\n\n\n@contextmanager\ndef opened(path):\n"
                "    file = path.open()\n"
                "    yield file\n    $0file.close()$0\n"
            ),
            after=(
                "from contextlib import contextmanager\n\n\n@contextmanager\ndef opened(path):\n"
                "    file = path.open()\n"
                "    try:\n        yield file\n    finally:\n        file.close()\n"
            ),
        ),
        Example(
            "put back behind the yield",
            before=(
                "import contextlib\n\n\n@contextlib.contextmanager\ndef quiet(log):\n    level = log.level\n"
                "    log.level = 50\n"
                "    yield\n    $0log.level = level$0\n"
            ),
            after=(
                "import contextlib\n\n\n@contextlib.contextmanager\ndef quiet(log):\n    level = log.level\n"
                "    log.level = 50\n"
                "    try:\n        yield\n    finally:\n        log.level = level\n"
            ),
        ),
        Example(
            "the life of an application",
            before=(
                "from contextlib import asynccontextmanager\n\n\n@asynccontextmanager\nasync def lifespan(app):\n"
                "    yield\n    app.models.shutdown()\n"
            ),
        ),
        Example(
            "a note on oneself",
            before=(
                "from contextlib import contextmanager\n\n\nclass Checker:\n    @contextmanager\n"
                "    def inside(self, kind):\n        old = self.kind\n        self.kind = kind\n        yield\n"
                "        self.kind = old\n"
            ),
        ),
        Example(
            "in finally",
            before=(
                "from contextlib import contextmanager\n\n\n@contextmanager\ndef opened(path):\n"
                "    file = path.open()\n"
                "    try:\n        yield file\n    finally:\n        file.close()\n"
            ),
        ),
        Example(
            "done only when all went well",
            before=(
                "from contextlib import contextmanager\n\n\n@contextmanager\ndef transaction(db):\n    yield db\n"
                "    db.commit()\n"
            ),
        ),
        Example("a generator", before="def opened(path):\n    file = path.open()\n    yield file\n    file.close()\n"),
    ),
)
