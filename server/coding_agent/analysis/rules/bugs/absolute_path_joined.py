"""``os.path.join`` drops all that stands before an absolute part.

``os.path.join(root, "/data")`` is ``/data``, wherever ``root`` is.

The fix takes the slash away.

Source: Python documentation, ``os.path.join``; CWE-73 where the part comes from outside.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    for part in node.args[1:]:
        if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
            continue
        if part.value.startswith("/") and part.value.strip("/"):
            message = f"all that stands before '{part.value}' is dropped"
            yield context.finding(part, message, lambda part=part: _fix(part, context))


def _fix(part: ast.expr, context: Context) -> Fix | None:
    start = context.span(part).start
    text = context.source(part)
    if text[:1] not in ("'", '"') or text[1:3] in ("//", "''", '""'):
        return None
    return Fix("Join a relative path", (Edit(Span(start + 1, start + 2), ""),), Applicability.UNSAFE)


RULE = Rule(
    name="absolute-path-joined",
    check=check,
    calls=("os.path.join", "posixpath.join"),
    examples=(
        Example(
            "a slash too many",
            before="import os\n\n\ndef data(root):\n    return os.path.join(root, $0'/data'$0)\n",
            after="import os\n\n\ndef data(root):\n    return os.path.join(root, 'data')\n",
        ),
        Example("relative", before="import os\n\n\ndef data(root):\n    return os.path.join(root, 'data')\n"),
        Example("the first part", before="import os\n\n\ndef data(name):\n    return os.path.join('/data', name)\n"),
        Example("another join", before="def data(root):\n    return root.join('/data')\n"),
    ),
)
