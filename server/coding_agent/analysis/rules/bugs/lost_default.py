"""What is put into the default of ``dict.get`` is lost.

``groups.get(key, []).append(row)`` adds to a new list that nobody keeps when the key is missing.
``setdefault`` keeps it, and so does a ``defaultdict``.

Source: Python documentation, ``dict.get`` and ``dict.setdefault``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import only_value
from coding_agent.text import Edit, Span

_CHANGES = ("append", "add", "extend", "update", "insert", "appendleft", "setdefault")
_MAKERS = ("builtins.list", "builtins.dict", "builtins.set", "collections.deque", "collections.OrderedDict")
_DICTS = ("builtins.dict", "collections.OrderedDict", "collections.defaultdict", "collections.Counter")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if len(node.args) != 2 or node.keywords or not _is_new(node.args[1], context):
        return
    use = context.parent(node)
    above = context.parent(use) if use is not None else None
    if isinstance(use, ast.Attribute) and use.attr in _CHANGES and isinstance(above, ast.Call):
        lost = isinstance(context.parent(above), ast.Expr)
    else:
        lost = isinstance(use, ast.Subscript) and use.value is node and isinstance(use.ctx, ast.Store)
    if lost:
        message = "what is put into this default is lost where the key is missing"
        yield context.finding(node, message, lambda: _fix(node, context))


def _is_new(node: ast.expr, context: Context) -> bool:
    """Whether an expression makes an empty container."""
    if isinstance(node, ast.List | ast.Set):
        return not node.elts
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, ast.Call) and not node.args and context.qualified(node.func) in _MAKERS


def _fix(node: ast.Call, context: Context) -> Fix:
    assert isinstance(node.func, ast.Attribute)
    stop = context.span(node.func).stop
    edit = Edit(Span(stop - len("get"), stop), "setdefault")
    safe = Applicability.SAFE if _is_dict(node.func.value, context) else Applicability.UNSAFE
    return Fix("Use setdefault()", (edit,), safe)


def _is_dict(node: ast.expr, context: Context) -> bool:
    """Whether a local variable is bound once, to a new dict."""
    value = only_value(node.id, node, context) if isinstance(node, ast.Name) else None
    return isinstance(value, ast.Dict) or (isinstance(value, ast.Call) and context.qualified(value.func) in _DICTS)


RULE = Rule(
    name="lost-default",
    check=check,
    calls=(".get",),
    examples=(
        Example(
            "a list",
            before=(
                "def group(rows):\n    groups = {}\n    for row in rows:\n"
                "        $0groups.get(row.key, [])$0.append(row)\n    return groups\n"
            ),
            after=(
                "def group(rows):\n    groups = {}\n    for row in rows:\n"
                "        groups.setdefault(row.key, []).append(row)\n    return groups\n"
            ),
        ),
        Example(
            "an item",
            before="def put(tree, a, b, value):\n    $0tree.get(a, {})$0[b] = value\n",
            after="def put(tree, a, b, value):\n    tree.setdefault(a, {})[b] = value\n",
        ),
        Example("only read", before="def first(groups, key):\n    return groups.get(key, [])[0]\n"),
        Example("kept", before="def put(groups, key, row):\n    groups.setdefault(key, []).append(row)\n"),
        Example("another default", before="def put(groups, key, row, rest):\n    groups.get(key, rest).append(row)\n"),
    ),
)
