"""The part of a document that holds a place: a top-level statement, or one member of a class under its header.

It is found by lines, without parsing the document. Who uses a part proves that the cut is right: what is
before it, the part, and what is behind it must each be Python (``Part.before``, ``Part.text``, ``Part.behind``).
Each then ends outside of strings, brackets and joined lines, on the same level of indentation, and so the tree
of the document is theirs one after the other, as with pieces (``syntax.pieces``).
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from coding_agent.syntax.cutter import from_margin
from coding_agent.syntax.parse import parse
from coding_agent.syntax.scanner import settled
from coding_agent.text import Edit, line_body

_JOIN = re.compile(r"(?:else|elif|except|finally)\b")
_CLASS = re.compile(r"class[ \t]+(\w+)")
# A statement begins with its line or behind a semicolon; "from" may stand alone on the line above, before a backslash.
_FUTURE = re.compile(r"(?:.*;)?[ \t\f]*(?:from[ \t]+)?__future__\b")
_NO_START = frozenset(" \t\f#\r\n\\)]}")

MARK = "__member_of_this_class__"


@dataclass(frozen=True, slots=True)
class Part:
    """Some whole lines of a document as a document of their own.

    ``text`` is ``lead`` characters that only say where the lines stand (the document's future imports, the
    header of the class), and then the lines. An offset of the document is ``shift`` more than one of ``text``.
    ``before`` and ``behind`` are the rest of the document, each made whole by a ``pass`` in place of the part;
    empty where there is no rest. ``owner`` is the name of the class that the lines are members of, or empty: then
    the function ``MARK`` stands at the end of ``before``, to show that this is the body of that class.
    """

    text: str
    lead: int
    shift: int
    before: str
    behind: str
    owner: str = ""
    margin: range = range(0)
    """The offsets of ``lead`` just above the class, where statements can be put."""
    margin_shift: int = 0
    above: str = ""
    """What is before the margin, made whole by a ``pass``."""

    def uses_margin(self, edits: Sequence[Edit]) -> bool:
        return any(edit.span.start < self.lead for edit in edits)

    def edits(self, edits: Sequence[Edit]) -> tuple[Edit, ...] | None:
        """Edits of ``text`` as edits of the document; None where they touch what the part does not hold."""
        found: list[Edit] = []
        for span, new in edits:
            if span.start >= self.lead:
                found.append(Edit(span.shifted(self.shift), new))
            elif span.start == span.stop and span.start in self.margin:
                found.append(Edit(span.shifted(self.margin_shift), new))
            else:
                return None
        return tuple(found)


def parts(lines: Sequence[str], first: int, last: int) -> Iterator[Part]:
    """The parts around the lines ``first`` to ``last`` (the last one included), the smallest first.

    None where they cannot be told apart, or are no less than the document.
    """
    future = _future(lines)
    known = _Lines(lines)
    whole = known.around(first, last, "", 0)
    if future is None or whole is None or whole == range(len(lines)):
        return
    start = sum(map(len, lines[: whole.start]))
    lead = future or (lines[0][len(line_body(lines[0])) :] if start else "")
    rest = Part("", len(lead), start - len(lead), "".join(lines[: whole.start]), "".join(lines[whole.stop :]))
    header = _header(known, whole, first)
    if header is not None:
        body = lines[header.stop]
        indent = body[: len(body) - len(body.lstrip(" \t"))]
        found = known.around(first, last, indent, header.stop) if indent else None
        if found is not None:
            yield _member(lines, found, header, indent, lead + "".join(lines[whole.start : header.stop]), rest)
    text = lead + "".join(lines[whole.start : whole.stop])
    yield replace(
        rest,
        text=text,
        before=f"{rest.before}pass\n" if rest.before else "",
        behind=f"pass\n{rest.behind}" if rest.behind else "",
    )


def _header(known: "_Lines", whole: range, first: int) -> range | None:
    """The lines of the decorators and the header of a class that holds line ``first`` in its body."""
    lines = known.lines
    start = next((n for n in range(whole.start, first) if _CLASS.match(lines[n]) and known.starts(n, "")), None)
    if start is None:
        return None
    body = next((n for n in range(start + 1, first + 1) if known.code(n)), None)
    if body is None:
        return None
    above = next(n for n in range(whole.start, start + 1) if known.code(n))
    return range(above, body)


def _member(lines: Sequence[str], found: range, header: range, indent: str, lead: str, whole: Part) -> Part:
    """The part of the members ``found`` under their header; ``whole`` is that of the class."""
    owner = next(match[1] for n in header if (match := _CLASS.match(lines[n])))
    before, behind = "".join(lines[: found.start]), "".join(lines[found.stop :])
    head = len(lead) - sum(map(len, lines[header.start : header.stop]))
    return Part(
        lead + "".join(lines[found.start : found.stop]),
        len(lead),
        len(before) - len(lead),
        f"{before}{indent}def {MARK}(): pass\n",
        f"class {owner}:\n{indent}pass\n{behind}" if behind else "",
        owner,
        range(whole.lead, head + 1),
        whole.shift,
        f"{whole.before}pass\n",
    )


def _future(lines: Sequence[str]) -> str | None:
    """The lines of the future imports, one each; None where it is not plain which they are."""
    last = max((n for n, line in enumerate(lines) if "__future__" in line and _FUTURE.match(line)), default=-1)
    head = parse("".join(lines[: last + 1]))
    if head.failure is not None:
        return None
    found: list[str] = []
    for node in head.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            line = lines[node.lineno - 1]
            if node.end_lineno != node.lineno or ";" in line or line_body(line) == line:
                return None
            found.append(line)
    return "".join(found)


class _Lines:
    """Which lines of a text begin a statement; read as far as is asked."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._closed = [True]
        self._more = (step for step in settled(lines, 0) if step is not None)

    def closed(self, line: int) -> bool:
        """Whether nothing is open where a line begins."""
        while len(self._closed) <= line:
            step = next(self._more, None)
            if step is None:
                return False
            self._closed.append(step[1])
        return self._closed[line]

    def code(self, line: int) -> bool:
        """Whether a line begins outside of strings and brackets and holds code."""
        text = self.lines[line].strip()
        return bool(text) and text[0] != "#" and self.closed(line)

    def starts(self, line: int, indent: str) -> bool:
        """Whether a statement at ``indent`` starts on a line."""
        text = from_margin(self.lines[line])
        return (
            text.startswith(indent)
            and text[len(indent) : len(indent) + 1] not in _NO_START
            and text[len(indent) :] != ""
            and not _JOIN.match(text, len(indent))
            and self.closed(line)
        )

    def around(self, first: int, last: int, indent: str, floor: int) -> range | None:
        """The lines of the statements at ``indent`` that hold some lines, with the comments and blank lines around.

        None where there are none from line ``floor`` on.
        """
        start = self._above(first, indent, floor)
        if start is None:
            return None
        while (above := self._above(start - 1, indent, floor)) is not None and self.lines[above].startswith(
            "@", len(indent)
        ):
            start = above
        while start > floor and self.closed(start - 1) and not self.code(start - 1):
            start -= 1
        stop = self._below(last + 1, indent)
        while (begun := self._above(stop - 1, indent, start)) is not None and stop < len(self.lines):
            # Behind a decorator there is no border.
            if not self.lines[begun].startswith("@", len(indent)):
                break
            stop = self._below(stop + 1, indent)
        return range(start, stop)

    def _below(self, line: int, indent: str) -> int:
        while line < len(self.lines) and not (self.starts(line, indent) or (indent and self.starts(line, ""))):
            line += 1
        return line

    def _above(self, line: int, indent: str, floor: int) -> int | None:
        return next((n for n in range(line, floor - 1, -1) if self.starts(n, indent)), None)
