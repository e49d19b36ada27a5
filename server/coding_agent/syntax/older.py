"""Says newer Python in older words, so that the Python we run on reads what a file of the user's defines.

Type parameters go, ``type X = ...`` becomes an assignment, a string with fields in it a plain one that holds its text,
and ``except A, B:`` gets its parentheses. Names, parameters, decorators and lines stay; columns do not. Sources: PEP
695, 696, 701, 750, 758.
"""

import keyword
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)|(?P<string>(?i:[rbuft]|br|rb|fr|rf|tr|rt)?(?P<quote>\"{3}|'{3}|"|'))"""
    r"""|(?P<name>[^\W\d]\w*)|(?P<number>\d\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<sign>[^\s\\])"""
)
_LINE_END = re.compile(r"\r\n|\r|\n")


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    text: str
    """A name, sign or bracket as it is written; ``fields`` for a string that has some."""


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


class _Unended(Exception):
    """A string or bracket is not closed."""


def as_older(source: str) -> str:
    """Return a text of the same lines that older Pythons read; the text itself where nothing in it is newer, or where
    it cannot be told.
    """
    try:
        tokens = list(_tokens(source, 0))
        edits = sorted(_edits(source, tokens))
    except (_Unended, RecursionError):
        return source
    parts: list[str] = []
    at = 0
    for edit in edits:
        # What stands in something that goes has gone with it.
        if edit.start >= at:
            parts += (source[at : edit.start], edit.text)
            at = edit.end
    return "".join((*parts, source[at:]))


def _edits(source: str, tokens: Sequence[_Token]) -> Iterator[_Edit]:
    for index, token in enumerate(tokens):
        if token.kind == "string" and token.text == "fields":
            text = source[token.start : token.end].replace("\\", "\\\\").replace('"', '\\"')
            yield _Edit(token.start, token.end, f'"""{text}"""')
        if token.kind != "name":
            continue
        named = _is_name(source, tokens, index + 1)
        if token.text in ("def", "class") and named and _sign(tokens, index + 2) == "[":
            yield _gone(source, tokens[index + 2].start, tokens[_closing(tokens, index + 2)].end)
        elif token.text == "type" and named and not source.endswith(".", 0, token.start):
            yield from _alias(source, tokens, index)
        elif token.text == "except":
            yield from _handler(tokens, index)


def _alias(source: str, tokens: Sequence[_Token], index: int) -> Iterator[_Edit]:
    behind = index + 2
    if _sign(tokens, behind) == "[":
        last = _closing(tokens, behind)
        yield _gone(source, tokens[behind].start, tokens[last].end)
        behind = last + 1
    if _sign(tokens, behind) == "=":
        yield _Edit(tokens[index].start, tokens[index + 1].start, "")


def _handler(tokens: Sequence[_Token], index: int) -> Iterator[_Edit]:
    first = index + 1 + (_sign(tokens, index + 1) == "*")
    at, several = first, False
    while _sign(tokens, at) != ":":
        if at >= len(tokens) or tokens[at].text == "as":
            return
        several = several or tokens[at].text == ","
        at = (_closing(tokens, at) if tokens[at].kind == "open" else at) + 1
    if several:
        yield _Edit(tokens[first].start, tokens[first].start, "(")
        yield _Edit(tokens[at].start, tokens[at].start, ")")


def _gone(source: str, start: int, end: int) -> _Edit:
    """Leave nothing but the line ends, joined as lines of one statement are."""
    return _Edit(start, end, "".join("\\" + found.group() for found in _LINE_END.finditer(source, start, end)))


def _is_name(source: str, tokens: Sequence[_Token], index: int) -> bool:
    """Whether a token is a name, on the line of the one before it."""
    if _kind(tokens, index) != "name" or keyword.iskeyword(tokens[index].text):
        return False
    between = source[tokens[index - 1].end : tokens[index].start]
    return "\\" in between or not _LINE_END.search(between)


def _kind(tokens: Sequence[_Token], index: int) -> str:
    return tokens[index].kind if 0 <= index < len(tokens) else ""


def _sign(tokens: Sequence[_Token], index: int) -> str:
    return tokens[index].text if _kind(tokens, index) in ("sign", "open", "close") else ""


def _closing(tokens: Sequence[_Token], index: int) -> int:
    """The bracket that closes the one at ``index``. Raises: _Unended."""
    depth = 0
    for at in range(index, len(tokens)):
        depth += (tokens[at].kind == "open") - (tokens[at].kind == "close")
        if not depth:
            return at
    raise _Unended


def _tokens(source: str, at: int, field: bool = False) -> Iterator[_Token]:
    """Yield what is code, without comments and line ends; of a field only up to its end. Raises: _Unended."""
    depth = 0
    while (found := _TOKEN.search(source, at)) is not None:
        kind, at = found.lastgroup or "", found.end()
        if kind == "quote":  # Named last of the two groups of a string.
            kind = "string"
        text = found.group()
        if field and not depth and text in ("}", ":", "!") and not source.startswith("!=", found.start()):
            yield _Token(kind, found.start(), at, text)
            return
        depth += (kind == "open") - (kind == "close")
        if found.group("quote"):
            fields = bool(set(text.lower()) & {"f", "t"})
            at = _behind(source, at, found.group("quote"), fields)
            yield _Token("string", found.start(), at, "fields" if fields else "")
        elif kind != "comment":
            yield _Token(kind, found.start(), at, text)
    if field:
        raise _Unended


def _behind(source: str, at: int, quote: str, fields: bool) -> int:
    """Return where a string ends whose inside begins at ``at``. Raises: _Unended."""
    while at < len(source):
        if source[at] == "\\":
            at += 2
        elif source.startswith(quote, at):
            return at + len(quote)
        elif fields and source[at] == "{":
            at = at + 2 if source.startswith("{{", at) else _behind_field(source, at + 1)
        else:
            at += 1
    raise _Unended


def _behind_field(source: str, at: int) -> int:
    """Return where a field ends that begins at ``at``; what stands behind its colon may have fields, too."""
    *_, last = _tokens(source, at, field=True)
    at = last.end
    while last.text != "}" and at < len(source):
        if source[at] == "}":
            return at + 1
        at = _behind_field(source, at + 1) if source[at] == "{" else at + 1
    return at
