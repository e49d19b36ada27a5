"""A loop changes the size of what it iterates over.

Removing from a list while a ``for`` walks it skips the element behind each removed one; a dict or set
raises ``RuntimeError: changed size during iteration``. Appending to a list is left alone, since loops
over a growing list of work are written that way on purpose; so is a change behind which the loop is left.
``items()``, ``keys()`` and ``values()`` are views where the object is known to be a dict by the function that has the
loop, by an annotation or by what is assigned; elsewhere they may be copies, as those of ``email.message.Message`` are.

The fix iterates over a copy, ``list(...)``. Over the views of a dict, where the loop fails as it stands,
it is safe; elsewhere it changes which elements are seen.

Source: Python Language Reference, "The for statement"; Python documentation, dictionary view objects.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import LOOPS, block_of, here, is_path, leaves, parameters, same
from coding_agent.text import Edit, Span

_VIEWS = ("items", "keys", "values")
_DICTS = frozenset(
    (
        *("builtins.dict", "typing.Dict", "typing.DefaultDict", "typing.OrderedDict", "typing.Counter"),
        *("collections.defaultdict", "collections.OrderedDict", "collections.Counter"),
    )
)
_SHRINK = ("remove", "pop", "popitem", "clear", "discard", "insert")
_WORDS = re.compile(rf"\.(?:{'|'.join(_SHRINK)})|del ")


def check(node: ast.For | ast.AsyncFor, context: Context) -> Iterable[Finding]:
    if node.iter.__class__ not in (ast.Name, ast.Attribute, ast.Call):
        return ()
    # Most loops have no such word in them.
    return _found(node, context) if _WORDS.search(context.source(node)) else ()


def _found(node: ast.For | ast.AsyncFor, context: Context) -> Iterator[Finding]:
    iterated = node.iter
    whole, view = iterated, False
    if isinstance(iterated, ast.Call):
        if iterated.args or not isinstance(iterated.func, ast.Attribute) or iterated.func.attr not in _VIEWS:
            return
        whole, view = iterated.func.value, True
    body = context.layout.text[context.span(iterated).stop :]
    if "del " not in body and not any(name in body for name in _SHRINK):
        return
    # What "self" does when a method is called on it is its own matter.
    if not is_path(whole) or context.source(whole) == "self":
        return
    change = _change(node, whole, context)
    if change is not None and (not view or _is_dict(whole, context)):
        yield context.finding(
            change,
            f"'{context.source(whole)}' changes size while the loop iterates over it",
            lambda: _fix(iterated, view, context),
            related=[(iterated, "iterated here")],
        )


def _is_dict(whole: ast.expr, context: Context) -> bool:
    """Whether all that the function says of an object, by annotations and assignments, is that it is a dict."""
    function = context.function(whole)
    if function is None:
        return False
    said = [
        _names_dict(each.annotation, context)
        for each in parameters(function)
        if isinstance(whole, ast.Name) and each.arg == whole.id
    ]
    for each in here(function.body):
        if isinstance(each, ast.Assign) and any(same(target, whole) for target in each.targets):
            said.append(_makes_dict(each.value, context))
        elif isinstance(each, ast.AnnAssign) and same(each.target, whole):
            said.append(_names_dict(each.annotation, context))
    return bool(said) and all(said)


def _makes_dict(value: ast.expr, context: Context) -> bool:
    if isinstance(value, ast.Call):
        return context.qualified(value.func) in _DICTS
    return isinstance(value, ast.Dict | ast.DictComp)


def _names_dict(annotation: ast.expr | None, context: Context) -> bool:
    named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return named is not None and context.qualified(named) in _DICTS


def _change(loop: ast.For | ast.AsyncFor, whole: ast.expr, context: Context) -> ast.AST | None:
    """The first place in a loop that changes ``whole``, with the loop going on behind it."""
    found: ast.AST | None = None
    for node in here(loop.body):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SHRINK:
            if found is None and same(node.func.value, whole) and _goes_on(node, loop, context):
                found = node
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and same(target.value, whole) and _goes_on(node, loop, context):
                    found = found or node
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store) and same(node, whole):
            # Another object is bound to the name: what changes is no longer what is iterated over.
            return None
    return found


def _goes_on(node: ast.AST, loop: ast.AST, context: Context) -> bool:
    """Whether the loop may go on behind a statement in it."""
    at: ast.AST | None = context.statement(node)
    while isinstance(at, ast.stmt) and at is not loop:
        parent = context.parent(at)
        if isinstance(parent, LOOPS) and parent is not loop:
            # A break there only leaves the inner loop.
            at = parent
            continue
        block = block_of(at, context)
        if leaves(block) and not isinstance(block[-1], ast.Continue):
            return False
        at = parent
        while isinstance(at, ast.ExceptHandler | ast.match_case):
            at = context.parent(at)
    return True


def _fix(iterated: ast.expr, view: bool, context: Context) -> Fix | None:
    if context.rebound("list") or context.meaning("list", context.scope(iterated)) != "builtins.list":
        return None
    start, stop = context.span(iterated)
    edits = (Edit(Span(start, start), "list("), Edit(Span(stop, stop), ")"))
    return Fix("Iterate over a copy", edits, Applicability.SAFE if view else Applicability.UNSAFE)


RULE = Rule(
    name="modified-while-iterated",
    check=check,
    nodes=(ast.For, ast.AsyncFor),
    twins=("ruff:B909", "pylint:W4701", "pylint:E4702"),
    examples=(
        Example(
            "removing from a list",
            before="def drop(rows):\n    for row in rows:\n        if row.old:\n            $0rows.remove(row)$0\n",
            after="def drop(rows):\n    for row in list(rows):\n        if row.old:\n            rows.remove(row)\n",
        ),
        Example(
            "deleting keys",
            before=(
                "def drop(cache: dict[str, str]):\n    for key, value in cache.items():\n"
                "        if not value:\n            $0del cache[key]$0\n"
            ),
            after=(
                "def drop(cache: dict[str, str]):\n    for key, value in list(cache.items()):\n"
                "        if not value:\n            del cache[key]\n"
            ),
        ),
        Example(
            "a dict by what is assigned",
            before=(
                "def read(self, rows):\n    self.seen = {row.name: row for row in rows}\n"
                "    for name in self.seen.keys():\n        if not name:\n            $0self.seen.pop(name)$0\n"
            ),
            after=(
                "def read(self, rows):\n    self.seen = {row.name: row for row in rows}\n"
                "    for name in list(self.seen.keys()):\n        if not name:\n            self.seen.pop(name)\n"
            ),
        ),
        Example(
            "keys() may give a list",
            before=(
                "def strip(message):\n    for name in message.keys():\n        if name.startswith('x-'):\n"
                "            del message[name]\n"
            ),
        ),
        Example(
            "an object of one's own",
            before=(
                "def strip(text):\n    message = Message(text)\n    for name, _ in message.items():\n"
                "        if name.startswith('x-'):\n            del message[name]\n"
            ),
        ),
        Example(
            "the loop is left",
            before=(
                "def drop(rows):\n    for row in rows:\n        if row.old:\n            rows.remove(row)\n"
                "            break\n"
            ),
        ),
        Example(
            "a copy is iterated over",
            before="def drop(rows):\n    for row in rows[:]:\n        if row.old:\n            rows.remove(row)\n",
        ),
        Example(
            "a growing list of work",
            before="def spread(todo):\n    for each in todo:\n        todo.append(each.next)\n",
        ),
    ),
)
