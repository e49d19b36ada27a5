"""What definitions have to do with the rest of their project, as far as it is known by now: for hover and lenses.

Asked once, remembered until files change, and shown as it was until it is known anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from coding_agent.errors import CodingAgentError
from coding_agent.explain.project import Relations
from coding_agent.ide.related import relations
from coding_agent.ide.search import About, Search
from coding_agent.runtime.log import Level, event
from coding_agent.vcs.git import Git
from coding_agent.vcs.history import History

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_DEFINITIONS, _FILES = 512, 32
"""What is remembered."""
_COMMITS = 30.0
"""Seconds for which a commit may be overlooked."""

Twins = tuple[tuple[str, int], ...]
"""Qualified names of functions, and how many are like each."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A definition: its qualified name, the line of its ``def`` (from 1), and its lines without their ends, empty where
    they are not at hand.
    """

    name: str
    line: int
    lines: tuple[str, ...] = ()


class Remembered(Generic[K, V]):
    """The last ``room`` answers. One that is no longer sure is given all the same, while it is asked anew."""

    def __init__(self, spawn: Callable[[Awaitable[V | None]], "asyncio.Future[V | None]"], room: int) -> None:
        self._spawn, self._room = spawn, room
        self._known: dict[K, V] = {}
        self._sure: set[K] = set()
        self._asking: dict[K, asyncio.Future[V | None]] = {}

    async def get(self, key: K, ask: Callable[[], Awaitable[V]], wait: float) -> V | None:
        """The answer; None where it is not known within so many seconds."""
        if key not in self._sure and key not in self._asking:
            self._asking[key] = self._spawn(self._asked(key, ask()))
        if key not in self._known:
            await asyncio.wait({self._asking[key]}, timeout=wait)
        return self._known.get(key)

    def doubt(self, key: K | None = None) -> None:
        """One answer may be another by now, or all."""
        self._sure = self._sure - {key} if key is not None else set()

    async def _asked(self, key: K, answer: Awaitable[V]) -> V | None:
        self._sure.add(key)  # Before the answer, so that a doubt meanwhile counts.
        try:
            found = await answer
        except CodingAgentError as error:
            self._sure.discard(key)
            event("not-related", level=Level.DEBUG, why=str(error))
            return None
        finally:
            del self._asking[key]
        self._known.pop(key, None)
        while len(self._known) >= self._room:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._sure.discard(oldest)
        self._known[key] = found
        return found


class Related:
    """Answers for one server; ``search`` is asked about what it has indexed."""

    def __init__(self, server: "Server", search: Search) -> None:
        self._server, self._search = server, search
        spawn = server.connection.spawn
        self._abouts = Remembered[tuple[Path, str], About | None](spawn, _DEFINITIONS)
        self._histories = Remembered[Path, History | None](spawn, _FILES)
        self._looked: dict[Path, float] = {}
        self._twins: dict[str, Twins] = {}

    async def relations(self, path: Path, wanted: Wanted, wait: float) -> Relations | None:
        """What hover says of a definition and its project, as far as it is known within so many seconds."""
        known = self._server.search.knows(path)
        about, history = await asyncio.gather(
            self.about(path, wanted.name, wanted.line, wait) if known else _nothing(),
            self.history(path, wait) if wanted.lines else _nothing(),
        )
        server = self._server
        return relations(about, history, wanted.lines, server.ide.shown, server.ide.uri_of)

    async def about(self, path: Path, name: str, line: int, wait: float) -> About | None:
        """What a definition has to do with others; ``line`` is that of its ``def`` on disk, from 1."""
        return await self._abouts.get((path, name), lambda: self._search.about(path, name, line), wait)

    async def history(self, path: Path, wait: float) -> History | None:
        """Where the lines of a file come from."""
        now = asyncio.get_running_loop().time()
        if now > self._looked.get(path, -_COMMITS) + _COMMITS:
            self._looked[path] = now
            self._histories.doubt(path)
        git = Git(path.parent, self._server.host.variables)
        return await self._histories.get(path, lambda: git.history(path.resolve()), wait)

    def twins(self, uri: str) -> Twins:
        """How many functions are like those of a document; empty while nobody knows."""
        return self._twins.get(uri, ())

    async def look(self, uri: str) -> None:
        """Find out how many are like each function of a document."""
        path = self._server.ide.path_of(uri)
        if path is None or not self._server.ide.options_of(uri).similar_lens:
            return
        try:
            found = tuple(sorted((await self._search.twins(path)).items()))
        except CodingAgentError as error:
            event("no-twins", level=Level.DEBUG, why=str(error))
            return
        if found != self._twins.get(uri, ()) and self._server.ide.document(uri) is not None:
            self._twins[uri] = found
            if self._server.client.refresh_lenses:
                await self._server.warm.refresh("workspace/codeLens/refresh")

    def changed(self) -> None:
        """Files were written: who calls what may be another."""
        self._abouts.doubt()

    def forget(self, uri: str) -> None:
        self._twins.pop(uri, None)


async def _nothing() -> None:
    return None
