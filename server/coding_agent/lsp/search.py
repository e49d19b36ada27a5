"""Search for an editor: the index of its folders, made when somebody first asks, and current from then on."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.errors import Cancelled, CodingAgentError
from coding_agent.ide.search import Found, Search, Status, Wanted, talking
from coding_agent.lsp.connection import Json
from coding_agent.lsp.shapes import inside
from coding_agent.runtime.log import Level, event

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_SOON = 2.0
"""Seconds that a first question waits for the index; later it is answered with what is known by then."""
_SYMBOLS = 60
_KINDS = {"function": 12, "method": 6, "class": 5, "module": 2}


class Searches:
    """The indexes of one server's folders, in a process of their own."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._talk = talking(server.host.variables)
        self._search = Search(self._talk.ask)
        self._opened: dict[Path, asyncio.Future[object]] = {}
        self._telling: set[asyncio.Future[None]] = set()
        """Changes that the index does not know yet."""

    async def symbols(self, text: str) -> list[Found]:
        """Names that begin like a text or have it, and what answers in meaning. Raises: UsageError."""
        await self._ready()
        return await self._search.search(text, top=_SYMBOLS, names=True, near=self._near())

    def changed(self, uris: Iterable[str]) -> None:
        """Files changed on disk."""
        found = (self._server.ide.path_of(uri) for uri in uris)
        paths = [path for path in found if path is not None and path.suffix in (".py", ".pyi", ".pyw")]
        if paths and self._opened:
            telling = self._server.connection.spawn(self._tell(paths))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        await self._talk.close()

    async def _ready(self) -> None:
        """Have all folders opened, and wait for them a little."""
        folders = self._server.ide.workspace.folders
        for folder in folders:
            known = self._opened.get(folder)
            if known is None or (known.done() and self._talk.pid is None):
                self._opened[folder] = self._server.connection.spawn(self._open(folder))
        await asyncio.wait([*(self._opened[folder] for folder in folders), *self._telling], timeout=_SOON)

    async def _open(self, folder: Path) -> object:
        server, options = self._server, self._server.ide.options(folder)
        assert options.files is not None, "folders have files"
        wanted = Wanted(folder, options.files.options, options.max_file_size, server.host.folders.search)
        progress = await server.progress.begin("Coding Agent: indexing", None, server.client.progress)
        ended = "stopped"
        try:
            status = await self._search.open(
                wanted,
                lambda done, total: progress.report(f"{done} of {total} files", 100 * done // max(total, 1)),
                progress.stopped,
            )
            self._say(status)
            ended = f"{status.chunks} places in {status.files} files"
        except Cancelled:
            del self._opened[folder]
        except CodingAgentError as error:
            ended = "failed"
            event("index-failed", level=Level.WARNING, why=str(error))
            del self._opened[folder]
            raise
        finally:
            server.progress.end(progress, ended)
        return None

    def _say(self, status: Status) -> None:
        for sentence in status.warned:
            self._server.tell_once(sentence)

    async def _tell(self, paths: list[Path]) -> None:
        try:
            await self._search.changed(paths)
        except CodingAgentError as error:
            event("index-not-told", level=Level.WARNING, why=str(error))

    def _near(self) -> Path | None:
        """The file that somebody works on."""
        documents = self._server.ide.documents()
        last = max(documents, key=lambda document: document.revision, default=None)
        return self._server.ide.path_of(last.uri) if last is not None else None


async def symbols(server: "Server", params: Json) -> Json:
    """Answer ``workspace/symbol``."""
    text = inside(params, "query")
    if not isinstance(text, str) or not text.strip() or not server.ide.workspace.folders:
        return []
    if server.searches is None:
        server.searches = Searches(server)
    return [_symbol(server, found) for found in await server.searches.symbols(text)]


def _symbol(server: "Server", found: Found) -> Json:
    place = {"line": found.at - 1, "character": 0}
    holder, _, name = found.name.rpartition(".")
    return {
        "name": name or found.path.name,
        "kind": _KINDS[found.kind],
        "containerName": holder or found.path.name,
        "location": {"uri": server.ide.uri_of(found.path), "range": {"start": place, "end": place}},
    }
