# pyright: standard
# Spells any value there is.
"""The spellings by type: plain values, containers, what the standard library has, enumerations."""

import collections
import datetime
import decimal
import fractions
import math
import pathlib
import re
import types
import uuid
from enum import Enum, Flag
from typing import Any, Callable, Dict, List, Optional, Set

from .constructors import built
from .reference import referred

WIDEST = 60
DEEPEST = 6


class Unspellable(Exception):
    """There is no stable spelling."""


class Work:
    """One spelling in the making: collects the imports, refuses what is too deep or turns in a circle.

    ``speller`` is the ``Speller`` it is for.
    """

    def __init__(self, speller: Any, within_tmp: bool) -> None:
        self.speller = speller
        self.imports: Set[str] = set()
        self._within_tmp = within_tmp
        self._around: List[int] = []

    def text(self, value: Any, depth: int) -> str:
        """Return the expression. Raises: Unspellable; whatever the user's code raises."""
        if depth > DEEPEST or id(value) in self._around:
            raise Unspellable
        kind = type(value)
        plain = PLAIN.get(kind)
        if plain is not None:
            return plain(self, value)
        self._around.append(id(value))
        try:
            return self._object(value, kind, depth + 1)
        finally:
            self._around.pop()

    def _object(self, value: Any, kind: type, depth: int) -> str:
        container = CONTAINERS.get(kind)
        if container is not None:
            if len(value) > WIDEST:
                raise Unspellable
            return container(self, value, depth)
        if isinstance(value, Enum):
            return self._enum(value)
        if value is type(None):
            return "type(None)"
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            return self.name(value)
        found = built(value, self.name, lambda part: self.text(part, depth))
        if found is not None:
            return found
        base = plain_base(kind)
        if base is None:
            raise Unspellable
        return PLAIN[base](self, _EXACT[base](value))

    def name(self, value: Any) -> str:
        """Return how a class or function is spelled. Raises: Unspellable - it cannot be imported."""
        found = referred(value, self.speller.names)
        if found is None:
            raise Unspellable
        code, line = found
        if line:
            self.imports.add(line)
        return code

    def needs(self, line: str, name: str) -> str:
        """Note an import line for a name of the standard library; Unspellable where the module has such a name."""
        if name in self.speller.names.lines:
            raise Unspellable
        self.imports.add(line)
        return name

    def string(self, value: Any) -> str:
        if self._within_tmp:
            inside = self.speller.below_tmp(value)
            if inside is not None:
                return "str(tmp_path / %r)" % inside if inside else "str(tmp_path)"
        if self.speller.is_foreign(value):
            raise Unspellable
        return repr(value)

    def path(self, value: Any) -> str:
        if self._within_tmp and isinstance(value, pathlib.Path):
            inside = self.speller.below_tmp(str(value))
            if inside is not None:
                return "tmp_path / %r" % inside if inside else "tmp_path"
        if self.speller.is_foreign(str(value)):
            raise Unspellable
        name = "Path" if isinstance(value, pathlib.Path) else type(value).__name__
        return "%s(%r)" % (self.needs("from pathlib import " + name, name), str(value))

    def _enum(self, value: Enum) -> str:
        kind = type(value)
        if value.name in kind.__members__:
            return "%s.%s" % (self.name(kind), value.name)
        if not isinstance(value, Flag):
            raise Unspellable
        parts = [one for one in kind if one.value and one in value]  # type: ignore[operator]
        return " | ".join(self._enum(one) for one in parts) if parts else "%s(0)" % self.name(kind)


