"""Where brackets and quotes are closed, line by line, without tokenising.

Used only behind code that does not parse by itself: to learn how far an open bracket or
quote reaches. It may be wrong about exotic f-strings; a parse has the last word.
"""

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r"""#|\"\"\"|'''|"|'|[(\[{]|[)\]}]|\\(?=[\r\n]|$)""")
_ENDS = {
    '"""': re.compile(r'(?:[^\\"]|\\.|"(?!""))*"""', re.DOTALL),
    "'''": re.compile(r"(?:[^\\']|\\.|'(?!''))*'''", re.DOTALL),
    '"': re.compile(r'(?:[^\\"\r\n]|\\(?:\r\n|.))*"', re.DOTALL),
    "'": re.compile(r"(?:[^\\'\r\n]|\\(?:\r\n|.))*'", re.DOTALL),
}
# No expression has one of these at the start of a line, so an open bracket before it is not closed later.
_STATEMENT = re.compile(
    r"[ \t\x0c]*(?:def|class|return|import|while|try|with|raise|del|pass|global|nonlocal|assert|break|continue)\b"
)


def settled(lines: Sequence[str], first: int) -> Iterator[tuple[int, bool]]:  # noqa: PLR0912 - one state machine
    """Yield ``(k, closed)`` for k = first + 1, first + 2, ...: whether the code of ``lines[first:k]`` has
    no bracket, quote or backslash open at its end.

    Ends early where no further line can close what is open.
    """
    depth, quote = 0, ""
    for index in range(first, len(lines)):
        line = lines[index]
        position = 0
        joined = False
        if quote:
            if quote not in line:
                yield index + 1, False
                continue
        elif depth and _STATEMENT.match(line):
            return
        while True:
            if quote:
                end = _ENDS[quote].match(line, position)
                if end is None:
                    if len(quote) == 1 and not line.rstrip("\r\n").endswith("\\"):
                        return
                    break
                position, quote = end.end(), ""
            token = _TOKEN.search(line, position)
            if token is None:
                break
            position, mark = token.end(), token.group()
            if mark in "([{":
                depth += 1
            elif mark in ")]}":
                depth -= 1
                if depth < 0:
                    return
            elif mark == "#":
                break
            elif mark == "\\":
                joined = True
                break
            else:
                quote = mark
        yield index + 1, not (depth or quote or joined)
