"""Diagnostics: pulled by clients that can, pushed to the others, never both."""

import json
import zlib
from collections.abc import Generator

from coding_agent.ide.facade import View
from coding_agent.ide.slices import in_slices
from coding_agent.lsp.connection import Json, Raw, encoded
from coding_agent.lsp.ready import gravest
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import uri_of
from coding_agent.runtime.log import Level, event


def changed(server: Server, uri: str) -> None:
    """A document has a new text: whoever waits for its diagnostics gets them."""
    server.warm.idle_later()
    if not server.client.pull:
        server.connection.spawn(_push(server, uri))


def again(server: Server, uri: str) -> None:
    """Something else is found in a document, whose text is the same."""
    if server.client.pull:
        server.connection.spawn(server.warm.refresh("workspace/diagnostic/refresh"))
    else:
        server.connection.spawn(_push(server, uri))


def forget(server: Server, uri: str) -> None:
    """A document was closed."""
    if server.published.pop(uri, None) is not None:
        server.connection.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": []})


async def _push(server: Server, uri: str) -> None:
    view = await server.ide.view(uri)
    if view is None:
        return
    items = await in_slices(_items(server, view))
    if server.ide.document(uri) is not view.document:
        return
    before = server.published.get(uri)
    # An editor that drops findings with each change needs them again although they are the same.
    if before is not None and before == (view.document.version, items):
        return
    server.published[uri] = (view.document.version, items)
    head = {"uri": uri} if view.document.version is None else {"uri": uri, "version": view.document.version}
    start = encoded(head)[:-1] + b',"diagnostics":['
    server.connection.notify("textDocument/publishDiagnostics", Raw((start, items, b"]}")))
    event("diagnostics", level=Level.DEBUG, uri=uri, version=view.document.version, bytes=len(items))


async def pull(server: Server, params: Json) -> Json:
    uri = uri_of(params)
    previous = params.get("previousResultId")
    view = await server.ide.view(uri)
    if view is None:
        return {"kind": "full", "items": []}
    items = await in_slices(_items(server, view))
    # An answer that its client dropped, because it asked again, must not be what the next one is the same as.
    result_id = f"{zlib.crc32(items):x}-{len(items)}"
    if previous == result_id:
        return {"kind": "unchanged", "resultId": result_id}
    return Raw((b'{"kind":"full","resultId":"', result_id.encode(), b'","items":[', items, b"]}"))


def _items(server: Server, view: View) -> Generator[None, None, bytes]:
    uri = view.document.uri
    remarks = server.remarks_on(uri)
    if view.silent is not None:
        return b",".join([*([_too_large(view.silent)] if view.silent.startswith("larger") else ()), *remarks])
    found: list[bytes] = []
    for item in server.ready.each(view.state, uri):
        found.append(item)
        yield
    # No number of findings keeps out what somebody asked for, nor the other way round.
    return b",".join([*gravest(found, server.ide.options_of(uri).max_problems), *remarks])


def _too_large(reason: str) -> bytes:
    place = {"line": 0, "character": 0}
    found = {
        "range": {"start": place, "end": place},
        "severity": 3,
        "code": "file-too-large",
        "source": "coding-agent",
        "message": f"This file is not analysed: it is {reason}.",
    }
    return json.dumps(found).encode()


async def pull_workspace(server: Server, params: Json) -> Json:
    return await server.scans.pull(params)
