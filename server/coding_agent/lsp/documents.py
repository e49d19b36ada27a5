"""Text synchronisation. Everything here happens in the order of arrival, at once."""

from typing import cast

from coding_agent.lsp import diagnostics, remarks
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
    if server.remarks:
        remarks.opened(server, uri)
    diagnostics.changed(server, uri)
    if server.searches is not None:
        server.searches.opened(uri)


def changed(server: Server, params: Json) -> None:
    uri = uri_of(params)
    before = server.ide.document(uri)
    if before is None:
        event("change-of-unknown-document", level=Level.WARNING, uri=uri)
        return
    changes = inside(params, "contentChanges")
    if not isinstance(changes, list):
        raise ClientError(INVALID_PARAMS, "changes that are no list")
    made = [_change(each) for each in cast("list[Json]", changes)]
    server.warm.look_at_settings(now=False)
    same = server.ide.change(uri, _version(params["textDocument"]), made)
    path, now = server.ide.path_of(uri) if server.remarks else None, server.ide.document(uri)
    if path is not None and now is not None:
        server.remarks.changed(path, before.text, now.text, same)
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
    document = server.ide.document(uri)
    if document is not None:
        server.ide.close(uri)
        diagnostics.forget(server, uri)
        server.outlines.forget(uri)
        server.lenses.forget(uri)
        if server.searches is not None:
            server.searches.related.forget(uri)
            server.searches.exists.forget(uri)
        # From here on the file on disk counts.
        server.scans.changed((uri,))
        remarks.closed(server, uri, document.text)


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
