"""The words of code: identifiers cut into parts, counted by where they stand.

One pass over a chunk feeds the lexical and the dense scorer alike, so no text is tokenised twice. A *part* is a
lower-case piece of an identifier (`HTTPServer_v2` has http, server, v, 2); a *feature* is a part and the field it
stands in, packed in one number: `part * FIELDS + field`. An identifier of few parts counts as a whole too: its parts
joined, behind `JOINT` (`data_frame` and `DataFrame` have `+dataframe`), so that a name in a question finds that name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NAME, CONTEXT, SIGNATURE, CALL, ATTRIBUTE, TEXT, REST, DOC = range(8)
FIELDS = 8
JOINT = "+"

Counts = dict[int, int]

# `name`, `name(`, `.name` and `.name(`; then what stands in quotes, then comments. Prefixes of strings come out as
# names of one or two letters, which no scorer minds.
_TOKEN = re.compile(
    r"""
    \.? [^\W\d]\w* \(?
    | \"{3} (?: [^"\\] | \\. | "(?!"") )* (?: \"{3} | \Z )
    | '{3} (?: [^'\\] | \\. | '(?!'') )* (?: '{3} | \Z )
    | " (?: [^"\\\n] | \\. )* "
    | ' (?: [^'\\\n] | \\. )* '
    | \#[^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"\w+")
_ASCII_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_HEADER = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+", re.MULTILINE)
_HEADER_END = re.compile(r":[ \t]*(?:#[^\n]*)?\n")

_CHARACTERS = 6000
_TEXT_CHARACTERS = 1500
_LONGEST = 24
_JOINED = 4
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk as the scorers see it. `code` is without the docstring; `context` names classes and the path."""

    name: str
    context: str
    code: str
    doc: str = ""
    counts: Counts = field(default_factory=dict[int, int], compare=False)


class Words:
    """Numbers for parts, and what was already cut. One per index: numbers of two differ.

    Invariant: the parts of `vocabulary` have the first numbers, in its order.
    """

    def __init__(self, vocabulary: Iterable[str] = ()) -> None:
        self.parts = list(vocabulary)
        self._numbers = {part: number for number, part in enumerate(self.parts)}
        self._tokens: dict[str, tuple[int, ...]] = {}
        self._identifiers: dict[str, tuple[int, ...]] = {}

    def row(self, name: str, context: str, code: str, doc: str = "") -> Row:
        """A row with its words counted."""
        return Row(name, context, code, doc, self.count(name, context, code, doc))

    def number(self, part: str) -> int:
        number = self._numbers.get(part)
        if number is None:
            number = self._numbers[part] = len(self.parts)
            self.parts.append(part)
        return number

    def known(self, part: str) -> int | None:
        return self._numbers.get(part)

    def identifier(self, text: str) -> tuple[int, ...]:
        """The numbers of an identifier's parts, and of the whole."""
        found = self._identifiers.get(text)
        if found is None:
            if len(self._identifiers) >= _REMEMBERED:
                self._identifiers.clear()
            parts = split(text)
            joined = whole(parts)
            found = self._identifiers[text] = tuple(map(self.number, [*parts, joined] if joined else parts))
        return found

    def count(self, name: str, context: str, code: str, doc: str = "") -> Counts:
        """How often each feature stands in a chunk."""
        counts: Counts = {}
        code = code[:_CHARACTERS]
        start = _HEADER.search(code)
        # What stands before the name are decorators; they say as much as the signature does.
        head, body = (code[: start.start()], code[start.end() :]) if start else ("", code)
        end = _HEADER_END.search(body) if start else None
        if end:
            head, body = head + body[: end.end()], body[end.end() :]
        self._prose(counts, name, NAME)
        self._prose(counts, context, CONTEXT)
        self._prose(counts, doc[:_TEXT_CHARACTERS], DOC)
        self._prose(counts, head, SIGNATURE)
        self._code(counts, body)
        return counts

    def query(self, text: str) -> list[int]:
        """The numbers of a question's parts, in order."""
        return [number for word in _WORD.findall(text) for number in self.identifier(word)]

    def _prose(self, counts: Counts, text: str, place: int) -> None:
        for word, times in Counter(_WORD.findall(text)).items():
            for number in self.identifier(word):
                feature = number * FIELDS + place
                counts[feature] = counts.get(feature, 0) + times

    def _code(self, counts: Counts, text: str) -> None:
        tokens, get = self._tokens, counts.get
        for token, times in Counter(_TOKEN.findall(text)).items():
            features = tokens.get(token)
            if features is None:
                if token[0] in "\"'#":
                    self._prose(counts, token[:_TEXT_CHARACTERS], TEXT)
                    continue
                if len(tokens) >= _REMEMBERED:
                    tokens.clear()
                place = CALL if token[-1] == "(" else ATTRIBUTE if token[0] == "." else REST
                features = tuple(
                    number * FIELDS + place for word in _WORD.findall(token) for number in self.identifier(word)
                )
                tokens[token] = features
            for feature in features:
                counts[feature] = get(feature, 0) + times


def split(identifier: str) -> list[str]:
    """Lower-case parts, in order: at case, underscores and between letters and digits."""
    if identifier.isascii():
        parts = [part.lower() for part in _ASCII_PART.findall(identifier)]
    else:
        parts = _split_any(unicodedata.normalize("NFKC", identifier))
    return [part for part in parts if len(part) <= _LONGEST]


def whole(parts: Sequence[str]) -> str:
    """An identifier as one word, behind `JOINT`; nothing where it has one part, or so many that nobody asks for it."""
    return JOINT + "".join(parts) if 2 <= len(parts) <= _JOINED else ""


def _split_any(identifier: str) -> list[str]:
    """As the pattern does it for ASCII, by what Unicode says of each character."""
    parts: list[str] = []
    current, before = "", ""
    for index, character in enumerate(identifier):
        kind = _kind(character)
        after = _kind(identifier[index + 1]) if index + 1 < len(identifier) else ""
        cut = kind != before and not (before == "A" and kind == "a" and len(current) == 1)
        if cut or (kind == before == "A" and after == "a"):
            parts.append(current)
            current = ""
        if kind:
            current += character
        before = kind
    parts.append(current)
    return [part.lower() for part in parts if part]


def _kind(character: str) -> str:
    if character.isdigit():
        return "0"
    if not character.isalnum() and not unicodedata.combining(character):
        return ""
    return "A" if character.isupper() else "a"
