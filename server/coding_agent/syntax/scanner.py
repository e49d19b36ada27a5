"""Where brackets and quotes are closed, line by line, without tokenising.

Used only behind code that does not parse by itself: to learn how far an open bracket or
quote reaches. It may be wrong about exotic f-strings; a parse has the last word.
"""

import re
from collections.abc import Generator, Iterator, Sequence

_MARK = re.compile(r"""[#"'()\[\]{}\\]""")
_ATOMS = 1000
_INSIDE = {
    '"""': re.compile(rf'(?>(?:[^\\"]+|\\.|"(?!"")){{0,{_ATOMS}}})', re.DOTALL),
    "'''": re.compile(rf"(?>(?:[^\\']+|\\.|'(?!'')){{0,{_ATOMS}}})", re.DOTALL),
    '"': re.compile(rf'(?>(?:[^\\"\r\n]+|\\(?:\r\n|.)){{0,{_ATOMS}}})', re.DOTALL),
    "'": re.compile(rf"(?>(?:[^\\'\r\n]+|\\(?:\r\n|.)){{0,{_ATOMS}}})", re.DOTALL),
}
"""What may stand in a string; where escapes are many, as much as can be read without a pause.

Atomic groups: Python 3.11.0 to 3.11.4 goes too far with a possessive quantifier behind a group that looks ahead.
"""
# No expression has one of these at the start of a line, so an open bracket before it is not closed later.
_STATEMENT = re.compile(
    r"[ \t\x0c]*(?:def|class|return|import|while|try|with|raise|del|pass|global|nonlocal|assert|break|continue)\b"
)
_BREATH = 2000
"""Lines, brackets, strings and hundreds of characters between two pauses: a millisecond or two."""


def settled(lines: Sequence[str], first: int) -> Iterator[tuple[int, bool] | None]:  # noqa: PLR0912 - one state machine
    """Yield ``(k, closed)`` for k = first + 1, first + 2, ...: whether the code of ``lines[first:k]`` has
    no bracket, quote or backslash open at its end; and None wherever a pause can be made.

    Ends early where no further line can close what is open.
    """
    depth, quote, breath = 0, "", _BREATH
    for index in range(first, len(lines)):
        line = lines[index]
        breath -= 1 + len(line) // 100
        if breath < 0:
            yield None
            breath = _BREATH
        position = 0
        joined = False
        if depth and not quote and _STATEMENT.match(line):
            return
        while not quote or position or quote in line:
            breath -= 1
            if breath < 0:
                yield None
                breath = _BREATH
            if quote:
                end = yield from _behind(line, position, quote)
                if not end:
                    if len(quote) == 1 and not line.rstrip("\r\n").endswith("\\"):
                        return
                    break
                position, quote = end, ""
            found = _MARK.search(line, position)
            if found is None:
                break
            position, mark = found.end(), found.group()
            if mark in "([{":
                depth += 1
            elif mark in ")]}":
                depth -= 1
                if depth < 0:
                    return
            elif mark == "#":
                break
            elif mark != "\\":
                quote = mark * 3 if line.startswith(mark * 2, position) else mark
                position += len(quote) - 1
            elif line[position : position + 1] in ("", "\r", "\n"):
                joined = True
                break
        yield index + 1, not (depth or quote or joined)


def _behind(line: str, at: int, quote: str) -> Generator[None, None, int]:
    """Where the string that is open at ``at`` has ended; 0 if it goes on behind the line."""
    inside = _INSIDE[quote]
    while (found := inside.match(line, at)) is not None:
        stop = found.end()
        if line.startswith(quote, stop):
            return stop + len(quote)
        if stop == at:
            break
        at = stop
        yield
    return 0
