"""Diagnostics of files that are not open: the workspace scan."""

import asyncio
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.errors import Cancelled
from coding_agent.lsp.connection import Connection, Json, Raw, encoded
from coding_agent.runtime.log import event
from coding_agent.runtime.process import Worker

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_MODULE = "coding_agent.lsp.scanning"
_BATCH = 16
"""Files a call: so many that the wire costs little, so few that stopping is quick."""
_NOTHING = "0-0"
"""The result id of a file without findings."""

Looked = tuple[str, bytes, int]
"""URI, diagnostics as the inside of a JSON array, how many."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan of everything came to."""

    files: int
    findings: int


class Scans:
    """Scans of the workspace, in a process of their own that is given back when idle.

    ``workspace/diagnostic`` is answered with what the client does not know yet; where it knows all and takes partial
    results, the answer waits until something changes (LSP lets a server hold it).

    Invariant: a file that may have changed since it was looked at is in ``_stale``, or ``_everything`` is set.
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._worker = Worker(f"{_MODULE}:look", name="scan", idle_seconds=20.0, on_restart=server.tell_once)
        self._known: dict[str, tuple[str, bytes]] = {}
        """Result id and diagnostics of every file looked at, by URI."""
        self._stale: dict[str, tuple[Path, str]] = {}
        """Files to look at: folder and path by URI."""
        self._everything = True
        """The files are to be listed, and all of them looked at."""
        self._pushed: set[str] = set()
        """Files whose findings were pushed although they are not open."""
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()

    def changed(self, uris: Iterable[str]) -> None:
        """Files changed on disk, or are no longer open."""
        ide = self._server.ide
        for uri in uris:
            path = ide.path_of(uri) if uri.endswith((".py", ".pyi", ".pyw")) else None
            folder = ide.workspace.folder_of(path) if path is not None else None
            if path is not None and folder is not None and ide.options(folder).workspace:
                self._stale[ide.uri_of(path)] = (folder, str(path))
                self._news.set()

    def reconsider(self) -> None:
        """The settings changed: everything is to be looked at again."""
        self._everything = True
        self._news.set()

    async def pull(self, params: Json) -> Json:
        """Answer ``workspace/diagnostic``."""
        reports = _Reports(self, self._server.connection, params)
        while True:
            self._news.clear()
            await self._scan(params.get("workDoneToken"), lambda looked: reports.add(uri for uri, *_ in looked))
            # What another scan, or an earlier one, found.
            reports.add([*self._known, *reports.told])
            if reports.made or reports.partial is None or not reports.asked_before:
                return Raw((b'{"items":[', b",".join(reports.whole), b"]}"))
            await self._news.wait()

    async def everything(self) -> Summary:
        """Look at every file; clients that cannot pull are told what was found."""
        files = findings = 0

        def take(looked: tuple[Looked, ...]) -> None:
            nonlocal files, findings
            for uri, items, count in looked:
                files, findings = files + 1, findings + count
                if not self._server.client.pull:
                    self._push(uri, items)

        self._everything = True
        await self._scan(None, take)
        self._news.set()
        return Summary(files, findings)

    def news(self, uri: str, told: str | None) -> tuple[str, bytes] | None:
        """Result id and report of one file where the client does not know it. What is open it asks for by itself, and
        nothing is said about what is still to be looked at.
        """
        if self._server.ide.document(uri) is not None:
            return None
        known = self._known.get(uri)
        if known is None:
            gone = not self._everything and uri not in self._stale
            result_id, items = (_NOTHING if gone else told), b""
        else:
            result_id, items = known
        if result_id is None or told == result_id or (not items and told is None):
            return None
        head = encoded({"kind": "full", "uri": uri, "version": None, "resultId": result_id})
        return result_id, head[:-1] + b',"items":[' + items + b"]}"

    async def _scan(self, token: Json, take: Callable[[tuple[Looked, ...]], None]) -> None:
        """Look at what is stale, a batch at a time, with progress; what was not reached stays stale."""
        server = self._server
        async with self._turn:
            if self._everything:
                await self._list()
            if not self._stale:
                return
            progress = await server.progress.begin(
                "Coding Agent: looking at the workspace", token, server.client.progress
            )
            done, said = 0, "stopped"
            try:
                while self._stale:
                    progress.stop.check()
                    looked, size = await self._next()
                    take(looked)
                    done += size
                    progress.report(
                        f"{done} of {done + len(self._stale)} files", 100 * done // (done + len(self._stale))
                    )
                said = f"{done} files"
            except Cancelled:
                event("scan-stopped", done=done, left=len(self._stale))
            finally:
                server.progress.end(progress, said)

    async def _list(self) -> None:
        """Find the files of all folders."""
        server, ide = self._server, self._server.ide
        self._everything, found = False, dict[str, tuple[Path, str]]()
        try:
            for folder in ide.workspace.folders:
                if not ide.options(folder).workspace:
                    continue
                answer = await self._worker.call(
                    str(server.host.folders.user_file), str(folder), server.editor_settings, target=f"{_MODULE}:files"
                )
                for path in cast("tuple[str, ...]", answer):
                    uri = ide.uri_of(Path(path))
                    # A folder may lie in another one, and has settings of its own.
                    if uri not in found or len(folder.parts) > len(found[uri][0].parts):
                        found[uri] = (folder, path)
        except BaseException:
            self._everything = True
            raise
        self._stale |= found
        self._known = {uri: known for uri, known in self._known.items() if uri in self._stale}

    async def _next(self) -> tuple[tuple[Looked, ...], int]:
        """Look at one batch, of one folder; also returns how many files it took."""
        server = self._server
        folder = next(iter(self._stale.values()))[0]
        batch = dict(islice(((uri, place) for uri, place in self._stale.items() if place[0] == folder), _BATCH))
        # What changes while it is looked at is to be looked at again.
        for uri in batch:
            del self._stale[uri]
        try:
            answer = await self._worker.call(
                str(server.host.folders.user_file),
                str(folder),
                server.editor_settings,
                tuple(path for _, path in batch.values()),
                server.client.units.value,
                server.host.windows,
            )
        except BaseException:
            self._stale |= batch
            raise
        looked = cast("tuple[Looked, ...]", answer)
        for uri in batch:
            self._known.pop(uri, None)
        for uri, items, _ in looked:
            self._known[uri] = (f"{zlib.crc32(items):x}-{len(items)}", items)
        return looked, len(batch)

    def _push(self, uri: str, items: bytes) -> None:
        if self._server.ide.document(uri) is not None or not (items or uri in self._pushed):
            return
        self._pushed.add(uri)
        start = encoded({"uri": uri})[:-1] + b',"diagnostics":['
        self._server.connection.notify("textDocument/publishDiagnostics", Raw((start, items, b"]}")))

    async def close(self) -> None:
        await self._worker.stop()


class _Reports:
    """What one request is told: at once where the client takes partial results, else with the answer."""

    def __init__(self, scans: Scans, connection: Connection, params: Json) -> None:
        self.partial = params.get("partialResultToken")
        self.whole: list[bytes] = []
        self.made = False
        previous = params.get("previousResultIds")
        self.told: dict[str, str] = (
            {each["uri"]: each["value"] for each in previous} if isinstance(previous, list) else {}
        )
        """Result ids that the client knows, by URI."""
        self.asked_before = bool(self.told)
        self._scans = scans
        self._connection = connection

    def add(self, uris: Iterable[str]) -> None:
        """Tell what is new of these files."""
        fresh: list[bytes] = []
        for uri in uris:
            news = self._scans.news(uri, self.told.get(uri))
            if news is not None:
                self.told[uri] = news[0]
                fresh.append(news[1])
        if not fresh:
            return
        self.made = True
        if self.partial is None:
            self.whole += fresh
            return
        value = Raw((b'{"token":', encoded(self.partial), b',"value":{"items":[', b",".join(fresh), b"]}}"))
        self._connection.notify("$/progress", value)
