"""Hover."""

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


class Hovers:
    """Answers hovers."""

    def __init__(self, server: "Server") -> None:
        self._server = server

    async def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        return None

    async def close(self) -> None:
        """Stop jedi."""
