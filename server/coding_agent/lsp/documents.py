"""Text synchronisation. Everything here happens in the order of arrival, at once."""

from typing import cast

from coding_agent.lsp import diagnostics
from coding_agent.lsp.connection import INVALID_PARAMS, ClientError, Json
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import inside, position_of, uri_of
from coding_agent.runtime.log import Level, event
from coding_agent.workspace.document import Change


def opened(server: Server, params: Json) -> None:
    uri = uri_of(params)
    document = params["textDocument"]
    server.warm.look_at_settings()
    server.ide.open(uri, _version(document), _text(document), str(document.get("languageId", "python")))
    diagnostics.changed(server, uri)
    if server.searches is not None:
        server.searches.opened(uri)


def changed(server: Server, params: Json) -> None:
    uri = uri_of(params)
    if server.ide.document(uri) is None:
        event("change-of-unknown-document", level=Level.WARNING, uri=uri)
        return
    changes = inside(params, "contentChanges")
    if not isinstance(changes, list):
        raise ClientError(INVALID_PARAMS, "changes that are no list")
    made = [_change(each) for each in cast("list[Json]", changes)]
    server.warm.look_at_settings(now=False)
    server.ide.change(uri, _version(params["textDocument"]), made)
    diagnostics.changed(server, uri)
    if server.searches is not None:
        server.searches.exists.changed(uri)


def saved(server: Server, params: Json) -> None:
    server.warm.files_changed()
    server.warm.look_at_settings()
    # Few editors tell a server that did not ask for it that a file was written.
    if server.searches is not None:
        server.searches.changed((uri_of(params),))


def closed(server: Server, params: Json) -> None:
    uri = uri_of(params)
    if server.ide.document(uri) is not None:
        server.ide.close(uri)
        diagnostics.forget(server, uri)
        server.outlines.forget(uri)
        server.lenses.forget(uri)
        if server.searches is not None:
            server.searches.related.forget(uri)
            server.searches.exists.forget(uri)
        # From here on the file on disk counts.
        server.scans.changed((uri,))


def _change(change: Json) -> Change:
    text = _text(change)
    place = inside(change, "range")
    if place is None:
        return Change(text)
    return Change(text, position_of(inside(place, "start")), position_of(inside(place, "end")))


def _text(holder: Json) -> str:
    text = inside(holder, "text")
    if not isinstance(text, str):
        raise ClientError(INVALID_PARAMS, "a document or a change without text")
    return text


def _version(document: Json) -> int | None:
    version = document.get("version")
    return version if isinstance(version, int) else None
