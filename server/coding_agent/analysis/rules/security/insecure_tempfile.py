"""``tempfile.mktemp`` names a file that somebody else may create first.

Between the name and the ``open`` another user of the machine can put a link or a file of his own at
that place, and the program then writes or reads there. ``mkstemp`` and ``NamedTemporaryFile`` create
the file together with its name.

The fix takes the name of a ``NamedTemporaryFile`` that stays: the file then exists already, with
rights for its owner only. Off by default: type checkers report each use of ``mktemp`` as deprecated.

Source: CWE-377, insecure temporary file; Python's documentation marks ``mktemp`` as deprecated since 2.3.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe, with_argument
from coding_agent.analysis.expressions import in_tests
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not in_tests(context.path):
        message = "mktemp() names a file that others can create first; create it together with its name"
        yield context.finding(node, message, lambda: _fix(node, context))


def _fix(node: ast.Call, context: Context) -> Fix | None:
    created = spelled("tempfile.NamedTemporaryFile", node, context)
    # Positional arguments have another order there.
    if created is None or node.args or any(each.arg not in ("suffix", "prefix", "dir") for each in node.keywords):
        return None
    stop = context.span(node).stop
    return unsafe(
        "Use NamedTemporaryFile()",
        replacing(node.func, created[0], context),
        with_argument(node, "delete=False", context),
        Edit(Span(stop, stop), ".name"),
        imports=created[1],
    )


RULE = Rule(
    name="insecure-tempfile",
    check=check,
    calls=("tempfile.mktemp",),
    cwe=377,
    twins=("ruff:S306", "bandit:B306", "pyright:reportDeprecated"),
    on=False,
    examples=(
        Example(
            "a name without a file",
            before='import tempfile\n\npath = $0tempfile.mktemp(suffix=".txt")$0\n',
            after='import tempfile\n\npath = tempfile.NamedTemporaryFile(suffix=".txt", delete=False).name\n',
        ),
        Example(
            "imported by name",
            before="from tempfile import mktemp\n\nat = $0mktemp()$0\n",
            after=(
                "import tempfile\nfrom tempfile import mktemp\n\nat = tempfile.NamedTemporaryFile(delete=False).name\n"
            ),
        ),
        Example("positional arguments", before='import tempfile\n\npath = $0tempfile.mktemp(".txt")$0\n'),
        Example("a file at once", before="import tempfile\n\nhandle, path = tempfile.mkstemp()\n"),
    ),
)
