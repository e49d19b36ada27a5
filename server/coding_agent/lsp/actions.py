"""Code actions."""

from coding_agent.lsp.connection import Json
from coding_agent.lsp.server import Server


async def offer(server: Server, params: Json) -> Json:
    return []


async def resolve(server: Server, params: Json) -> Json:
    return params
