"""An old version of SSL or TLS is asked for, which can be broken.

SSL 2 and 3, TLS 1.0 and 1.1 have known attacks (POODLE, BEAST) and are forbidden since 2021; servers of
today refuse them. ``ssl.create_default_context()`` chooses well.

The fix asks for TLS 1.2 at least, where a minimum version is set.

Source: CWE-327, use of a broken cryptographic algorithm; RFC 8996.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, unsafe
from coding_agent.analysis.expressions import in_tests
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_VERSIONS = {f"ssl.TLSVersion.{name}" for name in ("SSLv3", "TLSv1", "TLSv1_1")}
_PROTOCOLS = {f"ssl.PROTOCOL_{name}" for name in ("SSLv2", "SSLv3", "TLSv1", "TLSv1_1")}
_MINIMUM = ("minimum_version", "ssl_version")


def check(node: ast.Assign | ast.Call, context: Context) -> Iterable[Finding]:
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return _old(node.value, context) if isinstance(target, ast.Attribute) and target.attr in _MINIMUM else ()
    return _arguments(node, context)


def _arguments(node: ast.Call, context: Context) -> Iterator[Finding]:
    for each in (*node.args, *(given.value for given in node.keywords)):
        yield from _old(each, context)


def _old(node: ast.expr, context: Context) -> Iterator[Finding]:
    named = context.qualified(node) or ""
    if named not in _VERSIONS | _PROTOCOLS or in_tests(context.path):
        return
    version = named.rpartition(".")[2].removeprefix("PROTOCOL_").replace("v1_", "v1.")
    yield context.finding(
        node, f"{version} can be broken; ask for TLS 1.2 or newer", lambda: _fix(node, named, context)
    )


def _fix(node: ast.expr, named: str, context: Context) -> Fix | None:
    # A protocol is for one version only and says nothing of client or server; what replaces it has to be chosen.
    if named not in _VERSIONS or not isinstance(node, ast.Attribute):
        return None
    return unsafe("Ask for TLS 1.2", replacing(node, f"{context.source(node.value)}.TLSv1_2", context))


RULE = Rule(
    name="old-tls-version",
    check=check,
    nodes=(ast.Assign,),
    calls=("ssl.SSLContext", "ssl.wrap_socket", "ssl.get_server_certificate"),
    cwe=327,
    twins=("ruff:S502", "ruff:S503", "bandit:B502", "bandit:B503"),
    examples=(
        Example(
            "a minimum that is too low",
            before="import ssl\n\n\ndef tune(context):\n    context.minimum_version = $0ssl.TLSVersion.TLSv1$0\n",
            after="import ssl\n\n\ndef tune(context):\n    context.minimum_version = ssl.TLSVersion.TLSv1_2\n",
        ),
        Example("one old version", before="import ssl\n\ncontext = ssl.SSLContext($0ssl.PROTOCOL_TLSv1$0)\n"),
        Example("versions of today", before="import ssl\n\ncontext = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)\n"),
        Example(
            "a maximum",
            before="import ssl\n\n\ndef tune(context):\n    context.maximum_version = ssl.TLSVersion.TLSv1_2\n",
        ),
    ),
)
