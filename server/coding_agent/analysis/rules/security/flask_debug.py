"""A web application run with ``debug=True`` lets visitors run code.

The debugger of Werkzeug opens a Python prompt in the browser at every error; its PIN can be worked out by
who reads files of the machine. Start the development server with ``flask --debug run`` instead, which
never reaches production.

The fix sets ``debug=False``.

Source: CWE-489, active debug code; Flask's documentation, "Debug Mode".
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import in_tests, is_literal, keyword, last_name
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    debug = keyword(node, "debug")
    if debug is None or not is_literal(debug.value, True) or in_tests(context.path):
        return
    # What imports tell (``asyncio.run``) is a function, not an application.
    if isinstance(node.func, ast.Attribute) and context.qualified(node.func) is None:
        name = last_name(node.func.value).lower()
        if name.endswith(("app", "application")) or name in ("flask", "server"):
            message = "debug=True lets visitors run code; use `flask --debug run` while developing"
            fix = context.replace(debug.value, "False", "Set debug=False", Applicability.UNSAFE)
            yield context.finding(debug, message, fix)


RULE = Rule(
    name="flask-debug",
    check=check,
    calls=(".run",),
    cwe=489,
    twins=("ruff:S201", "bandit:B201"),
    examples=(
        Example(
            "the debugger is on",
            before="from flask import Flask\n\napp = Flask('app')\n\nif app:\n    app.run('::1', $0debug=True$0)\n",
            after="from flask import Flask\n\napp = Flask('app')\n\nif app:\n    app.run('::1', debug=False)\n",
        ),
        Example(
            "an application made here",
            before="def main():\n    create_app().run($0debug=True$0)\n",
            after="def main():\n    create_app().run(debug=False)\n",
        ),
        Example("the caller decides", before="def main(app, debug):\n    app.run(debug=debug)\n"),
        Example("not an application", before="import asyncio\n\nasyncio.run(main(), debug=True)\n"),
    ),
)
