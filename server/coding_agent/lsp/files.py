"""Changes around the documents: settings, folders, files on disk."""

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from coding_agent.lsp.connection import ClientError
from coding_agent.runtime.log import Level, event

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_SETTINGS = ("pyproject.toml", "ruff.toml", ".ruff.toml", ".gitignore", ".coding-agent-baseline.json")


async def configured(server: "Server", params: lsp.DidChangeConfigurationParams) -> None:
    """The editor's settings changed: take those it sends, or ask for them."""
    sent = params.settings
    if sent is None and server.client.configuration:
        try:
            answer = await server.connection.ask("workspace/configuration", {"items": [{"section": "codingAgent"}]})
        except ClientError as error:
            event("no-configuration", level=Level.WARNING, why=str(error))
            return
        sent = answer[0] if isinstance(answer, list) and answer else None
    section = _section(sent)
    if section is not None:
        server.editor_settings = section
    server.warm.reconfigure()


def _section(sent: object) -> object:
    """Our part of what the editor sent: editors send all settings, ours alone, or nothing of ours."""
    if not isinstance(sent, dict):
        return None
    for name in ("codingAgent", "coding-agent", "coding_agent"):
        if name in sent:
            return sent[name]
    return None


def watched(server: "Server", params: lsp.DidChangeWatchedFilesParams) -> None:
    names = {change.uri.rpartition("/")[2] for change in params.changes}
    if names.intersection(_SETTINGS):
        server.warm.reconfigure()
    server.scans.changed(change.uri for change in params.changes)


def folders(server: "Server", params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    workspace = server.ide.workspace
    gone = {server.ide.path_of(folder.uri) for folder in params.event.removed}
    new = [path for folder in params.event.added if (path := server.ide.path_of(folder.uri)) is not None]
    kept: list[Path] = [folder for folder in workspace.folders if folder not in gone]
    workspace.folders = tuple(dict.fromkeys((*kept, *new)))
    server.warm.reconfigure()