_EXACT: Dict[type, Callable[[Any], Any]] = {
    str: lambda value: str.__getitem__(value, slice(None)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    int: int.__pos__,
    float: float.__pos__,
}
"""What makes an object of a subclass one of the class itself."""


def plain_base(kind: type) -> Optional[type]:
    """Return the plain class whose objects equal those of a subclass of it, as a text equals what Django marks safe."""
    return next((base for base in _EXACT if base in kind.__mro__[1:] and kind.__eq__ is base.__eq__), None)


def _float(_: Work, value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return "float(%r)" % repr(value)
    return repr(value)


def _pattern(work: Work, value: Any) -> str:
    flags = value.flags & ~re.UNICODE if isinstance(value.pattern, str) else value.flags
    named = ["%s.%s" % (work.needs("import re", "re"), flag.name) for flag in re.RegexFlag if flag.value & flags]
    parts = [repr(value.pattern), *([" | ".join(named)] if named else [])]
    return "%s.compile(%s)" % (work.needs("import re", "re"), ", ".join(parts))


def _from_repr(line: str, name: str) -> Callable[[Work, Any], str]:
    def text(work: Work, value: Any) -> str:
        work.needs(line, name)
        return repr(value)

    return text


def _moment(work: Work, value: datetime.datetime) -> str:
    work.needs("import datetime", "datetime")
    midnight = not (value.hour or value.minute or value.second or value.microsecond)
    return repr(value).replace(", 0, 0", "", 1) if midnight else repr(value)


def _slice(work: Work, value: slice) -> str:
    return "slice(%s)" % ", ".join(work.text(part, 1) for part in (value.start, value.stop, value.step))


PLAIN: Dict[type, Callable[[Work, Any], str]] = {
    **dict.fromkeys((type(None), bool, int, bytes, bytearray, complex, range), lambda _, value: repr(value)),
    float: _float,
    str: Work.string,
    slice: _slice,
    **dict.fromkeys((type(Ellipsis), type(NotImplemented)), lambda _, value: repr(value)),
    memoryview: lambda _, value: "memoryview(%r)" % bytes(value),
    re.Pattern: _pattern,
    **dict.fromkeys(
        (datetime.date, datetime.time, datetime.timedelta, datetime.timezone),
        _from_repr("import datetime", "datetime"),
    ),
    datetime.datetime: _moment,
    decimal.Decimal: _from_repr("from decimal import Decimal", "Decimal"),
    fractions.Fraction: _from_repr("from fractions import Fraction", "Fraction"),
    uuid.UUID: lambda work, value: work.needs("import uuid", "uuid") + "." + repr(value),
    **dict.fromkeys((type(pathlib.Path()), pathlib.PurePosixPath, pathlib.PureWindowsPath), Work.path),
}


def _joined(work: Work, values: Any, depth: int) -> str:
    return ", ".join(work.text(value, depth) for value in values)


def _dict(work: Work, value: Any, depth: int) -> str:
    pairs = ("%s: %s" % (work.text(key, depth), work.text(one, depth)) for key, one in value.items())
    return "{%s}" % ", ".join(pairs)


def _tuple(work: Work, value: Any, depth: int) -> str:
    return "(%s%s)" % (_joined(work, value, depth), "," if len(value) == 1 else "")


def _set(work: Work, value: Any, depth: int) -> str:
    if not value:
        return "set()"
    return "{%s}" % ", ".join(_sorted(value, [work.text(one, depth) for one in value]))


def _sorted(values: Any, codes: List[str]) -> List[str]:
    """Return the codes in the order of what they mean where there is one, else of their text."""
    try:
        return [code for _, code in sorted(zip(values, codes))]
    except TypeError:
        return sorted(codes)


def _frozenset(work: Work, value: Any, depth: int) -> str:
    return "frozenset(%s)" % (_set(work, value, depth) if value else "")


def _ordered(work: Work, value: Any, depth: int) -> str:
    name = work.needs("from collections import OrderedDict", "OrderedDict")
    return "%s([%s])" % (name, _joined(work, value.items(), depth)) if value else name + "()"


def _default(work: Work, value: Any, depth: int) -> str:
    name = work.needs("from collections import defaultdict", "defaultdict")
    return "%s(%s, %s)" % (name, work.text(value.default_factory, depth), _dict(work, value, depth))


def _counter(work: Work, value: Any, depth: int) -> str:
    return "%s(%s)" % (work.needs("from collections import Counter", "Counter"), _dict(work, value, depth))


def _deque(work: Work, value: Any, depth: int) -> str:
    name = work.needs("from collections import deque", "deque")
    limit = "" if value.maxlen is None else ", maxlen=%d" % value.maxlen
    return "%s([%s]%s)" % (name, _joined(work, value, depth), limit)


def _proxy(work: Work, value: Any, depth: int) -> str:
    return "%s(%s)" % (
        work.needs("from types import MappingProxyType", "MappingProxyType"),
        _dict(work, value, depth),
    )


CONTAINERS: Dict[type, Callable[[Work, Any, int], str]] = {
    list: lambda work, value, depth: "[%s]" % _joined(work, value, depth),
    tuple: _tuple,
    dict: _dict,
    set: _set,
    frozenset: _frozenset,
    collections.OrderedDict: _ordered,
    collections.defaultdict: _default,
    collections.Counter: _counter,
    collections.deque: _deque,
    types.MappingProxyType: _proxy,
}
