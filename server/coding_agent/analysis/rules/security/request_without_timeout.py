"""A request without a timeout waits as long as the server likes.

``requests`` has no timeout of its own: one server that accepts and never answers holds a thread or
worker for ever, and a few of them hold all. Who writes ``timeout=None`` has decided to wait.

The fix adds ``timeout=30`` seconds, for the connection and between bytes; slower answers then raise.

Source: CWE-400, uncontrolled resource consumption; the documentation of requests, "Timeouts".
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import unsafe, with_argument
from coding_agent.analysis.expressions import has_star, in_tests, keyword
from coding_agent.analysis.finding import Finding, Fix, Severity
from coding_agent.analysis.rule import Example, Rule

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "request")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if has_star(node) or in_tests(context.path):
        return
    if keyword(node, "timeout") is None:
        message = "the request waits for ever when the server does not answer; give a timeout"
        yield context.finding(node, message, lambda: _fix(node, context))


def _fix(node: ast.Call, context: Context) -> Fix | None:
    return unsafe("Add timeout=30", with_argument(node, "timeout=30", context))


RULE = Rule(
    name="request-without-timeout",
    check=check,
    calls=tuple(f"requests.{method}" for method in _METHODS),
    severity=Severity.INFORMATION,
    cwe=400,
    twins=("ruff:S113", "bandit:B113"),
    examples=(
        Example(
            "none",
            before="import requests\n\n\ndef load(url):\n    return $0requests.get(url)$0.text\n",
            after="import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=30).text\n",
        ),
        Example(
            "none on purpose",
            before="from requests import post\n\n\ndef send(url, row):\n    post(url, json=row, timeout=None)\n",
        ),
        Example("given", before="import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=3)\n"),
        Example(
            "maybe given", before="import requests\n\n\ndef load(url, **more):\n    return requests.get(url, **more)\n"
        ),
    ),
)
