"""Brings a definition that a model wrote to its place: without a fence, indented as the place is, with its line ends.

A model answers dedented or not, with tabs or spaces of its own. What its code says does not change by that: the result
is parsed again and compared.
"""

import ast
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, pairwise

from coding_agent.assist.holding import DEFINITIONS, Definition, Held
from coding_agent.assist.meant import Failing
from coding_agent.proof.changes import same
from coding_agent.proof.source import Source, Token, string_lines, tokens
from coding_agent.syntax.parse import parse
from coding_agent.text import Span, split_lines

_FENCE = re.compile(
    r"\s*(`{3,}|~{3,})[ \t]*(?:python3?|py)?[ \t]*\n(?P<code>.*?)\n?[ \t]*\1[ \t]*\s*", re.DOTALL | re.IGNORECASE
)
_MARGIN = " \t\f"


@dataclass(frozen=True, slots=True)
class Code:
    """Code as a model wrote it, without a fence: lines end with ``\\n``; ``indented`` where all of them are."""

    text: str
    body: list[ast.stmt]
    indented: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole lines of the one definition that is in some code."""

    text: str
    node: Definition
    indented: bool


def unfenced(code: str) -> str:
    """The code without one fence around it, its lines ended by ``\\n``."""
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    found = _FENCE.fullmatch(code)
    return found["code"] + "\n" if found else code


def read(code: str) -> Code:
    """Parse an answer at any indentation, also where only its first line lost it. Raises: Failing - it is no Python."""
    lines = unfenced(code).rstrip().split("\n")
    text = "\n".join(dropwhile(lambda line: not line.strip(), lines)) + "\n"
    found = parse(text, text[:1] in _MARGIN)
    margins = [line[: len(line) - len(line.lstrip(_MARGIN))] for line in text.split("\n")[1:] if line.strip()]
    if found.failure is not None and text[:1] not in _MARGIN and margins:
        lost = min(margins, key=len)
        other = parse(lost + text, True)
        if other.failure is None:
            text, found = lost + text, other
    if found.failure is not None:
        raise Failing(f"line {found.failure.line + 1} of the code: {found.failure.message}")
    return Code(text, found.body, text[:1] in _MARGIN)


def definition(code: Code, name: str) -> Answer:
    """The definition that is in some code. Raises: Failing - there is not just one."""
    if not code.body:
        raise Failing(f"there is no code; `{name}` has to be there as a whole")
    node = code.body[0]
    if len(code.body) > 1 or not isinstance(node, DEFINITIONS):
        raise Failing(f"it has to be `{name}` as a whole and nothing beside it")
    source = Source(code.text, code.indented, code.body)
    start, stop = source.full(node)
    own = "".join(source.lines[source.line(start) : source.line(stop) + 1])
    again = parse(own, code.indented).body
    if len(again) != 1 or not isinstance(again[0], DEFINITIONS):
        raise Failing(f"it has to be `{name}` as a whole and nothing beside it")
    return Answer(own, again[0], code.indented)


def placed(answer: Answer, held: Held) -> str:
    """The lines of an answer as they stand in the document. Raises: Failing - they cannot stand there."""
    answer = _with_strings(answer, held)
    try:
        lines = list(_indented(answer, held.indent, unit(held)))
    except (SyntaxError, tokenize.TokenError) as error:
        raise Failing(f"its tokens cannot be read: {error}") from error
    text = "".join(lines)
    again = parse(text, bool(held.indent))
    if len(again.body) != 1 or not same(again.body[0], answer.node):
        raise Failing(
            "it says something else once it is indented as its place is; strings over several lines may do that"
        )
    text = text.replace("\n", held.newline)
    return text if held.own[-1:] in "\r\n" else text.removesuffix(held.newline)


def unit(held: Held) -> str:
    """By what the body of the definition is indented deeper than its head."""
    first = held.node.body[0]
    line = held.source.lines[min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]) - 1]
    margin = line[: len(line) - len(line.lstrip(_MARGIN))]
    return margin.removeprefix(held.indent) or ("\t" if "\t" in held.indent else "    ")


def _indented(answer: Answer, base: str, step_in: str) -> Iterator[str]:
    """The lines, each as deep as before in units of the place."""
    lines = split_lines(answer.text)
    found = tokens(lines)
    kept = string_lines(found)
    starts = dict(_levels(found, [] if answer.indented else [0]))
    step = min((b - a for each in starts.values() for a, b in pairwise(each)), default=4)
    above = below = next(iter(starts.values()))
    following: dict[int, list[int]] = {}
    for number in reversed(range(len(lines))):
        following[number] = below = starts.get(number, below)
    for number, line in enumerate(lines):
        if number in kept:
            yield line
        elif not line.strip():
            yield "\n"
        else:
            above = starts.get(number, above)
            depth, more = _depth(_width(line), number in starts, above, following[number])
            steps, rest = divmod(more, step)
            yield (
                base
                + step_in * depth
                + ("\t" * steps + " " * rest if "\t" in step_in else " " * more)
                + line.lstrip(_MARGIN)
            )


def _depth(width: int, begins: bool, above: list[int], below: list[int]) -> tuple[int, int]:
    """How many blocks deep a line stands, and by how many columns more.

    ``above`` and ``below`` are the blocks of the statement that began last, and of the next one: a comment may belong
    to either.
    """
    if begins:
        return len(above) - 1, 0
    for levels in (below, above):
        if width in levels:
            return levels.index(width), 0
    depth = max((at for at, level in enumerate(above) if level <= width), default=0)
    return depth, max(0, width - above[depth])


def _levels(found: Sequence[Token], outermost: list[int]) -> Iterator[tuple[int, list[int]]]:
    """For each line that a statement begins on, the columns of the blocks around it."""
    levels, begins = [*outermost], True
    for token in found:
        name = tokenize.tok_name[token.kind]
        if name == "INDENT":
            levels.append(_width(token.string + "."))
        elif name == "DEDENT":
            levels.pop()
        elif name == "NEWLINE":
            begins = True
        elif begins and name not in {"NL", "COMMENT", "ENDMARKER"}:
            begins = False
            yield token.first_line, [*levels]


def _width(line: str) -> int:
    """The column that a line's code stands in, as the tokenizer counts it."""
    margin = line[: len(line) - len(line.lstrip(_MARGIN))]
    return len(margin.rpartition("\f")[2].expandtabs(8))


