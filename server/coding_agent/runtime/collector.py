"""Keeps the collector of cyclic garbage away from what makes many objects and no cycles."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

MANY = 5_000
"""Objects that a collection goes through in a millisecond or two."""


@contextmanager
def acyclic() -> Generator[None]:
    """Work whose objects refer to each other in one direction only: counting references frees them all.

    A collection would go through every one of them in one go (20 ms for the tree of a long class) and find nothing.
    So none begins during the work, and what many objects it left are set aside for good: they are still freed when
    nobody refers to them.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MANY:
            gc.freeze()
        if before:
            gc.enable()
