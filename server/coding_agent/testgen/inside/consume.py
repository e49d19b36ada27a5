# pyright: standard
# Looks at any result.
"""Makes lazy results definite: a coroutine is awaited, an iterator listed, a context manager entered."""

import asyncio
import contextlib
import inspect
from itertools import islice
from typing import Any, List, Optional, Tuple

from .wording import ITEMS

MANAGERS: Tuple[Any, ...] = (getattr(contextlib, "_GeneratorContextManager"),)  # noqa: B009 - no public name
ASYNC_MANAGERS: Tuple[Any, ...] = (getattr(contextlib, "_AsyncGeneratorContextManager"),)  # noqa: B009


class Loop:
    """One event loop for all runs, made when first needed, and anew when one was left in the middle."""

    def __init__(self) -> None:
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def run(self, coroutine: Any) -> Any:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        loop = self._loop
        try:
            return loop.run_until_complete(coroutine)
        finally:
            left = asyncio.all_tasks(loop)
            if left and not loop.is_running() and not loop.is_closed():
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    def renew(self) -> None:
        """Give up a loop that was interrupted."""
        self._loop = None


async def _awaited(value: Any) -> Any:
    return await value


async def _listed(value: Any) -> List[Any]:
    items: List[Any] = []
    async for item in value:
        items.append(item)
        if len(items) > ITEMS:
            break
    return items


async def _entered(value: Any) -> Any:
    async with value as entered:
        return entered


def definite(outcome: Any, loop: Loop) -> None:
    """Replace an outcome's lazy value by what it holds, and its act by one that says so."""
    value = outcome.value
    kind = type(value)
    if kind.__module__ not in ("builtins", "itertools", "contextlib") and not hasattr(kind, "__await__"):
        return
    if hasattr(kind, "__await__"):
        _becomes(outcome, "await")
        outcome.value = loop.run(_awaited(value))
    elif inspect.isasyncgen(value):
        _becomes(outcome, "alist")
        outcome.value = loop.run(_listed(value))
        if len(outcome.value) > ITEMS:
            outcome.kind = "endless"
    elif isinstance(value, MANAGERS):
        _becomes(outcome, "with")
        with value as outcome.value:
            pass
    elif isinstance(value, ASYNC_MANAGERS):
        _becomes(outcome, "awith")
        outcome.value = loop.run(_entered(value))
    elif hasattr(kind, "__next__"):
        _becomes(outcome, "list")
        outcome.value = list(islice(value, ITEMS))
        if len(outcome.value) == ITEMS and next(value, outcome) is not outcome:
            _becomes(outcome, "islice")
    outcome.namespace["result"] = outcome.value


def _becomes(outcome: Any, kind: str) -> None:
    outcome.candidate = outcome.candidate._replace(act=outcome.candidate.act._replace(kind=kind))
