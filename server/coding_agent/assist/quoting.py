"""A text as the literal of a docstring: whatever it holds, nothing of it gets out of its quotes."""

import re
from inspect import cleandoc

from coding_agent.assist.layout import hides

QUOTES = '"""'
_RUN = re.compile(r'"{3,}|"\Z')


def tidy(text: str) -> str:
    """A docstring's text as tools read it: its lines end with ``\\n``, nothing stands behind or around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.rstrip(" \t") for line in text.expandtabs(4).split("\n")]
    return cleandoc("\n".join(lines)).strip("\n")


def quoted(text: str, indent: str) -> str:
    """A tidy text as a literal, its further lines indented; what cannot be seen is written as an escape."""
    escaped = any(map(hides, text)) or _RUN.search(text) is not None or text.endswith("\\")
    raw = "\\" in text and not escaped
    body = text if raw else "".join(map(_escaped, text.replace("\\", "\\\\")))
    body = body if raw else _RUN.sub(lambda run: '\\"' * len(run[0]), body)
    first, *others = body.split("\n")
    lines = [first, *(indent + line if line else "" for line in others)]
    written = "\n".join(lines)
    last = f"\n{indent}" if others else ""
    return f"{'r' if raw else ''}{QUOTES}{written}{last}{QUOTES}"


def _escaped(character: str) -> str:
    if not hides(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
