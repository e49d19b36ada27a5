"""MD5 or SHA-1 protects something that must not be forged or guessed.

Two texts with the same MD5 or SHA-1 can be made at will, and both are so fast that passwords are guessed
by the billion. The rule speaks where names say that a password is hashed, but not where the function asks another
service for something: the scheme is that of the service then. Every call with ``usedforsecurity=False`` is left alone,
and so is every hash over random bytes, which nobody can guess or choose, and a function that says by what standard, or
for what old format, it has to be so.

With ``signatures = true`` it speaks of signatures and tokens, too. In published code their scheme is mostly given by
somebody else; in a service of your own it is worth it. A checksum of a file is left alone there.

The fix, not offered for passwords, takes SHA-256: digests that are stored already no longer match.
For passwords use ``hashlib.scrypt`` or ``hashlib.pbkdf2_hmac`` with a salt.

Source: CWE-328, use of weak hash; NIST SP 800-131A.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import renaming, replacing, unsafe
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword, last_name, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_prescribed

_PASSWORDS = {"password", "passwd", "passphrase", "passwords", "pin"}
_RANDOM = {"os.urandom", "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe", "uuid.uuid4"}
_PROTECTED = {"signature", "signed", "sign", "token", "secret", "nonce", "csrf", "hmac", "otp", "credential"}
_ASKS = {"request", "download", "urlopen", "fetch", "post"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    used = keyword(node, "usedforsecurity")
    if (used is not None and is_literal(used.value, False)) or in_tests(context.path):
        return
    name, data = _hash(node, context)
    if name not in ("md5", "sha1"):
        return
    if is_prescribed(node, context) or (data is not None and _is_random(data, context)):
        return
    hashed = _words(data) if data is not None else set[str]()
    if hashed & _PASSWORDS:
        if _is_for_others(node, context):
            return
        yield context.finding(node, f"{name} of a password is guessed by the billion; use hashlib.scrypt()")
    elif context.option("signatures") and (hashed | _result(node, context)) & _PROTECTED:
        yield context.finding(node, f"{name} can be forged; use SHA-256", lambda: _fix(node, context))


def _hash(node: ast.Call, context: Context) -> tuple[str, ast.expr | None]:
    called = (context.qualified(node.func) or "").removeprefix("hashlib.")
    if called != "new":
        return called, node.args[0] if node.args else None
    name = argument(node, 0, "name")
    said = name.value if isinstance(name, ast.Constant) else ""
    return said.lower().replace("-", "") if isinstance(said, str) else "", argument(node, 1, "data")


def _is_random(data: ast.expr, context: Context) -> bool:
    """Whether bytes that nobody can guess go into what is hashed."""
    function = context.function(data)
    names = {each.id for each in ast.walk(data) if isinstance(each, ast.Name)}
    parts: list[ast.AST] = [data]
    for each in ast.walk(function) if function is not None else ():
        if isinstance(each, ast.Assign | ast.AugAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            if any(isinstance(target, ast.Name) and target.id in names for target in targets):
                parts.append(each.value)
    calls = (each for part in parts for each in ast.walk(part) if isinstance(each, ast.Call))
    return any((context.qualified(each.func) or "") in _RANDOM or last_name(each.func) == "uuid4" for each in calls)


def _is_for_others(node: ast.Call, context: Context) -> bool:
    """Whether the function around asks another service for something: the hash is part of its scheme."""
    function = context.function(node)
    calls = (each for each in ast.walk(function) if isinstance(each, ast.Call)) if function is not None else ()
    return any(not _ASKS.isdisjoint(words(last_name(each.func))) for each in calls)


def _words(data: ast.expr) -> set[str]:
    """The words of the names that stand in an expression."""
    named = (each for each in ast.walk(data) if isinstance(each, ast.Name | ast.Attribute | ast.Subscript))
    return {word for each in named for word in words(last_name(each))}


def _result(node: ast.Call, context: Context) -> set[str]:
    """The words of the name that the digest is given to."""
    statement = context.statement(node)
    if isinstance(statement, ast.Assign):
        return set(words(last_name(statement.targets[0])))
    if isinstance(statement, ast.Return) and (function := context.function(node)) is not None:
        return set(words(function.name))
    return set()


def _fix(node: ast.Call, context: Context) -> Fix | None:
    if context.qualified(node.func) == "hashlib.new":
        return unsafe("Use SHA-256", replacing(node.args[0], '"sha256"', context)) if node.args else None
    return renaming(node.func, "hashlib.sha256", "Use SHA-256", context)


RULE = Rule(
    name="weak-hash",
    check=check,
    calls=("hashlib.md5", "hashlib.sha1", "hashlib.new"),
    cwe=328,
    twins=("ruff:S324", "bandit:B324"),
    options={"signatures": False},
    examples=(
        Example(
            "as a standard has it",
            before=(
                "import hashlib\n\n\ndef sign(packet, secret):\n    # RFC 2865, section 3.\n"
                "    return hashlib.md5(packet + secret).digest()\n"
            ),
            options={"signatures": True},
        ),
        Example(
            "a token",
            before="import hashlib\n\n\ndef make(user):\n    user.token = $0hashlib.md5(user.mail)$0.hexdigest()\n",
            after="import hashlib\n\n\ndef make(user):\n    user.token = hashlib.sha256(user.mail).hexdigest()\n",
            options={"signatures": True},
        ),
        Example(
            "a signature by name of the hash",
            before="import hashlib\n\n\ndef sign(text):\n    return $0hashlib.new('SHA-1', text)$0.digest()\n",
            after='import hashlib\n\n\ndef sign(text):\n    return hashlib.new("sha256", text).digest()\n',
            options={"signatures": True},
        ),
        Example(
            "a password",
            before="from hashlib import sha1\n\n\ndef store(row):\n    row.hash = $0sha1(row.password)$0.digest()\n",
        ),
        Example(
            "a token of somebody's scheme",
            before="import hashlib\n\n\ndef make(user):\n    user.token = hashlib.md5(user.mail).hexdigest()\n",
        ),
        Example(
            "a login somewhere else",
            before=(
                "import hashlib\nimport requests\n\n\ndef login(name, password):\n"
                "    given = hashlib.md5(password.encode()).hexdigest()\n"
                "    return requests.post('https://a.net/login', data={name: given}, timeout=9)\n"
            ),
        ),
        Example(
            "a checksum",
            before="import hashlib\n\n\ndef tag(body):\n    return hashlib.md5(body).hexdigest()\n",
            options={"signatures": True},
        ),
        Example(
            "over random bytes",
            before=(
                "import hashlib\nimport os\n\n\ndef nonce(count):\n    seed = str(count).encode()\n"
                "    seed += os.urandom(8)\n    return hashlib.sha1(seed).hexdigest()\n"
            ),
        ),
        Example(
            "not for security",
            before="import hashlib\n\n\ndef token(text):\n    return hashlib.md5(text, usedforsecurity=False)\n",
        ),
    ),
)
