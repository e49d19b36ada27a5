"""A cookie that says who the visitor is may be read on the way or by scripts.

``secure=False`` sends it over plain HTTP too, where anybody on the way takes it; ``httponly=False`` shows it
to every script of the page. The rule speaks where that is said of a cookie whose name says session,
token or login.

The fix turns the protection on.

Source: CWE-614, sensitive cookie without "Secure"; CWE-1004, without "HttpOnly"; RFC 6265, section 8.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword, last_name, value, words
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule

_NAMES = {"session", "sessionid", "token", "auth", "jwt", "sid", "login", "remember", "refresh", "access", "credential"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    name = argument(node, 0, "key")
    if name is None or in_tests(context.path):
        return
    known = value(name, context)
    said = known.value if isinstance(known, ast.Constant) else last_name(name)
    named = set(words(said)) if isinstance(said, str) else set[str]()
    # Scripts have to read the token against request forgery.
    if not _NAMES.intersection(named) or "csrf" in named or "xsrf" in named:
        return
    for option, danger in (("secure", "is sent over plain HTTP, too"), ("httponly", "is shown to scripts of the page")):
        given = keyword(node, option)
        if given is not None and is_literal(given.value, False):
            fix = context.replace(given.value, "True", f"Set {option}=True", Applicability.UNSAFE)
            yield context.finding(given, f"the cookie '{said}' {danger}; set {option}=True", fix)


RULE = Rule(
    name="insecure-cookie",
    check=check,
    calls=(".set_cookie",),
    cwe=614,
    examples=(
        Example(
            "over plain HTTP",
            before="def login(response, key):\n    response.set_cookie('session_id', key, $0secure=False$0)\n",
            after="def login(response, key):\n    response.set_cookie('session_id', key, secure=True)\n",
        ),
        Example(
            "shown to scripts",
            before=(
                "def login(response, token):\n    name = 'authToken'\n"
                "    response.set_cookie(name, token, secure=True, $0httponly=False$0)\n"
            ),
            after=(
                "def login(response, token):\n    name = 'authToken'\n"
                "    response.set_cookie(name, token, secure=True, httponly=True)\n"
            ),
        ),
        Example(
            "a cookie that says nothing",
            before="def choose(response):\n    response.set_cookie('theme', 'dark', secure=False)\n",
        ),
        Example(
            "scripts have to read it",
            before="def prepare(response, key):\n    response.set_cookie('csrf_token', key, httponly=False)\n",
        ),
    ),
)
