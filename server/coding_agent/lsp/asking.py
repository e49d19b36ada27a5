"""Commands that ask about code: search, similar code, explanations."""

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.errors import UserError
from coding_agent.explain.document import Document
from coding_agent.explain.project import Relations
from coding_agent.ide.explaining import definition_at, definition_named, explained
from coding_agent.ide.facade import View
from coding_agent.ide.hover import Found
from coding_agent.ide.search import Found as Answer
from coding_agent.lsp.commands import said
from coding_agent.lsp.connection import Json
from coding_agent.lsp.related import Wanted
from coding_agent.lsp.search import row_of
from coding_agent.lsp.shapes import place_of
from coding_agent.store.atomic import write_private
from coding_agent.text.text import line_body

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_TOP, _MOST = 20, 100
_SIMILAR = 20
_PATIENCE = 5.0
"""Seconds that an explanation waits for what the index and git say."""
_TOLD = 8


async def search(server: "Server", arguments: tuple[Json, ...]) -> Json:
    """Answer a question. Raises: UserError; ClientError - what was sent is no question."""
    text, top = (*arguments, None, None)[:2]
    if not isinstance(text, str) or not text.strip():
        raise UserError("say what you look for: the command takes a question as its first argument")
    if not server.ide.workspace.folders:
        raise UserError("no folder is open, so there is none to search")
    most = top if isinstance(top, int) and 0 < top <= _MOST else _TOP
    found = await server.search.search(text, most)
    reading = server.search.reading
    nothing = f"Nothing answers {text!r}" + (" yet: the index is still being made." if reading else ".")
    return {"found": _rows(server, found), "reading": reading, **said(server, _told(server, found) or nothing)}


async def similar(server: "Server", uri: str, place: tuple[Json, ...]) -> Json:
    """Tell what is like a definition. Raises: UserError; ClientError."""
    _, found = await definition(server, uri, place)
    path = path_of(server, uri)
    alike = await server.search.similar(path, found.line, _SIMILAR)
    sentence = _told(server, alike) or f"Nothing in the workspace is like {found.qualified}."
    return {"name": found.qualified, "found": _rows(server, alike), **said(server, sentence)}


async def explain(server: "Server", uri: str, place: tuple[Json, ...]) -> Json:
    """Explain a definition at length. Raises: UserError; ClientError."""
    view, found = await definition(server, uri, place)
    path, (first, last) = path_of(server, uri), found.lines
    lines = tuple(line_body(line) for line in view.document.text.lines[first - 1 : last])
    await server.search.ready()
    wanted = Wanted(found.qualified, found.line, lines)
    known = await server.search.related.relations(path, wanted, _PATIENCE) or Relations()
    where, analyser = f"{server.ide.shown(path)}:{found.line}", server.ide.analyser_of(uri)
    page = await asyncio.to_thread(explained, view.state, analyser, found, where, known)
    told: dict[str, Json] = {"title": page.title, "markdown": page.markdown, "picture": page.picture}
    if server.client.presents:
        return told
    return {**told, **said(server, await _opened(server, page))}


async def _opened(server: "Server", page: Document) -> str:
    """Show a document as a file, where the client opens such; the sentence that says where it is."""
    name = hashlib.blake2b(page.title.encode(), digest_size=6).hexdigest()
    file = server.host.folders.explained / f"{name}.md"
    await asyncio.to_thread(write_private, file, page.markdown.encode())
    if server.client.opens_documents:
        await server.connection.ask("window/showDocument", {"uri": server.ide.uri_of(file), "takeFocus": True})
    return f"{page.title} is explained in {file}."


async def definition(server: "Server", uri: str, place: tuple[Json, ...]) -> tuple[View, Found]:
    """The function or class that is meant. Raises: UserError - there is none; ClientError."""
    view = await server.ide.view(uri)
    if view is None:
        raise UserError(f"{uri} is not open")
    if view.silent is not None:
        raise UserError(f"{uri.rpartition('/')[2]} is not analysed: {view.silent}")
    (name, selected), analyser, text = place_of(place), server.ide.analyser_of(uri), view.document.text
    if name:
        found = definition_named(view.state, analyser, name)
    else:
        line, character = selected[0] if selected else (0, 0)
        at = text.offset(text.from_client(line, character, server.client.units))
        found = definition_at(view.state, analyser, at)
    if found is None:
        raise UserError(f"no function or class {f'is called {name}' if name else 'is there: put the cursor into one'}")
    return view, found


def path_of(server: "Server", uri: str) -> Path:
    path = server.ide.path_of(uri)
    if path is None:
        raise UserError(f"{uri} is no file on this machine")
    return path


def _rows(server: "Server", found: list[Answer]) -> list[Json]:
    return [row_of(server, each) for each in found]


def _told(server: "Server", found: list[Answer]) -> str:
    """The first answers as lines, for clients that show no lists."""
    lines = [f"{each.name or '(module)'}  {server.ide.shown(each.path)}:{each.at}" for each in found[:_TOLD]]
    return "\n".join([*lines, *([f"and {len(found) - _TOLD} more"] if len(found) > _TOLD else [])])
