"""What a part of a document takes from the rest of it: names, and how it is laid out. No tree is made of the rest.

An edit inside a part cannot change what the rest binds, declares or mentions, so this is the same before and
after it, and with it the part is proved as the whole document would be.
"""

import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from coding_agent.syntax.enclosing import MARK, Part

STAR = re.compile(r"\bimport[ \t]*\(?[ \t]*\*")
_DECLARATION = re.compile(r"global|nonlocal")
_STAR_STATEMENT = re.compile(r"^from\b.*\bimport[\s\\(]*\*", re.MULTILINE)
_SHOWING = frozenset({"__getattr__", "__dir__"})


def declares(text: str) -> bool:
    """Whether a text may declare a name ``global`` or ``nonlocal``."""
    return _DECLARATION.search(text) is not None


def mentioned(word: str, text: str) -> bool:
    """Whether a word stands anywhere in a text, in strings and comments too."""
    return word in text and re.search(rf"\b{re.escape(word)}\b", text) is not None


def tables(top: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """A table and all below it."""
    yield top
    for child in top.get_children():
        yield from tables(child)


def bound_at_top(top: symtable.SymbolTable) -> set[str]:
    """The names that a module binds outside of its functions and classes."""
    return {symbol.get_name() for symbol in top.get_symbols() if symbol.is_local()}


def identifiers(top: symtable.SymbolTable) -> frozenset[str]:
    """Every name of any scope of a module."""
    return frozenset(name for table in tables(top) for name in table.get_identifiers())


@dataclass(frozen=True)
class Outside:
    """The rest of a document: what is before a part of it, and what is behind. Empty around a whole document."""

    texts: tuple[str, ...] = ()
    tops: tuple[symtable.SymbolTable, ...] = field(default=(), repr=False)

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that are bound at the top of the module."""
        return frozenset[str]().union(*map(bound_at_top, self.tops))

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Names some function declares ``global`` or ``nonlocal``, as the interpreter sees them inside classes."""
        return frozenset(
            symbol.get_name()
            for text, top in zip(self.texts, self.tops, strict=True)
            if declares(text)
            for table in tables(top)
            for symbol in table.get_symbols()
            if symbol.is_declared_global() or symbol.is_nonlocal()
        )

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name of any scope."""
        return frozenset[str]().union(*map(identifiers, self.tops))

    @cached_property
    def star(self) -> bool:
        """Whether it may import any name."""
        return any(STAR.search(text) for text in self.texts)

    @cached_property
    def shows_names(self) -> bool:
        """Whether the names of the module are an interface: it has a star import, or a ``__getattr__``."""
        defined = {table.get_name() for top in self.tops for table in top.get_children()}
        return bool(defined & _SHOWING) or any(_STAR_STATEMENT.search(text) for text in self.texts)

    def mentions(self, word: str) -> bool:
        """Whether a word stands anywhere, in strings and comments too."""
        return any(mentioned(word, text) for text in self.texts)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset[str]().union(*(re.findall(r"\w+", text) for text in self.texts))


ALONE = Outside()
"""There is nothing outside of a whole document."""


def outside(part: Part) -> Outside | None:
    """What is outside of a part; None where the cut is not proved to be right."""
    texts = tuple(text for text in (part.before, part.behind) if text)
    tops = [top for text in texts if (top := _table(text)) is not None]
    if len(tops) != len(texts) or (part.owner and not _ends_in(tops[0], part.owner)):
        return None
    return Outside(texts, tuple(tops))


def _ends_in(top: symtable.SymbolTable, owner: str) -> bool:
    """Whether the body of the class ``owner`` is where a text ends, and where what is marked stands."""
    held = next((table for table in reversed(top.get_children()) if table.get_type() == "class"), None)
    if held is None or held.get_name() != owner:
        return False
    return any(table.get_name() == MARK for table in held.get_children())


def margin_holds(part: Part) -> bool:
    """Whether the margin of a part is proved to stand between statements."""
    return _table(part.above) is not None


def _table(text: str) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(text, "<text>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
