"""The definition that somebody asks to have explained, and all there is to say of it."""

import ast

from coding_agent.analysis.context import Layout
from coding_agent.analysis.file import Analyser, FileState, Placed
from coding_agent.explain.document import Document, document
from coding_agent.explain.hover import Limits
from coding_agent.explain.project import Relations
from coding_agent.explain.radon import maintainability
from coding_agent.explain.signature import Definition
from coding_agent.ide.facade import placed_at
from coding_agent.ide.hover import Found, function_text, sections, uses_of
from coding_agent.ide.slices import at_once
from coding_agent.syntax.pieces import Role

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition_at(state: FileState, analyser: Analyser, offset: int) -> Found | None:
    """The innermost function or class around an offset; None outside of all."""
    here = placed_at(state, offset)
    if here is None:
        return None
    placed, owner = here
    line = state.text.position(offset).line + 1
    found = [each for each in _found(analyser, placed, owner) if each.lines[0] <= line <= each.lines[1]]
    if not found and owner is not None and owner is not placed:
        found = _found(analyser, owner, None)
    return max(found, key=lambda each: each.lines[0], default=None)


def definition_named(state: FileState, analyser: Analyser, name: str) -> Found | None:
    """The function or class of a qualified name; of several the last, as Python has it."""
    owner: Placed | None = None
    found: Found | None = None
    last = name.rpartition(".")[2]
    for placed in state.placed():
        if placed.report.info is not None:
            owner = placed
        elif not placed.piece.indent:
            owner = None
        if last in placed.piece.text:
            named = [each for each in _found(analyser, placed, owner) if each.qualified == name]
            found = named[-1] if named else found
    return found


def explained(state: FileState, analyser: Analyser, found: Found, where: str, related: Relations) -> Document:
    """Write all that is known of a definition; takes some 50 ms for a long one."""
    text = function_text(found)
    offset = found.span.start if found.span is not None else found.placed.offset
    shown, _ = sections(
        state,
        analyser,
        offset,
        found,
        symbol=None,
        page=lambda _: None,
        ours_only=False,
        limits=Limits(),
        maintainability=maintainability(text) if text else None,
        uses=at_once(uses_of(state, analyser, found)),
    )
    return document(found.qualified, where, shown, related)


def _found(analyser: Analyser, placed: Placed, owner: Placed | None) -> list[Found]:
    """The definitions in a piece."""
    body = analyser.trees.of(placed.piece)
    layout = Layout(placed.piece.text, placed.piece.role is Role.MEMBER)
    nodes: list[Definition] = [
        node for statement in body for node in ast.walk(statement) if isinstance(node, _DEFINITIONS)
    ]
    return [
        Found(placed, owner, body, node, layout.name_span(node).shifted(placed.offset), node.name) for node in nodes
    ]
