"""Memory that was used for a while, as while much is read."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Have the C library give free memory back to the system; glibc keeps it otherwise. Takes some milliseconds."""
    with suppress(OSError, AttributeError, TypeError):  # Another C library.
        ctypes.CDLL(None).malloc_trim(0)
