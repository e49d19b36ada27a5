"""Diagnostics of files that are not open: the workspace scan."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from coding_agent.lsp.connection import Json

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


class Scans:
    """Scans of the workspace, in a process of their own."""

    def __init__(self, server: "Server") -> None:
        self._server = server

    def changed(self, uris: Iterable[str]) -> None:
        """Files changed on disk."""

    async def pull(self, params: Json) -> Json:
        return {"items": []}

    async def close(self) -> None:
        """Stop."""
