"""Long work on the event loop, in slices that let the loop breathe."""

import asyncio
from collections.abc import Generator
from time import perf_counter
from typing import TypeVar

SLICE = 0.004
"""Seconds of work between two breaths of the event loop."""

Result = TypeVar("Result")


async def in_slices(work: Generator[None, None, Result]) -> Result:
    """Go through ``work``, which yields wherever a pause can be made, and return what it returns."""
    until = perf_counter() + SLICE
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
        if perf_counter() > until:
            await asyncio.sleep(0)
            until = perf_counter() + SLICE


def at_once(work: Generator[None, None, Result]) -> Result:
    """Go through ``work`` without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
