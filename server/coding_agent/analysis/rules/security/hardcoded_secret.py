"""A password or key stands in the source, where everybody who reads the code has it.

It stays in the history after it was removed, goes along with every copy, and cannot be changed without a
release. The rule knows the shapes of keys of well-known services, private keys, and passwords in URLs. Placeholders,
examples and tests are left alone, and so are keys that are public by design: those of Google's maps and Firebase, of
Stripe's forms.

With ``by-name = true`` it also speaks of literals that look random and are given to a name that says password, secret,
token or key. In published code nearly all of these are keys that a website hands to every visitor, so you have to ask
for it; in a service of your own it is worth it. Words are left alone there, and the token in a mapping that a function
makes: it is more often part of an answer than of a question. So are keys of services that count users.

The fix, where a name gets the literal, reads the value from the environment. Then replace the secret itself:
it is known.

Source: CWE-798, use of hard-coded credentials.
"""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import spelled, unsafe
from coding_agent.analysis.expressions import in_tests, last_name, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit

_KNOWN = re.compile(
    r"(?:(?P<aws>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"
    r"|(?P<github>\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{60,}\b)"
    r"|(?P<slack>\bxox[abeoprs]-[0-9]{8,}-[\w-]{10,}|\bhooks\.slack\.com/services/T\w{8,}/B\w{8,}/\w{24}\b)"
    r"|(?P<openai>\bsk-(?:proj-|ant-\w+-)?[\w-]{16,}T3BlbkFJ[\w-]{16,}|\bsk-ant-[\w-]{80,}|\bsk-proj-[\w-]{74,})"
    r"|(?P<stripe>\b[rs]k_live_[0-9A-Za-z]{20,})"
    r"|(?P<gitlab>\bglpat-[\w-]{20}\b)"
    r"|(?P<sendgrid>\bSG\.[\w-]{22}\.[\w-]{43}\b)"
    r"|(?P<pypi>\bpypi-AgEIcHlwaS5vcmc[\w-]{50,})"
    r"|(?P<npm>\bnpm_[A-Za-z0-9]{36}\b))"
)
_UNBROKEN = re.compile(r"\S{20}")
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}")
_URL = re.compile(r"\b[a-z][a-z0-9+]*://[\w.%-]+:(?P<password>[^@/:\s{}<>$%*]{6,})@(?P<host>[\w.-]+)")
_NAMED = {"password", "passwd", "passphrase", "secret", "token", "apikey", "pwd", "credential"}
_KEYS = {"api", "secret", "access", "private", "encryption", "signing", "auth", "account", "client"}
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|fake|test|changeme|change[-_ ]?(?:me|this)|placeholder|your|xxx|\*\*\*|\.\.\.|todo|insert"
    r"|replace|insecure|default|foobar|1a2b3c|secret|password|passwd|token|12345|abcdef|p[a@4][s5$]{2}w[o0]rd|(.)\1{4}",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"[A-Za-z0-9+/=_!@#$^&*-]{8,200}")
_WORDS = re.compile(r"[A-Za-z]+(?:[-_./: ][A-Za-z]+)*[0-9]{0,4}|[A-Z0-9_]+|[a-z]+([A-Z][a-z]+)+")
_PARTS = (ast.Expr, ast.JoinedStr, ast.BinOp)
_NAMING = (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict)
_PUBLIC = {"amplitude", "analytics", "mixpanel", "posthog", "segment", "sentry", "telemetry", "site", "publishable"}
"""What counts the users of a program has a key that only writes, and every copy of the program shows it."""
_HEX_NAME = re.compile(r"(?:sha|md5|hash|digest|checksum|fingerprint|revision|commit|etag|uuid|public)", re.IGNORECASE)


def check(node: ast.Constant, context: Context) -> Iterable[Finding]:
    text = node.value
    if not isinstance(text, str) or len(text) < 8:
        return ()
    parent = context.walk.parents.get(node)
    # Docstrings show things, and parts of built texts are not whole. What is short and has no name shows nothing.
    if parent.__class__ in _PARTS or (parent.__class__ not in _NAMING and len(text) < 20 and "://" not in text):
        return ()
    return _found(node, text, parent, context)


def _found(node: ast.Constant, text: str, parent: ast.AST | None, context: Context) -> Iterator[Finding]:
    kind = _kind(text)
    if kind is not None and not in_tests(context.path):
        yield context.finding(node, f"everybody who reads the code has this {kind}; replace it and keep it out")
    if kind is not None or not context.option("by-name"):
        return
    if parent.__class__ not in _NAMING or not _RANDOM.fullmatch(text):
        return
    name = _name(node, parent)
    if name and _is_secret(name) and _looks_random(text, name) and not in_tests(context.path):
        if isinstance(parent, ast.Dict) and words(name)[-1] == "token" and context.function(node) is not None:
            return
        message = f"the literal for '{name}' looks real: everybody who reads the code has it"
        yield context.finding(node, message, lambda: _fix(node, name, context))