def _with_strings(answer: Answer, held: Held) -> Answer:
    """The answer with strings over several lines as the document has them, where only their indentation differs."""
    known: dict[str, str] = {}
    for string in _long_strings(held.own.replace("\r\n", "\n").replace("\r", "\n")):
        known[_flat(string)] = string
    text = answer.text
    for string in _long_strings(text):
        if string not in known.values() and _flat(string) in known:
            text = text.replace(string, known[_flat(string)], 1)
    again = parse(text, answer.indented)
    if text == answer.text or len(again.body) != 1 or not isinstance(again.body[0], DEFINITIONS):
        return answer
    return Answer(text, again.body[0], answer.indented)


def _long_strings(text: str) -> list[str]:
    """The strings of some code that go over several lines."""
    try:
        found = tokens(split_lines(text))
    except (SyntaxError, tokenize.TokenError):
        return []
    return [token.string for token in found if token.kind == tokenize.STRING and "\n" in token.string]


def _flat(string: str) -> str:
    """What a string over several lines says but for the indentation that all its further lines share."""
    first, *others = string.split("\n")
    filled = [line for line in others if line.strip()]
    least = min((_width(line) for line in filled), default=0)
    return "\n".join([first, *(_without(line, least) for line in others)])


def _without(line: str, width: int) -> str:
    margin = line[: len(line) - len(line.lstrip(_MARGIN))]
    wide = len(margin.expandtabs(8))
    return " " * max(0, wide - width) + line[len(margin) :] if line.strip() else ""


def whole(held: Held, lines: str) -> tuple[str, Span]:
    """The document with other lines in place of the definition's, and where these stand in it."""
    text = held.text[: held.span.start] + lines + held.text[held.span.stop :]
    return text, Span(held.span.start, held.span.start + len(lines))
