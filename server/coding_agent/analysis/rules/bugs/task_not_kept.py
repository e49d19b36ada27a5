"""Nobody keeps the task that was just started, so it may vanish before it is done.

The event loop holds tasks only weakly: what nothing else refers to can be collected in the middle of its work,
and its exception is never seen. Keep it in a set, await it, or start it in a ``TaskGroup``.

Off by default: what is awaited in the task mostly keeps it alive, and whether it does is not told by the line that
starts it. Select it to hold a project to keeping its tasks.

Source: Python documentation, ``asyncio.create_task``: "Save a reference to the result of this function".
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if isinstance(context.parent(node), ast.Expr):
        yield context.finding(node, "nobody keeps this task: it may be collected before it is done")


RULE = Rule(
    name="task-not-kept",
    check=check,
    calls=("asyncio.create_task", "asyncio.ensure_future"),
    on=False,
    twins=("ruff:RUF006", "sonar:S7502", "pyright:reportUnusedCallResult"),
    examples=(
        Example("thrown away", before="import asyncio\n\n\nasync def go(work):\n    $0asyncio.create_task(work())$0\n"),
        Example(
            "kept",
            before="import asyncio\n\n\nasync def go(work):\n    task = asyncio.create_task(work())\n    await task\n",
        ),
        Example("returned", before="import asyncio\n\n\ndef go(work):\n    return asyncio.ensure_future(work())\n"),
    ),
)
