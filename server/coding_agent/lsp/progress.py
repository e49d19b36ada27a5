"""Work-done progress: shown where the client can, cancelled by the user at any time."""

import asyncio
from collections import deque

from coding_agent.lsp.connection import ClientError, Connection, Json, unlinked
from coding_agent.workspace.token import Token

_EARLY = 16


class Progress:
    """One piece of long work."""

    def __init__(self, connection: Connection, token: Json) -> None:
        self._connection = connection
        self._token = token
        self.stop = Token()
        self.stopped = asyncio.Event()
        """Set when ``stop`` is cancelled, for those who wait."""

    @property
    def shown(self) -> bool:
        """Whether anybody sees it."""
        return self._token is not None

    def cancel(self) -> None:
        self.stop.cancel()
        self.stopped.set()

    def begin(self, title: str, *, measured: bool = True) -> None:
        """Without a percentage at its begin no end is in sight, for clients."""
        self._say({"kind": "begin", "title": title, "cancellable": True, **({"percentage": 0} if measured else {})})

    def report(self, message: str, percentage: int | None = None) -> None:
        self._say(
            {
                "kind": "report",
                "message": unlinked(message),
                **({} if percentage is None else {"percentage": percentage}),
            }
        )

    def end(self, message: str) -> None:
        self._say({"kind": "end", "message": message})

    def _say(self, value: Json) -> None:
        if self._token is not None:
            self._connection.notify("$/progress", {"token": self._token, "value": value})


class Progresses:
    """All long work of one server, by progress token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._running: dict[Json, Progress] = {}
        self._early: deque[int | str] = deque(maxlen=_EARLY)
        """Tokens that were cancelled before their work began, as while the user was asked for consent."""
        self._made = 0

    async def begin(self, title: str, token: Json, able: bool, *, measured: bool = True) -> Progress:
        """Begin to show progress, under the client's own token or one we make; silently where it cannot."""
        if token is None and able:
            self._made += 1
            token = f"coding-agent-{self._made}"
            try:
                await self._connection.ask("window/workDoneProgress/create", {"token": token})
            except ClientError:
                token = None
        progress = Progress(self._connection, token)
        if token is not None:
            self._running[token] = progress
        progress.begin(title, measured=measured)
        if token in self._early:
            progress.cancel()
        return progress

    def end(self, progress: Progress, message: str) -> None:
        progress.end(message)
        self._running = {token: each for token, each in self._running.items() if each is not progress}

    def cancel(self, token: Json) -> None:
        if isinstance(token, int | str):
            running = self._running.get(token)
            if running is None:
                self._early.append(token)
            else:
                running.cancel()
