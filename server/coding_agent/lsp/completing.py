"""What a model would type next: as inline completions where the editor has them, as ordinary ones elsewhere.

Off by default. A question waits until nobody typed for a moment, is dropped by the next one, and is not asked at all
where what is typed is what was suggested.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.ai.consent import Consents
from coding_agent.ai.endpoint import endpoint
from coding_agent.errors import CodingAgentError, UserError
from coding_agent.ide.options import ModelOptions
from coding_agent.lsp.connection import Json
from coding_agent.lsp.shapes import inside, position_of, uri_of
from coding_agent.lsp.suggested import Suggested
from coding_agent.runtime.log import Level, event
from coding_agent.store.trust import real
from coding_agent.text import Position

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_QUIET = 0.25
"""Seconds without a key before a model is asked."""
_INVOKED = 1
"""LSP's trigger kind of who asks for it."""
_SHOWN = 50


async def inline(server: "Server", params: Json) -> Json:
    """Answer ``textDocument/inlineCompletion``."""
    text, place = await _suggested(server, params, at_once=inside(params, "context", "triggerKind") == _INVOKED)
    return {"items": [{"insertText": text, "range": {"start": place, "end": place}}] if text else []}


async def ordinary(server: "Server", params: Json) -> Json:
    """Answer ``textDocument/completion``."""
    text, place = await _suggested(server, params, at_once=False)
    if not text:
        return {"isIncomplete": True, "items": []}
    first = text.strip().split("\n")[0]
    item: Json = {
        "label": first if len(first) <= _SHOWN else f"{first[:_SHOWN]}...",
        "detail": "AI",
        "documentation": text,
        "filterText": text.strip(),
        "sortText": "~",  # Behind all that is known for sure.
        "textEdit": {"range": {"start": place, "end": place}, "newText": text},
    }
    return {"isIncomplete": True, "items": [item]}


async def _suggested(server: "Server", params: Json, *, at_once: bool) -> tuple[str, Json]:
    """The text for the place that is meant, "" for none, and that place."""
    uri, place = uri_of(params), inside(params, "position")
    document, path = server.ide.document(uri), server.ide.path_of(uri)
    options = server.ide.options_of(uri).ai
    if document is None or path is None or not (options.is_set and options.complete) or server.trust.restricted:
        return "", place
    lines = [str(line) for line in document.text.lines] or [""]
    at = document.text.from_client(*position_of(place), server.client.units)
    before = lines[at.line][: at.column] if at.line < len(lines) else ""
    text = server.suggested.rest(uri, at.line, before)
    if text:
        return text, place
    if not at_once:
        await asyncio.sleep(_QUIET)
    if server.ide.document(uri) is document and at.line < len(lines):
        text = await _asked(server, options, path, lines, at)
    if server.ide.document(uri) is not document:
        return "", place
    server.suggested = Suggested(uri, at.line, before, text)
    return text, place


async def _asked(server: "Server", options: ModelOptions, path: Path, lines: list[str], at: Position) -> str:
    root = server.ide.workspace.folder_of(path) or path.parent
    try:
        where = endpoint(options.url, options.model)
        # Somebody who types is not asked; the first question by a command is the place for that.
        if not where.is_local and not Consents(server.host.folders.consents_file).answer(real(root), where.host):
            return ""
        return await server.assisting.assistant(options).complete(root, path, lines, at.line, at.column)
    except UserError as error:
        server.tell_once(f"no completions: {error}")
    except CodingAgentError as error:
        event("no-completion", level=Level.DEBUG, why=str(error))
    return ""
