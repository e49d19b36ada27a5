"""The last resort against what hangs: a thread that ends this process, whatever its loop and its other threads do.

asyncio waits for tasks that swallow their cancelling, and for threads, before ``asyncio.run`` returns; so does Python.
"""

import os
from collections.abc import Callable
from threading import Thread, Timer


class Deadline:
    """Use it as a context; ``last`` is called in a thread when the time is over and returns the exit code.

    Nothing is done before ``within`` is called, and nothing after the context was left.
    """

    def __init__(self, last: Callable[[], int], leave: Callable[[int], object] = os._exit) -> None:
        self._last, self._leave = last, leave
        self._timer: Timer | None = None

    def within(self, seconds: float) -> None:
        """Be over in so many seconds from now; what was said before no longer counts."""
        self.rest()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> "Deadline":
        return self

    def __exit__(self, *failure: object) -> None:
        self.rest()

    def rest(self) -> None:
        """What was said no longer counts."""
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        codes: list[int] = [1]
        # A stream whose lock somebody holds for good must not hold us.
        saying = Thread(target=lambda: codes.append(self._last()), daemon=True)
        saying.start()
        saying.join(0.2)
        self._leave(codes[-1])
