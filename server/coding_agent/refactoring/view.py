"""What stands at a selection: the nodes around it, the statements or the expression it covers."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from coding_agent.proof.scopes import Scopes
from coding_agent.proof.source import FUNCTIONS, Function, Source, string_lines
from coding_agent.text import Span

_LEAD = re.compile(r"(?:\s|\\(?=[\r\n])|#[^\r\n]*)*")
_TRAIL = re.compile(r"(?:[\s;]|#[^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class Selected:
    """Statements ``block[first:last]`` of one block; ``parent`` holds the block (None: the module)."""

    block: list[ast.stmt]
    first: int
    last: int
    parent: ast.AST | None

    @property
    def statements(self) -> list[ast.stmt]:
        return self.block[self.first : self.last]


class View:
    """A selection in a text. ``owner`` is the class whose member the text is, if it is one piece of a document."""

    def __init__(self, source: Source, selection: Span, owner: str | None = None) -> None:
        self.source = source
        self.owner = owner
        text = source.text[selection.start : selection.stop]
        self.asked = selection
        stripped = text.strip()
        start = selection.start + (len(text) - len(text.lstrip()) if stripped else 0)
        self.selection = Span(start, start + len(stripped))

    @property
    def empty(self) -> bool:
        """Whether there is a cursor only."""
        return self.selection.start == self.selection.stop

    @cached_property
    def path(self) -> tuple[ast.AST, ...]:
        """The nodes around the selection, from the outermost statement inwards."""
        return self.source.path(self.selection)

    @cached_property
    def function(self) -> Function | None:
        """The innermost function whose body the selection is in."""
        for node in reversed(self.path):
            if isinstance(node, FUNCTIONS) and self.source.span(node.body[0]).start <= self.selection.stop:
                return node
        return None

    @cached_property
    def condition(self) -> ast.If | None:
        """The ``if`` or ``elif`` whose header the selection is in, or that it covers."""
        for node in reversed(self.path):
            if isinstance(node, ast.If):
                start, stop = self.source.span(node)
                head = self.source.span(node.body[0]).start
                inside = self.selection.stop <= self.source.span(node.test).stop or (
                    self.empty
                    and self.source.text.find(":", self.source.span(node.test).stop, head) >= self.selection.start
                )
                if start <= self.selection.start and (inside or self.selection == (start, stop)):
                    return node
        return None

    @cached_property
    def selected(self) -> Selected | None:
        """The statements that the selection covers exactly, give or take comments and blank lines around them."""
        if self.empty:
            return None
        lead = _LEAD.match(self.source.text, self.selection.start, self.selection.stop)
        start = lead.end() if lead else self.selection.start
        block: Sequence[ast.stmt] = self.source.body
        parent: ast.AST | None = None
        while True:
            spans = [self.source.full(node) for node in block]
            hit = [i for i, span in enumerate(spans) if span.stop > start and span.start < self.selection.stop]
            if not hit:
                return None
            first, last = hit[0], hit[-1] + 1
            tail = _TRAIL.fullmatch(
                self.source.text, spans[last - 1].stop, max(spans[last - 1].stop, self.selection.stop)
            )
            if spans[first].start == start and spans[last - 1].stop <= self.selection.stop and tail:
                return Selected(list(block), first, last, parent)
            if len(hit) != 1:
                return None
            parent = block[first]
            inner = self._block_around(parent, start)
            if inner is None:
                return None
            parent, block = inner

    def _block_around(self, node: ast.AST, offset: int) -> tuple[ast.AST, list[ast.stmt]] | None:
        """The block below a statement that holds an offset, and the node whose block it is."""
        stack: list[ast.AST] = [node]
        while stack:
            at = stack.pop()
            for name in ("body", "orelse", "finalbody"):
                block = getattr(at, name, None)
                if isinstance(block, list) and block:
                    statements = cast("list[ast.stmt]", block)
                    if self.source.full(statements[0]).start <= offset < self.source.span(statements[-1]).stop:
                        return at, statements
            stack += [*getattr(at, "handlers", []), *getattr(at, "cases", [])]
        return None

    @cached_property
    def expression_path(self) -> tuple[ast.AST, ...]:
        """The path to the outermost expression that the selection covers exactly, that expression last; else empty.

        Parentheses around it may be selected too.
        """
        start, stop = self.selection
        text = self.source.text
        while start < stop:
            path = self.source.path(Span(start, stop))
            for index, node in enumerate(path):
                if isinstance(node, ast.expr) and self.source.span(node) == (start, stop):
                    return path[: index + 1]
            if text[start] != "(" or text[stop - 1] != ")":
                break
            start, stop = start + 1, stop - 1
            while start < stop and text[start].isspace():
                start += 1
            while stop > start and text[stop - 1].isspace():
                stop -= 1
        return ()

    @cached_property
    def expression(self) -> ast.expr | None:
        """The outermost expression that the selection covers exactly."""
        last = self.expression_path[-1] if self.expression_path else None
        return last if isinstance(last, ast.expr) else None

    @cached_property
    def kept_lines(self) -> frozenset[int]:
        """Lines around the selection that begin inside a string, and so must keep their indentation."""
        if not self.path:
            return frozenset()
        outermost = self.path[0]
        if isinstance(outermost, ast.ClassDef) and len(self.path) > 1 and isinstance(self.path[1], ast.stmt):
            outermost = self.path[1]
        assert isinstance(outermost, ast.stmt)
        return string_lines(self.source.tokens(self.source.full(outermost)))

    @cached_property
    def scopes(self) -> Scopes:
        """What the names of the document mean."""
        return Scopes(self.source)

    def block(self, node: ast.stmt) -> list[ast.stmt]:
        """The statements beside a statement of the path, itself included."""
        around = self.ancestors(node)
        if not around:
            return self.source.body
        parents = [around[0], *getattr(around[0], "cases", [])]
        blocks = [getattr(p, field, None) for p in parents for field in ("body", "orelse", "finalbody")]
        return next(cast("list[ast.stmt]", b) for b in blocks if isinstance(b, list) and node in b)

    def ancestors(self, node: ast.AST) -> list[ast.AST]:
        """What is around a node of the path, from the inside out."""
        return list(reversed(self.path[: self.path.index(node)]))
