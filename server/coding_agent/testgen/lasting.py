"""Work that is over in time even where it swallows being cancelled."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable

from coding_agent.errors import CodingAgentError
from coding_agent.runtime.log import Level, event

_LEAVING = 0.3
"""Seconds that something cancelled may take to end, before it is left alone."""


async def lasted(work: Coroutine[object, object, None], seconds: float, kill: Callable[[], object]) -> bool:
    """Run ``work`` for so many seconds; then cancel it, ``kill`` and return True, at the latest a little later.

    Raises: what the work raises in time.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=seconds)
        if task.done():
            task.result()
            return False
        kill()
        return True
    finally:
        if not task.done():
            await left([task])


async def left(tasks: "Iterable[asyncio.Task[object]]") -> None:
    """Cancel tasks and wait until they are over, a moment at most.

    Raises: what one raised that is no expected failure.
    """
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    if not waiting:
        return
    done, late = await asyncio.wait(waiting, timeout=_LEAVING)
    for task in late:
        event("left-alone", level=Level.WARNING, task=str(task.get_coro()))
    for task in done:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CodingAgentError):
            raise error
