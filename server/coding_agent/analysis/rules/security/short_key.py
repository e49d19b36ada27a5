"""An RSA or DSA key under 2048 bits can be worked out.

Keys of 1024 bits are within reach of who has much computing power, and are forbidden for new
signatures since 2014.

Off by default: a short key is often one that a device or an old format takes. Select it, or ``security``, for code that
chooses its keys.

The fix takes 3072 bits, good until 2030 and beyond.

Source: CWE-326, inadequate encryption strength; NIST SP 800-57, part 1.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, value
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule

_HAZMAT = "cryptography.hazmat.primitives.asymmetric"
_BITS = {
    f"{_HAZMAT}.rsa.generate_private_key": (1, "key_size"),
    f"{_HAZMAT}.dsa.generate_private_key": (0, "key_size"),
    f"{_HAZMAT}.dsa.generate_parameters": (0, "key_size"),
    **{f"{top}.PublicKey.{kind}.generate": (0, "bits") for top in ("Crypto", "Cryptodome") for kind in ("RSA", "DSA")},
}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    given = argument(node, *_BITS[context.qualified(node.func) or ""])
    bits = value(given, context) if given is not None else None
    if not isinstance(bits, ast.Constant) or not isinstance(bits.value, int) or in_tests(context.path):
        return
    # A key that nobody keeps asks whether the library still makes such keys.
    if bits.value < 2048 and not isinstance(context.parent(node), ast.Expr):
        fix = context.replace(bits, "3072", "Use 3072 bits", Applicability.UNSAFE)
        yield context.finding(bits, f"a key of {bits.value} bits can be worked out; use 3072", fix)


RULE = Rule(
    name="short-key",
    check=check,
    calls=tuple(_BITS),
    cwe=326,
    twins=("ruff:S505", "bandit:B505"),
    on=False,
    examples=(
        Example(
            "1024 bits",
            before=(
                "from cryptography.hazmat.primitives.asymmetric import rsa\n\n"
                "key = rsa.generate_private_key(public_exponent=65537, key_size=$01024$0)\n"
            ),
            after=(
                "from cryptography.hazmat.primitives.asymmetric import rsa\n\n"
                "key = rsa.generate_private_key(public_exponent=65537, key_size=3072)\n"
            ),
        ),
        Example(
            "through a name",
            before=(
                "from Crypto.PublicKey import RSA\n\n\ndef make():\n    bits = $0512$0\n    return RSA.generate(bits)\n"
            ),
            after="from Crypto.PublicKey import RSA\n\n\ndef make():\n    bits = 3072\n    return RSA.generate(bits)\n",
        ),
        Example("long enough", before="from Crypto.PublicKey import RSA\n\nkey = RSA.generate(2048)\n"),
        Example(
            "a question to the library",
            before=(
                "from Crypto.PublicKey import RSA\n\ntry:\n    RSA.generate(512)\nexcept ValueError:\n"
                "    SMALL = False\n"
            ),
        ),
        Example(
            "chosen elsewhere",
            before="from Crypto.PublicKey import RSA\n\n\ndef make(n):\n    return RSA.generate(n)\n",
        ),
    ),
)
