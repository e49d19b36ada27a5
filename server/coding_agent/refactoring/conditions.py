"""The parts of an ``if`` as text: conditions, clauses, blocks; and how to turn a condition round."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from coding_agent.errors import Refused
from coding_agent.proof.scopes import Scopes
from coding_agent.proof.source import Source
from coding_agent.proof.types import comparable
from coding_agent.text import Edit, Span, line_body

_OPERATOR = re.compile(r"is\s+not|not\s+in|[!=<>]=|[<>]|\bis\b|\bin\b")
_NEGATION = {"is": "is not", "is not": "is", "in": "not in", "not in": "in"}
_ORDER = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Await)
_ELSE = re.compile(r"[ \t;]*(?:#[^\r\n]*)?(?:(?:\r\n|\r|\n)[ \t\f]*(?:#[^\r\n]*)?)*[\r\n][ \t\f]*(?=else\b)")
_TO_COLON = re.compile(r"(?:[\s)]|\\[\r\n]|#[^\r\n]*[\r\n])*,?(?:[\s)]|\\[\r\n]|#[^\r\n]*[\r\n])*:")


@dataclass(frozen=True, slots=True)
class Clause:
    """One of ``if``, ``elif``, ``else`` with its block.

    ``head`` goes from the keyword to behind the colon. ``condition`` is the text of the test
    with all parentheses around it; empty for ``else``. ``lines`` are the whole lines of the
    block, empty where it stands on the line of the header.
    """

    node: ast.If
    head: Span
    condition: Span
    lines: range
    indent: str
    body_indent: str
    body: list[ast.stmt]


def indentation(source: Source, offset: int) -> str:
    """The white space from the start of the line to ``offset``. Raises: Refused - there is something else."""
    head = source.text[source.starts[source.line(offset)] : offset]
    if head.strip(" \t\f"):
        raise Refused("the statement shares its line with another one")
    return head.rpartition("\f")[2]


def if_clause(source: Source, node: ast.If) -> Clause:
    """The ``if`` or ``elif`` itself, without what follows it."""
    start = source.span(node).start
    keyword = 4 if source.text.startswith("elif", start) else 2
    test = source.span(node.test)
    found = _TO_COLON.match(source.text, test.stop)
    if found is None:
        raise Refused("the colon behind the condition was not found")
    raw = source.text[start + keyword : found.end() - 1]
    left = start + keyword + len(raw) - len(raw.lstrip())
    condition = Span(left, left + len(raw.strip()))
    return _clause(source, node, Span(start, found.end()), condition, node.body)


def else_clause(source: Source, node: ast.If) -> Clause:
    """The ``else`` of an ``if``. Raises: Refused - it has none, or has ``elif``."""
    if not node.orelse or has_elif(source, node):
        raise Refused("there is no else here")
    found = _ELSE.match(source.text, source.span(node.body[-1]).stop)
    if found is None:
        raise Refused("the else was not found")
    colon = _TO_COLON.match(source.text, found.end() + 4)
    if colon is None:
        raise Refused("the colon behind the else was not found")
    head = Span(found.end(), colon.end())
    return _clause(source, node, head, Span(head.stop, head.stop), node.orelse)


def _clause(source: Source, node: ast.If, head: Span, condition: Span, body: list[ast.stmt]) -> Clause:
    indent = indentation(source, head.start)
    first = source.line(source.full(body[0]).start)
    header = source.line(head.stop)
    if first == header:
        return Clause(node, head, condition, range(header + 1, header + 1), indent, "", body)
    body_indent = indentation(source, source.full(body[0]).start)
    if not body_indent.startswith(indent) or body_indent == indent:
        raise Refused("the block is not indented as the `if` is")
    return Clause(node, head, condition, range(header + 1, block_end(source, body, indent)), indent, body_indent, body)


def block_end(source: Source, body: list[ast.stmt], indent: str) -> int:
    """One past the last line of a block: comments behind it that are indented deeper than ``indent`` belong to it."""
    line = end = source.line(source.span(body[-1]).stop) + 1
    while line < len(source.lines):
        text = line_body(source.lines[line])
        stripped = text.strip()
        if stripped:
            if not stripped.startswith("#") or not text.startswith(indent) or text[len(indent)] not in " \t":
                break
            end = line + 1
        line += 1
    return end


def has_elif(source: Source, node: ast.If) -> bool:
    """Whether what follows the ``if`` is written ``elif``."""
    return is_elif(source, node.orelse[0]) if len(node.orelse) == 1 else False


def is_elif(source: Source, node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and source.text.startswith("elif", source.span(node).start)


def terminates(body: list[ast.stmt]) -> bool:
    """Whether control surely does not run off the end of a block."""
    match body[-1] if body else None:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=yes, orelse=no):
            return terminates(yes) and terminates(no)
        case _:
            return False


def negated(source: Source, scopes: Scopes, clause: Clause) -> str:
    """The condition turned round, as text.

    ``<`` becomes ``>=`` only between surely built-in values: elsewhere the two need not be opposites.
    """
    scope = scopes.scope(_function(source, clause.node))
    text = source.text[clause.condition.start : clause.condition.stop]
    start, stop = source.span(clause.node.test)
    wrapped = start > clause.condition.start
    plain = _negation(source, clause.node.test, scope.is_builtin)
    if plain is not None:
        before, after = source.text[clause.condition.start : start], source.text[stop : clause.condition.stop]
        return f"{before}{plain}{after}"
    return f"not {text}" if wrapped or isinstance(clause.node.test, _ATOMS) else f"not ({text})"


def _function(source: Source, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return next((a for a in source.ancestors(node) if isinstance(a, kinds)), None)


def _negation(source: Source, test: ast.expr, is_builtin: Callable[[str], bool]) -> str | None:
    """The opposite of a test without ``not (...)`` around it, None where there is none."""
    start, stop = source.span(test)
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = source.text[start + 3 : stop].strip()
            return source.of(operand) if _one_line(inner) and inner[0] == "(" and inner[-1] == ")" else inner
        case ast.Compare(left=left, ops=[_], comparators=[right]):
            low, high = source.span(left).stop, source.span(right).start
            gap = source.text[low:high]
            found = _OPERATOR.search(gap)
            if found is None or not _one_line(gap) or "#" in gap:
                return None
            written = " ".join(found.group().split())
            opposite = _NEGATION.get(written)
            if opposite is None and comparable(left, right, is_builtin):
                opposite = _ORDER.get(written)
            if opposite is None:
                return None
            return (
                f"{source.text[start:low]}{gap[: found.start()]}{opposite}{gap[found.end() :]}{source.text[high:stop]}"
            )
        case _:
            return None


def _one_line(text: str) -> bool:
    return "\n" not in text and "\r" not in text


def reindented(source: Source, lines: range, old: str, new: str, kept: frozenset[int]) -> str:
    """The text of some lines with the indentation ``old`` replaced by ``new``.

    Lines that begin inside a string (``kept``) and lines that are not indented so stay as they are.
    """
    parts: list[str] = []
    for number in lines:
        line = source.lines[number]
        feeds = len(line) - len(line.lstrip("\f"))
        if number not in kept and line.startswith(old, feeds) and line.strip():
            line = line[:feeds] + new + line[feeds + len(old) :]
        parts.append(line)
    return "".join(parts)


def line_end(source: Source, line: int) -> str:
    """How lines end around here."""
    for number in (line, line - 1, *range(min(8, len(source.lines)))):
        if 0 <= number < len(source.lines):
            text = source.lines[number]
            end = text[len(line_body(text)) :]
            if end:
                return end
    return "\n"


def behind(source: Source, offset: int) -> str:
    """What stands on the line behind an offset, a comment for instance, without the white space before it."""
    line = source.line(offset)
    return line_body(source.lines[line])[offset - source.starts[line] :].strip()


def replace_lines(source: Source, lines: range, new: str) -> tuple[Edit, ...]:
    """Replace whole lines; what is equal at the start and at the end stays out of the edit."""
    start = source.starts[lines.start]
    stop = source.starts[lines.stop] if lines.stop < len(source.starts) else len(source.text)
    old = source.text[start:stop]
    if old and old[-1] not in "\r\n":
        new = line_body(new)
    head = 0
    limit = min(len(old), len(new))
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    # A line end of two characters is not cut in two.
    if head and old[head - 1] == "\r":
        head -= 1
    if tail and old[len(old) - tail] == "\n":
        tail -= 1
    return (Edit(Span(start + head, stop - tail), new[head : len(new) - tail]),)
