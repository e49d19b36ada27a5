"""A small picture of who calls a definition and what it calls: as Mermaid, and as SVG where nobody draws that."""

from collections.abc import Iterator, Sequence
from html import escape

from coding_agent.explain.project import Place, Relations

_SHOWN = 6
_WIDE, _HIGH, _GAP, _APART = 230, 44, 14, 70
_LONG = 30
_MERMAID = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "`": "#96;", "\\": "#92;"}

Box = tuple[str, str]
"""A name, and where it stands."""


def mermaid(name: str, known: Relations) -> str:
    """The graph as Mermaid's flowchart; "" where there is nothing to draw."""
    callers, calls = _boxes(known.callers, known.counts[0]), _boxes(known.calls, known.counts[2])
    if not callers and not calls:
        return ""
    lines = ["flowchart LR", f'    here["{_quoted(name)}"]']
    lines += [f'    c{at}["{_label(box)}"] --> here' for at, box in enumerate(callers)]
    lines += [f'    here --> k{at}["{_label(box)}"]' for at, box in enumerate(calls)]
    lines.append("    style here stroke-width:3px")
    return "\n".join(lines)


def svg(name: str, known: Relations) -> str:
    """The same graph as a picture that can be read on light and on dark; "" where there is nothing to draw."""
    callers, calls = _boxes(known.callers, known.counts[0]), _boxes(known.calls, known.counts[2])
    if not callers and not calls:
        return ""
    rows = max(len(callers), len(calls), 1)
    high = rows * (_HIGH + _GAP) + _GAP
    columns = [each for each in (callers, [(name, "")], calls) if each]
    middle = 1 if callers else 0
    wide = len(columns) * (_WIDE + _APART) - _APART + 2 * _GAP
    drawn = [_drawn(columns, at, high, strong=at == middle) for at in range(len(columns))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="13">'
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#888"/></marker></defs>'
        f"{''.join(_arrows(columns, middle, high))}{''.join(drawn)}</svg>"
    )


def _boxes(places: Sequence[Place], count: int) -> list[Box]:
    shown = [(place.name, place.where) for place in places[:_SHOWN]]
    return [*shown, (f"{count - len(shown)} more", "")] if count > len(shown) else shown


def _top(column: Sequence[Box], row: int, high: int) -> float:
    whole = len(column) * (_HIGH + _GAP) - _GAP
    return (high - whole) / 2 + row * (_HIGH + _GAP)


def _drawn(columns: Sequence[Sequence[Box]], at: int, high: int, *, strong: bool) -> str:
    left = _GAP + at * (_WIDE + _APART)
    parts: list[str] = []
    for row, (name, where) in enumerate(columns[at]):
        top = _top(columns[at], row, high)
        parts.append(
            f'<rect x="{left}" y="{top:g}" width="{_WIDE}" height="{_HIGH}" rx="6" fill="#f6f8fa" '
            f'stroke="{"#0969da" if strong else "#888"}" stroke-width="{2.5 if strong else 1}"/>'
        )
        first = top + (_HIGH / 2 + 5 if not where else 19)
        parts.append(_text(left, first, name, "#1f2328", weight="600"))
        parts.append(_text(left, top + 36, where, "#59636e") if where else "")
    return "".join(parts)


def _text(left: float, top: float, text: str, colour: str, weight: str = "400") -> str:
    short = text if len(text) <= _LONG else f"{text[: _LONG // 2 - 1]}…{text[-_LONG // 2 :]}"
    shown = escape(short)
    return (
        f'<text x="{left + _WIDE / 2:g}" y="{top:g}" text-anchor="middle" fill="{colour}" font-weight="{weight}">'
        f"{shown}</text>"
    )


def _arrows(columns: Sequence[Sequence[Box]], middle: int, high: int) -> Iterator[str]:
    for at, column in enumerate(columns):
        for row in range(len(column)):
            if at != middle:
                ends = [(at, _top(column, row, high)), (middle, _top(columns[middle], 0, high))]
                (one, top), (other, below) = sorted(ends)
                x = _GAP + one * (_WIDE + _APART) + _WIDE
                y = _GAP + other * (_WIDE + _APART)
                bend = (x + y) / 2
                start, stop = top + _HIGH / 2, below + _HIGH / 2
                yield (
                    f'<path d="M{x} {start:g} C{bend:g} {start:g} {bend:g} {stop:g} {y} {stop:g}" fill="none" '
                    'stroke="#888" marker-end="url(#end)"/>'
                )


def _label(box: Box) -> str:
    name, where = map(_quoted, box)
    return f"{name}<br/>{where}" if where else name


def _quoted(text: str) -> str:
    return "".join(_MERMAID.get(each, each) for each in text)
