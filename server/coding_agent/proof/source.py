"""A text with its tree: where nodes stand, in code points, and what its tokens are."""

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from coding_agent.proof.outside import ALONE, Outside, mentioned
from coding_agent.syntax.parse import Parsed, parse
from coding_agent.text import Edit, Span, apply_edits, line_table, split_lines

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _covers(node: ast.AST, low: tuple[int, int], high: tuple[int, int]) -> bool:
    line: int = getattr(node, "lineno", 0)
    column: int = getattr(node, "col_offset", 0)
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    if decorators and decorators[0].lineno <= line:
        line, column = decorators[0].lineno, 0
    return (line, column) <= low and high <= (getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0))


def _placed_children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below that have a place; what has none is looked through."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            found.append(child)
        else:
            found += _placed_children(child)
    return found


@dataclass(frozen=True, slots=True)
class Token:
    """A token at its place; ``kind`` is a number of the module ``token``, lines count from 0."""

    kind: int
    string: str
    span: Span
    first_line: int
    last_line: int


class Source:
    """A text, its statements and its lines. Spans are offsets in code points from the text's start.

    ``indented`` says that the text is cut out of a block, every statement in it indented; ``outside``
    is the rest of the document where the text is a part of it.
    """

    def __init__(
        self, text: str, indented: bool = False, body: list[ast.stmt] | None = None, outside: Outside = ALONE
    ) -> None:
        self.text = text
        self.indented = indented
        self.outside = outside
        self._body = body

    def edited(self, edits: Sequence[Edit]) -> "Source":
        """The text with some edits, in the same document."""
        return Source(apply_edits(self.text, edits), self.indented, outside=self.outside)

    def mentions(self, word: str) -> bool:
        """Whether a word stands anywhere in the document, in strings and comments too."""
        return mentioned(word, self.text) or self.outside.mentions(word)

    def words(self) -> frozenset[str]:
        """Every word of the document, those of strings and comments too."""
        return self.outside.words | frozenset(re.findall(r"\w+", self.text))

    @cached_property
    def parsed(self) -> Parsed:
        return parse(self.text, self.indented) if self._body is None else Parsed(self._body)

    @property
    def body(self) -> list[ast.stmt]:
        """The statements; empty while the text is not Python."""
        return self.parsed.body

    @cached_property
    def lines(self) -> list[str]:
        return split_lines(self.text)

    @cached_property
    def starts(self) -> list[int]:
        return line_table(self.text)

    def path(self, span: Span) -> tuple[ast.AST, ...]:
        """The nodes around a span, from the outermost statement inwards."""
        low, high = self.place(span.start), self.place(span.stop)
        found: list[ast.AST] = []
        level: list[ast.AST] = list(self.body)
        while level:
            around = next((node for node in level if _covers(node, low, high)), None)
            if around is None:
                break
            found.append(around)
            level = _placed_children(around)
        return tuple(found)

    def ancestors(self, node: ast.AST) -> list[ast.AST]:
        """The nodes around a node that have a place, from the inside out."""
        path = self.path(self.span(node))
        return list(reversed(path[: path.index(node)])) if node in path else []

    def line(self, offset: int) -> int:
        """The number of the line an offset stands in, from 0."""
        return bisect_right(self.starts, offset) - 1

    def offset(self, lineno: int, column: int) -> int:
        """The offset of a place given as ``ast`` gives it: lines from 1 (2 if indented), columns in UTF-8 bytes."""
        index = lineno - 1 - self.indented
        line = self.lines[index] if index < len(self.lines) else ""
        if not line.isascii():
            column = len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))
        return self.starts[index] + column

    def place(self, offset: int) -> tuple[int, int]:
        """The inverse of ``offset``."""
        index = self.line(offset)
        head = self.text[self.starts[index] : offset]
        column = len(head) if head.isascii() else len(head.encode("utf-8", "surrogatepass"))
        return index + 1 + self.indented, column

    def span(self, node: ast.AST) -> Span:
        """Where a node stands, without the parentheses around it and without decorators."""
        return Span(*self._ends(node))

    def _ends(self, node: ast.AST) -> tuple[int, int]:
        place = cast("ast.stmt", node)  # what has a place has these four, whatever it is
        assert place.end_lineno is not None
        assert place.end_col_offset is not None
        return self.offset(place.lineno, place.col_offset), self.offset(place.end_lineno, place.end_col_offset)

    def full(self, node: ast.stmt) -> Span:
        """Where a statement stands, its decorators included."""
        start, stop = self._ends(node)
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if decorators:
            start = self.text.rindex("@", 0, self.span(decorators[0]).start)
        return Span(start, stop)

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        start, stop = self._ends(node)
        return self.text[start:stop]

    def tokens(self, span: Span) -> list[Token]:
        """The tokens of the whole lines that ``span`` touches; these must be whole statements."""
        first, last = self.line(span.start), self.line(span.stop)
        return tokens(self.lines[first : last + 1], self.starts[first], first)


def tokens(lines: list[str], offset: int = 0, first: int = 0) -> list[Token]:
    """The tokens of some lines that are whole statements; ``offset`` and ``first`` are where they begin.

    Raises: SyntaxError, tokenize.TokenError - the lines are not whole statements.
    """
    starts = [offset]
    for line in lines:
        starts.append(starts[-1] + len(line))
    # The tokenizer knows "\n" only; columns do not change when line ends do.
    plain = "".join(line.rstrip("\r\n") + "\n" if line[-1:] in "\r\n" else line for line in lines)
    found: list[Token] = []
    for kind, string, (row, column), (end_row, end_column), _ in tokenize.generate_tokens(io.StringIO(plain).readline):
        if row > len(lines):
            break
        stop = starts[min(end_row, len(lines)) - 1] + end_column if end_row <= len(lines) else starts[-1]
        found.append(Token(kind, string, Span(starts[row - 1] + column, stop), first + row - 1, first + end_row - 1))
    return found


def string_lines(found: list[Token]) -> frozenset[int]:
    """The lines that begin inside a string: to change their indentation would change the string."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in found:
        name = tokenize.tok_name[token.kind]
        if name == "STRING":
            inside.update(range(token.first_line + 1, token.last_line + 1))
        elif name in {"FSTRING_START", "TSTRING_START"}:
            opened.append(token.first_line)
        elif name in {"FSTRING_END", "TSTRING_END"}:
            inside.update(range(opened.pop() + 1, token.last_line + 1))
    return frozenset(inside)
