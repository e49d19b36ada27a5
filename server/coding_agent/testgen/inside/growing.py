# pyright: standard
# Values of any kind.
"""Makes values longer, so that what takes long on long ones shows: the same value and length give the same."""

from typing import Any


def grown(value: Any, times: int) -> Any:
    """Return a value of about so many times the length; numbers stay, so nothing counts up to a power of them.

    What is repeated is varied, or a set would be as short as before.
    """
    if times <= 1:
        return value
    if isinstance(value, (bytes, bytearray)):
        return value * times
    if type(value) is str:
        return "".join(value if turn % 2 else value.swapcase() for turn in range(times))
    if type(value) is dict:
        return {_varied(key, turn): one for turn in range(times) for key, one in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_varied(each, turn) for turn in range(times) for each in value)
    return value


def _varied(value: Any, turn: int) -> Any:
    """Return another value of the same kind; every third time the same one."""
    if turn % 3 == 2 or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value + 7 * turn
    if type(value) is str:
        return "%s%d" % (value, turn) if turn else value
    if type(value) is tuple:
        return tuple(_varied(each, turn) for each in value)
    return value
