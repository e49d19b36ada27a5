"""``==`` compares a signature or key byte by byte and stops at the first difference.

The time it takes tells how many bytes were right, so a caller who may try often finds the rest one by one.
``hmac.compare_digest`` always takes the same time. The rule speaks where an HMAC is compared, or where
names on both sides say that a signature, API key or token that came in is checked; tokens only where the function
speaks of a request or the like, because a user's own keys are compared by nobody who has to guess. It does not speak in
an ``assert``, which lets nobody in, nor where ``inspect`` made the signature.

Off by default: nothing here tells a secret that somebody may guess often from one that is compared at home, and in well
kept code one finding in seven was worth acting on. Select it, or ``security``, for what answers requests.

The fix calls ``hmac.compare_digest``, which takes bytes or ASCII texts and raises TypeError for others.

Source: CWE-208, observable timing discrepancy; Python's documentation of ``hmac.compare_digest``.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe
from coding_agent.analysis.expressions import in_tests, last_name, value, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import root

_DIGESTS = ("digest", "hexdigest")
_MACS = ("hmac.new", "hmac.HMAC")
_SIGNED = {"signature", "sig", "hmac", "mac"}
_CHECKED = {"expected", "computed", "calculated", "provided", "received", "hmac", "header", "request"}
_TOKENS = {("api", "key"), ("csrf", "token"), ("access", "token"), ("auth", "token"), ("secret", "token")}
_KINDS = {("type",), ("kind",), ("name",), ("id",)}
_COMES_IN = re.compile(r"_?(?:\w+_)?(?:request|headers|cookies|websocket|webhook|handshake)", re.IGNORECASE)
_EQUALITY = (ast.Eq, ast.NotEq)
_PLAIN = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
_TESTS = (ast.If, ast.While, ast.IfExp, ast.BoolOp, ast.Return, ast.Assign, ast.UnaryOp, ast.comprehension)


def check(node: ast.Compare, context: Context) -> Iterable[Finding]:
    left, right = node.left, node.comparators[0]
    if len(node.ops) != 1 or node.ops[0].__class__ not in _EQUALITY or right.__class__ not in _PLAIN:
        return ()
    # An argument may be a condition for a database, which has no other way to compare.
    if left.__class__ not in _PLAIN or context.parent(node).__class__ not in _TESTS:
        return ()
    return _found(node, left, right, context)


def _found(node: ast.Compare, left: ast.expr, right: ast.expr, context: Context) -> Iterator[Finding]:
    if in_tests(context.path):
        return
    # Following names costs a look at the whole function: only where its text speaks of digests at all.
    macs = "digest" in context.layout.text and (_is_mac(left, context) or _is_mac(right, context))
    secrets = macs or (_are_secrets(left, right, context) and not _is_of_function(left, context))
    if secrets and not _picks(left, right, node, context):
        message = "== tells by its time how much was right; use hmac.compare_digest()"
        yield context.finding(node, message, lambda: _fix(node, left, right, context))


def _picks(left: ast.expr, right: ast.expr, node: ast.Compare, context: Context) -> bool:
    """Whether a side belongs to what a loop or comprehension goes through: an entry is looked for by its key."""
    sides = {root(left), root(right)}
    return any(
        isinstance(above, ast.For | ast.AsyncFor | ast.comprehension) and not sides.isdisjoint(_names(above.target))
        for above in context.ancestors(node)
    )


def _names(target: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}


def _is_mac(node: ast.expr, context: Context) -> bool:
    made = value(node, context)
    if not isinstance(made, ast.Call):
        return False
    if context.qualified(made.func) == "hmac.digest":
        return True
    if not isinstance(made.func, ast.Attribute) or made.func.attr not in _DIGESTS:
        return False
    hashed = value(made.func.value, context)
    return isinstance(hashed, ast.Call) and context.qualified(hashed.func) in _MACS


def _are_secrets(left: ast.expr, right: ast.expr, context: Context) -> bool:
    one, other = words(last_name(left)), words(last_name(right))
    if any(side[-1:] in _KINDS for side in (one, other)):
        return False
    if any(side[-2:] in _TOKENS for side in (one, other)):
        both_called = isinstance(left, ast.Call) and isinstance(right, ast.Call)
        return not both_called and _answers_requests(left, context)
    both = {*one, *other}
    return bool(_SIGNED.intersection(one) and _SIGNED.intersection(other) and _CHECKED.intersection(both))


def _answers_requests(node: ast.expr, context: Context) -> bool:
    """Whether the function around, or else the statement, speaks of what comes in from others."""
    around = context.function(node) or context.statement(node)
    return around is not None and any(_COMES_IN.fullmatch(name) for name in _spelled(around))


def _spelled(around: ast.AST) -> Iterator[str]:
    for each in ast.walk(around):
        if isinstance(each, ast.Name | ast.Attribute | ast.arg):
            yield each.id if isinstance(each, ast.Name) else each.attr if isinstance(each, ast.Attribute) else each.arg


def _is_of_function(node: ast.expr, context: Context) -> bool:
    """Whether a signature says what a function takes."""
    calls = (each for each in ast.walk(value(node, context)) if isinstance(each, ast.Call))
    return any(context.qualified(each.func) == "inspect.signature" for each in calls)


def _fix(node: ast.Compare, left: ast.expr, right: ast.expr, context: Context) -> Fix | None:
    name = spelled("hmac.compare_digest", node, context)
    if name is None:
        return None
    # Whatever tests it binds less tightly than `not`, or as tightly.
    call = f"{'not ' * isinstance(node.ops[0], ast.NotEq)}{name[0]}({context.source(left)}, {context.source(right)})"
    return unsafe("Use hmac.compare_digest()", replacing(node, call, context), imports=name[1])


RULE = Rule(
    name="timing-unsafe-compare",
    check=check,
    nodes=(ast.Compare,),
    cwe=208,
    on=False,
    examples=(
        Example(
            "an HMAC",
            before=(
                "import hmac\n\n\ndef check(key, body, header):\n    made = hmac.new(key, body, 'sha256')\n"
                "    return $0made.hexdigest() == header$0\n"
            ),
            after=(
                "import hmac\n\n\ndef check(key, body, header):\n    made = hmac.new(key, body, 'sha256')\n"
                "    return hmac.compare_digest(made.hexdigest(), header)\n"
            ),
        ),
        Example(
            "a key that came in",
            before=(
                "import hmac\n\n\ndef allow(request, settings):\n"
                "    if $0request.headers['api-key'] != settings.key$0:\n        raise ValueError\n"
            ),
            after=(
                "import hmac\n\n\ndef allow(request, settings):\n"
                "    if not hmac.compare_digest(request.headers['api-key'], settings.key):\n        raise ValueError\n"
            ),
        ),
        Example(
            "by names",
            before=(
                "import hmac\n\n\ndef valid(signature, expected_signature):\n"
                "    return $0signature == expected_signature$0\n"
            ),
            after=(
                "import hmac\n\n\ndef valid(signature, expected_signature):\n"
                "    return hmac.compare_digest(signature, expected_signature)\n"
            ),
        ),
        Example("a checksum of a file", before="def same(digest, expected):\n    return digest == expected\n"),
        Example("signatures of functions", before="def same(a, b):\n    return a.signature == b.signature\n"),
        Example("for a database", before="def find(rows, api_key):\n    return rows.where(rows.api_key == api_key)\n"),
        Example(
            "signatures that inspect made",
            before=(
                "import inspect\n\n\ndef same(f, expected_signature):\n"
                "    signature = inspect.signature(f).parameters\n"
                "    return signature == expected_signature\n"
            ),
        ),
        Example(
            "of one's own", before="import hmac\n\n\ndef same(k, b, s):\n    assert hmac.digest(k, b, 'md5') == s\n"
        ),
        Example(
            "an entry among others",
            before=(
                "def find(entries, given_api_key):\n    for entry in entries:\n"
                "        if entry.api_key == given_api_key:\n            return entry\n    return None\n"
            ),
        ),
        Example(
            "the user's own",
            before=(
                "import os\n\n\ndef login(api_key):\n    if api_key != os.getenv('API_KEY'):\n"
                "        raise SystemExit('another key is set')\n"
            ),
        ),
        Example("a kind", before="def lives_long(token):\n    return token.kind == LONG_LIVED_ACCESS_TOKEN\n"),
        Example("the presence of a key", before="def given(api_key):\n    return api_key != ''\n"),
    ),
)
