"""What is under the cursor, gathered from the pieces for `explain.hover`; nothing here waits for anything."""

import ast
import re
from collections.abc import Callable, Generator, Iterator
from copy import copy
from dataclasses import dataclass
from textwrap import dedent

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.file import Analyser, FileState, Placed
from coding_agent.analysis.registry import reason
from coding_agent.analysis.walk import Walk
from coding_agent.explain.code import Function
from coding_agent.explain.hover import Limits, Noted, Subject, hover
from coding_agent.explain.page import Section
from coding_agent.explain.project import Relations
from coding_agent.explain.radon import Maintainability
from coding_agent.explain.signature import Definition
from coding_agent.ide.facade import placed_at
from coding_agent.semantics.symbol import SymbolInfo
from coding_agent.syntax.pieces import Piece, Role
from coding_agent.text import Span

_WORD = re.compile(r"[^\W\d]\w*")
_MANY = 200
"""Pieces looked into at most to count uses."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the cursor is on: the definition meant, where this file has it, and the span of the name.

    ``body`` is the tree of ``placed`` that ``node`` is of: a piece that is parsed again has other nodes.
    """

    placed: Placed
    owner: Placed | None
    body: list[ast.stmt]
    node: Definition | None
    span: Span | None
    name: str

    @property
    def holder(self) -> str:
        """The class that the definition stands in; "" for none."""
        info = self.owner.report.info if self.owner is not None and self.placed.piece.role is Role.MEMBER else None
        return info.name if info is not None else ""

    @property
    def qualified(self) -> str:
        return f"{self.holder}.{self.name}" if self.holder else self.name

    @property
    def lines(self) -> tuple[int, int]:
        """Its first and last line, from 1, decorators included; 0 and 0 where this file has none."""
        if self.node is None:
            return 0, 0
        first = min([self.node.lineno, *(each.lineno for each in self.node.decorator_list)])
        more = self.line - self.node.lineno
        return first + more, (self.node.end_lineno or self.node.lineno) + more

    @property
    def line(self) -> int:
        """The line of its ``def`` or ``class``, from 1; 0 where this file has none."""
        if self.node is None:
            return 0
        return self.node.lineno + self.placed.line - (self.placed.piece.role is Role.MEMBER)


def sections(
    state: FileState,
    analyser: Analyser,
    offset: int,
    found: Found | None,
    symbol: SymbolInfo | None,
    page: Callable[[str], str | None],
    *,
    ours_only: bool,
    limits: Limits,
    maintainability: Maintainability | None = None,
    uses: int | None = None,
    related: Relations | None = None,
) -> tuple[tuple[Section, ...], Span | None]:
    """The sections of a hover over what ``find`` found, and the span they are about; none where there is nothing to
    say.
    """
    notes = tuple(_noted(state, offset, page))
    if found is None:
        subject = Subject(symbol=symbol, findings=notes, relations=related)
        return hover(subject, lambda _: None, ours_only=ours_only, limits=limits), None
    node, placed = found.node, found.placed
    if node is None:
        subject = Subject(symbol=symbol, findings=notes, relations=related)
        return hover(subject, lambda _: None, ours_only=ours_only, limits=limits), found.span
    walk = Walk(found.body, placed.piece.role is Role.MEMBER)
    context = Context(Layout(placed.piece.text, placed.piece.role is Role.MEMBER), walk, state.names, None, "", False)
    method, holder = _stands_in(found, node, context)
    subject = Subject(
        node=_documented(node, placed, state, analyser),
        line_shift=placed.line - (placed.piece.role is Role.MEMBER),
        method=method,
        holder=holder,
        enclosing=_enclosing(node, context),
        symbol=symbol,
        metrics=walk.metrics.get(node),
        maintainability=maintainability,
        findings=notes,
        uses=uses,
        relations=related,
    )
    return hover(subject, context.qualified, ours_only=ours_only, limits=limits), found.span


def function_text(found: Found | None) -> str | None:
    """The text of the function that the cursor is on, without its decorators and what it is indented by."""
    if found is None or not isinstance(found.node, Function):
        return None
    text = found.placed.piece.text
    span = Layout(text, found.placed.piece.role is Role.MEMBER).span(found.node)
    return dedent(text[text.rfind("\n", 0, span.start) + 1 : span.stop])


def _documented(node: Definition, placed: Placed, state: FileState, analyser: Analyser) -> Definition:
    """A class with its docstring, which is in a piece of its own."""
    if not isinstance(node, ast.ClassDef) or placed.report.info is None:
        return node
    below = placed.offset + len(placed.piece.text)
    near = state.placed(near=Span(below, below))
    first = next((other for other in near if other.offset == below and other.piece.indent), None)
    whole = copy(node)
    whole.body = (analyser.trees.of(first.piece) if first is not None else []) or node.body
    return whole


