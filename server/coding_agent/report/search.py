"""Answers of the search for people and for programs."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from coding_agent.ide.search import Found, Line, telling_lines
from coding_agent.report.model import printable
from coding_agent.report.text import Style

_PLACE, _NAME, _MARK, _DIM = "36", "1", "33", "2"


def text(found: Iterable[Found], shown: Callable[[Path], str], style: Style) -> str:
    """Each answer with its place, its header, what it says of itself and the lines that have the words asked for."""
    return "\n\n".join("\n".join(_lines(each, shown, style)) for each in found)


def rows(found: Iterable[Found], shown: Callable[[Path], str]) -> list[dict[str, object]]:
    """The same as data; lines count from 1."""
    return [
        {
            "path": shown(each.path),
            "line": each.at,
            "start": each.line,
            "end": each.end,
            "name": each.name,
            "kind": each.kind,
            "signature": each.signature,
            "docstring": each.docstring,
            "score": round(each.score, 4),
            "meaning": round(each.meaning, 4),
            "words": list(each.words),
            "lines": [{"line": line.number, "text": line.text, "marked": line.marked} for line in telling_lines(each)],
        }
        for each in found
    ]


def _lines(found: Found, shown: Callable[[Path], str], style: Style) -> Iterator[str]:
    name = found.name or "(module)"
    place = style.paint(f"{shown(found.path)}:{found.at}", _PLACE)
    yield f"{place}  {style.paint(printable(name), _NAME)}  {style.paint(_why(found), _DIM)}"
    if found.signature:
        yield f"    {printable(found.signature)}"
    first = found.docstring.partition("\n")[0]
    if first:
        yield f"    {style.paint(printable(first), _DIM)}"
    for line in telling_lines(found):
        yield f"    {style.paint(f'{line.number}:', _DIM)} {_marked(line, style)}"


def _why(found: Found) -> str:
    parts = [", ".join(found.words)] if found.words else []
    parts += [f"meaning {found.meaning:.2f}"] if found.meaning else []
    return f"[{'; '.join(parts)}]" if parts else ""


def _marked(line: Line, style: Style) -> str:
    done, at = "", len(line.text) - len(line.text.lstrip())
    for start, stop in line.marked:
        done += printable(line.text[at:start]) + style.paint(printable(line.text[start:stop]), _MARK)
        at = stop
    return done + printable(line.text[at:].rstrip())
