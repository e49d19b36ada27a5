# pyright: standard
# Any object of the user's passes through here.
"""What comparisons of the module under test saw: what an input must become for them to turn out otherwise."""

import datetime
import re
from enum import Enum
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

PLAIN = frozenset({int, float, bool, complex, str, bytes, type(None)})
ORDERED = frozenset({int, float, str, datetime.date, datetime.datetime, datetime.timedelta})
"""Types of which comparing two values has no effect."""
SITE_LIMIT = 6
"""How often one site is noted in one run."""
LONGEST = 200
WIDEST = 16


class Note(NamedTuple):
    """One comparison: ``left kind right``.

    ``kind``: == != < <= > >= in, startswith, endswith, match, fullmatch, search, get, key (right: the keys there are),
    isinstance (right: the class or a tuple of them), len (right: the length), int, float (right: None).
    ``site`` is an index into ``Seen.sites``.
    """

    site: int
    kind: str
    left: Any
    right: Any


class Site(NamedTuple):
    """Where: function's qualified name, line, and what is compared."""

    function: str
    line: int
    kind: str


class _Kept(Dict[type, bool]):
    """By type, whether values of it may be noted; told small from large when they are read."""

    def __missing__(self, kind: type) -> bool:
        kept = kind in PLAIN or kind in (tuple, frozenset) or issubclass(kind, (Enum, type, re.Pattern))
        self[kind] = kept
        return kept


Raw = Tuple[int, str, Any, Any]


class Seen:
    """The notes of one run; ``clear`` before the next. ``taken`` gives what there is, to be read by ``notes_of``."""

    def __init__(self) -> None:
        self.sites: List[Site] = []
        self._raw: List[Raw] = []
        self._counts = bytearray()
        self._zeros = b""
        self._kept = _Kept()

    def site(self, function: str, line: int, kind: str) -> int:
        self.sites.append(Site(function, line, kind))
        self._counts.append(0)
        self._zeros = bytes(len(self._counts))
        return len(self.sites) - 1

    def clear(self) -> None:
        if self._raw:
            self._raw = []
            self._counts[:] = self._zeros

    def taken(self) -> List[Raw]:
        return self._raw

    def note(self, site: int, kind: str, left: object, right: object) -> None:
        # This runs at every comparison: a tuple costs a fifth of a Note.
        count = self._counts[site]
        if count < SITE_LIMIT and self._kept[type(left)] and self._kept[type(right)]:
            self._counts[site] = count + 1
            self._raw.append((site, kind, left, right))


def notes_of(raw: List[Raw]) -> List[Note]:
    """Return what was noted, without what is too large to be of use."""
    return [Note(*one) for one in raw if small(one[2]) and small(one[3])]


def small(value: Any) -> bool:
    """Whether a value may be kept: plain, short, and nothing that changes."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) <= LONGEST
    if kind in PLAIN:
        return True
    if kind is tuple or kind is frozenset:
        return len(value) <= WIDEST and all(small(item) for item in value)
    return isinstance(value, (Enum, type, re.Pattern))


def recorders(seen: Seen, hits: bytearray) -> Dict[str, Callable[..., Any]]:
    """Return the functions that stand in for comparisons; each gives what the plain expression would."""
    return {**_orders(seen, hits), **_calls(seen)}


def _orders(seen: Seen, hits: bytearray) -> Dict[str, Callable[..., Any]]:
    """Return those for ``==`` and the orders; these also tell where an operator or a limit could be off by one."""
    note = seen.note

    def border(equal: int, above: int, left: Any, right: Any) -> None:
        if left == right:
            hits[equal] = 1
        elif type(left) is int and type(right) is int and left - right == 1:
            hits[above] = 1

    def eq(site: int, left: Any, right: Any) -> Any:
        note(site, "==", left, right)
        return left == right

    def ne(site: int, left: Any, right: Any) -> Any:
        note(site, "!=", left, right)
        return left != right

    def lt(site: int, equal: int, above: int, left: Any, right: Any) -> Any:
        note(site, "<", left, right)
        if type(left) in ORDERED:
            border(equal, above, left, right)
        return left < right

    def le(site: int, equal: int, above: int, left: Any, right: Any) -> Any:
        note(site, "<=", left, right)
        if type(left) in ORDERED:
            border(equal, above, left, right)
        return left <= right

    def gt(site: int, equal: int, above: int, left: Any, right: Any) -> Any:
        note(site, ">", left, right)
        if type(left) in ORDERED:
            border(equal, above, left, right)
        return left > right

    def ge(site: int, equal: int, above: int, left: Any, right: Any) -> Any:
        note(site, ">=", left, right)
        if type(left) in ORDERED:
            border(equal, above, left, right)
        return left >= right

    return {"Eq": eq, "NotEq": ne, "Lt": lt, "LtE": le, "Gt": gt, "GtE": ge}


def _calls(seen: Seen) -> Dict[str, Callable[..., Any]]:
    """Return those for membership, subscripts and calls."""
    note = seen.note

    def contains(site: int, left: Any, right: Any) -> bool:
        note(site, "in", left, frozen(right))
        return left in right

    def lacks(site: int, left: Any, right: Any) -> bool:
        note(site, "in", left, frozen(right))
        return left not in right

    def call(site: int, function: Any, *args: Any) -> Any:
        result = function(*args)
        if function is isinstance:
            if not result:
                note(site, "isinstance", args[0] if small(args[0]) else type(args[0]), args[1])
        elif function is len:
            note(site, "len", frozen(args[0]), result)
        return result

    def number(site: int, function: Any, *args: Any) -> Any:
        if len(args) == 1 and type(args[0]) is str:
            note(site, "float" if function is float else "int", args[0], None)
        return function(*args)

    def method(site: int, owner: Any, name: str, *args: Any, **options: Any) -> Any:
        if type(owner) is str or type(owner) is bytes:
            note(site, name, owner, args[0] if args else None)
        elif type(owner) is re.Pattern:
            note(site, name, args[0] if args else None, owner)
        elif owner is re and len(args) > 1:
            note(site, name, args[1], args[0])
        elif type(owner) is dict and args and args[0] not in owner:
            note(site, "key", args[0], frozen(owner))
        return getattr(owner, name)(*args, **options)

    def item(site: int, owner: Any, key: Any) -> Any:
        if type(owner) is dict and key not in owner:
            note(site, "key", key, frozen(owner))
        return owner[key]

    return {"In": contains, "NotIn": lacks, "call": call, "number": number, "method": method, "item": item}


def frozen(value: Any) -> Any:
    """Return a container as a tuple of its first items (a dictionary: of its keys), anything else as it is."""
    kind = type(value)
    if kind is list or kind is tuple:
        return tuple(value[:WIDEST])
    if kind is set or kind is frozenset or kind is dict:
        first = []
        for one in value:
            if len(first) == WIDEST:
                break
            first.append(one)
        return tuple(first)
    return value