def find(state: FileState, analyser: Analyser, offset: int) -> Found | None:
    """What the cursor at ``offset`` is on: a definition's name, or a name that means one of this file."""
    here = placed_at(state, offset)
    if here is None:
        return None
    placed, owner = here
    body = analyser.trees.of(placed.piece)
    layout = Layout(placed.piece.text, placed.piece.role is Role.MEMBER)
    at = offset - placed.offset
    for node in _all_nodes(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            span = layout.name_span(node)
            if span.start <= at <= span.stop:
                return Found(placed, owner, body, node, span.shifted(placed.offset), node.name)
        elif isinstance(node, ast.Name):
            span = layout.span(node)
            if span.start <= at <= span.stop:
                return _meant(state, analyser, placed, owner, node.id, span.shifted(placed.offset), body, node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            stop = layout.span(node).stop
            if stop - len(node.attr) <= at <= stop and owner is not None:
                span = Span(stop - len(node.attr), stop).shifted(placed.offset)
                return _member(state, analyser, placed, owner, node.attr, span, body)
    return None


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the text: the offset it begins at, the text of its piece and the offset in that, and what it means by
    the imports of the file (``json.dumps``), None where something else decides.
    """

    offset: int
    piece: str
    at: int
    dotted: str | None


def named(state: FileState, analyser: Analyser, offset: int) -> Named | None:
    """The name that the cursor at ``offset`` is on."""
    here = placed_at(state, offset)
    if here is None:
        return None
    placed, text = here[0], here[0].piece.text
    at = offset - placed.offset
    start = text.rfind("\n", 0, at) + 1
    line = text[start : text.find("\n", at) % (len(text) + 1)]
    for word in _WORD.finditer(line):
        if word.start() <= at - start <= word.end():
            begin, end = start + word.start(), start + word.end()
            return Named(placed.offset + begin, text, begin, _dotted(state, analyser, placed, begin, end))
    return None


def _dotted(state: FileState, analyser: Analyser, placed: Placed, begin: int, end: int) -> str | None:
    body, member = analyser.trees.of(placed.piece), placed.piece.role is Role.MEMBER
    layout = Layout(placed.piece.text, member)
    for node in _all_nodes(body):
        if isinstance(node, ast.Name | ast.Attribute):
            span = layout.span(node)
            if span.stop == end and (isinstance(node, ast.Attribute) or span.start == begin):
                return Context(layout, Walk(body, member), state.names, None, "", False).qualified(node)
    return None


def imports(state: FileState, analyser: Analyser) -> Iterator[int]:
    """The offsets of the names that the file imports at its top."""
    for placed in state.placed():
        if not placed.report.imports:
            continue
        layout = Layout(placed.piece.text, False)
        for node in _all_nodes(analyser.trees.of(placed.piece)):
            if isinstance(node, ast.alias) and node.name != "*":
                yield placed.offset + layout.span(node).start + node.name.rfind(".") + 1


def _meant(
    state: FileState,
    analyser: Analyser,
    placed: Placed,
    owner: Placed | None,
    name: str,
    span: Span,
    body: list[ast.stmt],
    node: ast.Name,
) -> Found:
    """The top-level definition that a name means, where no scope around it binds it otherwise."""
    walk = Walk(body, placed.piece.role is Role.MEMBER)
    layout = Layout(placed.piece.text, placed.piece.role is Role.MEMBER)
    context = Context(layout, walk, state.names, None, "", False)
    holder = context.scope(node).owner_of(name)
    if holder is None or holder.outer is None:
        for other in state.placed():
            if not other.piece.indent or other.report.info is not None:
                tree, definition = _defined(analyser, other, name)
                if definition is not None:
                    return Found(other, None, tree, definition, span, name)
    return Found(placed, owner, body, None, span, name)


def _member(
    state: FileState,
    analyser: Analyser,
    placed: Placed,
    owner: Placed,
    name: str,
    span: Span,
    body: list[ast.stmt],
) -> Found:
    inside = False
    for other in state.placed():
        if other.report.info is not None:
            inside = other.offset == owner.offset
        elif not other.piece.indent:
            inside = False
        elif inside:
            tree, definition = _defined(analyser, other, name)
            if definition is not None:
                return Found(other, owner, tree, definition, span, name)
    return Found(placed, owner, body, None, span, name)


def _defined(analyser: Analyser, placed: Placed, name: str) -> tuple[list[ast.stmt], Definition | None]:
    """The tree of a piece, and what it defines by a name; nothing is parsed that defines no such name."""
    if not any(member.name == name for member in placed.report.members):
        return [], None
    tree = analyser.trees.of(placed.piece)
    for node in tree:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return tree, node
    return tree, None


def _noted(state: FileState, offset: int, page: Callable[[str], str | None]) -> Iterator[Noted]:
    here = placed_at(state, offset)
    if here is None:
        return
    placed = here[0]
    for finding in placed.findings:
        span = finding.span.shifted(placed.offset)
        if span.start <= offset <= span.stop:
            yield Noted(f"{finding.message} ({finding.rule})", reason(finding.rule), page(finding.rule) or "")


def uses_of(state: FileState, analyser: Analyser, found: Found | None) -> Generator[None, None, int | None]:
    """Count how often the definition's name is used in this file; None where too many places would have to be read."""
    if found is None or found.node is None:
        return None
    name, method = found.name, found.owner is not None
    word = re.compile(rf"\b{re.escape(name)}\b")
    places: list[Piece] = []
    for placed in state.placed():
        if (method or name in placed.report.reads) and word.search(placed.piece.text):
            places.append(placed.piece)
            if len(places) > _MANY or analyser.trees.is_large(placed.piece.source):
                return None
        yield
    count = 0
    for piece in places:
        for node in _all_nodes(analyser.trees.of(piece)):
            if method:
                count += isinstance(node, ast.Attribute) and node.attr == name
            else:
                count += isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        yield
    return count


def _stands_in(found: Found, node: Definition, context: Context) -> tuple[bool, str]:
    """Whether a definition stands in a class itself, not in a method of one, and in which."""
    around = next((each for each in context.ancestors(node) if isinstance(each, Definition)), None)
    if around is None:
        return found.owner is not None or found.placed.piece.role is Role.MEMBER, found.holder
    return isinstance(around, ast.ClassDef), around.name if isinstance(around, ast.ClassDef) else ""


def _enclosing(node: Definition, context: Context) -> set[str]:
    return {
        name
        for above in context.ancestors(node)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in context.walk.scopes[above].bound
    }


def _all_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)
