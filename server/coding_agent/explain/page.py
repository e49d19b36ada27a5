"""A page of text and code, and how it is written as Markdown or plain text.

Everything on it is the user's or a library's text, so nothing of it may become markup: only ``Code`` and ``Link``
do, and the writers make those.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Code(NamedTuple):
    """Code inside a line."""

    text: str


class Link(NamedTuple):
    """A link of ours, to the web or to a page we wrote; any other address is written as text."""

    text: str
    url: str


Inline = str | Code | Link
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page. ``code`` is Python and stands first; ``lines`` are a list where ``listed``."""

    title: str = ""
    lines: tuple[Line, ...] = ()
    code: str = ""
    listed: bool = False


LINES = 40
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKUP = re.compile(r"[\\`*\[\]<>&~|@]|(?<![^\W_])_|_(?![^\W_])|(?<=:)//|(?<=\bwww)\.")
_LEADING = re.compile(r"(#{1,6}(?=\s|$)|[-+=](?=[\s=-]|$)|\d+(?=[.)]))")
_URL = re.compile(r"(https://|file:///)[\w./#?=%+:~-]+", re.ASCII)


def markdown(sections: Sequence[Section], most: int = LINES) -> str:
    """Write a page as Markdown, at most so many lines; what is longer ends in an ellipsis."""
    blocks: list[list[str]] = []
    for section in sections:
        if section.code:
            blocks.append(list(fenced(section.code)))
        head = [f"**{_escaped(section.title.strip())}**"] if section.title else []
        mark = "- " if section.listed else ""
        rest = [mark + written(line) for line in section.lines]
        if head or rest:
            blocks.append(
                "\n\n".join((*head, "\n".join(rest))).split("\n") if section.listed else _broken((*head, *rest))
            )
    return _bounded(blocks, most)


def plain(sections: Sequence[Section]) -> str:
    """Write a page as text, for clients that do not read Markdown and for the terminal."""
    blocks: list[list[str]] = []
    for section in sections:
        block = _clean(section.code).split("\n") if section.code else []
        block += [_clean_line(section.title)] if section.title else []
        mark = "- " if section.listed else ""
        block += [mark + "".join(_clean_line(_text(part)) for part in line) for line in section.lines]
        blocks.append(block)
    return _bounded(blocks, LINES)


def inline(text: str) -> Line:
    """Read the inline markup of docstrings: ``x``, `x`, :role:`x` and `title <url>`_ ; all else is text."""
    parts: list[Inline] = []
    done = 0
    for match in _INLINE.finditer(text):
        if match.start() > done:
            parts.append(text[done : match.start()])
        parts.append(_read(match))
        done = match.end()
    return (*parts, *([text[done:]] if done < len(text) else []))


def written(line: Line) -> str:
    """Write one line as Markdown: nothing in it is markup but code and links of ours."""
    text = "".join(_inline_markdown(part) for part in line)
    return _LEADING.sub(_behind_backslash, text, count=1) if line and _LEADING.match(text) else text


def fenced(code: str, language: str = "python") -> Iterator[str]:
    """The lines of a block of code, which no line of it can end."""
    ticks = "`" * max(3, _longest_run(code) + 1)
    yield f"{ticks}{language}"
    yield from _clean(code).split("\n")
    yield ticks


_INLINE = re.compile(
    r"``(?P<literal>.+?)``|:(?:\w+:)?\w+:`(?P<role>[^`]+)`|`(?P<title>[^`<]+?)\s*<[^`<>]*>`_{1,2}"
    r"|`(?P<code>[^`]+)`_{0,2}|(?<![\w*])\*\*(?P<bold>\w[^*]*\w)\*\*(?!\w)"
)


def _read(match: re.Match[str]) -> Inline:
    role = match["role"]
    if role:
        titled = re.match(r"(.+?)\s*<.*>$", role)
        name = titled[1] if titled else role
        return Code(name.rpartition(".")[2] if name.startswith("~") else name)
    if match["title"] or match["bold"]:
        return match["title"] or match["bold"]
    return Code(match["literal"] or match["code"])


def _text(part: Inline) -> str:
    return part if isinstance(part, str) else part.text


def _behind_backslash(match: re.Match[str]) -> str:
    found = match[0]
    return f"{found}\\" if found[0].isdigit() else f"\\{found}"


def _inline_markdown(part: Inline) -> str:
    if isinstance(part, Code):
        return _code_span(_clean_line(part.text))
    if isinstance(part, Link) and _URL.fullmatch(part.url):
        return f"[{_escaped(part.text)}]({part.url})"
    return _escaped(_text(part))


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda match: "".join(f"\\{character}" for character in match[0]), _clean_line(text))


def _code_span(text: str) -> str:
    if not text.strip():
        return ""
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _broken(lines: Sequence[str]) -> list[str]:
    """Two blanks at its end keep a line a line of its own."""
    return [f"{line}  " for line in lines[:-1]] + list(lines[-1:])


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _clean(text: str) -> str:
    """Take out what a client cannot send or a reader cannot see: controls, changes of direction, lone surrogates."""
    return _ODD.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))


def _clean_line(text: str) -> str:
    """The same on one line; blanks at its ends stay, they part words from code."""
    return re.sub(r"\s+", " ", _clean(text))


def _bounded(blocks: list[list[str]], most: int) -> str:
    """Join blocks by empty lines; what does not fit as a whole block is left out, not cut."""
    lines: list[str] = []
    for block in blocks:
        if len(lines) + len(block) + 2 > most:
            lines += ["", "..."]
            break
        lines += ([""] if lines else []) + block
    return "\n".join(line if line.strip() else "" for line in lines)
