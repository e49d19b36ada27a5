"""A JSON Web Token decoded without its signature says what its sender likes.

With ``verify_signature`` off, ``verify=False`` or the algorithm ``none`` nobody checks who wrote the
token: a client can name itself administrator. Expiry and audience are not checked then either.

A token that is decoded without any key is read, not trusted, as far as the call tells: the server's own fresh answer
from who issued it needs no check (OpenID Connect Core, section 3.1.3.7). So that is a finding only where the token
comes from a request.

The fix, offered where key and algorithms are given, turns the check on; forged and expired tokens raise.

Source: CWE-347, improper verification of cryptographic signature; RFC 8725, section 3.1.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import unsafe, without_argument
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword, value
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.outside import from_request
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path):
        return
    message = "the token's signature is not checked: its sender writes what he likes"
    verify = keyword(node, "verify")
    if verify is not None and is_literal(verify.value, False):
        yield context.finding(verify, message, lambda: _without(node, verify, context))
    off = _signature_off(node, context)
    if off is not None and _is_trusted(node, context) and not _is_verified_after(node, context):
        yield context.finding(off, message, lambda: _on(node, off, context))
    algorithms = argument(node, 2, "algorithms")
    if isinstance(algorithms, ast.List | ast.Tuple | ast.Set):
        for each in algorithms.elts:
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.lower() == "none":
                yield context.finding(each, "the algorithm 'none' accepts tokens that nobody signed")


def _is_trusted(node: ast.Call, context: Context) -> bool:
    """Whether the token is one to be verified: there is a key for it, or a request brings it."""
    return _can_verify(node) or (bool(node.args) and from_request(node.args[0], context))


def _is_verified_after(node: ast.Call, context: Context) -> bool:
    """Whether the function decodes the token again, with a key: whose key to take is asked of the token first."""
    function = context.function(node)
    calls = (each for each in ast.walk(function) if isinstance(each, ast.Call)) if function is not None else ()
    return any(
        each is not node and context.qualified(each.func) == context.qualified(node.func) and _can_verify(each)
        for each in calls
    )


def _signature_off(node: ast.Call, context: Context) -> ast.expr | None:
    given = keyword(node, "options")
    options = value(given.value, context) if given is not None else None
    if isinstance(options, ast.Dict):
        for key, said in zip(options.keys, options.values, strict=True):
            if is_literal(key, "verify_signature") and is_literal(said, False):
                return said
    return None


def _can_verify(node: ast.Call) -> bool:
    key = argument(node, 1, "key")
    empty = isinstance(key, ast.Constant) and not key.value
    return key is not None and not empty and argument(node, 2, "algorithms") is not None


def _without(node: ast.Call, verify: ast.keyword, context: Context) -> Fix | None:
    return unsafe("Verify the signature", without_argument(node, verify, context)) if _can_verify(node) else None


def _on(node: ast.Call, off: ast.expr, context: Context) -> Fix | None:
    return context.replace(off, "True", "Verify the signature", Applicability.UNSAFE) if _can_verify(node) else None


RULE = Rule(
    name="jwt-unverified",
    check=check,
    calls=("jwt.decode", "jwt.decode_complete", "jose.jwt.decode"),
    cwe=347,
    examples=(
        Example(
            "to see whose key to take",
            before=(
                "import jwt\n\n\ndef read(token, keys):\n"
                "    said = jwt.decode(token, options={'verify_signature': False})\n"
                "    return jwt.decode(token, keys[said['from']], algorithms=['ES256'])\n"
            ),
        ),
        Example(
            "the signature is off",
            before=(
                "import jwt\n\n\ndef user(token, key):\n    options = {'verify_signature': $0False$0}\n"
                "    return jwt.decode(token, key, algorithms=['HS256'], options=options)\n"
            ),
            after=(
                "import jwt\n\n\ndef user(token, key):\n    options = {'verify_signature': True}\n"
                "    return jwt.decode(token, key, algorithms=['HS256'], options=options)\n"
            ),
        ),
        Example(
            "the older way",
            before=(
                "from jwt import decode\n\n\ndef user(token, key):\n"
                "    return decode(token, key, $0verify=False$0, algorithms=['HS256'])\n"
            ),
            after=(
                "from jwt import decode\n\n\ndef user(token, key):\n"
                "    return decode(token, key, algorithms=['HS256'])\n"
            ),
        ),
        Example(
            "no key, and the token comes from a request",
            before=(
                "import jwt\nfrom flask import request\n\n\ndef user():\n"
                "    return jwt.decode(request.cookies['token'], options={'verify_signature': $0False$0})\n"
            ),
        ),
        Example(
            "read without a key",
            before=(
                "import jwt\n\n\ndef peek(token):\n    return jwt.decode(token, options={'verify_signature': False})\n"
            ),
        ),
        Example(
            "nobody signs",
            before=(
                "import jwt\n\n\ndef user(token, key):\n"
                "    return jwt.decode(token, key, algorithms=['HS256', $0'none'$0])\n"
            ),
        ),
        Example(
            "verified",
            before="import jwt\n\n\ndef user(token, key):\n    return jwt.decode(token, key, algorithms=['HS256'])\n",
        ),
    ),
)
