"""One workspace root and its index: read for the first time, kept current, written behind.

Where there is much, processes read; here it is only taken in, so that questions are answered meanwhile with what is
known by then.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from coding_agent.errors import Cancelled, CodingAgentError, WorkerFailed, WorkerLost
from coding_agent.runtime import power
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.memory import give_back
from coding_agent.runtime.process import Worker
from coding_agent.search.catalogue import Catalogue
from coding_agent.search.columns import NONE, File, cut_keys, keys
from coding_agent.search.keeper import Keeper, can_keep, pick
from coding_agent.search.pending import Pending, Progress
from coding_agent.search.reading import Read, Reader
from coding_agent.vcs.branch import branch_of, branches_of
from coding_agent.workspace.files import FIRST_LINES, IGNORE_FILE, FileFilter, FileOptions, walk
from coding_agent.workspace.token import Token

_READING = "coding_agent.search.reading"
_AGAIN = 5.0
"""Seconds until somebody looks again whether there is something to spare."""
_FEW = 600_000
"""Bytes of files that are read here: to start processes for them would take longer."""
_SLICE = 60_000
"""Bytes read here before others have a turn, some 15 ms."""
_BATCH = 400_000
"""Bytes that a process reads at once."""
_KEPT = 8_000_000
"""Bytes of files from which on the store is asked for their chunks: what is less is read anew before it is open."""


@dataclass(frozen=True, slots=True)
class Options:
    """Which files of a root are read, and where their index is kept; None: it is not. With ``public`` only functions
    that others may call are read, as of a package that is installed. ``model`` is that of `reading.reader`.
    """

    files: FileOptions
    largest: int = 1_000_000
    kept: Path | None = None
    public: bool = False
    model: str = ""


class Start(NamedTuple):
    """What is begun before there is a reader here, which takes as long to load as it takes each process: the sizes of
    the files that count, and the processes where there is much.
    """

    files: dict[str, int]
    workers: list[Worker]
    loading: "list[asyncio.Task[None]]"


Tell = Callable[[Progress], None]


class Root:
    """``reader`` makes chunks here; processes make theirs by the same. ``warn`` is told what the user should know;
    ``spent`` says why work that nobody waits for should itself wait.
    """

    def __init__(
        self,
        path: Path,
        options: Options,
        reader: Reader,
        warn: Callable[[str], None],
        spent: Callable[[int], str] = power.spent,
    ) -> None:
        self.path = path
        self.paused = ""
        """Why the reading waits."""
        self._spent, self._wanted_now = spent, asyncio.Event()
        self.index = _index(reader)
        self.reading = False
        self.options, self.reader = options, reader
        self._turn = asyncio.Lock()
        self._branch = ""
        self._put_for: str | None = None
        """The branch that all files were put for."""
        keeps = options.kept is not None and can_keep() and reader.encoder is not None
        branches = partial(branches_of, path)
        self.keeper = Keeper(options.kept, reader.dim, warn, self._lose, branches) if keeps and options.kept else None
        self._again: asyncio.Task[None] | None = None
        self._sorting: asyncio.Task[None] | None = None
        self._knowing: asyncio.Task[tuple[File, ...]] | None = None

    @property
    def sorting(self) -> bool:
        """Whether questions will be answered sooner once very many chunks are sorted."""
        return self._sorting is not None and not self._sorting.done()

    @property
    def encoder(self) -> str:
        """What makes the vectors; "" where there are words only."""
        return self.reader.encoder.id if self.reader.encoder else ""

    async def read(
        self, tell: Tell, stopped: asyncio.Event, *, patient: bool = False, start: Start | None = None
    ) -> None:
        """Read what is new or other than the index knows, and forget what is gone; ``start`` is what `begun` returned.

        One that is ``patient`` waits while the machine has nothing to spare, until somebody wants the answer.
        Raises: Cancelled.
        """
        if not patient:
            self.hurry()
        async with self._turn:
            self.reading = True
            try:
                files = start.files if start else await asyncio.to_thread(_files, self.path, self.options)
                await self._read(tell, stopped, files, start.workers if start else [])
            finally:
                self.reading = False
                if start:
                    await _stop(start.workers)
                self._sort(self.index.scattered)
                give_back()

    def hurry(self) -> None:
        """Somebody waits for what is read."""
        self._wanted_now.set()

    async def changed(self, paths: Iterable[Path]) -> None:
        """Files may have changed, come or gone. When it returns, questions are answered by what they are now."""
        if branch_of(self.path) != self._branch:
            await self.read(lambda _: None, asyncio.Event())
            return
        files = FileFilter(self.path, self.options.files, IGNORE_FILE)
        there, gone = list[str](), list[str]()
        for path in paths:
            if path.is_relative_to(self.path):
                counts = path.is_file() and files.silent(path) is None and not _generated(files, path)
                (there if counts else gone).append(path.relative_to(self.path).as_posix())
        async with self._turn:
            self._forget([path for path in gone if self.index.digest(path)])
            self._take(self._read_here(map(self._wanted, there)))

    async def rebuild(self, tell: Tell, stopped: asyncio.Event) -> None:
        """Throw all away and read it anew."""
        if self.keeper is not None:
            await self.keeper.remove()
        self.index = _index(self.reader)
        await self.read(tell, stopped)

    async def close(self) -> None:
        for task in (self._again, self._sorting):
            if task is not None:
                task.cancel()
        if self.keeper is not None:
            await self.keeper.close()
        if self._knowing is not None:
            await asyncio.wait({self._knowing})

    async def settled(self, *, now: bool = True) -> None:
        """Wait until all that was read is durable, or cannot be; with ``now`` it is written at once."""
        if self.keeper is None:
            return
        await self.keeper.settled(now=now)
        while self._again is not None and not self._again.done():
            await asyncio.wait({self._again})
            await self.keeper.settled(now=now)

    def _lose(self) -> None:
        """The store was thrown away. What is in memory is not as it is written, so the files are read again."""

        async def again(keeper: Keeper) -> None:
            for path in list(self.index.paths()):
                if keeper.problem:
                    return
                if self.index.digest(path):  # Else it was forgotten meanwhile.
                    read = self._read_here([(path, b"", frozenset())])
                    keeper.put(self._branch, (*read, ()), whole=True)
                    await asyncio.sleep(0)

        if self._again is not None:
            self._again.cancel()
        if self.keeper is not None:
            self._again = asyncio.create_task(again(self.keeper))

    async def _read(self, tell: Tell, stopped: asyncio.Event, files: dict[str, int], started: list[Worker]) -> None:
        self._branch = branch_of(self.path)
        self._forget([path for path in self.index.paths() if path not in files])
        pending = Pending(files)
        tell(pending.progress)
        large = pending.bytes >= _KEPT and self.keeper is not None and not self.index.files
        kept = asyncio.create_task(self._from_store(self.keeper, pending)) if large and self.keeper else None
        try:
            await self._read_all(pending, tell, stopped, started)
            # Where all was read before the store was open, nobody waits for it.
            if kept is not None and pending.lent:
                await kept
                await self._read_all(pending, tell, stopped)
            if self.keeper is not None and self._put_for != self._branch:
                self.keeper.put(self._branch, (tuple(self.index.rows()), NONE, ()))
                self._put_for = self._branch
        finally:
            if kept is not None:
                kept.cancel()
            self.index.release()

    def _read_here(self, wanted: Iterable[tuple[str, bytes, frozenset[bytes]]]) -> Read:
        return self.reader.read(self.path, self.options.largest, wanted, public=self.options.public)

    def _wanted(self, path: str) -> tuple[str, bytes, frozenset[bytes]]:
        return path, self.index.digest(path), self.index.keys(path)

    async def _read_all(
        self, pending: Pending, tell: Tell, stopped: asyncio.Event, started: Sequence[Worker] = ()
    ) -> None:
        if pending.bytes <= _FEW:
            for batch in pending.batches(_SLICE):
                await self.may(stopped, 1)
                self._take(self._read_here(map(self._wanted, batch)))
                tell(pending.progress)
                await asyncio.sleep(0)
            return
        workers = started or _workers(pending.bytes)
        batches = pending.batches(_BATCH)

        async def work(worker: Worker) -> None:
            for batch in batches:
                await self.may(stopped, len(workers))
                self._take(await self._elsewhere(worker, batch))
                tell(pending.progress)

        working = [asyncio.create_task(work(worker)) for worker in workers]
        try:
            await asyncio.gather(*working)
        finally:
            for task in working:
                task.cancel()
            await _stop(workers)

    async def may(self, stopped: asyncio.Event, own: int) -> None:
        """Wait until the next batch may be read. Raises: Cancelled."""
        while not stopped.is_set() and not self._wanted_now.is_set() and (why := self._spent(own)):
            if why != self.paused:
                event("index-waits", level=Level.DEBUG, why=why)
            self.paused = why
            waiting = [asyncio.create_task(each.wait()) for each in (stopped, self._wanted_now)]
            await asyncio.wait(waiting, timeout=_AGAIN, return_when=asyncio.FIRST_COMPLETED)
            for each in waiting:
                each.cancel()
        self.paused = ""
        if stopped.is_set():
            raise Cancelled

    async def _elsewhere(self, worker: Worker, batch: list[str]) -> Read:
        wanted = tuple(map(self._wanted, batch))
        meaning = self.reader.encoder is not None
        try:
            of = self.options
            return cast("Read", await worker.call(str(self.path), of.largest, wanted, meaning, of.public, of.model))
        except (WorkerLost, WorkerFailed) as error:
            event("index-batch-failed", level=Level.WARNING, files=len(batch), why=str(error)[:300])
            if len(batch) == 1:
                return ((batch[0], b"failed", b""),), NONE
        # One odd file must not cost the others.
        for path in batch[:-1]:
            self._take(await self._elsewhere(worker, [path]))
        return await self._elsewhere(worker, batch[-1:])

    async def _from_store(self, keeper: Keeper, pending: Pending) -> None:
        """Take from the store what it has of files that nobody has begun to read, and that are as they were."""
        # It goes on when nobody wants it here any more: who writes wants to know the same.
        self._knowing = asyncio.create_task(keeper.files(self._branch))
        known = await asyncio.shield(self._knowing)
        same = await asyncio.to_thread(lambda: [file for file in known if self._is_same(file, pending)])
        same = [file for file in same if pending.take(file[0])]
        needed = {key for _, _, packed in same for key in keys(packed)}
        got = set[bytes]()
        async for columns in keeper.chunks():
            fresh = pick(columns, needed)
            self.index.hold(fresh)
            got.update(cut_keys(fresh[0]))
        self.index.take([file for file in same if got.issuperset(keys(file[2]))], NONE)
        self._sort()
        # What the store has lost is read again, and written.
        lacking = [path for path, _, packed in same if not got.issuperset(keys(packed))]
        keeper.doubt(self._branch, lacking)
        pending.give_back(lacking)

    def _is_same(self, file: File, pending: Pending) -> bool:
        path, digest, _ = file
        return path in pending.left and self.reader.digest(self.path, self.options.largest, path) == digest

    def _take(self, read: Read) -> None:
        self.index.take(*read)
        self._sort()
        if self.keeper is not None:
            self.keeper.put(self._branch, (*read, ()))

    def _sort(self, worth: bool = False) -> None:
        if (worth or self.index.unsorted) and not self.sorting:
            self._sorting = asyncio.create_task(self.index.sort())
            self._sorting.add_done_callback(lambda _: give_back())

    def _forget(self, gone: list[str]) -> None:
        self.index.forget(gone)
        if self.keeper is not None:
            self.keeper.put(self._branch, ((), NONE, tuple(gone)))


async def begun(path: Path, options: Options, *, patient: bool = False) -> Start:
    """List the files of a root, and have processes load what they read with meanwhile. Give it to `Root.read`."""
    files = await asyncio.to_thread(_files, path, options)
    size = sum(files.values())
    workers = _workers(size) if size > _FEW and not (patient and power.spent(1)) else []
    return Start(files, workers, [asyncio.create_task(_load(worker, options.model)) for worker in workers])


async def _load(worker: Worker, model: str) -> None:
    """Have a process load what it reads with."""
    with suppress(CodingAgentError):  # Who asks it for something learns of it.
        await worker.call("", 0, (), True, False, model)


def _files(path: Path, options: Options) -> dict[str, int]:
    """The files that count, with their sizes."""
    files = FileFilter(path, options.files, IGNORE_FILE)
    return {
        each.path.relative_to(path).as_posix(): each.size
        for each in walk(files, [path], Token())
        if each.size <= options.largest and not _generated(files, each.path)
    }


def _workers(size: int) -> list[Worker]:
    """As many processes as so many bytes are worth."""
    count = min(os.cpu_count() or 1, size // _BATCH + 1)
    return [Worker(f"{_READING}:read", name="index reader", nice=10) for _ in range(count)]


async def _stop(workers: Iterable[Worker]) -> None:
    await asyncio.gather(*(worker.stop(grace=0.1) for worker in workers))


def _index(reader: Reader) -> Catalogue:
    if reader.encoder is None:
        from coding_agent.search.plain import Plain

        return Plain()
    from coding_agent.search.index import Index

    return Index(reader.encoder)


def _generated(files: FileFilter, path: Path) -> bool:
    """Whether a file says in its first lines that a program wrote it."""
    try:
        with path.open("rb") as stream:
            head = [stream.readline(400).decode("utf-8", "replace") for _ in range(FIRST_LINES)]
    except OSError:
        return True
    return files.silent(path, head) is not None
