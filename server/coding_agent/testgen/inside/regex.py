# pyright: standard
# The parser of regular expressions is not a public module.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Texts that a regular expression matches, and texts that it almost does."""

import random
import re
import sys
from typing import Any, List, Set

if sys.version_info >= (3, 11):
    from re import _constants as constants  # pyright: ignore[reportAttributeAccessIssue]
    from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
else:
    import sre_constants as constants
    import sre_parse as parser

_LIMIT = 80
_CATEGORY = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": "abcxyz019_",
    "CATEGORY_NOT_DIGIT": "abc -.",
    "CATEGORY_NOT_SPACE": "abcxyz019",
    "CATEGORY_NOT_WORD": " -.",
}
_COMMON = "abcxyz0189 _-.,:/@=\"'()[]{}<>#\n"


def matching(pattern: str, flags: int = 0, count: int = 4, rng: "random.Random | None" = None) -> List[str]:
    """Return up to ``count`` texts that the pattern finds something in; empty for what cannot be read."""
    rng = rng or random.Random(1)
    try:
        tree: Any = parser.parse(pattern, flags)
        compiled = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError):
        return []
    found: List[str] = []
    for attempt in range(count * 8):
        text = _Writer(rng, wide=attempt % 3).write(tree)
        if text not in found and len(text) <= _LIMIT * 2 and compiled.search(text):
            found.append(text)
        if len(found) == count:
            break
    return found


def almost(pattern: str, flags: int = 0, rng: "random.Random | None" = None) -> List[str]:
    """Return texts one step from matching in which the pattern finds nothing."""
    rng = rng or random.Random(2)
    found: List[str] = []
    for text in matching(pattern, flags, 3, rng):
        compiled = re.compile(pattern, flags)
        for near in (
            text[:-1],
            text[1:],
            text + "!",
            "!" + text,
            text.upper(),
            text.replace(text[len(text) // 2 : len(text) // 2 + 1] or "!", "!", 1),
        ):
            if near not in found and not compiled.search(near):
                found.append(near)
                break
    return found


class _Writer:
    def __init__(self, rng: random.Random, wide: int) -> None:
        self.rng = rng
        self.wide = wide
        self.groups: "dict[int, str]" = {}

    def write(self, tree: Any) -> str:
        return "".join(self.one(str(op), arg) for op, arg in tree)

    def one(self, op: str, arg: Any) -> str:
        if op == "LITERAL":
            return chr(arg)
        if op == "NOT_LITERAL":
            return self.pick({char for char in _COMMON if ord(char) != arg})
        if op == "ANY":
            return self.rng.choice("abc1")
        if op == "IN":
            return self.pick(_members(arg))
        if op == "CATEGORY":
            return self.rng.choice(_CATEGORY.get(str(arg), "a"))
        if op == "BRANCH":
            return self.write(self.rng.choice(arg[1]))
        if op == "SUBPATTERN":
            text = self.write(arg[-1])
            if arg[0] is not None:
                self.groups[arg[0]] = text
            return text
        if op == "ATOMIC_GROUP":
            return self.write(arg)
        if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return self.repeated(*arg)
        if op == "GROUPREF":
            return self.groups.get(arg, "")
        if op == "GROUPREF_EXISTS":
            return self.write(arg[1] if arg[0] in self.groups else arg[2] or [])
        return ""  # Anchors and assertions write nothing; what does not match in the end is dropped.

    def repeated(self, least: int, most: Any, tree: Any) -> str:
        top = least + 3 if most is constants.MAXREPEAT else min(int(most), least + 4)
        count = (least, self.rng.randint(least, top), max(least, min(top, 1 if least == 0 else least)))[self.wide]
        return "".join(self.write(tree) for _ in range(min(count, _LIMIT)))

    def pick(self, chars: Set[str]) -> str:
        plain = sorted(char for char in chars if char.isalnum()) or sorted(chars) or ["a"]
        return self.rng.choice(plain if self.rng.random() < 0.7 else sorted(chars) or ["a"])


def _members(parts: Any) -> Set[str]:
    found: Set[str] = set()
    negated = False
    for kind, value in parts:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            found.add(chr(value))
        elif name == "RANGE":
            low, high = value
            found.update(chr(code) for code in range(low, min(high, low + 70) + 1))
        elif name == "CATEGORY":
            found.update(_CATEGORY.get(str(value), "a"))
    return {char for char in _COMMON if char not in found} if negated else found
