"""The durable side of one root's index: written behind the work, read once at the start.

LanceDB lives in a process of its own that is given back when idle. Whatever fails there is told once and costs nothing
but the next start: the index in memory goes on.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import cast

from coding_agent.errors import CodingAgentError, StoreFailed
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import Worker
from coding_agent.search.columns import KEY, NONE, Columns, File, count, keys

_MODULE = "coding_agent.search.adapters.lance"
_IDLE = 30.0
_MANY = 20_000
"""Chunks written at once at most."""
_MUCH = 2_000
"""Chunks that are written at once. To start the process takes seconds of a core, so what is less waits for more."""
_LATER = 20.0
"""Seconds that it waits. What is not written by the end is read anew at the next start."""
_TIDIED = 50
"""Writes after which the store is tidied."""
_BEYOND_REPAIR = ("no space", "permission denied", "read-only", "quota", "not a directory")

Change = tuple[tuple[File, ...], Columns, tuple[str, ...]]
"""Files as they are now, their chunks that may be new, and files that are gone."""


class Keeper:
    """Reads and writes one folder. ``tell`` is called once with a sentence for the user where that cannot be done,
    ``lost`` when what was there turned out to be unusable and everything is to be written again; ``branches`` names
    those that files are kept for.
    """

    def __init__(
        self,
        folder: Path,
        dim: int,
        tell: Callable[[str], None],
        lost: Callable[[], None],
        branches: Callable[[], Iterable[str]],
    ) -> None:
        self.folder = folder
        self._branches = branches
        self.problem = ""
        self._dim, self._tell, self._lost = dim, tell, lost
        self._worker = Worker(f"{_MODULE}:put", name="index store", idle_seconds=_IDLE, nice=10)
        self._unwritten: list[tuple[str, Change]] = []
        self._writing: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()
        """Set when what is unwritten is to be written now."""
        self._writes = 0
        self._known: dict[str, dict[str, bytes]] = {}
        """Digests of a branch's files as the store has them."""

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    @property
    def unwritten(self) -> int:
        """Files that are not durable yet."""
        return sum(len(changed) + len(gone) for _, (changed, _, gone) in self._unwritten)

    async def files(self, branch: str) -> tuple[File, ...]:
        """What the store knows of a branch; nothing where it cannot be read."""
        found = cast("tuple[File, ...]", await self._call("files", branch) or ())
        self._known[branch] = {path: digest for path, digest, _ in found}
        return found

    async def chunks(self) -> AsyncIterator[Columns]:
        """All chunks that are kept, some thousand at a time."""
        start = 0
        while (got := cast("Columns", await self._call("chunks", start) or NONE))[0]:
            start += count(got)
            yield got

    def put(self, branch: str, change: Change) -> None:
        """Have it written, behind what is being written. What the store has is not written again."""
        if not self.problem and (change[0] or change[2]):
            self._unwritten.append((branch, change))
            if sum(count(columns) for _, (_, columns, _) in self._unwritten) >= _MUCH:
                self._enough.set()
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Have all that was put written now, and wait until it is durable, or cannot be."""
        self._enough.set()
        while self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing})

    async def remove(self) -> None:
        """Remove what is kept."""
        self._unwritten.clear()
        await self.settled()
        self.problem = ""
        self._known.clear()
        await self._worker.call(str(self.folder), target=f"{_MODULE}:remove")

    async def close(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
        await self._worker.stop()

    async def _write(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._enough.wait(), _LATER)
        while self._unwritten and not self.problem:
            branch, batch, chunks = self._unwritten[0][0], 0, 0
            while batch < len(self._unwritten) and self._unwritten[batch][0] == branch and chunks < _MANY:
                chunks += count(self._unwritten[batch][1][1])
                batch += 1
            together = await self._new(branch, joined(change for _, change in self._unwritten[:batch]))
            if together[0] or together[2]:
                await self._call("put", branch, *together)
            known = self._known.setdefault(branch, {})
            known.update((path, digest) for path, digest, _ in together[0])
            for path in together[2]:
                known.pop(path, None)
            del self._unwritten[:batch]
            self._writes += 1
            if self._writes == 1 or self._writes % _TIDIED == 0:
                await self._call("tidy", tuple(self._branches()))
        self._unwritten = [] if self.problem else self._unwritten
        self._enough.clear()

    async def _new(self, branch: str, change: Change) -> Change:
        """What of a change the store does not have."""
        if branch not in self._known:
            await self.files(branch)
        known = self._known.get(branch, {})
        changed = tuple(each for each in change[0] if known.get(each[0]) != each[1])
        if len(changed) < len(change[0]):
            change = changed, pick(change[1], {key for _, _, packed in changed for key in keys(packed)}), change[2]
        return change[0], change[1], tuple(path for path in change[2] if path in known)

    async def _call(self, name: str, *args: object) -> object:
        """What a function of the store answers; None where it cannot."""
        if self.problem:
            return None
        try:
            return await self._worker.call(str(self.folder), self._dim, *args, target=f"{_MODULE}:{name}")
        except StoreFailed as error:
            event("index-store-failed", level=Level.WARNING, what=name, why=str(error))
            await self._heal(str(error))
        except CodingAgentError as error:
            self._fail(str(error))
        return None

    async def _heal(self, why: str) -> None:
        """Throw a store away that cannot be used; a disk that is full or read-only is not mended by that."""
        if any(word in why.lower() for word in _BEYOND_REPAIR):
            self._fail(why)
            return
        try:
            await self._worker.call(str(self.folder), target=f"{_MODULE}:remove")
            await self._worker.call(str(self.folder), self._dim, "", target=f"{_MODULE}:files")
        except CodingAgentError as error:
            self._fail(str(error))
        else:
            self._known.clear()
            self._lost()

    def _fail(self, why: str) -> None:
        self.problem = why
        self._tell(f"The search index cannot be kept in {self.folder} ({why}). Search works from memory meanwhile.")


def can_keep() -> bool:
    """Whether LanceDB is installed."""
    return importlib.util.find_spec("lancedb") is not None


def joined(changes: Iterable[Change]) -> Change:
    """Several changes as one: the last word about each file counts."""
    import numpy as np

    files: dict[str, File] = {}
    gone: dict[str, None] = {}
    parts: list[Columns] = []
    for changed, fresh, left in changes:
        for each in changed:
            files[each[0]] = each
            gone.pop(each[0], None)
        for path in left:
            files.pop(path, None)
            gone[path] = None
        parts.append(fresh)
    stops = [np.frombuffer(part[4], np.uint32) for part in parts]
    before = accumulate((int(each[-1]) if len(each) else 0 for each in stops), initial=0)
    ends = [each + np.uint32(start) for each, start in zip(stops, before, strict=False)]
    columns = (
        b"".join(part[0] for part in parts),
        tuple(tuple(text for part in parts for text in part[1][at]) for at in range(len(NONE[1]))),
        b"".join(part[2] for part in parts),
        b"".join(part[3] for part in parts),
        np.concatenate([np.zeros(0, np.uint32), *ends]).astype(np.uint32).tobytes(),
    )
    return tuple(files.values()), columns, tuple(gone)


def pick(columns: Columns, wanted: set[bytes]) -> Columns:
    """The chunks of some keys."""
    import numpy as np

    all_keys, texts, vectors, words, ends = columns
    size = count(columns)
    rows = [row for row in range(size) if all_keys[row * KEY : (row + 1) * KEY] in wanted]
    if len(rows) == size:
        return columns
    stops = np.frombuffer(ends, np.uint32).astype(np.int64)
    starts = np.concatenate([[0], stops[:-1]])
    flat = np.frombuffer(words, np.uint64)
    picked = [flat[starts[row] : stops[row]] for row in rows]
    return (
        b"".join(all_keys[row * KEY : (row + 1) * KEY] for row in rows),
        tuple(tuple(each[row] for row in rows) for each in texts),
        np.frombuffer(vectors, np.float16).reshape(size, -1)[rows].tobytes(),
        np.concatenate([np.zeros(0, np.uint64), *picked]).tobytes(),
        np.cumsum([len(each) for each in picked]).astype(np.uint32).tobytes(),
    )
