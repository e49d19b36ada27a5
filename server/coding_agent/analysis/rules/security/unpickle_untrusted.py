"""Data from the network is unpickled: it runs code that its sender chose.

A pickle is a program that makes objects; loading one can start any command. The rule speaks where what is
loaded was visibly received: in a request, as the answer of a server, from a socket, base64 around it or
not. Send JSON, or sign what you send and check the signature before loading.

Source: CWE-502, deserialization of untrusted data; Python's documentation of ``pickle``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import in_tests
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.outside import from_network
from coding_agent.analysis.rule import Example, Rule

_LOADERS = ("pickle", "cPickle", "dill", "cloudpickle", "marshal", "joblib")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if node.args and not in_tests(context.path) and from_network(node.args[0], context):
        called = context.source(node.func)
        yield context.finding(node, f"{called}() of received data runs code that its sender chose; use JSON")


RULE = Rule(
    name="unpickle-untrusted",
    check=check,
    calls=(
        *(f"{module}.{name}" for module in _LOADERS for name in ("load", "loads")),
        *("jsonpickle.decode", "pandas.read_pickle", "pickle.Unpickler"),
    ),
    cwe=502,
    twins=("ruff:S301", "ruff:S302", "bandit:B301", "bandit:B302"),
    examples=(
        Example(
            "from a request",
            before=(
                "import base64\nimport pickle\nfrom flask import request\n\n\ndef session():\n"
                "    data = base64.b64decode(request.cookies['session'])\n    return $0pickle.loads(data)$0\n"
            ),
        ),
        Example(
            "from a socket",
            before="import pickle\n\n\ndef receive(sock):\n    return $0pickle.loads(sock.recv(4096))$0\n",
        ),
        Example(
            "the answer of a server",
            before=(
                "import pickle\nimport requests\n\n\ndef fetch(url):\n"
                "    answer = requests.get(url, timeout=3)\n    return $0pickle.loads(answer.content)$0\n"
            ),
        ),
        Example(
            "a file of ours",
            before=(
                "import pickle\n\n\ndef read(path):\n    with open(path, 'rb') as file:\n"
                "        return pickle.load(file)\n"
            ),
        ),
        Example(
            "json",
            before="import json\nfrom flask import request\n\n\ndef body():\n    return json.loads(request.data)\n",
        ),
    ),
)
