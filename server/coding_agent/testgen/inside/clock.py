# pyright: standard
# Replaces classes and functions of the standard library by their like.
"""Moves the clock of this process, so that running a test again finds what depends on the time.

``shift`` comes before the user's modules are imported. Monotonic clocks stay: they say how long something takes. Real
dates are still instances of the classes that stand in, values made by these classes are real dates as well, and they
pickle, print and compare as before.
"""

import datetime
import sys
import time
from typing import Any, Callable, Dict

DAY = 86_400
SHIFTS = (40 * DAY, 5 * 365 * DAY + 100 * DAY)
"""Seconds: another month, and so far that what is told in years tells another number."""

_real_date = datetime.date
_real_datetime = datetime.datetime


class _Alike(type):
    """Instances and subclasses of the real class count."""

    _real: type

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls._real) if "_real" in vars(cls) else type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._real) if "_real" in vars(cls) else type.__subclasscheck__(cls, subclass)


def shift(seconds: float) -> None:
    """Move the clock by so many seconds, once in a process; 0 leaves everything as it is."""
    if not seconds:
        return
    put_in_place({**_functions(seconds), **_classes(seconds)})


def put_in_place(replaced: Dict[Any, Any]) -> None:
    """Put what stands in wherever a module holds the real thing under a name of its own."""
    by_id = {id(old): (old, new) for old, new in replaced.items()}
    for module in list(sys.modules.values()):
        _replace(module, by_id)


def _replace(module: Any, by_id: Dict[int, Any]) -> None:
    name = getattr(module, "__name__", "")
    if name in (__name__, "_datetime", "_pydatetime", "_strptime"):
        return
    for attribute, value in list(getattr(module, "__dict__", {}).items()):
        found = by_id.get(id(value))
        if found is not None and found[0] is value:
            setattr(module, attribute, found[1])


def _functions(seconds: float) -> Dict[Any, Callable[..., Any]]:
    real_time, real_ns, real_local, real_gm = time.time, time.time_ns, time.localtime, time.gmtime
    real_ctime, real_asctime, real_strftime = time.ctime, time.asctime, time.strftime

    def shifted() -> float:
        return real_time() + seconds

    def shifted_ns() -> int:
        return real_ns() + int(seconds * 1_000_000_000)

    def localtime(secs: Any = None) -> Any:
        return real_local(shifted() if secs is None else secs)

    def gmtime(secs: Any = None) -> Any:
        return real_gm(shifted() if secs is None else secs)

    def ctime(secs: Any = None) -> str:
        return real_ctime(shifted() if secs is None else secs)

    def asctime(*when: Any) -> str:
        return real_asctime(*(when or (localtime(),)))

    def strftime(form: str, *when: Any) -> str:
        return real_strftime(form, *(when or (localtime(),)))

    pairs = [
        (real_time, shifted), (real_ns, shifted_ns), (real_local, localtime), (real_gm, gmtime), (real_ctime, ctime),
        (real_asctime, asctime), (real_strftime, strftime),
    ]  # fmt: skip
    for old, new in pairs:
        new.__name__ = new.__qualname__ = old.__name__
        new.__module__ = "time"
    return dict(pairs)


def _classes(seconds: float) -> Dict[Any, Any]:
    ahead = datetime.timedelta(seconds=seconds)
    real_time = time.time

    class date(_real_date, metaclass=_Alike):
        _real = _real_date

        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(real_time() + seconds)

        def __repr__(self) -> str:
            return _named(super().__repr__())

    class moment(_real_datetime, metaclass=_Alike):
        _real = _real_datetime

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + ahead

        @classmethod
        def utcnow(cls) -> Any:
            return super().utcnow() + ahead

        @classmethod
        def today(cls) -> Any:
            return cls.now()

        def __repr__(self) -> str:
            return _named(super().__repr__())

    for new, old in ((date, _real_date), (moment, _real_datetime)):
        new.__get_pydantic_core_schema__ = classmethod(_schema)  # type: ignore[attr-defined]
        new.__name__ = new.__qualname__ = old.__name__
        new.__module__ = "datetime"
        new.__doc__ = old.__doc__
    return {_real_date: date, _real_datetime: moment}


def _schema(kind: Any, *_: Any) -> Any:
    """Tell pydantic, which may have been imported before, what fields of this kind are."""
    from pydantic_core import core_schema  # of whoever asks

    return core_schema.date_schema() if kind.__name__ == "date" else core_schema.datetime_schema()


def _named(text: str) -> str:
    """Return what a class of the module ``datetime`` shows; a subclass of the user's shows its own name."""
    return "datetime." + text if text.startswith(("date(", "datetime(")) else text
