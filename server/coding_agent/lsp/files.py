"""Changes around the documents: settings, folders, files on disk. What comes behind them already sees them."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from coding_agent.lsp import remarks
from coding_agent.lsp.connection import ClientError, Json
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import inside
from coding_agent.lsp.table import SECTION
from coding_agent.lsp.warm import COMMITTED
from coding_agent.runtime.log import Level, event
from coding_agent.settings.layers import FILES
from coding_agent.workspace.uris import uri_of


async def configured(server: Server, params: Json) -> None:
    """The editor's settings changed: take those it sends, or ask for them."""
    sent = inside(params, "settings")
    if sent is None and server.client.configuration:
        if not await _asked(server):
            return
    else:
        section = _section(sent)
        if section is not None:
            server.editor_settings = section
    server.warm.reconfigure()


async def _asked(server: Server) -> bool:
    """Ask the editor for its settings, and where several folders are open, for those of each."""
    folders = server.ide.workspace.folders
    each = [uri_of(str(folder), windows=server.host.windows) for folder in folders] if len(folders) > 1 else []
    items: list[Json] = [{"section": SECTION}, *({"scopeUri": uri, "section": SECTION} for uri in each)]
    try:
        answer = await server.connection.ask("workspace/configuration", {"items": items})
    except ClientError as error:
        event("no-configuration", level=Level.WARNING, why=str(error))
        return False
    section = inside(answer, 0)
    # An editor without a section of ours, or without it any more, goes back to what it said at first.
    server.editor_settings = section if section is not None else server.first_settings
    own = {folder: inside(answer, index) for index, folder in enumerate(folders, 1)} if each else {}
    server.folder_settings = {folder: settings for folder, settings in own.items() if settings is not None}
    return True


def ask_for_folders(server: Server) -> None:
    """What an editor says as it starts is for all folders; where several are open, each may have its own settings."""
    if server.client.configuration and len(server.ide.workspace.folders) > 1:
        server.connection.spawn(_ask(server))


async def _ask(server: Server) -> None:
    if await _asked(server) and server.folder_settings:
        server.warm.reconfigure()


def _section(sent: Json) -> object:
    """Our part of what the editor sent: editors send all settings, ours alone, or nothing of ours."""
    if not isinstance(sent, dict):
        return None
    values = cast("dict[str, object]", sent)
    for name in (SECTION, "coding-agent", "coding_agent"):
        if name in values:
            return values[name]
    from coding_agent.settings.table import kebab, table

    ours = {option.key.partition(".")[0] for option in table()}
    return values if any(kebab(name) in ours for name in values) else None


def watched(server: Server, params: Json) -> None:
    """Files changed on disk."""
    changed = list(_uris(inside(params, "changes")))
    if changed and all(uri.endswith(COMMITTED) for uri in changed):
        remarks.look(server)
        return
    server.ide.files_moved()
    server.warm.files_changed()
    # Some stand in folders below: those are looked at when files are.
    if any(_is_setting(uri) for uri in changed):
        server.warm.reconfigure()
    else:
        server.warm.look_at_settings()
    server.scans.changed(changed)
    if server.searches is not None:
        server.searches.changed(changed)


def folders(server: Server, params: Json) -> None:
    """Folders were added to the workspace or taken out of it."""
    workspace = server.ide.workspace
    gone, new = (_paths(server, inside(params, "event", name)) for name in ("removed", "added"))
    kept = [folder for folder in workspace.folders if folder not in gone]
    workspace.folders = tuple(dict.fromkeys((*kept, *new)))
    server.warm.reconfigure()
    if server.searches is not None:
        server.searches.begin()
    ask_for_folders(server)


def trusted(server: Server, params: Json) -> None:
    """The editor's own word about trust changed (``codingAgent/workspaceTrust``)."""
    if server.trust.hear(inside(params, "state")):
        server.warm.reconfigure()


def keyed(server: Server, params: Json) -> None:
    """The editor keeps a key for a host, or none any more (``codingAgent/key``)."""
    host, key = inside(params, "host"), inside(params, "key")
    server.editor_key = (host, key) if isinstance(host, str) and isinstance(key, str) else ("", "")


def _is_setting(uri: str) -> bool:
    return uri.rpartition("/")[2] in FILES


def _paths(server: Server, listed: Json) -> list[Path]:
    found = (server.ide.path_of(uri) for uri in _uris(listed))
    return [path for path in found if path is not None]


def _uris(listed: Json) -> Iterator[str]:
    for each in cast("list[Json]", listed) if isinstance(listed, list) else ():
        uri = inside(each, "uri")
        if isinstance(uri, str):
            yield uri
