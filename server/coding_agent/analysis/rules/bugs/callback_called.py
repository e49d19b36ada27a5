"""A function is called where it should be handed over.

``Thread(target=work())`` runs ``work`` at once, here, and starts a thread that does nothing with its
result. Calls that make a function (``partial``, names like ``make_...``, classes) are left alone.

The fix hands the function over where it was called without arguments.

Source: Python documentation, ``threading.Thread``, ``atexit.register``.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_PLACES = {
    "threading.Thread": ("target", 1),
    "multiprocessing.Process": ("target", 1),
    "threading.Timer": ("function", 1),
    "atexit.register": ("func", 0),
}
"""Where each of them takes its function: keyword, position."""
_MAKES_FUNCTION = re.compile(
    r"partial|wrap|make|creat|build|factory|decorat|bound|bind|curry|compose|func|callback|handler|lambda|proxy|getter"
    r"|get_|_get|method|target|runner|worker|hook|safe|log|trace|profile|retry|context",
    re.IGNORECASE,
)


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    keyword, position = _PLACES[context.qualified(node.func) or ""]
    given = next((each.value for each in node.keywords if each.arg == keyword), None)
    if given is None and len(node.args) > position and not isinstance(node.args[0], ast.Starred):
        given = node.args[position]
    if not isinstance(given, ast.Call):
        return
    callee = given.func
    name = callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else ""
    if not name or name[0].isupper() or _MAKES_FUNCTION.search(name):
        return
    message = f"'{name}' is called here and now; hand it over without calling it"
    yield context.finding(given, message, lambda: _fix(given, context))


def _fix(given: ast.Call, context: Context) -> Fix | None:
    if given.args or given.keywords:
        return None
    rest = Span(context.span(given.func).stop, context.span(given).stop)
    if context.source(rest) != "()":
        return None
    return Fix("Hand the function over", (Edit(rest, ""),), Applicability.UNSAFE)


RULE = Rule(
    name="callback-called",
    check=check,
    calls=tuple(_PLACES),
    twins=("pylint:W1506",),
    examples=(
        Example(
            "a thread",
            before="import threading\n\n\ndef go(work):\n    threading.Thread(target=$0work()$0).start()\n",
            after="import threading\n\n\ndef go(work):\n    threading.Thread(target=work).start()\n",
        ),
        Example(
            "with arguments",
            before="import atexit\n\n\ndef go(files):\n    atexit.register($0files.close(1)$0)\n",
        ),
        Example(
            "handed over", before="import threading\n\n\ndef go(work):\n    threading.Thread(target=work).start()\n"
        ),
        Example(
            "a call that makes a function",
            before=(
                "import atexit\nimport functools\n\n\ndef go(work):\n    atexit.register(functools.partial(work, 1))\n"
            ),
        ),
    ),
)
