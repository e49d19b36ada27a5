"""The process that searches for an editor, or for one command: the indexes of some roots, warm in memory.

Questions and answers are plain data (`runtime.talk`); `ide.search` says them in words.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

from coding_agent.errors import UsageError, UserError
from coding_agent.ide.embedding import Embedding
from coding_agent.ide.slices import in_slices
from coding_agent.search.calls import Calls
from coding_agent.search.catalogue import Hit, Place
from coding_agent.search.duplicates import duplicates
from coding_agent.search.exists import Known, New, Why, exists
from coding_agent.search.libraries import needed
from coding_agent.search.pending import Progress
from coding_agent.search.question import is_test, question
from coding_agent.search.reading import reader
from coding_agent.search.root import Options, Root, begun
from coding_agent.workspace.files import FileOptions

Say = Callable[[object], None]
Table = dict[str, Any]


class Finder:
    """Made and called by `runtime.talking`."""

    def __init__(self) -> None:
        self._roots: dict[str, Root] = {}
        self._libraries: dict[str, dict[Path, Root]] = {}
        """What packages offer that a root needs, by their folders."""
        self._calls: dict[str, Calls] = {}
        self._asked = False
        """Whether somebody asks questions, so that what is left to read is read at once."""
        self._warned: list[str] = []
        self._opening = asyncio.Lock()
        self._embedding = Embedding(self._warned.append)

    async def answer(self, asked: object, say: Say, stopped: asyncio.Event) -> object:
        """Answer (what, a table). Raises: UsageError; Cancelled - it was stopped."""
        what, table = cast("tuple[str, Table]", asked)
        if what in ("search", "similar"):
            return await self._search(table) if what == "search" else self._similar(table)
        if what in ("about", "twins", "exists"):
            answers = {"about": self._about, "twins": self._twins, "exists": self._exists}
            return await answers[what](table)
        if what in ("open", "libraries"):
            return await (self._open(table, say, stopped) if what == "open" else self._needed(table, stopped))
        if what == "meanings":
            await self._embedding.fill(str(table["root"]), _teller(say), stopped, table["seconds"])
        elif what == "rebuild":
            await self._rebuild(say, stopped)
        elif what == "changed":
            await self._changed(table)
        elif what == "settled":
            await self._settled(now=bool(table["now"]))
        return [self._told(root) for root in self._roots.values()]

    async def close(self) -> None:
        await self._embedding.close()
        for root in (*self._roots.values(), *self._offering()):
            await root.close()

    def _offering(self) -> list[Root]:
        return [root for known in self._libraries.values() for root in known.values()]

    async def _open(self, table: Table, say: Say, stopped: asyncio.Event) -> object:
        """Read a root for the first time, or again with other options; progress is said."""
        path = str(table["root"])
        options = await self._usable(_options(table))
        patient, start = bool(table["patient"]), None
        async with self._opening:
            root = self._roots.get(path)
            if root is None or root.options != options:
                if root is not None:
                    await root.close()
                start = await begun(Path(path), options, patient=patient)
                make = await asyncio.to_thread(reader, True, options.model)
                root = self._roots[path] = Root(Path(path), options, make, self._warned.append)
        await root.read(_teller(say), stopped, patient=patient, start=start)
        file = Path(table["meanings"]) if table["meanings"] else None
        await self._embedding.set(path, root, cast("Table | None", table["endpoint"]), file)
        return self._told(root)

    async def _usable(self, options: Options) -> Options:
        """The same without a model of the user's that cannot be used, of which the user is told."""
        if options.model:
            try:
                await asyncio.to_thread(reader, True, options.model)
            except UserError as error:
                self._warned.append(f"search.encoder: {error}; our own encoder answers")
                return replace(options, model="")
        return options

    async def _needed(self, table: Table, stopped: asyncio.Event) -> int:
        """Read what packages offer that a root needs, when there is time for it; how many functions that is."""
        path, folders = str(table["root"]), [Path(each) for each in table["folders"]]
        known = self._libraries.setdefault(path, {})
        for folder in await asyncio.to_thread(needed, Path(path), folders):
            if folder not in known:
                kept = (
                    Path(table["kept"]) / blake2b(bytes(folder), digest_size=10).hexdigest() if table["kept"] else None
                )
                options = Options(FileOptions(gitignore=False), int(table["largest"]), kept, public=True)
                make = await asyncio.to_thread(reader, True)
                known[folder] = Root(folder, options, make, self._warned.append)
                await known[folder].read(lambda _: None, stopped, patient=not self._asked)
        return sum(len(root.index) for root in known.values())

    async def _changed(self, table: Table) -> None:
        paths = [Path(path) for path in table["paths"]]
        await asyncio.gather(*(root.changed(paths) for root in self._roots.values()))
        for path in self._roots:
            self._embedding.begin(path)

    async def _search(self, table: Table) -> object:
        asked, top = question(str(table["text"])), int(table["top"])
        self._asked = True
        for root in (*self._roots.values(), *self._offering()):
            root.hurry()
        hits: list[tuple[str, Hit]] = []
        for path, root in [*self._roots.items()]:
            near = Place(_below(path, table["near"]))
            if table["names"]:  # Somebody types a name: that is no question to send.
                hits += ((path, hit) for hit in root.index.symbols(asked, top, near))
            else:
                meant = await self._embedding.question(path, asked.words, typed=bool(table["typed"]))
                hits += ((path, hit) for hit in root.index.search(asked, top, near, meant))
        hits.sort(key=lambda each: -each[1].score)
        return [(path, *hit) for path, hit in hits[:top]]

    def _similar(self, table: Table) -> object:
        path, root, below = self._place(table)
        return [(path, *hit) for hit in duplicates(root.index, root.path, below, int(table["line"]), table["top"])]

    async def _about(self, table: Table) -> object:
        """Who calls what stands at a line, what it calls, what is like it; None where nothing of a name is there."""
        path, root, below = self._place(table)
        parts, top = root.index.parts(below, table["name"]), int(table["top"])
        here = root.index.here(below, int(table["line"]))
        last = str(table["name"]).rpartition(".")[2]
        if not parts and (here is None or here.name.rpartition(".")[2] != last):
            return None
        line = parts[0].at if parts else int(table["line"])
        calls = self._calls.get(path)
        if calls is None or calls.index is not root.index:
            calls = self._calls[path] = Calls(root.index, root.path)
        related = await in_slices(calls.related(below, line))
        if related is None:
            return None
        alike = duplicates(root.index, root.path, below, line, top)
        lists = (related.callers, related.tests, related.calls, alike)
        shown = [[(path, *hit) for hit in hits[:top]] for hits in lists]
        return [shown, [len(hits) for hits in lists], related.more]

    async def _twins(self, table: Table) -> object:
        """How many are like each function of a file, by its qualified name."""
        _, root, below = self._place(table)
        counts: dict[str, int] = {}
        for hit in root.index.functions(below):
            alike = duplicates(root.index, root.path, below, hit.at, int(table["top"]))
            if alike:
                counts[hit.name] = len(alike)
            await asyncio.sleep(0)
        return counts

    async def _exists(self, table: Table) -> object:
        """For each function, which may be one that no file has yet, what does already what it does; None for nothing.

        Behind each function others have a turn, who wait for something.
        """
        path, root, below = self._place(table)
        answers: list[object] = []
        for name, code in table["functions"]:
            known, place = exists(root.index, root.path, root.reader, New(below, name, code)), root.path
            if known is None and not is_test(below):
                known, place = await self._offered(path, New("", name, code)) or (None, place)
            hit = known and (str(place), *known.hit._replace(score=known.alike))
            answers.append(known and (known.why.value, hit, place != root.path))
            await asyncio.sleep(0)
        return answers

    async def _offered(self, path: str, new: New) -> "tuple[Known, Path] | None":
        """What does the same in a package that a root needs; a name alone says little of what others call so."""
        for folder, library in self._libraries.get(path, {}).items():
            known = exists(library.index, folder, library.reader, new)
            if known is not None and known.why is Why.DOES:
                return known, folder
            await asyncio.sleep(0)
        return None

    def _place(self, table: Table) -> tuple[str, Root, str]:
        """The root of a file, and its path from there. Raises: UsageError - it is in none."""
        file = Path(table["file"])
        inside = [path for path in self._roots if file.is_relative_to(path)]
        if not inside:
            raise UsageError(f"{file} is in no folder that is indexed")
        path = max(inside, key=len)
        return path, self._roots[path], file.relative_to(path).as_posix()

    async def _settled(self, *, now: bool) -> None:
        """Wait until all is durable that can be."""
        for root in self._roots.values():
            await root.settled(now=now)

    async def _rebuild(self, say: Say, stopped: asyncio.Event) -> None:
        for root in self._roots.values():
            await root.rebuild(_teller(say), stopped)

    def _told(self, root: Root) -> Table:
        warned = list(self._warned)
        self._warned.clear()  # Each root has this very list.
        return {
            "root": str(root.path),
            "files": root.index.files,
            "chunks": len(root.index),
            "reading": root.reading,
            "paused": root.paused,
            "encoder": root.encoder,
            "kept": str(root.keeper.folder) if root.keeper else "",
            "unwritten": root.keeper.unwritten if root.keeper else 0,
            "problem": root.keeper.problem if root.keeper else "",
            "warned": warned,
            **self._embedding.told(str(root.path)),
        }


def _options(table: Table) -> Options:
    kept = Path(table["kept"]) if table["kept"] else None
    return Options(FileOptions(**table["files"]), table["largest"], kept, model=str(table["model"]))


def _teller(say: Say) -> Callable[[Progress], None]:
    return lambda progress: say((progress.done, progress.total))


def _below(root: str, file: str) -> str:
    """A file's path from a root; "" outside."""
    return Path(file).relative_to(root).as_posix() if file and Path(file).is_relative_to(root) else ""
