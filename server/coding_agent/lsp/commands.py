"""Commands that editors can run."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from coding_agent import __version__
from coding_agent.lsp.connection import Json

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

Command = Callable[["Server", tuple[Json, ...]], Awaitable[Json]]


async def status(server: "Server", arguments: tuple[Json, ...]) -> Json:
    return {"version": __version__, "documents": len(server.ide.documents())}


COMMANDS: dict[str, Command] = {
    "codingAgent.status": status,
}
