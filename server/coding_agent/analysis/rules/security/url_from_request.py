"""A request names the address that the program then asks.

The program stands inside the network: whoever sends the request reaches services that are not meant for
him, such as the keys of the cloud machine at 169.254.169.254. Take the host from a list of known ones.
An address whose host the program fixes is no finding, nor is a function that checks anything itself.

Source: CWE-918, server-side request forgery.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, value
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.outside import from_request, is_checked
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.texts import Built, Hole, built

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_HOST = re.compile(r"[a-z+]+://[^/\0]+[/?#]")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    url = argument(node, 0, "url")
    if url is None or isinstance(url, ast.Constant) or in_tests(context.path):
        return
    if not from_request(url, context) or is_checked(node, context) or _host_is_fixed(url, context):
        return
    yield context.finding(url, "the request decides which server is asked; take the host from a list of known ones")


def _host_is_fixed(url: ast.expr, context: Context) -> bool:
    """Whether the host is literal text, or a constant stands where it would."""
    texts = list(built(value(url, context), context))
    return bool(texts) and all(_HOST.match(each.skeleton()) or _starts_fixed(each, context) for each in texts)


def _starts_fixed(text: Built, context: Context) -> bool:
    first = text.parts[0]
    return isinstance(first, Hole) and first not in text.open_holes(context)


RULE = Rule(
    name="url-from-request",
    check=check,
    calls=(
        *(f"{module}.{method}" for module in ("requests", "httpx") for method in _METHODS),
        *("urllib.request.urlopen", "urllib.request.urlretrieve", "httpx.stream"),
    ),
    cwe=918,
    twins=("codeql:py/full-ssrf",),
    examples=(
        Example(
            "any server",
            before=(
                "import requests\nfrom flask import request\n\n\ndef preview():\n"
                "    url = request.args.get('url')\n    return requests.get($0url$0, timeout=3).text\n"
            ),
        ),
        Example(
            "a host of the request",
            before=(
                "import urllib.request\n\n\ndef ping(request):\n"
                "    return urllib.request.urlopen($0f\"https://{request.GET['host']}/ping\"$0)\n"
            ),
        ),
        Example(
            "the host is fixed",
            before=(
                "import requests\nfrom flask import request\n\n\ndef show():\n"
                "    return requests.get('https://api.net/' + request.args['id'], timeout=3).text\n"
            ),
        ),
        Example(
            "the host is a constant",
            before=(
                "import requests\nfrom flask import request\n\n\ndef show():\n"
                "    return requests.get(f\"{API_URL}/{request.args['id']}\", timeout=3).text\n"
            ),
        ),
    ),
)
