"""The level "syntax": the result compiles, and what nobody touched is as it was."""

import ast
import re
import tokenize
import warnings
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from token import COMMENT

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.source import Source, Token, tokens
from coding_agent.text import Edit, Span, split_lines

_ENDS = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"[ \t]*")


def check_layout(before: Source, after: Source, edits: Sequence[Edit], removes: Sequence[Span] = ()) -> None:
    """``removes`` are the spans of comments, or of parts of them, that may go.

    Raises: Unprovable - the result is no Python, warns anew, or has lost something.
    """
    if after.parsed.failure is not None:
        raise Unprovable(f"the result is no Python: {after.parsed.failure.message}")
    _compiles(before, after)
    old, new = sorted(edit.span for edit in edits), result_spans(edits)
    left, right = middle(before, after, edits)
    if _untouched(before, left, old) != _untouched(after, right, new):
        raise Unprovable("a statement outside the edits has changed")
    _same_comments(_comments(before, left), _comments(after, right), removes)
    _same_style(before, after, [edit.new for edit in edits], new)
    if _docstrings(left) - _docstrings(right):
        raise Unprovable("a docstring is lost")


def result_spans(edits: Sequence[Edit]) -> list[Span]:
    """Where the replacements stand in the result, in order."""
    found: list[Span] = []
    shift = 0
    for span, new in sorted(edits, key=lambda edit: (edit.span.start, edit.span.stop)):
        found.append(Span(span.start + shift, span.start + shift + len(new)))
        shift += len(new) - (span.stop - span.start)
    return found


def middle(before: Source, after: Source, edits: Sequence[Edit]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The outermost statements that the edits can have changed, before and after.

    What is left out at the start and at the end has the same text and the same borders, so it parses equally.
    Raises: Unprovable - the borders differ, so an edit has changed what is around it.
    """
    if not edits:
        return [], []
    spans = sorted(edit.span for edit in edits)
    low, high = before.line(spans[0].start), before.line(max(span.stop for span in spans))
    shift = len(after.lines) - len(before.lines)
    left = [_lines(before, node) for node in before.body]
    right = [_lines(after, node) for node in after.body]
    head = sum(1 for line in left if line[1] < low)
    tail = sum(1 for line in left if line[0] > high)
    moved = [(first + shift, last + shift) for first, last in left[len(left) - tail :]]
    if left[:head] != right[:head] or moved != right[len(right) - tail :]:
        raise Unprovable("a statement outside the edits has changed")
    return before.body[head : len(left) - tail], after.body[head : len(right) - tail]


def _lines(source: Source, node: ast.stmt) -> tuple[int, int]:
    """The lines on which a statement begins and ends, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return first - 1 - source.indented, (node.end_lineno or node.lineno) - 1 - source.indented


def _compiles(before: Source, after: Source) -> None:
    warned = _warned(after)
    new = warned - _warned(before) if warned else warned
    if new:
        raise Unprovable(f"the result warns: {next(iter(new))}")


def _warned(source: Source) -> Counter[str]:
    """The warnings of compiling a text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(f"if 1:\n{source.text}" if source.indented else source.text, "<text>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise Unprovable(f"it does not compile: {error}") from error
    return Counter(str(warning.message) for warning in caught)


def _untouched(source: Source, body: list[ast.stmt], touched: Sequence[Span]) -> list[str]:
    """The texts of simple statements, and of headers of others, that no span touches, in order."""
    starts, stops = [span.start for span in touched], [span.stop for span in touched]
    found: list[str] = []
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            start, stop = source.full(node)
            block: list[ast.stmt] = getattr(node, "body", [])
            if block:
                stop = source.full(block[0]).start
            # An edit that ends before the start also begins before the end; one that touches does only the latter.
            if bisect_left(stops, start) == bisect_right(starts, stop):
                found.append(source.text[start:stop].rstrip())
        stack += reversed([n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr)])
    return found


def _same_comments(before: list[Token], after: list[Token], removes: Sequence[Span]) -> None:
    kept, rests = Counter[str](), list[str]()
    for token in before:
        gone = [span for span in removes if token.span.covers(span)]
        if gone:
            rests += _without(token, gone)
        else:
            kept[token.string.strip()] += 1
    there = Counter(token.string.strip() for token in after)
    lost = [*(kept - there), *(rest for rest in rests if not any(rest in comment for comment in there))]
    if lost:
        raise Unprovable(f"a comment is lost: {lost[0]}")


def _without(comment: Token, gone: Sequence[Span]) -> list[str]:
    """What is left of a comment without some spans of the text it stands in."""
    rests: list[str] = []
    at = comment.span.start
    for start, stop in [*sorted(gone), Span(comment.span.stop, comment.span.stop)]:
        rests.append(comment.string[at - comment.span.start : start - comment.span.start].strip())
        at = stop
    return [rest for rest in rests if rest]


def _comments(source: Source, body: list[ast.stmt]) -> list[Token]:
    """The comments of some neighbouring outermost statements, and of what is before and behind them."""
    first, last = 0, len(source.lines)
    if body:
        at = source.body.index(body[0])
        end = at + len(body)
        first = _lines(source, source.body[at - 1])[1] + 1 if at else 0
        last = _lines(source, source.body[end])[0] if end < len(source.body) else last
    try:
        found = tokens(source.lines[first:last], source.starts[first] if first < len(source.starts) else 0, first)
    except (SyntaxError, tokenize.TokenError) as error:
        raise Unprovable(f"its tokens cannot be read: {error}") from error
    return [token for token in found if token.kind == COMMENT]


def _same_style(before: Source, after: Source, added: list[str], places: Sequence[Span]) -> None:
    """Line ends, indentation characters and the byte order mark are those of the original."""
    texts = (before.text, *before.outside.texts)
    known = {end for text in texts for end in _ENDS.findall(text)} or {"\n"}
    if not {end for text in added for end in _ENDS.findall(text)} <= known:
        raise Unprovable("the result has other line ends")
    if before.text[:1] != after.text[:1] and "\ufeff" in {before.text[:1], after.text[:1]}:
        raise Unprovable("the byte order mark is lost")
    touched = {n for span in places for n in range(after.line(span.start), after.line(span.stop) + 1)}
    used = _indentation([after.lines[n] for n in touched if n < len(after.lines)])
    if used <= _indentation(before.lines):
        return
    indents = {c for text in texts for c in _indentation(split_lines(text))}
    if indents and not used <= indents:
        raise Unprovable("the result is indented by other characters")


def _indentation(lines: Sequence[str]) -> set[str]:
    """The characters that lines are indented by."""
    return {c for line in lines if line.strip() for c in _INDENT.findall(line.lstrip("\f"))[0]}


def _docstrings(body: list[ast.stmt]) -> Counter[str]:
    """Every docstring, with the name of what it documents."""
    found: Counter[str] = Counter()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                found[f"{node.name}: {first.value.value}"] += 1
        stack += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.expr)]
    return found
