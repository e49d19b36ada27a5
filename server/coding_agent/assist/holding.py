"""A definition in its document: its tree, what is around it, and its lines."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from coding_agent.assist.meant import Failing, Meant
from coding_agent.proof.changes import same
from coding_agent.proof.source import FUNCTIONS, Source
from coding_agent.syntax.parse import parse
from coding_agent.text import Span

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
MARK = "\ufeff"
"""A byte order mark; it is part of a document and no Python."""
_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith)
_HOLDING = (*DEFINITIONS, *_LOOPS, ast.If, ast.Try, ast.TryStar, ast.Match, ast.match_case, ast.ExceptHandler)


@dataclass(frozen=True)
class Held:
    """``path`` leads from the document's statement to the definition, which is its last node.

    ``lines`` are the numbers of its whole lines, from 0, the last one exclusive; ``text`` is without a byte order mark.
    """

    text: str
    body: list[ast.stmt]
    path: tuple[ast.AST, ...]
    lines: range

    @property
    def node(self) -> Definition:
        node = self.path[-1]
        assert isinstance(node, DEFINITIONS)
        return node

    @cached_property
    def source(self) -> Source:
        return Source(self.text, body=self.body)

    @cached_property
    def span(self) -> Span:
        """Its whole lines, with the end of the last one where there is one."""
        starts = [*self.source.starts, len(self.text)]
        return Span(starts[self.lines.start], starts[min(self.lines.stop, len(starts) - 1)])

    @property
    def own(self) -> str:
        """The text of its lines."""
        return self.text[self.span.start : self.span.stop]

    @property
    def indent(self) -> str:
        first = self.source.lines[self.lines.start]
        return first[: len(first) - len(first.lstrip(" \t\f"))]

    @property
    def method(self) -> bool:
        """Whether it stands right in a class."""
        around = [node for node in self.path[:-1] if isinstance(node, DEFINITIONS)]
        return bool(around) and isinstance(around[-1], ast.ClassDef)

    @property
    def newline(self) -> str:
        """How lines end around it."""
        for line in (*self.source.lines[self.lines.start : self.lines.stop], *self.source.lines):
            for end in ("\r\n", "\n", "\r"):
                if line.endswith(end):
                    return end
        return "\n"


def hold(meant: Meant) -> Held:
    """Find what was sent. Raises: Failing - the document is not what was sent, or is no Python."""
    text = meant.document.removeprefix(MARK)
    by = len(meant.document) - len(text)
    found = parse(text)
    if found.failure is not None:
        raise Failing(f"the file is no Python: line {found.failure.line + 1}: {found.failure.message}")
    source = Source(text, body=found.body)
    first, last = meant.span.start - by, meant.span.stop - by
    if not 0 <= first < last <= len(text):
        raise Failing("the place is not in the file")
    lines = range(source.line(first), source.line(last - 1) + 1)
    held = held_at(text, found.body, lines)
    if held is None or qualified(held) != meant.name.replace(".<locals>", ""):
        raise Failing(f"`{meant.name}` does not stand on these lines")
    return held


def held_at(text: str, body: list[ast.stmt], lines: range) -> Held | None:
    """The definition whose lines are these and nobody else's."""
    source = Source(text, body=body)
    for path in _paths(body, lines):
        node = path[-1]
        if isinstance(node, DEFINITIONS) and node.end_lineno == lines.stop:
            start, stop = source.full(node)
            if source.line(start) == lines.start and _alone(source, start, stop):
                return Held(text, body, path, lines)
    return None


def qualified(held: Held) -> str:
    """Its name with those of the definitions around it in front."""
    return ".".join(node.name for node in held.path if isinstance(node, DEFINITIONS))


def same_outside(old: Held, new: Held) -> bool:
    """Whether all but the definition is the same in both documents."""
    left: Sequence[ast.AST] = old.body
    right: Sequence[ast.AST] = new.body
    if len(old.path) != len(new.path):
        return False
    for one, other in zip(old.path, new.path, strict=True):
        if len(left) != len(right) or type(one) is not type(other):
            return False
        if any(
            (a is one) != (b is other) or (a is not one and not same(a, b)) for a, b in zip(left, right, strict=True)
        ):
            return False
        if one is not old.path[-1] and not _same_head(one, other):
            return False
        left, right = _inner(one), _inner(other)
    return True


def _same_head(one: ast.AST, other: ast.AST) -> bool:
    """Whether two compound statements say the same besides their blocks."""
    return all(same(value, getattr(other, name)) for name, value in ast.iter_fields(one) if name not in _BLOCKS)


def _inner(node: ast.AST) -> list[ast.AST]:
    """The statements, handlers and cases right in a node."""
    return [each for name in _BLOCKS for each in cast("list[ast.AST]", getattr(node, name, None) or ())]


def _paths(body: Sequence[ast.AST], lines: range) -> Iterator[tuple[ast.AST, ...]]:
    """The ways to all nodes that may hold some lines, counted from 0."""
    # No recursion: the 500th "elif" stands 500 deep.
    waiting: list[tuple[ast.AST, ...]] = [(node,) for node in reversed(body)]
    while waiting:
        path = waiting.pop()
        if getattr(path[-1], "end_lineno", lines.stop) >= lines.stop:
            yield path
            waiting += [(*path, node) for node in reversed(_inner(path[-1])) if isinstance(node, _HOLDING)]


def _alone(source: Source, start: int, stop: int) -> bool:
    """Whether nothing but a comment shares the lines of a definition."""
    before = source.text[source.starts[source.line(start)] : start]
    behind = source.lines[source.line(stop)][stop - source.starts[source.line(stop)] :].strip()
    return not before.strip() and (not behind or behind[0] == "#")
