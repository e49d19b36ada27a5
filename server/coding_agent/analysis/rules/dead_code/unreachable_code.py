"""Nothing ever gets to these statements.

They stand behind a ``return``, ``raise``, ``continue`` or ``break`` in the same block. The fix removes them; what
would change by that (a function that is a generator only by a ``yield`` in them, names that are local only by an
assignment in them, comments) is left for a person to remove. Off by default, since type checkers grey the same
statements.

Source: CWE-561, dead code.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Fix, Severity
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import block_of, blocks, has_comment, line_span
from coding_agent.text import Edit, Span

_BINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
_YIELDS = (ast.Yield, ast.YieldFrom, ast.Await, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)


def check(node: ast.stmt, context: Context) -> Iterable[Finding]:
    parent = context.parent(node)
    # Nearly always it is the last of its block.
    if parent is None or parent.body[-1] is node:  # type: ignore[attr-defined]
        return ()
    return () if any(block[-1] is node for block in blocks(parent)) else _found(node, context)


def _found(node: ast.stmt, context: Context) -> Iterator[Finding]:
    block = block_of(node, context)
    if block[-1] is node:
        return
    at = next(index for index, each in enumerate(block) if each is node)
    # The first that leaves speaks for all that follow.
    if any(isinstance(each, ast.Return | ast.Raise | ast.Continue | ast.Break) for each in block[:at]):
        return
    dead = block[at + 1 :]
    if _is_on_purpose(dead):
        return
    word = type(node).__name__.lower()
    span = Span(context.span(dead[0]).start, context.span(dead[-1]).stop)
    message = f"nothing gets here: '{word}' is above"
    yield context.finding(span, message, lambda: _fix(node, dead, context), unnecessary=True)


def _is_on_purpose(dead: list[ast.stmt]) -> bool:
    """Whether what is dead makes the function a generator, or tells type checkers and coverage something."""
    first = dead[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Yield | ast.YieldFrom | ast.Constant):
        return True
    return isinstance(first, ast.Raise | ast.Assert | ast.Pass) and len(dead) == 1


def _fix(node: ast.stmt, dead: list[ast.stmt], context: Context) -> Fix | None:
    whole = line_span(context, dead[0], dead[-1])
    if whole is None:
        return None
    text, start, stop = context.layout.text, context.span(node).stop, whole.stop
    # Blank lines between what stays and what goes go, the last line end stays.
    while text[stop - 1] in "\r\n":
        stop -= 1
    if has_comment(text[start:stop]) or ";" in text[start : whole.start] or any(_changes_scope(each) for each in dead):
        return None
    return Fix("Remove what nothing gets to", (Edit(Span(start, stop), ""),))


def _changes_scope(statement: ast.stmt) -> bool:
    """Whether a statement changes what its function is, or which names are its own."""
    return any(
        isinstance(each, _BINDS + _YIELDS) or (isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load))
        for each in ast.walk(statement)
    )


RULE = Rule(
    name="unreachable-code",
    check=check,
    nodes=(ast.Return, ast.Raise, ast.Continue, ast.Break),
    severity=Severity.HINT,
    cwe=561,
    twins=("pylint:W0101", "ruff:PLW0101", "pyright:reportUnreachable", "sonar:S1763"),
    on=False,
    examples=(
        Example(
            "behind a return",
            before="def area(box):\n    return box.width * box.height\n\n    $0box.show()$0\n",
            after="def area(box):\n    return box.width * box.height\n",
        ),
        Example(
            "in a loop",
            before="def each(rows):\n    for row in rows:\n        continue\n        $0print(row)$0\n    return rows\n",
            after="def each(rows):\n    for row in rows:\n        continue\n    return rows\n",
        ),
        Example(
            "a name that is local by it",
            before="def area(box):\n    return box.width\n    $0width = 1$0\n",
        ),
        Example(
            "a comment", before="def area(box):\n    return box.width\n    # Once it was shown.\n    $0box.show()$0\n"
        ),
        Example("a generator by its yield", before="def nothing():\n    return\n    yield\n"),
        Example("behind an if", before="def area(box):\n    if box:\n        return box.width\n    return 0\n"),
    ),
)
