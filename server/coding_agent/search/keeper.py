"""The durable side of one root's index: written behind the work, read once at the start.

LanceDB lives in a process of its own that is given back when idle. Whatever fails there is told once and costs nothing
but the next start: the index in memory goes on. Once all that was put is written, it is durable: it outlives any
process, ours and LanceDB's.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, cast

from coding_agent.errors import CodingAgentError, DeadlinePassed, StoreBarred, StoreFailed, WorkerLost
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import Worker
from coding_agent.search.columns import KEY, NONE, Columns, File, count, keys

_MODULE = "coding_agent.search.adapters.lance"
_IDLE = 30.0
_MANY = 20_000
"""Chunks written at once at most."""
_MUCH = 2_000
"""Chunks that are written at once. To start the process takes seconds of a core, so what is less waits for more."""
_GATHERED = 20.0
"""Seconds that it waits. What is not written by the end is read anew at the next start."""
_TIDIED = 50
"""Writes after which the store is tidied, however busy it is."""
_SOME, _QUIET = 5, 10.0
"""Writes after which it is tidied once nobody has written for so many seconds."""
_TRIES = 3
"""Times that a process of the store may be lost over one question."""
_LONG = 180.0
"""Seconds that one question may take."""
_MENDED = 2
"""Times that a store is made anew before something was written to it."""
_LATER = 60.0
"""Seconds after which a disk that did not take it may do so."""

Change = tuple[tuple[File, ...], Columns, tuple[str, ...]]
"""Files as they are now, their chunks that may be new, and files that are gone."""


class _Put(NamedTuple):
    """A change of a branch. One that is ``whole`` has all chunks of its files, and is written whatever is known."""

    branch: str
    whole: bool
    change: Change


class Keeper:
    """Reads and writes one folder. ``tell`` is called once with each sentence for the user: that it cannot be done, or
    that what was there was damaged. ``lost`` is called when everything is to be written again, as `whole`;
    ``branches`` names those that files are kept for.
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
        # Who was killed is started again at once: how often, is counted here.
        self._worker = Worker(f"{_MODULE}:put", name="index store", idle_seconds=_IDLE, nice=10, rest=lambda _: 0.0)
        self._unwritten: list[_Put] = []
        self._in_hand: list[_Put] = []
        """What is being written."""
        self._writing: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()
        """Set when what is unwritten is to be written now."""
        self._writes = self._mended = 0
        """Writes since it was tidied; times it was made anew since something was written."""
        self._tidied = self._untidy = self._closed = False
        self._quiet: asyncio.TimerHandle | None = None
        self._again_at = 0.0
        self._told: set[str] = set()
        self._name = ""
        """What the store is called that the following tells of."""
        self._known: dict[str, dict[str, bytes]] = {}
        """Digests of a branch's files as the store has them."""

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    @property
    def unwritten(self) -> int:
        """Files that are not durable yet."""
        waiting = (*self._in_hand, *self._unwritten)
        return len({(put.branch, path) for put in waiting for path in _paths(put.change)})

    async def files(self, branch: str) -> tuple[File, ...]:
        """What the store knows of a branch; nothing where it cannot be read."""
        name, found = cast("tuple[str, tuple[File, ...]]", await self._call("files", branch) or ("", ()))
        if name != self._name:  # Somebody made it anew.
            self._known.clear()
            self._name = name
        if name:
            self._known[branch] = {path: digest for path, digest, _ in found}
        return found

    async def chunks(self) -> AsyncIterator[Columns]:
        """All chunks that are kept, some thousand at a time."""
        start = 0
        while (got := cast("Columns", await self._call("chunks", start) or NONE))[0]:
            start += count(got)
            yield got

    def doubt(self, branch: str, paths: Iterable[str]) -> None:
        """The store has not all it should have of these files: they are written again when they are put."""
        for path in paths:
            self._known.get(branch, {}).pop(path, None)

    def put(self, branch: str, change: Change, *, whole: bool = False) -> None:
        """Have it written, behind what is being written. What the store has is not written again, unless it is
        ``whole``.
        """
        if not change[0] and not change[2]:
            return
        if self.problem:
            if whole or asyncio.get_running_loop().time() < self._again_at:
                return
            self._renew()
            self._lost()
        self._unwritten.append(_Put(branch, whole, change))
        if sum(count(each.change[1]) for each in self._unwritten) >= _MUCH:
            self._enough.set()
        self._begin()

    async def settled(self, *, now: bool = True) -> None:
        """Wait until all that was put is durable, or cannot be; with ``now`` little waits for no more."""
        if now:
            self._enough.set()
        while self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing})

    async def remove(self) -> None:
        """Remove what is kept."""
        self._renew()
        await self.settled()
        try:
            await self._worker.call(str(self.folder), target=f"{_MODULE}:remove")
        except CodingAgentError as error:
            self._fail(str(error))
        else:
            self._renew()

    async def close(self) -> None:
        self._closed = True
        if self._quiet is not None:
            self._quiet.cancel()
        if self._writing is not None:
            self._writing.cancel()
        await self._worker.stop()

    def _begin(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        if not self._untidy:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), _GATHERED)
        while (self._unwritten or self._untidy) and not self.problem:
            if self._unwritten:
                await self._write_some()
            if self._untidy or self._writes >= _TIDIED or (self._writes and not self._tidied):
                await self._tidy()
        self._enough.clear()
        if self._writes >= _SOME and not self.problem:
            self._quiet = asyncio.get_running_loop().call_later(_QUIET, self._tidy_now)

    async def _write_some(self) -> None:
        """Write what comes first of what waits, as much as goes together."""
        (branch, whole, _), batch, chunks = self._unwritten[0], 0, 0
        for each in self._unwritten:
            if (each.branch, each.whole) != (branch, whole) or chunks >= _MANY:
                break
            chunks += count(each.change[1])
            batch += 1
        self._in_hand, self._unwritten = self._unwritten[:batch], self._unwritten[batch:]
        try:
            together = joined(change for _, _, change in self._in_hand)
            if branch not in self._known:
                await self.files(branch)
            if branch not in self._known:  # It failed, and is told so; what could be saved will be put again.
                return
            together = together if whole else self._new(branch, together)
            if together[0] or together[2]:
                await self._put(branch, together)
        finally:
            self._in_hand = []

    async def _put(self, branch: str, change: Change) -> None:
        done = await self._call("put", self._name, branch, *change)
        if done:
            self._mended = 0
            self._writes += 1
            known = self._known.setdefault(branch, {})
            known.update((path, digest) for path, digest, _ in change[0])
            for path in change[2]:
                known.pop(path, None)
        elif done is False:
            event("index-store-renewed", level=Level.DEBUG)
            self._renew()
            self._lost()

    def _tidy_now(self) -> None:
        self._untidy = True
        self._begin()

    async def _tidy(self) -> None:
        self._writes, self._tidied, self._untidy = 0, True, False
        # Those that were written to here are kept, whatever the repository says of itself just now.
        await self._call("tidy", (*self._branches(), *self._known))

    def _new(self, branch: str, change: Change) -> Change:
        """What of a change the store does not have."""
        known = self._known.get(branch, {})
        changed = tuple(each for each in change[0] if known.get(each[0]) != each[1])
        if len(changed) < len(change[0]):
            change = changed, pick(change[1], {key for _, _, packed in changed for key in keys(packed)}), change[2]
        return change[0], change[1], tuple(path for path in change[2] if path in known)

    async def _call(self, name: str, *args: object) -> object:
        """What a function of the store answers; None where it cannot."""
        why = ""
        for _ in range(_TRIES):
            if self.problem or self._closed:
                return None
            try:
                target = f"{_MODULE}:{name}"
                return await self._worker.call(str(self.folder), self._dim, *args, target=target, deadline=_LONG)
            except StoreBarred as error:
                self._fail(str(error))
            except StoreFailed as error:
                event("index-store-failed", level=Level.WARNING, what=name, why=str(error))
                await self._heal(str(error))
                return None
            except (WorkerLost, DeadlinePassed) as error:
                # It was killed, or what is kept there ends whoever reads it.
                event("index-store-lost", level=Level.WARNING, what=name, why=str(error))
                why = str(error)
            except CodingAgentError as error:
                self._fail(str(error))
        if not self.problem and not self._closed:
            await self._heal(why)
        return None

    async def _heal(self, why: str) -> None:
        """Throw a store away that cannot be used, unless somebody has by now."""
        self._mended += 1
        if self._mended > _MENDED:
            self._fail(why)
            return
        try:
            await self._worker.call(str(self.folder), self._name, target=f"{_MODULE}:remove", deadline=_LONG)
        except CodingAgentError as error:
            self._fail(str(error))
            return
        self._say(
            f"The search index in {self.folder} was damaged ({why}) and is made anew; there is nothing to do. "
            "Search works from memory meanwhile."
        )
        self._renew()
        self._lost()

    def _renew(self) -> None:
        """Know nothing of the store, and have nothing for it."""
        self.problem = self._name = ""
        self._known.clear()
        self._unwritten.clear()

    def _fail(self, why: str) -> None:
        self.problem, self._again_at = why, asyncio.get_running_loop().time() + _LATER
        self._unwritten.clear()
        self._say(f"The search index cannot be kept in {self.folder} ({why}). Search works from memory meanwhile.")

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


def _paths(change: Change) -> Iterable[str]:
    return (*(path for path, _, _ in change[0]), *change[2])


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
