"""Diagnostics of files that are not open: the workspace scan."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.errors import Cancelled
from coding_agent.lsp.connection import Json, Raw, encoded
from coding_agent.runtime.log import event
from coding_agent.runtime.process import Worker

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_MODULE = "coding_agent.lsp.scanning"
_BATCH = 16
"""Files a call: so many that the wire costs little, so few that stopping is quick."""

Looked = tuple[str, bytes, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan of everything came to."""

    files: int
    findings: int


class Scans:
    """Scans of the workspace, in a process of their own that is given back when idle.

    ``workspace/diagnostic`` is answered with what the client does not know yet; where it knows all,
    the answer waits until something changes (LSP lets a server hold it).
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._worker = Worker(f"{_MODULE}:look", name="scan", idle_seconds=20.0, on_restart=server.tell_once)
        self._known: dict[str, tuple[str, bytes]] = {}
        """Result id and diagnostics of every file looked at, by URI."""
        self._stale: set[str] | None = None
        """Files to look at again; None means all."""
        self._news = asyncio.Event()

    def changed(self, uris: Iterable[str]) -> None:
        """Files changed on disk."""
        if self._stale is not None:
            self._stale.update(uri for uri in uris if uri.endswith((".py", ".pyi", ".pyw")))
            if self._stale:
                self._news.set()

    def reconsider(self) -> None:
        """The settings changed: everything is to be looked at again."""
        self._stale = None
        self._news.set()

    async def pull(self, params: Json) -> Json:
        """Answer ``workspace/diagnostic``."""
        partial, told = params.get("partialResultToken"), _told(params)
        while True:
            self._news.clear()
            fresh: list[bytes] = []
            async for looked in self._looked(params.get("workDoneToken")):
                news = [report for uri, *_ in looked if (report := self._report(uri, told)) is not None]
                if partial is not None and news:
                    value = Raw((b'{"token":', encoded(partial), b',"value":{"items":[', b",".join(news), b"]}}"))
                    self._server.connection.notify("$/progress", value)
                else:
                    fresh += news
            seen = {uri for uri, result_id in told.items() if self._known.get(uri, ("",))[0] == result_id}
            missing = [uri for uri in self._known if uri not in seen] if not fresh else []
            fresh += [report for uri in missing if (report := self._report(uri, told)) is not None]
            gone = [uri for uri in told if uri not in self._known and not self._server.ide.document(uri)]
            fresh += [_full(uri, "", b"") for uri in gone]
            if fresh or partial is None or not told:
                return Raw((b'{"items":[', b",".join(fresh), b"]}"))
            await self._news.wait()

    async def everything(self) -> Summary:
        """Look at every file; clients that cannot pull are told what was found."""
        self._stale = None
        files = findings = 0
        async for looked in self._looked(None):
            for uri, items, count in looked:
                files, findings = files + 1, findings + count
                if not self._server.client.pull and self._server.ide.document(uri) is None:
                    start = encoded({"uri": uri})[:-1] + b',"diagnostics":['
                    self._server.connection.notify("textDocument/publishDiagnostics", Raw((start, items, b"]}")))
        return Summary(files, findings)

    async def _looked(self, token: Json) -> AsyncIterator[tuple[Looked, ...]]:
        """Look at what is stale, a batch at a time, with progress; what was not reached stays stale."""
        server = self._server
        todo = await self._todo()
        if not todo:
            return
        progress = await server.progress.begin("Coding Agent: looking at the workspace", token, server.client.progress)
        done, total, said = 0, sum(len(paths) for _, paths in todo), "stopped"
        left = {uri for _, paths in todo for uri, _ in paths}
        try:
            for folder, paths in todo:
                for start in range(0, len(paths), _BATCH):
                    progress.stop.check()
                    batch = paths[start : start + _BATCH]
                    looked = await self._look(folder, tuple(path for _, path in batch))
                    left.difference_update(uri for uri, _ in batch)
                    self._remember(batch, looked)
                    done += len(batch)
                    progress.report(f"{done} of {total} files", 100 * done // max(total, 1))
                    yield looked
            said = f"{done} files"
        except Cancelled:
            event("scan-stopped", done=done, total=total)
        finally:
            self._stale = left
            server.progress.end(progress, said)

    async def _todo(self) -> list[tuple[Path, list[tuple[str, str]]]]:
        """The files to look at by folder: (URI, path) each."""
        server = self._server
        ide = server.ide
        if self._stale is not None:
            stale, self._stale = self._stale, set()
            by_folder: dict[Path, list[tuple[str, str]]] = {}
            for uri in sorted(stale):
                path = ide.path_of(uri)
                folder = ide.workspace.folder_of(path) if path is not None else None
                if path is not None and folder is not None:
                    by_folder.setdefault(folder, []).append((uri, str(path)))
            return list(by_folder.items())
        self._known.clear()
        found: list[tuple[Path, list[tuple[str, str]]]] = []
        for folder in ide.workspace.folders:
            answer = await self._worker.call(
                str(server.host.folders.user_file), str(folder), server.editor_settings, target=f"{_MODULE}:files"
            )
            paths = cast("tuple[str, ...]", answer)
            found.append((folder, [(ide.uri_of(Path(path)), path) for path in paths]))
        return found

    async def _look(self, folder: Path, paths: tuple[str, ...]) -> tuple[Looked, ...]:
        server = self._server
        answer = await self._worker.call(
            str(server.host.folders.user_file),
            str(folder),
            server.editor_settings,
            paths,
            server.client.units.value,
            server.host.windows,
        )
        return cast("tuple[Looked, ...]", answer)

    def _remember(self, batch: list[tuple[str, str]], looked: tuple[Looked, ...]) -> None:
        for uri, _ in batch:
            self._known.pop(uri, None)
        for uri, items, _ in looked:
            self._known[uri] = (f"{zlib.crc32(items):x}-{len(items)}", items)

    def _report(self, uri: str, told: dict[str, str]) -> bytes | None:
        """A report of one file, unless the client knows it or has it open (then it asks for it by itself)."""
        known = self._known.get(uri)
        if known is None or self._server.ide.document(uri) is not None:
            return None
        result_id, items = known
        if told.get(uri) == result_id or (not items and uri not in told):
            return None
        return _full(uri, result_id, items)

    async def close(self) -> None:
        await self._worker.stop()


def _full(uri: str, result_id: str, items: bytes) -> bytes:
    head = encoded({"kind": "full", "uri": uri, "version": None, "resultId": result_id})
    return head[:-1] + b',"items":[' + items + b"]}"


def _told(params: Json) -> dict[str, str]:
    """What the client says it knows: result ids by URI."""
    previous = params.get("previousResultIds")
    return {each["uri"]: each["value"] for each in previous} if isinstance(previous, list) else {}
