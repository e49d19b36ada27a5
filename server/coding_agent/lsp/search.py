"""Search for an editor: the index of its folders, and what answers look like in the protocol.

The index is made in the background soon after the start, or when somebody first asks, and is current from then on.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.errors import Cancelled, CodingAgentError, UsageError
from coding_agent.ide.exists import NAME as EXISTS
from coding_agent.ide.interpreter import chosen
from coding_agent.ide.models import embeds
from coding_agent.ide.search import Found, Search, Status, Wanted, talking, telling_lines
from coding_agent.lsp.connection import Json
from coding_agent.lsp.exists import Exists
from coding_agent.lsp.progress import Progress
from coding_agent.lsp.related import Related
from coding_agent.lsp.shapes import inside
from coding_agent.runtime.log import Level, event
from coding_agent.semantics.environment import project_at
from coding_agent.store.trust import too_much

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_SOON = 2.0
"""Seconds that a first question waits for the index; later it is answered with what is known by then. Progress is
shown from then on."""
_GRACE = 0.2
"""Seconds that the process has to leave by itself, and again to end when it is told to: a server has 0.7 in all."""
_SYMBOLS = 60
_KINDS = {"function": 12, "method": 6, "class": 5, "module": 2}


class Searches:
    """The indexes of one server's folders, in a process of their own."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._talk = talking(server.host.variables)
        self._search = Search(self._talk.ask)
        self._opened: dict[Path, asyncio.Future[object]] = {}
        self._wanted: dict[Path, Wanted] = {}
        """How each was opened."""
        self._telling: set[asyncio.Future[None]] = set()
        """Changes that the index does not know yet."""
        self.related = Related(server, self._search)
        self.exists = Exists(server, self._search)

    @property
    def reading(self) -> bool:
        """Whether an index is still made, so that later answers may be better."""
        return any(not opening.done() for opening in self._opened.values())

    def begin(self) -> None:
        """Index what the settings say is indexed before anybody asks."""
        ide = self._server.ide
        for folder in ide.workspace.folders:
            if folder not in self._opened and ide.options(folder).indexes and not too_much(folder):
                self._opened[folder] = self._server.connection.spawn(self._open(folder, patient=True))

    async def symbols(self, text: str) -> list[Found]:
        """Names that begin like a text or have it, and what answers in meaning. Raises: UsageError."""
        await self.ready()
        return await self._search.search(text, top=_SYMBOLS, names=True, near=self._near())

    async def search(self, text: str, top: int) -> list[Found]:
        """The best answers to a question. Raises: UsageError."""
        await self.ready()
        found = await self._search.search(text, top=top, near=self._near(), typed=True)
        if any(wanted.endpoint is not None for wanted in self._wanted.values()):
            self._server.connection.spawn(self._heed())
        return found

    async def similar(self, path: Path, line: int, top: int) -> list[Found]:
        """Code like that at a line, from 1. Raises: UsageError - the file is in no folder of the workspace."""
        await self.ready()
        return await self._search.similar(path, line, top=top)

    def knows(self, path: Path) -> bool:
        """Whether a file's folder is indexed, so that questions about it can be answered at once."""
        folder = self._server.ide.workspace.folder_of(path)
        opening = self._opened.get(folder) if folder is not None else None
        return opening is not None and opening.done() and self._talk.pid is not None

    def opened(self, uri: str) -> None:
        """Somebody looks at a document."""
        path = self._server.ide.path_of(uri)
        if path is not None and self.knows(path):
            self._server.connection.spawn(self.related.look(uri))

    def changed(self, uris: Iterable[str]) -> None:
        """Files changed on disk."""
        found = (self._server.ide.path_of(uri) for uri in uris)
        paths = [path for path in found if path is not None and path.suffix in (".py", ".pyi", ".pyw")]
        if paths and self._opened:
            telling = self._server.connection.spawn(self._tell(paths))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        await self._talk.close(_GRACE)

    async def ready(self) -> None:
        """Have all folders opened, and wait for them a little."""
        folders = self._server.ide.workspace.folders
        for folder in folders:
            known = self._opened.get(folder)
            stale = self._talk.pid is None or self._wanted.get(folder) != self._wants(folder)
            if known is None or (known.done() and stale):
                self._opened[folder] = self._server.connection.spawn(self._open(folder))
        waiting = [*(self._opened[folder] for folder in folders), *self._telling]
        if waiting:
            await asyncio.wait(waiting, timeout=_SOON)

    async def _open(self, folder: Path, *, patient: bool = False) -> object:
        server, wanted = self._server, self._wants(folder)
        self._wanted[folder] = wanted
        progress = _Late(server)
        try:
            self._say(await self._search.open(replace(wanted, patient=patient), progress.tell, progress.stopped))
        except Cancelled:
            del self._opened[folder]
        except CodingAgentError as error:
            event("index-failed", level=Level.WARNING, why=str(error))
            del self._opened[folder]
            raise
        finally:
            progress.end()
        server.connection.spawn(self._libraries(wanted))
        if wanted.endpoint is not None:
            server.connection.spawn(self._meanings(folder))
        for document in server.ide.documents():
            path = server.ide.path_of(document.uri)
            if path is not None and path.is_relative_to(folder):
                server.connection.spawn(self.related.look(document.uri))
                self.exists.changed(document.uri)
        return None

    def _wants(self, folder: Path) -> Wanted:
        """How a folder is to be indexed by the settings as they are."""
        options = self._server.ide.options(folder)
        assert options.files is not None, "folders have files"
        server, folders = self._server, self._server.host.folders
        endpoint = (
            None if server.trust.restricted else embeds(options.ai, folders, server.host.variables, server.editor_key)
        )
        return Wanted(
            folder,
            options.files.options,
            options.max_file_size,
            folders.search,
            encoder=options.encoder,
            endpoint=endpoint,
        )

    async def _meanings(self, folder: Path) -> None:
        """Have an endpoint of the user's say what code means; questions are answered meanwhile."""
        progress = _Late(self._server, "Coding Agent: asking what code means", "chunks")
        try:
            for status in await self._search.meanings(folder, progress.tell, progress.stopped):
                self._warn(status)
        except CodingAgentError as error:
            event("meanings-not-asked", level=Level.WARNING, why=str(error))
        finally:
            progress.end()

    async def _libraries(self, wanted: Wanted) -> None:
        """What packages offer that a project needs is worth a hint as well."""
        server, options = self._server, self._server.ide.options(wanted.root)
        if options.rules.get(EXISTS) is None or not options.indexes:
            return
        try:
            active = server.host.active_environment
            interpreter = chosen(wanted.root, options.interpreter, active, "").path
        except UsageError:
            interpreter = None
        try:
            project = await asyncio.to_thread(project_at, wanted.root, interpreter)
            count = await self._search.libraries(wanted, map(Path, project.paths))
        except CodingAgentError as error:
            event("libraries-not-read", level=Level.DEBUG, why=str(error))
            return
        event("libraries-read", level=Level.DEBUG, functions=count)
        if count:
            self.exists.doubt()

    def _say(self, status: Status) -> None:
        event("indexed", level=Level.DEBUG, files=status.files, chunks=status.chunks)
        self._warn(status)
        self._server.connection.spawn(self._settle())

    async def _heed(self) -> None:
        """What an endpoint has against a question is told once it was answered."""
        try:
            for status in await self._search.status():
                self._warn(status)
        except CodingAgentError as error:
            event("status-not-known", level=Level.DEBUG, why=str(error))

    async def _settle(self) -> None:
        """It is written behind the answers: what the disk did not take is known when all is done."""
        try:
            for status in await self._search.settled(now=False):
                self._warn(status)
        except CodingAgentError as error:
            event("index-not-settled", level=Level.DEBUG, why=str(error))

    def _warn(self, status: Status) -> None:
        for sentence in status.warned:
            self._server.tell_once(sentence)

    async def _tell(self, paths: list[Path]) -> None:
        try:
            for status in await self._search.changed(paths):
                self._warn(status)
        except CodingAgentError as error:
            event("index-not-told", level=Level.WARNING, why=str(error))
            return
        self.related.changed()
        self.exists.doubt()
        for path in paths:
            document = self._server.ide.document_at(path)
            if document is not None and self.knows(path):
                await self.related.look(document.uri)

    def _near(self) -> Path | None:
        """The file that somebody works on."""
        documents = self._server.ide.documents()
        last = max(documents, key=lambda document: document.revision, default=None)
        return self._server.ide.path_of(last.uri) if last is not None else None


