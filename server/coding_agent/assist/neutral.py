"""A model's Markdown, so that nothing in it acts or leads anywhere but into the code.

What is let through is named, all else is text: headings, lists, bold words, code, blocks of code. A model cannot make a
link or an image. Places that it names (``shop/cart.py:12``) become links of ours where they were sent to it.
"""

import re
from collections.abc import Callable, Iterator

from coding_agent.explain.page import Code, Inline, Link, fenced, written

_OPENING = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})[ \t]*([\w+-]*)")
_LANGUAGES = frozenset({"python", "diff", "toml", "json", "yaml", "ini", "text"})
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<heading>#{1,6})[ \t]+|(?P<bullet>[-*+])[ \t]+|(?P<number>\d{1,3})[.)][ \t]+)?"
)
_DEEPEST = 8
"""Columns that a list may be indented by; more would be a block of code."""
_PART = re.compile(
    r"(?P<ticks>`+)(?P<code>(?:(?!(?P=ticks)).)+)(?P=ticks)(?!`)|\*\*(?P<bold>[^*\n]+)\*\*"
    r"|(?<![\w/.-])(?P<path>[\w][\w./-]*\.pyi?):(?P<line>\d{1,7})(?:-\d{1,7})?"
)
_PLACE = re.compile(r"(?<![\w/.-])([\w][\w./-]*\.pyi?):(\d{1,7})(?:-\d{1,7})?")

Place = Callable[[str, int], str | None]
"""The address of a line of a file, None where it is no line that was sent."""


def neutral(markdown: str, place: Place) -> str:
    """The text as Markdown of ours."""
    return "\n".join(_lines(markdown, place))


def places(markdown: str) -> tuple[tuple[str, int], ...]:
    """The places that a text names, each once: path and line."""
    return tuple(dict.fromkeys((path, int(line)) for path, line in _PLACE.findall(markdown)))


def _lines(markdown: str, place: Place) -> Iterator[str]:
    lines = iter(markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for line in lines:
        opening = _OPENING.match(line)
        if opening is None:
            yield _prose(line, place)
            continue
        closing = re.compile(rf"[ \t]*{re.escape(opening[1][0])}{{{len(opening[1])},}}[ \t]*")
        code = list[str]()
        for inner in lines:
            if closing.fullmatch(inner):
                break
            code.append(inner)
        yield from fenced("\n".join(code), opening[2].lower() if opening[2].lower() in _LANGUAGES else "text")


def _prose(line: str, place: Place) -> str:
    found = _LINE.match(line)
    assert found is not None
    rest = line[found.end() :]
    if not rest.strip():
        return ""
    indent = " " * min(len(found["indent"].expandtabs(4)), _DEEPEST) if found["bullet"] or found["number"] else ""
    mark = f"{found['heading']} " if found["heading"] else "- " if found["bullet"] else ""
    mark = f"{found['number']}. " if found["number"] else mark
    return indent + mark + "".join(_inline(rest.strip(), place))


def _inline(text: str, place: Place) -> Iterator[str]:
    at = 0
    for found in _PART.finditer(text):
        yield from _words(text[at : found.start()])
        yield from _part(found, place)
        at = found.end()
    yield from _words(text[at:])


def _words(text: str) -> Iterator[str]:
    if text:
        yield written((text,))


def _part(found: "re.Match[str]", place: Place) -> Iterator[str]:
    if found["bold"]:
        yield f"**{''.join(_words(found['bold'].strip()))}**" if found["bold"].strip() else ""
        return
    text = found["code"] or found[0]
    named = _PLACE.fullmatch(text.strip())
    leads = place(named[1], int(named[2])) if named else None
    part: Inline = Link(text.strip(), leads) if leads else Code(text) if found["code"] else text
    yield written((part,))
