"""A TLS connection that checks no certificate talks to whoever answers.

With ``verify=False``, ``CERT_NONE`` or an unverified context the connection is encrypted and yet open to
anybody on the way, who presents a certificate of his own and reads and changes everything. For a private
authority give its certificates (``verify="ca.pem"``, ``ssl.create_default_context(cafile=...)``).
Where a condition speaks of it, so that a user asked for it, and for connections to this machine
the rule is silent.

The fix turns the check on; servers with certificates nobody vouches for are then refused.

Source: CWE-295, improper certificate validation.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import renaming, unsafe, without_argument
from coding_agent.analysis.expressions import in_tests, is_literal, last_name, words
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_OFF: dict[str, object] = {"verify": False, "verify_ssl": False, "verify_certs": False, "validate_certs": False}
_CLIENTS = {
    *("get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "send", "fetch"),
    *("Client", "AsyncClient", "Session", "client", "resource", "TCPConnector", "ClientSession", "Elasticsearch"),
}
_SESSIONS = {"session", "client", "http", "requests", "s", "sess"}
_OPTED = {"verify", "insecure", "check", "secure", "ssl", "tls", "cert", "certs", "validate", "trust", "skip", "unsafe"}
_HERE = ("://localhost", "://127.0.0.1", "://[::1]")
_MESSAGE = "certificates are not checked: anybody on the way can read and change what is sent"


def check(node: ast.keyword | ast.Assign | ast.Call, context: Context) -> Iterable[Finding]:
    if isinstance(node, ast.keyword):
        return _argument(node, context) if node.arg in _OFF or node.arg == "cert_reqs" else ()
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return _assigned(node, target, context) if isinstance(target, ast.Attribute) else ()
    return _context(node, context)


def _argument(node: ast.keyword, context: Context) -> Iterator[Finding]:
    call = context.parent(node)
    if not isinstance(call, ast.Call) or in_tests(context.path):
        return
    if node.arg == "cert_reqs":
        if _is_none(node.value, context) and not _chosen(node, context):
            yield context.finding(node, _MESSAGE, lambda: _without(call, node, context))
    elif is_literal(node.value, False) and last_name(call.func) in _CLIENTS:
        to = call.args[0] if call.args else None
        local = isinstance(to, ast.Constant) and isinstance(to.value, str) and any(each in to.value for each in _HERE)
        if not local and not _chosen(node, context):
            yield context.finding(node, _MESSAGE, lambda: _without(call, node, context))


def _assigned(node: ast.Assign, target: ast.Attribute, context: Context) -> Iterator[Finding]:
    if context.qualified(node.value) == "ssl._create_unverified_context":
        yield from _unverified(node.value, context)
    elif (
        target.attr == "verify_mode"
        and last_name(target.value) != "self"
        and _is_none(node.value, context)
        and _may_say(node, context)
    ):
        title = "Require certificates"
        yield context.finding(node, _MESSAGE, lambda: renaming(node.value, "ssl.CERT_REQUIRED", title, context))
    elif target.attr == "verify" and _is_off(node, target) and _may_say(node, context):
        fix = context.replace(node.value, "True", "Check certificates", Applicability.UNSAFE)
        yield context.finding(node, _MESSAGE, fix)


def _is_off(node: ast.Assign, target: ast.Attribute) -> bool:
    return is_literal(node.value, False) and last_name(target.value).lstrip("_").lower() in _SESSIONS


def _context(node: ast.Call, context: Context) -> Iterator[Finding]:
    yield from _unverified(node.func, context)


def _unverified(made: ast.expr, context: Context) -> Iterator[Finding]:
    if _may_say(made, context):
        yield context.finding(made, _MESSAGE, lambda: _verified(made, context))


def _verified(made: ast.expr, context: Context) -> Fix | None:
    # The other function takes other arguments.
    call = context.parent(made)
    if isinstance(call, ast.Call) and (call.args or call.keywords):
        return None
    return renaming(made, "ssl.create_default_context", "Use {}", context)


def _without(call: ast.Call, node: ast.keyword, context: Context) -> Fix | None:
    return unsafe(f"Remove {context.source(node)}", without_argument(call, node, context))


def _is_none(node: ast.expr, context: Context) -> bool:
    return context.qualified(node) == "ssl.CERT_NONE" or is_literal(node, "CERT_NONE")


def _may_say(node: ast.AST, context: Context) -> bool:
    return not in_tests(context.path) and not _chosen(node, context)


def _chosen(node: ast.AST, context: Context) -> bool:
    """Whether a condition or function around ``node`` speaks of checking, so that somebody asked for it."""
    for above in context.ancestors(node):
        said = ""
        if isinstance(above, ast.If | ast.IfExp):
            said = context.source(above.test)
        elif isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            said = above.name
        if _OPTED.intersection(words(said)):
            return True
    return False


RULE = Rule(
    name="tls-verification-off",
    check=check,
    nodes=(ast.keyword, ast.Assign),
    calls=("ssl._create_unverified_context",),
    cwe=295,
    twins=("ruff:S501", "ruff:S323", "bandit:B501", "bandit:B323"),
    examples=(
        Example(
            "a request",
            before="import requests\n\n\ndef load(url):\n    return requests.get(url, $0verify=False$0, timeout=3)\n",
            after="import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=3)\n",
        ),
        Example(
            "a session",
            before="import requests\n\nsession = requests.Session()\n$0session.verify = False$0\n",
            after="import requests\n\nsession = requests.Session()\nsession.verify = True\n",
        ),
        Example(
            "a context that checks nothing",
            before="import ssl\n\ncontext = $0ssl._create_unverified_context$0()\n",
            after="import ssl\n\ncontext = ssl.create_default_context()\n",
        ),
        Example(
            "for the whole program",
            before="import ssl\n\nssl._create_default_https_context = $0ssl._create_unverified_context$0\n",
            after="import ssl\n\nssl._create_default_https_context = ssl.create_default_context\n",
        ),
        Example(
            "no certificate required",
            before="import ssl\n\n\ndef open_it(context):\n    $0context.verify_mode = ssl.CERT_NONE$0\n",
            after="import ssl\n\n\ndef open_it(context):\n    context.verify_mode = ssl.CERT_REQUIRED\n",
        ),
        Example(
            "somebody asked for it",
            before="import ssl\n\n\ndef tune(c, insecure):\n    if insecure:\n        c.verify_mode = ssl.CERT_NONE\n",
        ),
        Example("this machine", before="import httpx\n\nhttpx.get('https://localhost:8443/', verify=False)\n"),
        Example("something else is verified", before="def store(row, save):\n    save(row, verify=False)\n"),
    ),
)
