"""A secret made with ``random`` can be worked out.

The generator behind ``random`` tells its whole state to who sees a few hundred of its numbers, and then
every later one. Passwords, tokens and one-time codes come from ``secrets``, which takes
them from the operating system. The rule speaks where the name that gets the value says it is a secret; a
salt is none, it stands beside the hash, nor is a nonce or a state, which only has to be new each time.

The fix takes the same function of ``secrets``, or of ``secrets.SystemRandom()``.

Source: CWE-338, use of a cryptographically weak pseudo-random number generator; PEP 506.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe
from coding_agent.analysis.expressions import in_tests, last_name, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_SECRET = {"password", "passwd", "passphrase", "secret", "otp", "csrf", "apikey", "pwd"}
_PAIRS = {
    *(("api", "key"), ("secret", "key"), ("session", "id"), ("session", "key"), ("private", "key")),
    *(("reset", "code"), ("recovery", "code"), ("verification", "code")),
}
_PUBLIC = {"nonce", "cnonce", "state", "salt"}
_TOKENS = {"access", "auth", "session", "reset", "csrf", "api", "login", "bearer", "security", "verification"}
_SAME = {"choice": "choice", "getrandbits": "randbits", "randbytes": "token_bytes"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path):
        return
    name = _given_to(node, context)
    if name is not None and _is_secret(name, node, context):
        message = f"random can be worked out, and '{name}' is a secret; use the module secrets"
        yield context.finding(node, message, lambda: _fix(node, context))


def _given_to(node: ast.Call, context: Context) -> str | None:
    """The name that the value goes to, through joins and formats."""
    below: ast.AST = node
    for above in context.ancestors(node):
        match above:
            case ast.keyword(arg=name):
                return name
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                return last_name(target)
            case ast.Return():
                function = context.function(above)
                return function.name if function is not None else None
            case ast.Compare() | ast.Subscript() | ast.IfExp() | ast.stmt():
                return None
            case ast.Dict(keys=keys, values=held) if isinstance(below, ast.expr) and below in held:
                key = keys[held.index(below)]
                return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
            case _:
                below = above
    return None


def _is_secret(name: str, node: ast.Call, context: Context) -> bool:
    said = words(name)
    if not _PUBLIC.isdisjoint(said):
        return False
    if _SECRET.intersection(said) or any(pair in _PAIRS for pair in pairwise(said)):
        return True
    # In language processing a token is a word; here it is a secret when its letters are drawn, or its name says so.
    return "token" in said and bool(_TOKENS.intersection(said) or _draws_letters(node, context))


def _draws_letters(node: ast.Call, context: Context) -> bool:
    return any(
        (context.qualified(each) or "").startswith("string.")
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute | ast.Name)
    )


def _fix(node: ast.Call, context: Context) -> Fix | None:
    name = (context.qualified(node.func) or "").removeprefix("random.")
    one = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
    same = _SAME.get(name) or ("randbelow" if name == "randrange" else None) if one else None
    better = spelled(f"secrets.{same or 'SystemRandom'}", node, context)
    if better is None:
        return None
    written = better[0] if same else f"{better[0]}().{name}"
    return unsafe(f"Use {better[0]}()", replacing(node.func, written, context), imports=better[1])


_NAMES = ("choice", "choices", "getrandbits", "randbytes", "randint", "random", "randrange", "sample", "uniform")

RULE = Rule(
    name="random-secret",
    check=check,
    calls=tuple(f"random.{name}" for name in _NAMES),
    cwe=338,
    twins=("ruff:S311", "bandit:B311"),
    examples=(
        Example(
            "a password",
            before=(
                "import random\nimport secrets\nimport string\n\n\ndef make(length):\n"
                "    password = ''.join($0random.choice(string.ascii_letters)$0 for _ in range(length))\n"
                "    return password\n"
            ),
            after=(
                "import random\nimport secrets\nimport string\n\n\ndef make(length):\n"
                "    password = ''.join(secrets.choice(string.ascii_letters) for _ in range(length))\n"
                "    return password\n"
            ),
        ),
        Example(
            "a one-time code",
            before="from random import randint\n\n\ndef new_otp():\n    return $0randint(0, 999999)$0\n",
            after=(
                "import secrets\nfrom random import randint\n\n\n"
                "def new_otp():\n    return secrets.SystemRandom().randint(0, 999999)\n"
            ),
        ),
        Example(
            "by key",
            before="import random\n\nrow = {'csrf_token': $0random.getrandbits(64)$0}\n",
            after="import secrets\nimport random\n\nrow = {'csrf_token': secrets.randbits(64)}\n",
        ),
        Example("a word of a text", before="import random\n\n\ndef mask(tokens):\n    token = random.choice(tokens)\n"),
        Example(
            "a salt",
            before=(
                "import random\nimport string\n\n\ndef make_salt():\n"
                "    return ''.join(random.choice(string.ascii_letters) for _ in range(8))\n"
            ),
        ),
        Example("a number used once", before="import random\n\nnonce = random.getrandbits(64)\n"),
        Example("a game", before="import random\n\ndice = random.randint(1, 6)\n"),
    ),
)
