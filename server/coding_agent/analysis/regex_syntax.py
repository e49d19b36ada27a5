"""Reads regular expressions of the module ``re`` into a small tree; what is not understood exactly is an error."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import reduce

ASCII = 128
"""Sets of characters are bits: one for each of ASCII, the bit of this number for all others together."""
_ALL = (1 << (ASCII + 1)) - 1
_NEWLINE = 1 << 10


def _bits(characters: str) -> int:
    made = 0
    for each in characters:
        made |= 1 << min(ord(each), ASCII)
    return made


_DIGITS = _bits("0123456789")
_WORD = _DIGITS | _bits("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_é")
_SPACE = _bits(" \t\n\r\f\v")
_CLASSES = {
    **{"d": _DIGITS, "w": _WORD, "s": _SPACE},
    **{"D": _ALL & ~_DIGITS, "W": (_ALL & ~_WORD) | 1 << ASCII, "S": _ALL & ~_SPACE},
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_LINES = re.compile(r"\(\?[aiLsux]*m[aiLsux]*\)")
_END = re.compile(r"(?:^|[^\\])(?:\\\\)*(?:\$|\\Z)$")
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_HEX = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")
_FLAGS = re.compile(r"\(\?([aiLmsux]*)(?:-([imsx]+))?([:)])")


class Unclear(Exception):
    """The expression has something that this module does not follow, or is no regular expression."""


class Sort(Enum):
    SET = "set"
    EMPTY = "empty"
    SEQUENCE = "sequence"
    CHOICE = "choice"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression: ``reads`` of a set, ``least`` and ``most`` of a repetition (None: without end).

    ``checks`` says that it looks at what stands around: borders, lookarounds.
    """

    sort: Sort
    inner: tuple["Node", ...] = ()
    reads: int = 0
    least: int = 0
    most: int | None = None
    checks: bool = False
    joins: bool = False
    """A set that the module makes one with others it is an alternative to: a character or class, not negated."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression; ``ends`` if the end of the text is asked for at its own end, ``lines`` if that of any line will
    do.
    """

    node: Node
    ends: bool
    lines: bool = False


_EMPTY = Node(Sort.EMPTY)
_CHECK = Node(Sort.EMPTY, checks=True)


def parse(pattern: str, flags: frozenset[str]) -> Parsed:
    """Read an expression. ``flags`` are letters: ``i``, ``s``, ``x``, ``m``. Raises: Unclear."""
    reader = _Reader(pattern, set(flags))
    node = reader.choice()
    if not reader.done():
        raise Unclear
    ends = node.sort is not Sort.CHOICE and _END.search(pattern) is not None
    lines = ends and pattern.endswith("$") and ("m" in flags or _LINES.match(pattern) is not None)
    return Parsed(node, ends, lines)


