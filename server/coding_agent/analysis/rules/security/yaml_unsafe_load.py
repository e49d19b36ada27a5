"""``yaml.load`` with an unsafe loader runs code that the document names.

A tag such as ``!!python/object/apply:os.system`` calls any function while the document is read.
``yaml.safe_load`` reads the same plain data and refuses such tags. Calls with a safe loader, with
``FullLoader`` and with loaders of your own are left alone, and so is what reads the project's own: tests, scripts of
its developers, and functions that look for a file beside their module.

The fix calls ``safe_load``; documents that use Python tags on purpose are then refused.

Source: CWE-502, deserialization of untrusted data; PyYAML's documentation of ``load``.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe, without_argument
from coding_agent.analysis.expressions import argument, has_star, in_tests
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_UNSAFE = {"yaml.Loader", "yaml.CLoader", "yaml.UnsafeLoader", "yaml.loader.Loader", "yaml.loader.UnsafeLoader"}

_OWN = re.compile(r"\b(?:__file__|__package__|importlib\.resources|pkg_resources|resources\.files|pkgutil\.get_data)\b")
_SCRIPTS = re.compile(r"(?:^|/)(?:tools|scripts|maint|devtools|hack)/")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path) or _SCRIPTS.search(context.path) or _is_own(node, context):
        return
    called = (context.qualified(node.func) or "").removeprefix("yaml.")
    loader = argument(node, 1, "Loader")
    if not called.startswith("unsafe"):
        if loader is None and has_star(node):
            return
        if loader is not None and context.qualified(loader) not in _UNSAFE:
            return
    message = f"yaml.{called}() runs code that the document names; use safe_load()"
    yield context.finding(node, message, lambda: _fix(node, called.removeprefix("unsafe_"), context))


def _is_own(node: ast.Call, context: Context) -> bool:
    """Whether the function around, or else the statement, looks for a file beside its module."""
    around = context.function(node) or context.statement(node)
    return around is not None and _OWN.search(context.source(around)) is not None


def _fix(node: ast.Call, called: str, context: Context) -> Fix | None:
    safe = spelled(f"yaml.safe_{called}", node, context)
    if safe is None or len(node.args) + len(node.keywords) > 2:
        return None
    callee = replacing(node.func, safe[0], context)
    given = next((each for each in node.keywords if each.arg == "Loader"), None) or (node.args[1:] or [None])[0]
    if given is None:
        return unsafe(f"Use {safe[0]}()", callee, imports=safe[1])
    return unsafe(f"Use {safe[0]}()", callee, without_argument(node, given, context), imports=safe[1])


RULE = Rule(
    name="yaml-unsafe-load",
    check=check,
    calls=("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.unsafe_load_all"),
    cwe=502,
    twins=("ruff:S506", "bandit:B506"),
    examples=(
        Example(
            "a loader that runs code",
            before="import yaml\n\n\ndef read(text):\n    return $0yaml.load(text, Loader=yaml.Loader)$0\n",
            after="import yaml\n\n\ndef read(text):\n    return yaml.safe_load(text)\n",
        ),
        Example(
            "no loader at all",
            before="from yaml import load\n\n\ndef read(file):\n    return $0load(file)$0\n",
            after="import yaml\nfrom yaml import load\n\n\ndef read(file):\n    return yaml.safe_load(file)\n",
        ),
        Example(
            "unsafe by name",
            before="import yaml as y\n\ndocuments = list($0y.unsafe_load_all(open('a.yaml'))$0)\n",
            after="import yaml as y\n\ndocuments = list(y.safe_load_all(open('a.yaml')))\n",
        ),
        Example(
            "a safe loader", before="import yaml\n\n\ndef read(text):\n    return yaml.load(text, yaml.SafeLoader)\n"
        ),
        Example(
            "a file beside the module",
            before=(
                "import importlib.resources\nimport yaml\n\n\ndef schema():\n"
                "    text = importlib.resources.read_text(__package__, 'schema.yaml')\n"
                "    return yaml.load(text, Loader=yaml.Loader)\n"
            ),
        ),
        Example("another load", before="import json\n\n\ndef read(file):\n    return json.load(file)\n"),
    ),
)
