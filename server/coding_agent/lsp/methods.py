"""Which method is answered where."""

from collections.abc import Awaitable, Callable
from importlib import import_module

from coding_agent.lsp import diagnostics, documents, files, lifecycle, outline
from coding_agent.lsp.connection import Json
from coding_agent.lsp.server import Server

Fast = Callable[[Server, Json], Awaitable[Json] | Json]


def _late(module: str, name: str) -> Fast:
    """A handler whose module is not needed before it is asked for."""

    def answer(server: Server, params: Json) -> Awaitable[Json] | Json:
        handler: Fast = getattr(import_module(f"coding_agent.lsp.{module}"), name)
        return handler(server, params)

    return answer


FAST_REQUESTS: dict[str, Fast] = {
    "initialize": lifecycle.initialize,
    "shutdown": lifecycle.shutdown,
    "textDocument/diagnostic": diagnostics.pull,
    "workspace/diagnostic": diagnostics.pull_workspace,
    "textDocument/codeAction": _late("actions", "offer"),
    "codeAction/resolve": _late("actions", "resolve"),
    "textDocument/inlineCompletion": _late("completing", "inline"),
    "textDocument/completion": _late("completing", "ordinary"),
    "textDocument/codeLens": outline.lenses,
    "textDocument/documentSymbol": outline.symbols,
    "workspace/symbol": _late("search", "symbols"),
}
FAST_NOTIFICATIONS: dict[str, Fast] = {
    "initialized": lifecycle.initialized,
    "exit": lifecycle.leave,
    "textDocument/didOpen": documents.opened,
    "textDocument/didChange": documents.changed,
    "textDocument/didSave": documents.saved,
    "textDocument/didClose": documents.closed,
    "workspace/didChangeConfiguration": files.configured,
    "workspace/didChangeWatchedFiles": files.watched,
    "workspace/didChangeWorkspaceFolders": files.folders,
    "codingAgent/workspaceTrust": files.trusted,
    "codingAgent/key": files.keyed,
}
TYPED = frozenset({"textDocument/hover", "workspace/executeCommand", "window/workDoneProgress/cancel"})
"""Features of the pygls server in `lsp/typed.py`."""
