"""Keeps looking at a box while jobs run, never when it is idle."""

import asyncio
from collections.abc import Callable, Iterable

from coding_agent.sandbox.spec import End
from coding_agent.sandbox.watchdog import PERIOD, Excess

_LOST = 5.0
"""Seconds a look may take: longer, and jobs keep the whole machine or the kernel busy."""


class Guard:
    """Calls ``look`` in a thread again and again, and ``act`` with each limit that was passed, on the loop.

    ``look`` returns None when there is nothing to look at any more; ``wake`` starts anew.
    """

    def __init__(self, look: Callable[[int], Iterable[Excess] | None], act: Callable[[Excess], None]) -> None:
        self._look, self._act = look, act
        self._task: asyncio.Task[None] | None = None
        self._asked = False

    def wake(self) -> None:
        """Look from now on."""
        self._asked = True
        if not self._task or self._task.done():
            self._task = asyncio.create_task(self._keep_looking())

    def rest(self) -> None:
        """Look no more."""
        if self._task:
            self._task.cancel()

    async def _keep_looking(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(PERIOD)
            self._asked = False
            try:
                async with asyncio.timeout(_LOST):
                    found = await asyncio.to_thread(self._look, count)
            except TimeoutError:
                found = [Excess(0, End.PROCESSES, f"it could not be watched for {_LOST:g} s")]
            if found is None and not self._asked:  # Nothing began while we looked.
                return
            for excess in found or ():
                self._act(excess)
            count += 1
