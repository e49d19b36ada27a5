"""Chunks: what one answer of the search is. Every function, every class without its methods, the rest of a module.

Nothing of a file is lost but its imports: what is long is split at statements, and a text that is no Python is cut into
its pieces, of which only the broken ones are known by their words alone.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from coding_agent.syntax.older import as_older
from coding_agent.syntax.parse import parse
from coding_agent.syntax.piece import Role
from coding_agent.syntax.pieces import cut
from coding_agent.syntax.trees import Trees
from coding_agent.text import Text
from coding_agent.text.text import split_lines

LONG = 150
"""Lines of one chunk at most, unless one statement is longer."""
_TOLD = 600
"""Characters of a docstring that are kept."""
_HEADER = 300
"""Characters of a signature that are kept."""
_COMMENT = re.compile(r"(?:^|\s)#[^'\"]*$", re.MULTILINE)
_BLANK = re.compile(r"\s+")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


class Kind(StrEnum):
    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    MODULE = "module"


class Chunk(NamedTuple):
    """Some whole lines of a file that are found together.

    ``name`` is qualified as Python does it, without ``<locals>``; "" is the module itself. Lines count from 1: ``line``
    is where it begins, decorators included, ``at`` that of its ``def`` or ``class``, ``end`` its last. ``code`` is what
    stands there without the docstring, and without what has chunks of its own (functions in functions are in both).
    """

    name: str
    kind: Kind
    line: int
    at: int
    end: int
    signature: str
    docstring: str
    code: str


def chunks(text: str) -> list[Chunk]:
    """Return the chunks of a file, from its first line to its last."""
    lines = split_lines(text)
    parsed = parse(text)
    if parsed.failure:
        parsed = parse(as_older(text))
    cutter = _Cutter(lines)
    found = _broken(lines, cutter) if parsed.failure else cutter.part(parsed.body, "", 1, len(lines))
    return sorted(found, key=lambda chunk: (chunk.line, -chunk.end))


def _broken(lines: list[str], cutter: "_Cutter") -> Iterator[Chunk]:
    """The chunks of a text that is no Python: one broken method costs the others nothing."""
    below, holder = 0, ""
    for piece in (piece for part in cut(Text.of("".join(lines)), Trees()) for piece in part.pieces):
        member = piece.role is Role.MEMBER
        parsed = parse(piece.source, member)
        for node in (node for statement in parsed.body for node in ast.walk(statement)):
            if isinstance(node, ast.stmt | ast.expr | ast.excepthandler):
                node.lineno += below - member
                node.end_lineno = (node.end_lineno or 0) + below - member
        if piece.role is Role.CLASS:
            holder = next((node.name for node in reversed(parsed.body) if isinstance(node, ast.ClassDef)), "")
        last = min(below + piece.lines, len(lines))
        yield from cutter.part(parsed.body, holder if member else "", below + 1, last)
        below = last


class _Cutter:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def part(self, body: Sequence[ast.stmt], holder: str, first: int, last: int) -> Iterator[Chunk]:
        """The chunks of the lines ``first`` to ``last``, whose statements are ``body``; none where they are broken.

        ``holder`` is the class whose members they are.
        """
        taken = list[range]()
        told = "" if holder or first > 1 else self._docstring(body, taken)
        for node in body:
            if isinstance(node, Definition):
                yield from self._definition(node, f"{holder}." if holder else "", last, in_class=bool(holder))
                taken.append(range(_start(node), (node.end_lineno or last) + 1))
            elif isinstance(node, ast.Import | ast.ImportFrom):
                taken.append(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            else:
                yield from self._inside(node, f"{holder}." if holder else "", last, taken)
        rest = Chunk(holder, Kind.CLASS if holder else Kind.MODULE, first, first, last, "", told, "")
        yield from self._split(rest, body, taken)

    def _definition(self, node: Definition, prefix: str, last: int, *, in_class: bool) -> Iterator[Chunk]:
        name, taken = prefix + node.name, list[range]()
        told = self._docstring(node.body, taken, below=node.lineno)
        is_class = isinstance(node, ast.ClassDef)
        for each in node.body:
            if isinstance(each, Definition):
                yield from self._definition(each, f"{name}.", last, in_class=is_class)
                if is_class:
                    taken.append(range(_start(each), (each.end_lineno or last) + 1))
            else:
                yield from self._inside(each, f"{name}.", last, taken if is_class else [])
        kind = Kind.CLASS if is_class else Kind.METHOD if in_class else Kind.FUNCTION
        end = min(node.end_lineno or last, last)
        whole = Chunk(name, kind, _start(node), node.lineno, end, self._signature(node), told, "")
        yield from self._split(whole, node.body, taken)

    def _inside(self, node: ast.stmt, prefix: str, last: int, taken: list[range]) -> Iterator[Chunk]:
        """Definitions in the blocks of a statement, as behind ``if`` and ``try``."""
        for each in _blocks(node):
            if isinstance(each, Definition):
                yield from self._definition(each, prefix, last, in_class=False)
                taken.append(range(_start(each), (each.end_lineno or last) + 1))
            else:
                yield from self._inside(each, prefix, last, taken)

    def _docstring(self, body: Sequence[ast.stmt], taken: list[range], below: int = 0) -> str:
        """The docstring of a block; its lines are taken where nothing else stands on them."""
        node = body[0] if body else None
        if not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            return ""
        first, last = node.lineno, node.end_lineno or node.lineno
        if first > below and (len(body) == 1 or body[1].lineno > last):
            taken.append(range(first, last + 1))
        return "\n".join(line.strip() for line in node.value.value.strip().splitlines())[:_TOLD]

    def _signature(self, node: Definition) -> str:
        """The header of a definition in one line."""
        first, body = node.lineno - 1, node.body[0]
        stop = _start(body) if isinstance(body, Definition) else body.lineno
        text = "".join(self._lines[first : max(stop - 1, node.lineno)])
        if body.lineno == node.lineno:
            line = self._lines[first].encode("utf-8", "surrogatepass")[: body.col_offset]
            text = line.decode("utf-8", "replace")
        return _BLANK.sub(" ", _COMMENT.sub("", text)).strip().removesuffix(":")[:_HEADER]

    def _split(self, whole: Chunk, body: Sequence[ast.stmt], taken: Sequence[range]) -> Iterator[Chunk]:
        """The lines of a chunk but those that are taken, in parts of at most ``LONG`` lines."""
        lines = list(_without(whole.line, whole.end, taken))
        starts = sorted({_start(each) for each in _statements(body)}) if len(lines) > LONG else []
        while len(lines) > LONG:
            at = bisect_right(starts, lines[LONG]) - 1
            border = starts[at] if at >= 0 and starts[at] > lines[0] else _next(starts, lines[0])
            count = bisect_right(lines, border - 1)
            yield from self._made(whole, lines[:count])
            lines, whole = lines[count:], whole._replace(docstring="")
        # A function may end with its docstring; a class ends, for us, before its first method.
        yield from self._made(whole, lines, whole.end if whole.kind in (Kind.FUNCTION, Kind.METHOD) else 0)

    def _made(self, whole: Chunk, numbers: Sequence[int], least: int = 0) -> Iterator[Chunk]:
        numbers = [number for number in numbers if self._lines[number - 1].strip()]
        if not numbers and not whole.docstring:
            return
        code = "".join(self._lines[number - 1] for number in numbers)
        # What has a docstring begins with it; the later part of something long is where it goes on.
        first = whole.line if whole.docstring else numbers[0]
        last = max(numbers[-1] if numbers else first, least)
        at = whole.at if first <= whole.at <= last else first
        yield whole._replace(line=first, at=at, end=last, code=code)


def _without(first: int, last: int, taken: Sequence[range]) -> Iterator[int]:
    gone = {line for each in taken for line in each}
    return (line for line in range(first, last + 1) if line not in gone)


def _start(node: ast.stmt) -> int:
    decorators: Iterable[ast.expr] = node.decorator_list if isinstance(node, Definition) else ()
    return min([node.lineno, *(each.lineno for each in decorators)])


def _next(starts: Sequence[int], line: int) -> int:
    """The first start behind a line; far beyond the end where there is none."""
    at = bisect_right(starts, line)
    return starts[at] if at < len(starts) else 1 << 60


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements directly in the blocks of a statement that defines nothing."""
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for each in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from each.body


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for each in body:
        yield each
        yield from _statements(list(_blocks(each)))
