# pyright: standard
# Looks at any value.
"""Any value as plain data, so that two processes can compare what they got: by what it holds, not by where it is."""

import datetime
import decimal
import enum
import fractions
import hashlib
import pathlib
import re
import types
import uuid
from collections import deque
from typing import Any, List, Set

MOST = 4_000
"""Parts of one value; what is beyond is not looked at."""
_LONG = 400
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_SPELLED = (
    decimal.Decimal, fractions.Fraction, datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, complex,
    range, slice, pathlib.PurePath, uuid.UUID, type(Ellipsis), type(NotImplemented), re.Pattern,
)  # fmt: skip
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType)


class Canonical:
    """Turns values of one run into data. ``roots`` are folders whose names are different in each process."""

    def __init__(self, roots: List[str]) -> None:
        self._left = MOST
        self._roots = [root for root in roots if len(root) > 1]

    def of(self, value: Any) -> Any:
        """Return JSON-able data. Equal values of one kind give equal data; floats stand as numbers in a list."""
        return self._of(value, set())

    def text(self, text: str) -> Any:
        """Return a text without what is only this process's: addresses, names of its folders."""
        for root in self._roots:
            text = text.replace(root, "<folder>")
        text = _ADDRESS.sub("", text)
        if len(text) > _LONG:
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            return ["text", len(text), digest]
        return text

    def _of(self, value: Any, inside: Set[int]) -> Any:  # noqa: PLR0911 - one per kind
        self._left -= 1
        if self._left < 0:
            return ["beyond"]
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            return self.text(value)
        if kind is int:
            return value if abs(value) < 1 << 53 else ["int", str(value)[:_LONG], value.bit_length()]
        if kind is float:
            return ["float", repr(value)]
        if id(value) in inside:
            return ["around"]
        inside = inside | {id(value)}
        try:
            return [_name(kind), *self._parts(value, inside)]
        except RecursionError:
            return [_name(kind), "nested too deeply"]
        except Exception as error:  # a proxy, or a class whose own methods fail
            return [_name(kind), "raises", type(error).__name__]

    def _parts(self, value: Any, inside: Set[int]) -> List[Any]:
        if isinstance(value, enum.Enum):
            return [value.name]
        if isinstance(value, (bytes, bytearray)):
            return [self.text(repr(bytes(value)))]
        if isinstance(value, _SPELLED):
            return [self.text(repr(value))]
        if isinstance(value, _NAMED):
            return [str(getattr(value, "__module__", "")), str(getattr(value, "__qualname__", value.__name__))]
        if isinstance(value, BaseException):
            return [self._of(value.args, inside), self._of(vars(value), inside)]
        found: List[Any] = []
        if isinstance(value, (str, int, float)):
            found.append(self._of(_plain(value), inside))
        elif isinstance(value, (list, tuple, deque)):
            found.append([self._of(each, inside) for each in value])
        elif isinstance(value, dict):
            found.append([[self._of(key, inside), self._of(one, inside)] for key, one in value.items()])
        elif isinstance(value, (set, frozenset)):
            found.append(sorted((self._of(each, inside) for each in value), key=repr))
        elif hasattr(value, "dtype") and hasattr(value, "tolist"):
            found += [
                str(value.dtype),
                self._of(getattr(value, "shape", None), inside),
                self._of(value.tolist(), inside),
            ]
        elif hasattr(value, "to_dict") and hasattr(value, "index"):
            found += [self._of(value.to_dict(), inside), self._of(list(value.index), inside)]
        state = _state(value)
        if state:
            found.append([[name, self._of(one, inside)] for name, one in state])
        return found if found or hasattr(value, "__dict__") else [self.text(repr(value))]


def _plain(value: Any) -> Any:
    """Return the plain value of an object whose class derives from one."""
    return next(kind(value) for kind in (str, int, float) if isinstance(value, kind))


def _state(value: Any) -> List[Any]:
    found = dict(getattr(value, "__dict__", None) or {})
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                found[name] = getattr(value, name)
    return [(name, found[name]) for name in sorted(each for each in found if isinstance(each, str))]


def _name(kind: type) -> str:
    return "%s.%s" % (kind.__module__, kind.__qualname__)
