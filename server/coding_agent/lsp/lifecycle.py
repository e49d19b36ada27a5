"""The beginning and the end of a session."""

from pathlib import Path

from coding_agent.lsp import capabilities, client, files
from coding_agent.lsp.connection import INVALID_REQUEST, ClientError, Json
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import inside, items_of
from coding_agent.runtime.log import event
from coding_agent.runtime.parent import watch_process


def initialize(server: Server, params: Json) -> Json:
    if server.initialized:
        raise ClientError(INVALID_REQUEST, "initialize was sent twice")
    able = client.read(params)
    server.first_settings = server.editor_settings = inside(params, "initializationOptions")
    server.adopt(able)
    server.trust.hear(inside(params, "initializationOptions", "workspaceTrust"))
    server.ide.workspace.folders = tuple(_folders(server, params))
    server.initialized = True
    parent = inside(params, "processId")
    if isinstance(parent, int) and not isinstance(parent, bool) and parent > 0:
        watch_process(parent, lambda: server.leave(1))
    event("initialize", client=able.name, folders=len(server.ide.workspace.folders), pull=able.pull)
    folders = server.ide.workspace.folders
    ai = server.ide.options(folders[0] if folders else None).ai
    return capabilities.answer(
        able.units,
        able.pull,
        able.pulls_workspace,
        commands=not able.own_commands,
        completes=ai.is_set and ai.complete,
        inline=able.completes_inline,
    )


def _folders(server: Server, params: Json) -> list[Path]:
    listed = [inside(each, "uri") for each in items_of(params, "workspaceFolders")]
    uris = listed or [inside(params, "rootUri")]
    paths = [server.ide.path_of(uri) for uri in uris if isinstance(uri, str)]
    return [path for path in paths if path is not None]


def initialized(server: Server, params: Json) -> None:
    server.warm.watch()
    files.ask_for_folders(server)


def shutdown(server: Server, params: Json) -> Json:
    server.shut_down = True
    return None


def leave(server: Server, params: Json) -> None:
    server.leave(0 if server.shut_down else 1)