def _kind(text: str) -> str | None:
    """What kind of secret a text shows by its shape."""
    if _UNBROKEN.search(text) and (match := _KNOWN.search(text)) and not _PLACEHOLDER.search(match[0]):
        return f"{match.lastgroup} key"
    if "PRIVATE KEY-" in text and _PRIVATE.search(text):
        return "private key"
    if "://" in text and (match := _URL.search(text)):
        password, host = match["password"], match["host"]
        local = host in ("localhost", "127.0.0.1", "0.0.0.0") or "." not in host or "example" in host
        if not local and not _PLACEHOLDER.search(password) and not _WORDS.fullmatch(password):
            return "password in the URL"
    return None


def _name(node: ast.Constant, parent: ast.AST | None) -> str:
    """The name that a literal is given to: variable, attribute, parameter, key."""
    match parent:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return last_name(target)
        case ast.keyword(arg=str(name)):
            return name
        case ast.Dict(keys=keys, values=held) if node in held:
            key = keys[held.index(node)]
            return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
        case _:
            return ""


def _is_secret(name: str) -> bool:
    """Whether the last word of a name says that its value is a secret."""
    said = words(name)
    if not said or _HEX_NAME.search(name):
        return False
    if not _PUBLIC.isdisjoint(said):
        return False
    return said[-1] in _NAMED or (said[-1] == "key" and bool(_KEYS.intersection(said)))


def _looks_random(text: str, name: str) -> bool:
    if (
        _WORDS.fullmatch(text)
        or set(words(text)) <= set(words(name))
        or _PLACEHOLDER.search(text)
        or _reads_as_words(text)
    ):
        return False
    kinds = sum(re.search(kind, text) is not None for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]"))
    counts = Counter(text)
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    # People choose passwords that are shorter and tidier than keys that a machine made.
    short = {"password", "passwd", "passphrase", "pwd"}.intersection(words(name))
    return kinds >= 3 and entropy >= 2.7 if short else len(text) >= 16 and entropy >= 3.2 and kinds >= 2


def _reads_as_words(text: str) -> bool:
    """Whether a text is a name made of words and numbers, as ``bms1IbatTemperature``: what a machine drew changes
    between small letters, capitals and digits at every second character.
    """
    return text.isalnum() and 3 * len(words(text)) < len(text)


def _fix(node: ast.Constant, name: str, context: Context) -> Fix | None:
    environ = spelled("os.environ", node, context)
    if environ is None or "\n" in context.source(node):
        return None
    variable = "_".join(words(name)).upper()
    read = Edit(context.span(node), f'{environ[0]}["{variable}"]')
    return unsafe(f"Read it from the environment as {variable}", read, imports=environ[1])


RULE = Rule(
    name="hardcoded-secret",
    check=check,
    nodes=(ast.Constant,),
    cwe=798,
    twins=("ruff:S105", "ruff:S106", "ruff:S107", "bandit:B105", "bandit:B106", "bandit:B107"),
    options={"by-name": False},
    examples=(
        Example(
            "a key",
            before="import os\n\nAPI_KEY = $0'q8Zr2LmX0vTt5KcW9bNd'$0\n",
            after='import os\n\nAPI_KEY = os.environ["API_KEY"]\n',
            options={"by-name": True},
        ),
        Example(
            "a password as an argument",
            before="import os\n\n\ndef connect(db):\n    return db.connect(password=$0'Kw7!pLq2x'$0)\n",
            after='import os\n\n\ndef connect(db):\n    return db.connect(password=os.environ["PASSWORD"])\n',
            options={"by-name": True},
        ),
        Example("a name alone says little", before="API_KEY = 'q8Zr2LmX0vTt5KcW9bNd'\n"),
        Example("a key that is public by design", before="KEY = 'AIzaSyD4b7kQ" + "mWx2Lr9TfVn8HcPz0JgYuEa1s6o'\n"),
        Example(
            "a private key",
            before="KEY = $0'-----BEGIN RSA PRIVATE" + " KEY-----\\n" + "MIIEpAIBAAKCAQEA" * 3 + "'$0\n",
        ),
        Example("by the shape of the key", before="$0'AKIA" + "QYLPMN5HHHFPZAM2'$0.lower()\n"),
        Example("in a URL", before="URL = $0'postgres://app:9fK2mWq7" + "@db.internal.net/app'$0\n"),
        Example("a word", before="password = 'administrator'\nTOKEN = 'access_token'\n", options={"by-name": True}),
        Example(
            "an example",
            before="aws_access_key = 'AKIAIOSFODNN7EXAMPLE'\nsecret = 'your-secret-goes-here-1A'\n",
            options={"by-name": True},
        ),
        Example("the name of a field", before="sensor = dict(api_key='epv1EnergyTotal2')\n", options={"by-name": True}),
        Example(
            "part of an answer",
            before="def answer():\n    return {'Token': 'ILQMESfEW0p6i6gIJcEWvO65TP5hg6B99hGFZ2lxrIs='}\n",
            options={"by-name": True},
        ),
        Example(
            "only to be counted by",
            before="AMPLITUDE_API_KEY = 'c97dd2acbf306ab7bf54aca0aeb7ffa1'\n",
            options={"by-name": True},
        ),
        Example(
            "its own name",
            before="CONF_S2_ACCESS_KEY = 's2_access_key'\nlogin(password='P@55w0rd!')\n",
            options={"by-name": True},
        ),
        Example(
            "a digest", before="token_sha256 = 'q8Zr2LmX0vTt5KcW9bNdq8Zr2LmX0vTt5KcW9bNd'\n", options={"by-name": True}
        ),
    ),
)
