"""What could be typed next: asked of the lines around the cursor, and cut to what can stand there."""

import ast
import re

from coding_agent.assist.context import Part, Shown
from coding_agent.assist.layout import hides
from coding_agent.assist.prompts import COMPLETE, Prompt, prompt

_ABOVE, _BELOW, _LINES, _MOST = 60, 20, 8, 160
_CURSOR = "<CURSOR/>"
_FENCE = re.compile(r"\A\s*```[\w+-]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)


def asked(path: str, lines: list[str], line: int, column: int) -> Prompt:
    """``lines`` are those of the document, ``line`` (from 0) and ``column`` where the cursor is."""
    first, last = max(line - _ABOVE, 0), min(line + _BELOW + 1, len(lines))
    shown = [*lines[first:last]]
    at = shown[line - first]
    shown[line - first] = at[:column] + _CURSOR + at[column:]
    piece = Shown(Part.MEANT, "".join(shown), path, first + 1, last)
    return prompt([piece], COMPLETE.replace("{lines}", str(_LINES)), _MOST)


def completion(answer: str, before: str, behind: str) -> str:
    """What is to be inserted; "" where the answer is none. ``before`` and ``behind`` are the rest of the line.

    The line it stands in has to be Python with it, as far as one line can tell.
    """
    fenced = _FENCE.match(answer)
    text = (fenced[1] if fenced else answer).replace("\r\n", "\n").rstrip()
    text = text.removeprefix(_CURSOR)
    # Many models begin with what is there already.
    start = before.lstrip()
    if start and text.lstrip().startswith(start):
        text = text.lstrip()[len(start) :]
    if behind.strip() and text.endswith(behind.strip()):
        text = text[: -len(behind.strip())]
    lines = text.split("\n")[:_LINES]
    text = "\n".join(lines).rstrip()
    if any(map(hides, text.replace("\t", ""))):
        return ""
    return text if text.strip() and _CURSOR not in text and _could_stand(before + text + behind) else ""


def _could_stand(code: str) -> bool:
    """Whether some lines are Python, or the beginning of it: prose is not."""
    stripped = code.strip("\n")
    indent = re.match(r"[ \t]*", stripped)
    width = len(indent[0]) if indent else 0
    body = "\n".join(each[width:] if each[:width].isspace() or not width else each for each in stripped.split("\n"))
    for tail in ("", "\n    pass", "pass", ")", "]", "}", "\nexcept Exception:\n    pass"):
        try:
            ast.parse(body + tail)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return True
    return False
