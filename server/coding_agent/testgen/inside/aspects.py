# pyright: standard
# Looks into any object.
"""What may be asked of an object that has no spelling of its own: attributes, length, items, text."""

import inspect
import io
import re
from itertools import islice
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Tuple

from . import answers, configured
from .spell import Spelled, Speller
from .wording import ITEMS

MOST = 6
LONGEST = 300
"""Characters of the value of one aspect; longer ones tell a reader nothing."""

_WHOLE = ("dict({})", "list({})")
"""What says how many there are as well."""

Aspects = Dict[str, Spelled]
"""By the expression with ``{}`` for the object: ``{}.major``, ``len({})``."""


def aspects(value: Any, speller: Speller, top: str, within_tmp: bool = False) -> Aspects:
    """Return up to six aspects with their values, the most telling first. ``top`` is the project's top package.

    Properties are only read where the project defines them. What raises is left out.
    """
    found: Aspects = {}
    for text, ask in _asked(value, top):
        if len(found) == MOST:
            break
        if (text in ("len({})", "list({})") or text[0] == "[") and not found.keys().isdisjoint(_WHOLE):
            continue
        try:
            spelled = speller.spell(ask(), within_tmp)
        except Exception:  # a property that does not work yet: nothing to see
            continue
        if spelled is not None and len(spelled.code) <= LONGEST:
            found[text] = spelled
    return found


def _asked(value: Any, top: str) -> Iterator[Tuple[str, Any]]:
    kind = type(value)
    if answers.kind_of(value):
        yield from answers.asked(value)
        return
    if answers.is_judged_form(value):
        yield from answers.of_form(value)
        return
    theirs = configured.asked(value)
    if theirs is not None:
        yield from theirs
        return
    if isinstance(value, re.Match):
        yield "{}.group()", value.group
        yield "{}.groups()", value.groups
        yield "{}.span()", value.span
        return
    if isinstance(value, (io.StringIO, io.BytesIO)):
        yield "{}.getvalue()", value.getvalue
        return
    if hasattr(kind, "tolist"):
        yield "{}.tolist()", value.tolist
    if not isinstance(value, type) and not hasattr(kind, "model_fields"):
        yield from _held(value, kind, top)
    for name in _attributes(value, kind, top):
        if name == "id" and hasattr(kind, "_meta"):
            continue  # what a database gives
        yield "{}." + name, lambda name=name: getattr(value, name)
    own = is_of(kind, top)
    if isinstance(value, BaseException) or (own and _defines(kind, "__str__", top)):
        yield "str({})", lambda: str(value)
    elif own and _defines(kind, "__repr__", top):
        yield "repr({})", lambda: repr(value)


def _held(value: Any, kind: type, top: str) -> Iterator[Tuple[str, Any]]:
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__") and len(value) <= ITEMS:
        yield "dict({})", lambda: dict(value)
    if hasattr(kind, "__iter__") and not hasattr(kind, "__next__"):
        yield "list({})", lambda: _items(value)
    if kind in (list, tuple) and 0 < len(value) <= ITEMS and len(set(map(type, value))) == 1:
        first = value[0]
        for name in _attributes(first, type(first), top)[:2] if is_of(type(first), top) else ():
            yield "[item.%s for item in {}]" % name, lambda name=name: [getattr(one, name) for one in value]
    if hasattr(kind, "__len__"):
        yield "len({})", lambda: len(value)


def _items(value: Any) -> List[Any]:
    items = list(islice(iter(value), ITEMS + 1))
    if len(items) > ITEMS:
        raise ValueError("more than is looked at")
    return items


def is_of(kind: type, top: str) -> bool:
    """Whether a class or one of its bases is the project's."""
    return any(str(base.__module__).partition(".")[0] == top for base in kind.__mro__)


def _defines(kind: type, name: str, top: str) -> bool:
    base = next((base for base in kind.__mro__ if name in vars(base)), object)
    # A dataclass writes its own repr, which says no more than its fields; so does attrs.
    own = vars(base).get(name)
    generated = hasattr(own, "__wrapped__") or "<attrs" in str(getattr(own, "__code__", ""))
    return str(base.__module__).partition(".")[0] == top and not generated


def _attributes(value: Any, kind: type, top: str) -> List[str]:
    own = [name for name in getattr(value, "__dict__", {}) if _is_public(name)]
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        own += [name for name in ([slots] if isinstance(slots, str) else slots) if _is_public(name)]
        if str(base.__module__).partition(".")[0] == top:
            own += [name for name, one in vars(base).items() if _is_public(name) and inspect.isdatadescriptor(one)]
    # What the constructor is given by the same name says most.
    own.sort(key=lambda name: name not in _parameters(kind))
    return [name for at, name in enumerate(own) if name not in own[:at]]


def _parameters(kind: type) -> FrozenSet[str]:
    try:
        return frozenset(inspect.signature(kind).parameters)
    except (TypeError, ValueError):
        return frozenset()


def _is_public(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier() and not name.startswith("_")


def files(folder: Optional[Path]) -> Dict[str, bytes]:
    """Return what the files below a folder hold, by their path inside it."""
    if folder is None:
        return {}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
