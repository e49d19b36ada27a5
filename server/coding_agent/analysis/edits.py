"""Edits that several fixes make: an argument more or less, a name spelled the way the file can reach it.

None where the edit would need to guess or lose a comment.
"""

import ast
import re

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Fix
from coding_agent.text import Edit, Span

_BEHIND = re.compile(r"[ \t]*,[ \t]*(?:\r\n|\r|\n)?[ \t]*")
_SEPARATOR = re.compile(r"\s*,\s*")
_TAIL = re.compile(r"[\s,]*(?:#[^\r\n]*[\s,]*)*")


def unsafe(title: str, *edits: Edit | None, imports: tuple[str, ...] = ()) -> Fix | None:
    """A fix that changes behaviour on purpose; None where one of its edits could not be made."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(title, made, Applicability.UNSAFE, imports) if len(made) == len(edits) else None


def without_argument(call: ast.Call, gone: ast.expr | ast.keyword, context: Context) -> Edit | None:
    """Remove one argument of a call with the comma that belongs to it."""
    arguments = sorted((*call.args, *call.keywords), key=lambda each: context.span(each).start)
    index = arguments.index(gone)
    text = context.layout.text
    span = context.span(gone)
    closing = context.span(call).stop - 1
    start, stop = span
    if index + 1 < len(arguments):
        behind = _BEHIND.match(text, span.stop)
        if behind is None:
            return None
        stop = min(behind.end(), context.span(arguments[index + 1]).start)
    else:
        before = context.span(arguments[index - 1]).stop if index else start
        if index and _SEPARATOR.fullmatch(text, before, start):
            start = before
        elif comma := _BEHIND.match(text, stop, closing):
            stop = comma.end()
        if not _TAIL.fullmatch(text, stop, closing):
            return None
    return None if "#" in text[start:stop] else Edit(Span(start, stop), "")


def with_argument(call: ast.Call, added: str, context: Context) -> Edit | None:
    """Add an argument behind the others."""
    closing = context.span(call).stop - 1
    last = max((context.span(each).stop for each in (*call.args, *call.keywords)), default=None)
    if last is None:
        return Edit(Span(closing, closing), added)
    # A bracket around the last argument is not part of its span, and a generator's is the call's own.
    if last > closing or not _TAIL.fullmatch(context.layout.text, last, closing):
        return None
    return Edit(Span(last, last), f", {added}")


def replacing(node: ast.AST | Span, new: str, context: Context) -> Edit | None:
    """Replace a node by other text, unless that would lose a comment in it."""
    lost = "#" in context.source(node)
    return None if lost else Edit(context.span(node), new)


def renaming(node: ast.expr, dotted: str, title: str, context: Context) -> Fix | None:
    """A fix that puts ``module.name`` in the place of an expression."""
    name = spelled(dotted, node, context)
    if name is None:
        return None
    return unsafe(title.format(name[0]), replacing(node, name[0], context), imports=name[1])


def spelled(dotted: str, at: ast.AST, context: Context) -> tuple[str, tuple[str, ...]] | None:
    """How ``module.name`` is written at a node, with the modules to import for it; None where a name is in the way."""
    module, _, name = dotted.rpartition(".")
    scope = context.scope(at)
    known = dict(context.names)
    for each in (context.walk.top, *context.walk.scopes.values()):
        known.update(each.bound)
    for local, meaning in known.items():
        if meaning in (dotted, module) and context.meaning(local, scope) == meaning:
            return (local if meaning == dotted else f"{local}.{name}"), ()
    top = module.partition(".")[0]
    if top in known and context.meaning(top, scope) != top:
        return None
    return dotted, (module,)
