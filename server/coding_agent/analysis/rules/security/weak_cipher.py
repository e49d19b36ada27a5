"""A cipher that no longer keeps a secret.

DES, 3DES, RC2, RC4, Blowfish and IDEA have keys or blocks that are too small; ECB encrypts equal blocks
alike, so that patterns show and blocks can be exchanged. Use AES in GCM mode or ChaCha20-Poly1305, which
also notice changes. A function or class that has the cipher's name is there for who has to have it, by a standard or an
old format, and one that names such a standard in words needs it, too.

Off by default: who uses an old cipher mostly has to, by the other side of a protocol, and in well kept code neither of
two findings was worth acting on. Select it, or ``security``, for code that chooses its ciphers.

Source: CWE-327, use of a broken cryptographic algorithm; NIST SP 800-131A.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, words
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_prescribed

_OLD = ("DES", "DES3", "ARC2", "ARC4", "Blowfish", "CAST", "XOR")
_HAZMAT = ("ARC4", "Blowfish", "CAST5", "IDEA", "SEED", "TripleDES")
_CRYPTO = ("Crypto.Cipher", "Cryptodome.Cipher")
_ALGORITHMS = ("cryptography.hazmat.primitives.ciphers.algorithms", "cryptography.hazmat.decrepit.ciphers.algorithms")
_SHORT = {"ARC2": "rc2", "ARC4": "rc4", "DES3": "des3", "TripleDES": "des3", "CAST5": "cast", "AES": "ecb"}
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ECB = "cryptography.hazmat.primitives.ciphers.modes.ECB"


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    called = context.qualified(node.func) or ""
    if in_tests(context.path) or _is_named_for_it(node, called, context) or is_prescribed(node, context):
        return
    if called == _ECB or called.endswith(".AES.new"):
        mode = argument(node, 1, "mode") if called != _ECB else node
        if mode is not None and (mode is node or (context.qualified(mode) or "").endswith(".MODE_ECB")):
            yield context.finding(mode, "ECB encrypts equal blocks alike; use GCM")
        return
    name = called.removesuffix(".new").rpartition(".")[2]
    yield context.finding(node, f"{name} no longer keeps a secret; use AES in GCM mode")


def _is_named_for_it(node: ast.Call, called: str, context: Context) -> bool:
    """Whether the function or class around a call is that cipher by its name: who wants it has to ask for it."""
    cipher = called.removesuffix(".new").rpartition(".")[2]
    around = [context.owner.name] if context.owner is not None else []
    around += [each.name for each in context.ancestors(node) if isinstance(each, _NAMED)]
    short = _SHORT.get(cipher, cipher.lower())
    return any(short in "".join(words(name)) for name in around)


RULE = Rule(
    name="weak-cipher",
    check=check,
    calls=(
        *(f"{module}.{name}.new" for module in _CRYPTO for name in (*_OLD, "AES")),
        *(f"{module}.{name}" for module in _ALGORITHMS for name in _HAZMAT),
        _ECB,
    ),
    cwe=327,
    twins=("ruff:S304", "ruff:S305", "bandit:B304", "bandit:B305"),
    on=False,
    examples=(
        Example(
            "DES",
            before="from Crypto.Cipher import DES\n\n\ndef box(key):\n    return $0DES.new(key, DES.MODE_CBC)$0\n",
        ),
        Example(
            "equal blocks alike",
            before="from Crypto.Cipher import AES\n\n\ndef box(key):\n    return AES.new(key, $0AES.MODE_ECB$0)\n",
        ),
        Example(
            "a mode of cryptography",
            before=(
                "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n\n\n"
                "def box(key):\n    return Cipher(algorithms.AES(key), $0modes.ECB()$0)\n"
            ),
        ),
        Example(
            "as a standard has it",
            before=(
                "from Crypto.Cipher import DES\n\n\ndef answer(key):\n"
                '    """The response of RFC 2433."""\n    return DES.new(key, DES.MODE_ECB)\n'
            ),
        ),
        Example(
            "by its name",
            before=(
                "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms\n\n\n"
                "class _RC4:\n    def encrypt(self, key):\n        return Cipher(algorithms.ARC4(key), mode=None)\n"
            ),
        ),
        Example(
            "AES in GCM mode",
            before="from Crypto.Cipher import AES\n\n\ndef box(key):\n    return AES.new(key, AES.MODE_GCM)\n",
        ),
    ),
)
