# pyright: standard
# Objects of libraries that may not be there.
"""What the project set of an object that a framework made; the rest is the framework's, and its version decides it."""

import re
from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

from .routes import FLASK, is_a

_FRESH = frozenset({"fastapi", "requests", "starlette"})
"""Packages whose objects can be made without arguments, and without touching anything, to see what they have anyway."""
_SECRET = re.compile(r"SECRET|PASSWORD|TOKEN")
_MISSING = object()

Asked = Iterator[Tuple[str, Callable[[], Any]]]


def asked(value: Any) -> Optional[Asked]:
    """Return what a test asks of it, with ``{}`` for it: its configuration, or attributes that a new one has not.

    None for what is no object of a framework that can be told from a new one.
    """
    if is_a(value, FLASK):
        return _of_flask(value)
    kind = type(value)
    if str(kind.__module__).partition(".")[0] not in _FRESH or isinstance(value, (BaseException, type)):
        return None
    try:
        return _of_attributes(value, vars(kind()))
    except TypeError:  # it needs arguments, or has no attributes
        return None


def _of_flask(value: Any) -> Asked:
    for name in _others(value.config, value.make_config()):
        if not _SECRET.search(name):
            yield "{}.config[%r]" % name, lambda name=name: value.config[name]


def _of_attributes(value: Any, fresh: Mapping[str, Any]) -> Asked:
    for name in _others(vars(value), fresh):
        if name.isidentifier() and not name.startswith("_"):
            yield "{}." + name, lambda name=name: getattr(value, name)


def _others(having: Mapping[Any, Any], made: Mapping[Any, Any]) -> Iterator[str]:
    for name, value in list(having.items()):
        if isinstance(name, str) and not _same(made.get(name, _MISSING), value):
            yield name


def _same(one: Any, other: Any) -> bool:
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:  # whatever an object makes of being compared
        return False