class _Reader:
    def __init__(self, text: str, flags: set[str]) -> None:
        self._text = text
        self._at = 0
        self._flags = flags

    def done(self) -> bool:
        return self._at >= len(self._text)

    def choice(self) -> Node:
        flags = set(self._flags)
        parts: list[Node] = []
        written: set[str] = set()
        while not parts or self._take("|"):
            start = self._at
            parts.append(self._sequence())
            written.add(self._text[start : self._at])
        self._flags = flags
        # Alternatives that are one character each become a set, unless all are written alike: what they share is then
        # taken out before, and a choice between nothing and nothing is left.
        if len(written) > 1 and all(part.joins for part in parts):
            reads = reduce(lambda one, other: one | other, (part.reads for part in parts))
            return Node(Sort.SET, reads=reads, joins=True)
        return parts[0] if len(parts) == 1 else _node(Sort.CHOICE, parts)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while not self.done() and self._peek() not in "|)":
            if "x" in self._flags and self._skips():
                continue
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else _node(Sort.SEQUENCE, parts)

    def _skips(self) -> bool:
        if self._peek().isspace():
            self._at += 1
        elif self._peek() == "#":
            stop = self._text.find("\n", self._at)
            self._at = len(self._text) if stop < 0 else stop
        else:
            return False
        return True

    def _repeated(self, atom: Node) -> Node:
        while not self.done():
            least, most = 0, None
            if "x" in self._flags and self._skips():
                continue
            if self._take("*"):
                pass
            elif self._take("+"):
                least = 1
            elif self._take("?"):
                most = 1
            elif (count := _COUNT.match(self._text, self._at)) and (count[1] or count[3]):
                self._at = count.end()
                least = int(count[1] or 0)
                most = (int(count[3]) if count[3] else None) if count[2] else least
            else:
                break
            if self._take("+"):
                # A possessive repetition gives nothing back.
                raise Unclear
            self._take("?")
            atom = Node(Sort.REPEAT, (atom,), least=least, most=most, checks=atom.checks)
        return atom

    def _atom(self) -> Node:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return self._set()
            case ".":
                return Node(Sort.SET, reads=_ALL if "s" in self._flags else _ALL & ~_NEWLINE)
            case "^" | "$":
                return _CHECK
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise Unclear
            case _:
                return self._literal(character)

    def _literal(self, character: str) -> Node:
        return Node(Sort.SET, reads=self._cased(_bits(character)), joins=True)

    def _cased(self, reads: int) -> int:
        if "i" not in self._flags:
            return reads
        both = "".join(chr(each) for each in range(ASCII) if reads >> each & 1)
        return reads | _bits(both.upper() + both.lower())

    def _escape(self) -> Node:
        character = self._next()
        if character in _CLASSES:
            return Node(Sort.SET, reads=_CLASSES[character], joins=True)
        if character in "bBAZ":
            return _CHECK
        return self._literal(self._escaped(character))

    def _escaped(self, character: str) -> str:
        if code := _HEX.match(self._text, self._at - 1):
            self._at = code.end()
            return chr(int(code[1] or code[2] or code[3], 16))
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character.isalnum():
            # A backreference, an octal number, a name of a character.
            raise Unclear
        return character

    def _group(self) -> Node:
        if not self._take("?") or self._take(":"):
            return self._closed()
        if self._take("P<"):
            self._skip_to(">")
            return self._closed()
        if any(self._take(each) for each in ("=", "!", "<=", "<!")):
            self._closed()
            return _CHECK
        if self._take("#"):
            self._skip_to(")")
            return _EMPTY
        return self._with_flags()

    def _with_flags(self) -> Node:
        found = _FLAGS.match(self._text, self._at - 2)
        if found is None:
            raise Unclear
        self._at = found.end()
        outside = set(self._flags)
        self._flags = (self._flags | set(found[1])) - set(found[2] or "")
        if found[3] == ")":
            return _EMPTY
        inner = self._closed()
        self._flags = outside
        return inner

    def _skip_to(self, character: str) -> None:
        stop = self._text.find(character, self._at)
        if stop < 0:
            raise Unclear
        self._at = stop + 1

    def _closed(self) -> Node:
        inner = self.choice()
        if not self._take(")"):
            raise Unclear
        return inner

    def _set(self) -> Node:
        negated = self._take("^")
        reads = 0
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._member()
            if (
                isinstance(low, str)
                and self._text.startswith("-", self._at)
                and not self._text.startswith("-]", self._at)
            ):
                self._at += 1
                high = self._member()
                if not isinstance(high, str) or high < low:
                    raise Unclear
                reads |= _bits("".join(map(chr, range(ord(low), min(ord(high), ASCII) + 1)))) | _bits(high)
            else:
                reads |= _bits(low) if isinstance(low, str) else low
        self._at += 1
        reads = self._cased(reads)
        # Of characters beyond ASCII some are always left when a set takes others out.
        return Node(Sort.SET, reads=((_ALL & ~reads) | 1 << ASCII) if negated else reads, joins=not negated)

    def _member(self) -> str | int:
        character = self._next()
        if character != "\\":
            return character
        character = self._next()
        if character == "b":
            return "\b"
        return _CLASSES[character] if character in _CLASSES else self._escaped(character)

    def _peek(self) -> str:
        if self.done():
            raise Unclear
        return self._text[self._at]

    def _next(self) -> str:
        character = self._peek()
        self._at += 1
        return character

    def _take(self, wanted: str) -> bool:
        if self._text.startswith(wanted, self._at):
            self._at += len(wanted)
            return True
        return False


def _node(sort: Sort, parts: list[Node]) -> Node:
    return Node(sort, tuple(parts), checks=any(part.checks for part in parts))
