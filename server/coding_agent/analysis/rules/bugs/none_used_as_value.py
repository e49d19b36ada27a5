"""The result of a call that changes its list in place is used, and is always None.

``rows = rows.sort()`` loses the rows; so does ``random.shuffle``. Lists, dicts and sets are known where the
variable is bound once in the function. Loops over it, subscripts, operators and arguments of builtins are left to
type checkers, which see that None has no place there.

The fix for ``sort`` uses ``sorted``.

Source: Python documentation, "Design and History FAQ": why ``list.sort()`` does not return the sorted list.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import only_value
from coding_agent.text import Edit, Span

_METHODS = {
    "sort": ("list",),
    "reverse": ("list",),
    "append": ("list",),
    "extend": ("list",),
    "insert": ("list",),
    "remove": ("list", "set"),
    "add": ("set",),
    "discard": ("set",),
    "update": ("set", "dict"),
}
_DISPLAYS = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Dict: "dict",
    ast.DictComp: "dict",
}
_CALLS = {
    "builtins.list": "list",
    "builtins.sorted": "list",
    "builtins.set": "set",
    "builtins.dict": "dict",
}
_USES = (ast.Assign, ast.Return, ast.Call, ast.keyword)
"""Where None is as good as anything to a type checker."""
_TAKE_ANYTHING = ("builtins.print", "builtins.repr", "builtins.str", "builtins.bool")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    use = context.parent(node)
    if not isinstance(use, _USES) or (isinstance(use, ast.Call) and _checks_types(use, node, context)):
        return
    callee = node.func
    if isinstance(callee, ast.Attribute) and callee.attr in _METHODS:
        kinds = _METHODS[callee.attr]
        if _kind(callee.value, context) not in kinds or (isinstance(use, ast.Return) and _returns_none(node, context)):
            return
        yield context.finding(
            node, f"'{callee.attr}' changes it in place and gives None", lambda: _fix(node, callee, context)
        )
    elif context.qualified(callee) == "random.shuffle":
        yield context.finding(node, "'shuffle' changes the list in place and gives None")


def _checks_types(use: ast.Call, node: ast.Call, context: Context) -> bool:
    """Whether a call has ``node`` for its callee, or is of a builtin that does not take None."""
    called = context.qualified(use.func) or ""
    return use.func is node or (called.startswith("builtins.") and called not in _TAKE_ANYTHING)


def _kind(node: ast.expr, context: Context) -> str | None:
    """The builtin container that an expression certainly is."""
    value = only_value(node.id, node, context) if isinstance(node, ast.Name) else node
    if isinstance(value, ast.Call):
        return _CALLS.get(context.qualified(value.func) or "")
    return _DISPLAYS.get(type(value)) if value is not None else None  # type: ignore[arg-type]


def _returns_none(node: ast.Call, context: Context) -> bool:
    """Whether the function's other returns give nothing either: then this one only leaves."""
    function = context.function(node)
    return function is None or not any(
        isinstance(each, ast.Return) and each.value is not None and not _is_none(each.value) and each.value is not node
        for each in ast.walk(function)
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _fix(node: ast.Call, callee: ast.Attribute, context: Context) -> Fix | None:
    if callee.attr != "sort" or node.args or context.meaning("sorted", context.scope(node)) != "builtins.sorted":
        return None
    start, stop = context.span(node)
    value = context.span(callee.value)
    rest = Span(value.stop, context.span(node.keywords[0]).start if node.keywords else stop - 1)
    if context.source(rest) != ".sort(" or start != value.start:
        return None
    edits = (Edit(Span(start, start), "sorted("), Edit(rest, ", " if node.keywords else ""))
    return Fix("Use sorted()", edits, Applicability.UNSAFE)


RULE = Rule(
    name="none-used-as-value",
    check=check,
    calls=("random.shuffle", *(f".{name}" for name in _METHODS)),
    twins=("pylint:E1111", "pylint:E1128"),
    examples=(
        Example(
            "given on",
            before="def show(rows):\n    names = [row.name for row in rows]\n    show_all($0names.sort()$0)\n",
            after="def show(rows):\n    names = [row.name for row in rows]\n    show_all(sorted(names))\n",
        ),
        Example(
            "printed",
            before="def show(rows):\n    names = set(rows)\n    print($0names.add(1)$0)\n",
        ),
        Example(
            "where type checkers say that None has no place",
            before=(
                "def show(rows):\n    names = [row.name for row in rows]\n    for name in names.sort():\n"
                "        print(name, len(names.reverse()), names.sort()[0])\n"
            ),
        ),
        Example(
            "assigned",
            before=(
                "def names(rows):\n    found = list(rows)\n    ordered = $0found.sort(key=len)$0\n    return ordered\n"
            ),
            after=(
                "def names(rows):\n    found = list(rows)\n    ordered = sorted(found, key=len)\n    return ordered\n"
            ),
        ),
        Example(
            "shuffled",
            before="import random\n\n\ndef deal(cards):\n    deck = $0random.shuffle(cards)$0\n    return deck\n",
        ),
        Example(
            "as a statement", before="def names(rows):\n    found = list(rows)\n    found.sort()\n    return found\n"
        ),
        Example("not a list", before="def names(query):\n    found = query.sort()\n    return found\n"),
    ),
)
