"""Diagnostics of files that are not open: the workspace scan."""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.errors import Cancelled
from coding_agent.lsp.connection import Connection, Json, Raw, encoded
from coding_agent.lsp.shapes import items_of
from coding_agent.runtime.log import event
from coding_agent.runtime.process import Worker

if TYPE_CHECKING:
    from coding_agent.lsp.scanning import Failed, Looked, Settings
    from coding_agent.lsp.server import Server

_MODULE = "coding_agent.lsp.scanning"
_FIRST, _MOST = 16, 256
"""Files a call, twice as many each time: the first findings come soon, later the wire costs little."""
_NOTHING = "0-0"
"""The result id of a file without findings."""

Found = tuple[bytes, int]
"""Diagnostics as the inside of a JSON array, and how many."""
_NONE = (b"", 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan of everything came to."""

    files: int
    findings: int

    def __str__(self) -> str:
        files, findings = (f"1 {what}" if count == 1 else f"{count} {what}s" for count, what in self._counts)
        return f"{files} looked at, {findings}."

    @property
    def _counts(self) -> tuple[tuple[int, str], tuple[int, str]]:
        return (self.files, "file"), (self.findings, "finding")


class Scans:
    """Scans of the workspace, in a process of their own that is given back when idle.

    ``workspace/diagnostic`` is answered with what the client does not know yet; where it knows all and takes partial
    results, the answer waits until something changes (LSP lets a server hold it).

    Rules over files run once all files were looked at, over their facts as they are on disk; what they find is told
    with the files that are not open. An open document's own report holds what its text alone tells.

    Invariants: a file that may have changed since it was looked at is in ``_stale``, or ``_everything`` is set; a
    folder whose facts changed since rules looked over them is in ``_over_stale``.
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._worker = Worker(f"{_MODULE}:look", name="scan", idle_seconds=20.0, on_restart=server.tell_once)
        self._own: dict[str, Found] = {}
        """What each file looked at tells alone, by URI."""
        self._over: dict[Path, dict[str, Found]] = {}
        """What the files of a folder tell together, by URI."""
        self._facts: dict[Path, dict[str, bytes]] = {}
        """What rules over files ask, by folder and URI."""
        self._over_stale: set[Path] = set()
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

    def remarked(self, uris: Iterable[str]) -> None:
        """Something else is remarked on files that are not open."""
        if self._server.client.pulls_workspace:
            self._news.set()
        else:
            for uri in uris:
                self._push(uri)

    def opened(self, uri: str) -> None:
        """A file was opened by one who asks for what is found in it: what was pushed for it would stand there twice."""
        if self._server.client.pull and uri in self._pushed:
            self._pushed.remove(uri)
            self._server.connection.notify("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": []})

    async def pull(self, params: Json) -> Json:
        """Answer ``workspace/diagnostic``."""
        reports = _Reports(self, self._server.connection, params)
        while True:
            self._news.clear()
            await self._scan(params.get("workDoneToken"), reports.add)
            # What another scan, or an earlier one, found.
            remarked = map(self._server.ide.uri_of, self._server.remarks.paths)
            await reports.catch_up([*{**self._own, **dict.fromkeys(remarked)}, *reports.told])
            if reports.made or reports.partial is None or not reports.asked_before:
                return Raw((b'{"items":[', b",".join(reports.whole.values()), b"]}"))
            await self._news.wait()

    async def everything(self, token: Json = None) -> Summary:
        """Look at every file, with progress under the client's own token or one of ours; clients that cannot pull are
        told what was found.
        """
        seen: set[str] = set()

        def take(uris: Iterable[str]) -> None:
            for uri in uris:
                seen.add(uri)
                if not self._server.client.pull:
                    self._push(uri)

        self._everything = True
        await self._scan(token, take)
        self._news.set()
        return Summary(len(seen), sum(self._report(uri)[1] for uri in seen))

    def _report(self, uri: str) -> Found:
        """All that is known of a file."""
        found = [self._own.get(uri, _NONE), *(over.get(uri, _NONE) for over in self._over.values())]
        # What a model remarked is no finding, and is not counted.
        found.append((b",".join(self._server.remarks_on(uri)), 0))
        return b",".join(items for items, _ in found if items), sum(count for _, count in found)

    def news(self, uri: str, told: str | None) -> tuple[str, bytes] | None:
        """Result id and report of one file where the client does not know it. What is open it asks for by itself, and
        nothing is said about what is still to be looked at.
        """
        if self._server.ide.is_open(uri):
            return None
        items = self._report(uri)[0]
        if uri in self._own or self._server.remarks_on(uri):
            result_id = f"{zlib.crc32(items):x}-{len(items)}"
        else:
            gone = not self._everything and uri not in self._stale
            result_id, items = (_NOTHING if gone else told), b""
        if result_id is None or told == result_id or (not items and told is None):
            return None
        head = encoded({"kind": "full", "uri": uri, "version": None, "resultId": result_id})
        return result_id, head[:-1] + b',"items":[' + items + b"]}"

    async def _scan(self, token: Json, take: Callable[[Iterable[str]], None]) -> None:
        """Look at what is stale, a batch at a time, with progress; what was not reached stays stale.

        ``take`` is told which files were looked at, and again where looking over all of them found something else.
        """
        server = self._server
        async with self._turn:
            if self._everything:
                await self._list()
            if not self._stale and not self._over_stale:
                return
            progress = await server.progress.begin(
                "Coding Agent: looking at the workspace", token, server.client.progress
            )
            done, said, batch = 0, "stopped", _FIRST
            try:
                while self._stale:
                    progress.stop.check()
                    looked, size = await self._next(batch)
                    take(looked)
                    done, batch = done + size, min(2 * batch, _MOST)
                    progress.report(
                        f"{done} of {done + len(self._stale)} files", 100 * done // (done + len(self._stale))
                    )
                while self._over_stale:
                    progress.stop.check()
                    take(await self._look_over(next(iter(self._over_stale))))
                said = f"{done} files"
            except Cancelled:
                event("scan-stopped", done=done, left=len(self._stale))
            finally:
                server.progress.end(progress, said)

    async def _list(self) -> None:
        """Find the files of all folders."""
        ide = self._server.ide
        self._everything, found = False, dict[str, tuple[Path, str]]()
        try:
            for folder in ide.workspace.folders:
                if not ide.options(folder).workspace:
                    continue
                user_file, path, editor, _, windows = self._settings(folder)
                answer = await self._worker.call(user_file, path, editor, windows, target=f"{_MODULE}:files")
                for uri, path in cast("tuple[tuple[str, str], ...]", answer):
                    # A folder may lie in another one, and has settings of its own.
                    if uri not in found or len(folder.parts) > len(found[uri][0].parts):
                        found[uri] = (folder, path)
        except BaseException:
            self._everything = True
            raise
        self._stale |= found
        self._own = {uri: own for uri, own in self._own.items() if uri in self._stale}
        # All facts come anew; what they told is told until they do.
        self._facts.clear()
        self._over_stale.update(self._over)

    async def _next(self, size: int) -> tuple[list[str], int]:
        """Look at one batch of one folder: the URIs of what could be read, and how many files were tried."""
        folder = next(iter(self._stale.values()))[0]
        batch = dict(islice(((uri, place) for uri, place in self._stale.items() if place[0] == folder), size))
        # What changes while it is looked at is to be looked at again.
        for uri in batch:
            del self._stale[uri]
        try:
            answer = await self._worker.call(
                self._settings(folder), str(self._server.host.folders.facts), tuple(path for _, path in batch.values())
            )
        except BaseException:
            self._stale |= batch
            raise
        looked, tried, failed = cast("tuple[tuple[Looked, ...], int, Failed]", answer)
        self._server.ide.log_failures(failed)
        facts = dict.fromkeys(islice(batch, tried), b"")
        for uri in facts:
            self._own.pop(uri, None)
        for uri, items, count, told in looked:
            self._own[uri], facts[uri] = (items, count), told
        self._take_facts(folder, facts)
        # Time was up: the rest comes next, unless it changed meanwhile and comes anyway.
        self._stale = dict(islice(batch.items(), tried, None)) | self._stale
        return [uri for uri, *_ in looked], tried

    def _take_facts(self, folder: Path, facts: dict[str, bytes]) -> None:
        known = self._facts.setdefault(folder, {})
        for uri, told in facts.items():
            if known.get(uri, b"") != told:
                self._over_stale.add(folder)
            if told:
                known[uri] = told
            else:
                known.pop(uri, None)

    async def _look_over(self, folder: Path) -> list[str]:
        """Run the rules over a folder's files; returns the files for which they found something else than before."""
        found: tuple[tuple[str, bytes, int], ...] = ()
        if facts := self._facts.get(folder):
            answer = await self._worker.call(
                self._settings(folder), tuple(facts.values()), target=f"{_MODULE}:look_over"
            )
            found, failed = cast("tuple[tuple[tuple[str, bytes, int], ...], Failed]", answer)
            self._server.ide.log_failures(failed)
        self._over_stale.discard(folder)
        old, new = self._over.get(folder, {}), {uri: (items, count) for uri, items, count in found}
        self._over[folder] = new
        return [uri for uri in {**old, **new} if uri in self._own and old.get(uri) != new.get(uri)]

    def _settings(self, folder: Path) -> "Settings":
        server = self._server
        units, windows = server.client.units.value, server.host.windows
        return str(server.host.folders.user_file), str(folder), server.settings_of(folder), units, windows

    def _push(self, uri: str) -> None:
        items = self._report(uri)[0]
        if self._server.ide.is_open(uri) or not (items or uri in self._pushed):
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
        self.whole: dict[str, bytes] = {}
        """What the answer says, by URI."""
        self.made = False
        self.told: dict[str, str] = {each["uri"]: each["value"] for each in items_of(params, "previousResultIds")}
        """Result ids that the client knows, by URI."""
        self.asked_before = bool(self.told)
        self._scans = scans
        self._connection = connection

    async def catch_up(self, uris: Sequence[str]) -> None:
        """``add`` for as many files as a workspace has, with pauses."""
        for start in range(0, len(uris), _MOST):
            self.add(uris[start : start + _MOST])
            await asyncio.sleep(0)

    def add(self, uris: Iterable[str]) -> None:
        """Tell what is new of these files."""
        fresh: dict[str, bytes] = {}
        for uri in uris:
            news = self._scans.news(uri, self.told.get(uri))
            if news is not None:
                self.told[uri], fresh[uri] = news
        if not fresh:
            return
        self.made = True
        if self.partial is None:
            self.whole |= fresh
            return
        value = Raw((b'{"token":', encoded(self.partial), b',"value":{"items":[', b",".join(fresh.values()), b"]}}"))
        self._connection.notify("$/progress", value)
