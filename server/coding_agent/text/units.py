"""Columns in the units of a client: UTF-8 bytes, UTF-16 code units or code points.

Lone surrogates are legal input (a UTF-16 client can split a pair): they count
one UTF-16 unit and three UTF-8 bytes.
"""

from enum import Enum

_BLOCK = 1024


class Units(Enum):
    """What one step of ``Position.character`` is; the values are LSP's names."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def to_units(line: str, column: int, units: Units) -> int:
    """Return the column of code point ``column`` of ``line`` in ``units``."""
    if units is Units.UTF32 or line.isascii():
        return column
    head = line[:column]
    if units is Units.UTF8:
        return len(head.encode("utf-8", "surrogatepass"))
    return _utf16(head)


def from_units(line: str, column: int, units: Units) -> int:
    """Return the code point that column ``column``, counted in ``units``, points at.

    A column inside a character goes to that character's start; one past the end to the end.
    """
    if units is Units.UTF32 or line.isascii():
        return min(column, len(line))
    if units is Units.UTF8:
        head = line.encode("utf-8", "surrogatepass")[:column]
        while head and _cut_short(head):
            head = head[:-1]
        return len(head.decode("utf-8", "surrogatepass"))
    seen = start = 0
    # A line can be as long as its text: blocks of it are counted by what they take encoded.
    while start < len(line) and seen + (size := _utf16(line[start : start + _BLOCK])) <= column:
        seen += size
        start += _BLOCK
    for index, char in enumerate(line[start : start + _BLOCK], start):
        step = 2 if char > "\uffff" else 1
        if seen + step > column:
            return index
        seen += step
    return len(line)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut_short(head: bytes) -> bool:
    """Whether the last character of ``head`` misses continuation bytes."""
    tail = next((i for i in range(1, min(4, len(head)) + 1) if head[-i] & 0xC0 != 0x80), 0)
    lead = head[-tail] if tail else 0
    need = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return tail < need
