"""A condition asks whether an iterator is true, and every iterator is.

``if filter(ready, jobs)`` and ``if (job.ready for job in jobs)`` are true even when nothing comes out.
``any()`` asks whether something true comes out.

The fix puts ``any()`` around a generator.

Source: CWE-571, expression is always true.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_tested
from coding_agent.text import Edit, Span


def check(node: ast.Call | ast.GeneratorExp, context: Context) -> Iterator[Finding]:
    if is_tested(node, context):
        what = "a generator" if isinstance(node, ast.GeneratorExp) else f"{context.source(node.func)}()"
        yield context.finding(node, f"always true: {what} is, even an empty one", lambda: _fix(node, context))


def _fix(node: ast.Call | ast.GeneratorExp, context: Context) -> Fix | None:
    if context.meaning("any", context.scope(node)) != "builtins.any":
        return None
    start, stop = context.span(node)
    if isinstance(node, ast.GeneratorExp):
        return Fix("Use any()", (Edit(Span(start, start), "any"),), Applicability.UNSAFE)
    return Fix("Use any()", (Edit(Span(start, start), "any("), Edit(Span(stop, stop), ")")), Applicability.UNSAFE)


RULE = Rule(
    name="always-true-test",
    check=check,
    nodes=(ast.GeneratorExp,),
    calls=(
        "builtins.map",
        "builtins.filter",
        "builtins.zip",
        "builtins.reversed",
        "builtins.enumerate",
    ),
    examples=(
        Example(
            "a generator",
            before="def go(jobs):\n    if $0(job.ready for job in jobs)$0:\n        jobs.start()\n",
            after="def go(jobs):\n    if any(job.ready for job in jobs):\n        jobs.start()\n",
        ),
        Example(
            "filter",
            before="def go(jobs):\n    while not $0filter(None, jobs)$0:\n        jobs.start()\n",
            after="def go(jobs):\n    while not any(filter(None, jobs)):\n        jobs.start()\n",
        ),
        Example("a list", before="def go(jobs):\n    if [job for job in jobs if job.ready]:\n        jobs.start()\n"),
        Example("any of them", before="def go(jobs):\n    if any(job.ready for job in jobs):\n        jobs.start()\n"),
        Example("another filter", before="def go(jobs, filter):\n    if filter(None, jobs):\n        jobs.start()\n"),
    ),
)
