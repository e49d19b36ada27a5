"""How work that nobody wants any more stops."""

from coding_agent.errors import Cancelled


class Token:
    """Flipped once, by whoever gave it out; asked in every long loop."""

    __slots__ = ("_cancelled",)

    def __init__(self) -> None:
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def check(self) -> None:
        """Raises: Cancelled - the answer is not wanted any more."""
        if self._cancelled:
            raise Cancelled
