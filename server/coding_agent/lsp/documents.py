"""Text synchronisation. Everything here happens in the order of arrival, at once."""

from coding_agent.lsp import diagnostics
from coding_agent.lsp.connection import Json
from coding_agent.lsp.server import Server
from coding_agent.runtime.log import Level, event
from coding_agent.workspace.document import Change


def opened(server: Server, params: Json) -> None:
    document = params["textDocument"]
    text, uri = document["text"], document["uri"]
    if not isinstance(text, str) or not isinstance(uri, str):
        raise TypeError("a document without text")
    server.ide.open(uri, _version(document), text, str(document.get("languageId", "python")))
    diagnostics.changed(server, uri)


def changed(server: Server, params: Json) -> None:
    document = params["textDocument"]
    uri = document["uri"]
    if server.ide.document(uri) is None:
        event("change-of-unknown-document", level=Level.WARNING, uri=uri)
        return
    server.ide.change(uri, _version(document), [_change(each) for each in params["contentChanges"]])
    diagnostics.changed(server, uri)


def saved(server: Server, params: Json) -> None:
    uri = params["textDocument"]["uri"]
    if isinstance(uri, str) and uri.rpartition("/")[2] in ("pyproject.toml", "ruff.toml", ".ruff.toml", ".gitignore"):
        server.warm.reconfigure()


def closed(server: Server, params: Json) -> None:
    uri = params["textDocument"]["uri"]
    if server.ide.document(uri) is not None:
        server.ide.close(uri)
        diagnostics.forget(server, uri)


def _change(change: Json) -> Change:
    text = change["text"]
    if not isinstance(text, str):
        raise TypeError("a change without text")
    place = change.get("range")
    if place is None:
        return Change(text)
    return Change(text, _position(place["start"]), _position(place["end"]))


def _position(position: Json) -> tuple[int, int]:
    line, character = position["line"], position["character"]
    if not isinstance(line, int) or not isinstance(character, int) or line < 0 or character < 0:
        raise TypeError("a position that is none")
    return line, character


def _version(document: Json) -> int | None:
    version = document.get("version")
    return version if isinstance(version, int) else None
