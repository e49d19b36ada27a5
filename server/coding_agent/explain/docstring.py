"""Docstrings made readable: Google's, NumPy's and Sphinx's styles as one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import cleandoc


@dataclass(frozen=True, slots=True)
class Described:
    """One parameter, result or exception; ``type`` may be empty."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Docstring:
    """``summary`` is the first paragraph on one line. Texts still hold their inline markup, see ``inline``."""

    summary: str
    parameters: tuple[Described, ...] = ()
    returns: tuple[Described, ...] = ()
    raises: tuple[Described, ...] = ()


_SECTIONS = {
    **dict.fromkeys(("args", "arguments", "parameters", "params", "other parameters", "keyword args"), "parameters"),
    **dict.fromkeys(("keyword arguments", "attributes"), "parameters"),
    **dict.fromkeys(("returns", "return", "yields", "yield"), "returns"),
    **dict.fromkeys(("raises", "raise", "exceptions", "except"), "raises"),
    **dict.fromkeys(("example", "examples", "note", "notes", "see also", "references", "warnings", "warns"), "other"),
    **dict.fromkeys(("warning", "todo", "methods", "usage"), "other"),
}
_GOOGLE = re.compile(r"([A-Z][A-Za-z ]+):\s*$")
_UNDERLINE = re.compile(r"[-=~]{3,}\s*$")
_FIELD = re.compile(r"[:@](\w+)(?:\s+([^:]+?))?\s*:(?=\s|$)\s*(.*)")
_GOOGLE_ITEM = re.compile(r"(\*{0,2}[\w.]+(?:\s*,\s*\*{0,2}\w+)*)\s*(?:\(([^)]*)\))?\s*:\s+(.*)")
_NUMPY_ITEM = re.compile(r"(\*{0,2}[\w.]+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::\s*(.*))?$")


@dataclass(slots=True)
class _Parts:
    summary: list[str] = field(default_factory=list[str])
    parameters: list[Described] = field(default_factory=list[Described])
    returns: list[Described] = field(default_factory=list[Described])
    raises: list[Described] = field(default_factory=list[Described])
    types: dict[str, str] = field(default_factory=dict[str, str])


def read(doc: str) -> Docstring:
    """Return what a docstring says, whatever its style; what has no place here (examples, notes) is left out."""
    lines = cleandoc(doc).split("\n")
    parts = _Parts()
    _first_paragraph(lines, parts)
    index = 0
    while index < len(lines):
        section, numpy = _header(lines, index)
        if section:
            stop = _section_end(lines, index + 1 + numpy, numpy)
            body = lines[index + 1 + numpy : stop]
            (_numpy_items if numpy else _google_items)(section, body, parts)
            index = stop
        elif match := _FIELD.match(lines[index]):
            stop = index + 1
            while stop < len(lines) and lines[stop][:1] in (" ", "\t"):
                stop += 1
            _sphinx_field(match, lines[index + 1 : stop], parts)
            index = stop
        else:
            index += 1
    types = parts.types
    parameters = tuple(
        Described(each.name, each.type or types.get(each.name, ""), each.text) for each in parts.parameters
    )
    return Docstring(" ".join(parts.summary), parameters, tuple(parts.returns), tuple(parts.raises))


def _first_paragraph(lines: list[str], parts: _Parts) -> None:
    for index, line in enumerate(lines):
        text = line.strip()
        stops = not text or _header(lines, index)[0] or _FIELD.match(line) or text.startswith(">>>")
        if stops and (parts.summary or text):
            return
        if text and not _UNDERLINE.match(text):
            parts.summary.append(text)


def _header(lines: list[str], index: int) -> tuple[str, bool]:
    """Return the section that begins at a line ("" for none), and whether it is underlined as NumPy's are."""
    line = lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if _UNDERLINE.match(below) and line.strip().lower() in _SECTIONS:
        return _SECTIONS[line.strip().lower()], True
    match = _GOOGLE.match(line)
    return (_SECTIONS.get(match[1].lower(), ""), False) if match else ("", False)


def _section_end(lines: list[str], start: int, numpy: bool) -> int:
    for index in range(start, len(lines)):
        if _header(lines, index)[0] or (not numpy and lines[index][:1].strip()):
            return index
    return len(lines)


def _google_items(section: str, body: list[str], parts: _Parts) -> None:
    for item in _items(body):
        text = " ".join(item)
        match = _GOOGLE_ITEM.match(text)
        if section == "returns":
            kind, found, rest = text.partition(": ")
            typed = found and re.fullmatch(r"[\w.\[\], |]+", kind) and len(kind) < 40
            parts.returns.append(Described("", kind, rest) if typed else Described("", "", text))
        elif match and section != "other":
            (parts.parameters if section == "parameters" else parts.raises).append(
                Described(match[1], (match[2] or "").removesuffix(", optional"), match[3])
            )


def _numpy_items(section: str, body: list[str], parts: _Parts) -> None:
    for item in _items(body):
        match = _NUMPY_ITEM.match(item[0])
        text = " ".join(item[1:])
        if section == "returns":
            parts.returns.append(Described("", item[0].rpartition(" : ")[2], text))
        elif match and section != "other":
            (parts.parameters if section == "parameters" else parts.raises).append(
                Described(match[1], (match[2] or "").removesuffix(", optional"), text)
            )


def _items(body: list[str]) -> Iterator[list[str]]:
    """Yield the lines of each item: one begins where the indentation is that of the first."""
    filled = [line for line in body if line.strip()]
    edge = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    item: list[str] = []
    for line in filled:
        if item and len(line) - len(line.lstrip()) == edge:
            yield item
            item = []
        item.append(line.strip())
    if item:
        yield item


def _sphinx_field(match: re.Match[str], more: list[str], parts: _Parts) -> None:
    kind, name, text = match[1].lower(), match[2] or "", " ".join((match[3], *map(str.strip, more))).strip()
    if kind in ("param", "parameter", "arg", "argument", "key", "keyword"):
        *typed, last = name.split() or [""]
        parts.parameters.append(Described(last, " ".join(typed), text))
    elif kind == "type":
        parts.types[name] = text
    elif kind in ("return", "returns", "yield", "yields"):
        parts.returns.append(Described("", "", text))
    elif kind == "rtype" and not any(each.type for each in parts.returns):
        before = parts.returns.pop().text if parts.returns else ""
        parts.returns.append(Described("", text, before))
    elif kind in ("raise", "raises", "except", "exception"):
        parts.raises.append(Described(name, "", text))