class _Late:
    """Progress that is shown only where the work takes long: nobody asked for it."""

    def __init__(self, server: "Server", title: str = "Coding Agent: indexing", what: str = "files") -> None:
        self._server, self._title, self._what = server, title, what
        self._progress: Progress | None = None
        self._begun = asyncio.get_running_loop().time()
        self._beginning: asyncio.Future[None] | None = None
        self._said = ""
        self.stopped = asyncio.Event()

    def tell(self, done: int, total: int) -> None:
        self._said = f"{total} {self._what}"
        if self._progress is not None:
            self._progress.report(f"{done} of {total} {self._what}", 100 * done // max(total, 1))
        elif self._beginning is None and asyncio.get_running_loop().time() > self._begun + _SOON:
            self._beginning = self._server.connection.spawn(self._begin())

    def end(self) -> None:
        if self._beginning is not None:
            self._server.connection.spawn(self._end())

    async def _begin(self) -> None:
        able = self._server.client.progress
        progress = await self._server.progress.begin(self._title, None, able)
        progress.stopped = self.stopped
        self._progress = progress

    async def _end(self) -> None:
        await asyncio.wait({self._beginning} if self._beginning is not None else set())
        if self._progress is not None:
            self._server.progress.end(self._progress, "stopped" if self.stopped.is_set() else self._said)


async def symbols(server: "Server", params: Json) -> Json:
    """Answer ``workspace/symbol``."""
    text = inside(params, "query")
    if not isinstance(text, str) or not text.strip() or not server.ide.workspace.folders:
        return []
    return [_symbol(server, found) for found in await server.search.symbols(text)]


def row_of(server: "Server", found: Found) -> dict[str, Json]:
    """An answer as commands give it: a place, what stands there, and why it is one. Lines count from 0."""
    return {
        "uri": server.ide.uri_of(found.path),
        "path": server.ide.shown(found.path),
        "range": _range(found),
        "name": found.name,
        "kind": found.kind,
        "signature": found.signature,
        "docstring": found.docstring.partition("\n")[0],
        "score": round(found.score, 4),
        "words": [*found.words],
        "lines": [
            {"line": line.number - 1, "text": line.text, "marked": [[*span] for span in line.marked]}
            for line in telling_lines(found)
        ],
    }


def _symbol(server: "Server", found: Found) -> Json:
    holder, _, name = found.name.rpartition(".")
    return {
        "name": name or found.path.name,
        "kind": _KINDS[found.kind],
        "containerName": holder or found.path.name,
        "location": {"uri": server.ide.uri_of(found.path), "range": _range(found)},
    }


def _range(found: Found) -> Json:
    place = {"line": found.at - 1, "character": 0}
    return {"start": place, "end": place}
