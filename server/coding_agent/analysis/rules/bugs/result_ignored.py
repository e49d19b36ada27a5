"""A call only makes a new value, and nobody takes it.

``text.strip()`` leaves ``text`` as it is; so do ``sorted(rows)`` and ``name.upper()``. Calls in a ``try`` and in a
test are left alone, and so are calls with arguments that nobody has counted: they may be made to see whether they
raise.

The fix assigns the result where the object is a variable of the function.

Source: CWE-252, unchecked return value.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import has_star
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import only_value, parameters
from coding_agent.text import Edit, Span

_METHODS = (
    *("strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "casefold", "swapcase", "zfill"),
    *("startswith", "endswith", "splitlines", "removeprefix", "removesuffix", "replace", "union", "intersection"),
    *("symmetric_difference", "isdigit", "isalpha", "isidentifier", "isnumeric", "encode", "decode", "expandtabs"),
)
_FUNCTIONS = (
    "builtins.sorted",
    "builtins.reversed",
    "builtins.enumerate",
    "builtins.zip",
)
_MAKERS = ("str", "format", "join", "strip", "lower", "upper", "replace", "read_text", "hex", "decode", "removeprefix")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    statement = context.parent(node)
    if not isinstance(statement, ast.Expr) or has_star(node) or _may_be_a_try(statement, context):
        return
    callee = node.func
    name = context.source(callee).rpartition(".")[2]
    if isinstance(callee, ast.Attribute) and callee.attr in _METHODS:
        if not _is_text_or_set(callee.value, context):
            return
    elif context.qualified(callee) not in _FUNCTIONS:
        return
    yield context.finding(node, f"'{name}' changes nothing, and nobody takes its result", lambda: _fix(node, context))


def _may_be_a_try(statement: ast.stmt, context: Context) -> bool:
    for above in context.ancestors(statement):
        if isinstance(above, ast.Try | ast.TryStar | ast.With | ast.AsyncWith):
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            return above.name.startswith("test") or "raises" in above.name
    return False


def _is_text_or_set(node: ast.expr, context: Context) -> bool:
    """Whether an object certainly has the method of the builtin type."""
    value = node
    if isinstance(node, ast.Name):
        if _is_annotated(node, context):
            return True
        value = only_value(node.id, node, context)
    if isinstance(value, ast.JoinedStr | ast.Set | ast.SetComp):
        return True
    if isinstance(value, ast.Constant):
        # On a text itself it may be called to load a codec, or to be timed.
        return value is not node and isinstance(value.value, str | bytes)
    if isinstance(value, ast.Call):
        made = value.func.attr if isinstance(value.func, ast.Attribute) else ""
        return made in _MAKERS or context.qualified(value.func) in ("builtins.str", "builtins.set", "builtins.input")
    return False


def _is_annotated(node: ast.Name, context: Context) -> bool:
    """Whether a name is a parameter said to be a text or set."""
    function = context.function(node)
    said = next((p.annotation for p in parameters(function) if p.arg == node.id), None) if function else None
    return isinstance(said, ast.Name) and said.id in ("str", "bytes", "set", "frozenset")


def _fix(node: ast.Call, context: Context) -> Fix | None:
    callee = node.func
    if not isinstance(callee, ast.Attribute) or not isinstance(callee.value, ast.Name):
        return None
    name, start = callee.value.id, context.span(node).start
    scope = context.scope(node)
    if name not in scope.bound or callee.attr.startswith(("is", "starts", "ends", "split", "encode", "decode")):
        return None
    if context.function(node) is None:
        return None
    return Fix(f"Assign it to '{name}'", (Edit(Span(start, start), f"{name} = "),), Applicability.UNSAFE)


RULE = Rule(
    name="result-ignored",
    check=check,
    calls=(*_FUNCTIONS, *(f".{name}" for name in _METHODS)),
    cwe=252,
    twins=("pyright:reportUnusedCallResult", "sonar:S2201"),
    examples=(
        Example(
            "a text that stays as it is",
            before="def clean(rows):\n    text = ''.join(rows)\n    $0text.strip()$0\n    return text\n",
            after="def clean(rows):\n    text = ''.join(rows)\n    text = text.strip()\n    return text\n",
        ),
        Example(
            "a parameter that says what it is",
            before="def clean(text: str):\n    $0text.strip()$0\n    return text\n",
            after="def clean(text: str):\n    text = text.strip()\n    return text\n",
        ),
        Example("a sorted copy", before="def order(rows):\n    $0sorted(rows)$0\n    return rows\n"),
        Example(
            "taken",
            before="def clean(rows):\n    text = ''.join(rows)\n    text = text.strip()\n    return text\n",
        ),
        Example(
            "to see whether it raises",
            before=(
                "def known(text):\n    try:\n        text.encode('ascii')\n    except UnicodeError:\n"
                "        return False\n    return True\n"
            ),
        ),
        Example("whether so many may be given", before="def check(args):\n    enumerate(*args)\n"),
        Example("another object's method", before="def go(disk):\n    disk.replace(1, 2)\n"),
    ),
)
