"""Where values stand in a text, also as string literals, JSON, URLs and base64 spell them."""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from urllib.parse import unquote

LEAST = 6
"""What is shorter is found as a whole word only, and as it is."""

_ESCAPE = re.compile(
    r"((?:\\u[0-9a-fA-F]{4})+)|\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(\r?\n[ \t]*)|(.))", re.DOTALL
)
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_PERCENT_AND_PLUS = re.compile(r"(?:%[0-9a-fA-F]{2})+|\+")
_JOINT = re.compile(
    r"""(?<!["'])["'](?:[ \t]+|[ \t]*\\?\r?\n\s{0,80}|[ \t]*\+\s{0,80})(?:\+[ \t]*)?[bBrRuUfF]{0,2}["'](?!["'])
      | \\\r?\n[ \t]*""",
    re.VERBOSE,
)
_BRACES = re.compile(r"\{\{|\}\}")
_WITHIN = r"[^\s,;(){}\[\]\\]"
_TOKEN_JOINT = re.compile(rf"(?<={_WITHIN})(?<!\\n)(?:{_JOINT.pattern})(?={_WITHIN})", re.VERBOSE)
_CODE = re.compile(
    r"((?:\\u[0-9a-fA-F]{4})+)|\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(\r?\n[ \t]*)|(\\))", re.DOTALL
)
"""Of escapes those that spell letters and digits."""
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_BASE64_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_FEW = 100
"""So many values are looked for one by one."""

Hit = tuple[int, int, str]
"""Where a value stands, and the value."""


class View:
    """A text read in another way: what matches a pattern stands for something else.

    Invariant: `_starts` never falls; the part that begins there stands for the text from `_sources` on, as it is where
    its number is even, and for a match where it is odd.
    """

    def __init__(self, text: str, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str]) -> None:
        parts: list[str] = []
        self._starts = [0]
        self._sources = [0]
        at = 0
        for match in pattern.finditer(text):
            for part, source in (
                (text[self._sources[-1] : match.start()], match.start()),
                (meaning(match), match.end()),
            ):
                parts.append(part)
                at += len(part)
                self._starts.append(at)
                self._sources.append(source)
        self.changes = len(parts) > 0
        self.text = "".join([*parts, text[self._sources[-1] :]])

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """What a span of the view, not an empty one, stands for in the text."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, stop - 1) - 1
        begin = self._sources[first] + (0 if first % 2 else start - self._starts[first])
        return begin, self._sources[last + 1] if last % 2 else self._sources[last] + stop - self._starts[last]


def joined(text: str) -> View:
    """A text without what parts a literal: the quotes between two of them, and the end of a line that goes on."""
    return View(text, _JOINT, lambda _: "")


def unescaped(text: str, letters: bool = False) -> View:
    """A text without escapes; ``letters``: those of signs may stay."""
    return View(text, _CODE if letters else _ESCAPE, _unescaped)


def views(text: str) -> Iterator[View]:
    """Yield a text as it is meant where that is something else: tokens in one piece, URLs in URLs decoded."""
    if (view := View(text, _TOKEN_JOINT, lambda _: "")).changes:
        yield view
    if "%3A" in text or "%3a" in text:
        yield _decoded(text, False)


def plain(value: str) -> set[str]:
    """A value that was found in a literal or a URL, and what it stands for there."""
    return {value, unescaped(value).text if "\\" in value else value, unquote(value) if "%" in value else value} - {""}


def occurrences(text: str, values: Collection[str]) -> Iterator[Hit]:
    """Yield where values stand in a text, in any spelling; the spans may overlap."""
    for start, stop, value in _hits(text, {value for value in values if len(value) < LEAST}):
        if not _word(text, start - 1, start) and not _word(text, stop, stop - 1):
            yield start, stop, value
    long = {value for value in values if len(value) >= LEAST}
    if not long:
        return
    yield from _hits(text, long)
    yield from _encoded(text, long)
    for views in _readings(text, {sign for value in long for sign in value}):
        for start, stop, value in _hits(views[-1].text, long):
            span = start, stop
            for view in reversed(views):
                span = view.span(*span)
            yield *span, value


def _decoded(text: str, plus: bool) -> View:
    pattern = _PERCENT_AND_PLUS if plus else _PERCENT
    return View(text, pattern, lambda match: unquote(match.group().replace("+", " ")))


def _readings(text: str, signs: set[str]) -> Iterator[list[View]]:
    """Yield the ways to read a text other than as it is, each as views of one another; the last is what is read.

    ``signs`` are all that values consist of; what spells none of them is left as it is.
    """
    letters = all(sign.isalnum() or sign in "_-" for sign in signs)
    parts = joined(text)
    for first in ([], [parts]) if parts.changes else ([],):
        if first:
            yield first
        base = parts.text if first else text
        if "%" in base:
            yield [*first, _decoded(base, False)]
        if " " in signs and "+" in base:
            yield [*first, _decoded(base, True)]
        seconds = [first]
        if not signs.isdisjoint("{}") and ("{{" in base or "}}" in base):  # As f-strings have them.
            seconds.append([*first, View(base, _BRACES, lambda match: match.group()[0])])
            yield seconds[-1]
        for second in seconds:
            inner = second[-1].text if second else text
            if "\\" in inner:
                once = unescaped(inner, letters)
                yield [*second, once]
                if "\\" in once.text:
                    yield [*second, once, unescaped(once.text, letters)]


def _word(text: str, outer: int, inner: int) -> bool:
    """Whether a word goes on from one place to the next."""
    return 0 <= outer < len(text) and all(text[at].isalnum() or text[at] == "_" for at in (outer, inner))


def _hits(text: str, values: Collection[str]) -> Iterator[Hit]:
    """Yield where values stand as they are. The time does not grow with the number of values where there are many."""
    if len(values) <= _FEW:
        for value in values:
            at = text.find(value)
            while at >= 0:
                yield at, at + len(value), value
                at = text.find(value, at + len(value))
        return
    least = min(map(len, values))
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for value in values:
        lengths[value[:least]].add(len(value))
    for at in range(len(text) - least + 1):
        for length in lengths.get(text[at : at + least], ()):
            if (value := text[at : at + length]) in values:
                yield at, at + length, value


def _encoded(text: str, values: Collection[str]) -> Iterator[Hit]:
    """Yield the whole of what is written in base64 if a value is in it, wherever in it."""
    cores = {core: value for value in values for core in _cores(value)}
    done = 0
    for at, stop, core in sorted(_hits(text, cores)):
        if at < done:
            continue
        start = at
        while start > done and text[start - 1] in _BASE64_SIGNS:
            start -= 1
        rest = _BASE64.match(text, stop)
        done = stop if rest is None else rest.end()
        yield start, done, cores[core]


def _cores(value: str) -> Iterator[str]:
    """What of base64 does not depend on what stands before and behind a value, for each place it can begin at."""
    data = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        code = b64encode(bytes(shift) + data).decode("ascii")
        core = code[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _unescaped(match: re.Match[str]) -> str:
    units, byte, point, octal, end, sign = match.groups()
    if units:
        codes = b"".join(int(code, 16).to_bytes(2, "little") for code in units.split("\\u")[1:])
        return codes.decode("utf-16-le", "surrogatepass")
    if octal or byte or point:
        code = int(octal, 8) if octal else int(byte or point, 16)
        return chr(code) if code < 0x110000 else match.group()
    return "" if end else _NAMED.get(sign, sign)
