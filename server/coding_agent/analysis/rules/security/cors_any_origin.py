"""Every website may call the interface with the visitor's cookies.

Credentials for any origin let a page that the visitor merely opens read and change what is his. Browsers
forbid ``*`` together with credentials, but Starlette and flask-cors then answer with the caller's own
origin, which they allow. Name the origins, or allow no credentials. Where a switch named for it, or for development,
has to be set first, it is the user's choice.

Off by default: an interface may be open on purpose, and the code does not tell. Select it, or ``security``, for what
answers browsers.

Source: CWE-942, permissive cross-domain policy; Fetch standard, "CORS protocol and credentials".
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import in_tests, is_literal, keyword, value
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule

_SWITCHES = re.compile(r"cors|dev|debug|local", re.IGNORECASE)


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "add_middleware":
        kind = context.qualified(node.args[0]) if node.args else None
        origins, credentials = "allow_origins", "allow_credentials"
        if not (kind or "").endswith(".CORSMiddleware"):
            return
    else:
        origins, credentials = "origins", "supports_credentials"
    shared, given = keyword(node, credentials), keyword(node, origins)
    if shared is None or given is None or not is_literal(shared.value, True) or _is_asked_for(node, context):
        return
    if _is_any(value(given.value, context)):
        message = "every website may call this with the visitor's cookies; name the origins"
        yield context.finding(given, message, related=((shared, "credentials are allowed here"),))


def _is_asked_for(node: ast.Call, context: Context) -> bool:
    """Whether it stands under a condition that is named for it, or for development."""
    return any(
        isinstance(above, ast.If) and _SWITCHES.search(context.source(above.test)) for above in context.ancestors(node)
    )


def _is_any(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(is_literal(each, "*") for each in node.elts)
    return is_literal(node, "*")


RULE = Rule(
    name="cors-any-origin",
    check=check,
    calls=(".add_middleware", "flask_cors.CORS", "flask_cors.cross_origin"),
    cwe=942,
    on=False,
    examples=(
        Example(
            "any origin with credentials",
            before=(
                "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n\napp = FastAPI()\n"
                "app.add_middleware(CORSMiddleware, $0allow_origins=['*']$0, allow_credentials=True)\n"
            ),
        ),
        Example(
            "flask",
            before=(
                "from flask_cors import CORS\n\n\n"
                "def prepare(app):\n    CORS(app, $0origins='*'$0, supports_credentials=True)\n"
            ),
        ),
        Example(
            "behind a switch",
            before=(
                "from starlette.middleware.cors import CORSMiddleware\n\n\ndef prepare(app, enable_cors=False):\n"
                "    if enable_cors:\n"
                "        app.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n"
            ),
        ),
        Example(
            "without credentials",
            before=(
                "from starlette.middleware.cors import CORSMiddleware\n\n\n"
                "def prepare(app):\n    app.add_middleware(CORSMiddleware, allow_origins=['*'])\n"
            ),
        ),
        Example(
            "named origins",
            before=(
                "from flask_cors import CORS\n\n\n"
                "def prepare(app):\n    CORS(app, origins=['https://a.org'], supports_credentials=True)\n"
            ),
        ),
    ),
)
