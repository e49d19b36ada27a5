"""What is known of each chunk, without what it says: its place, its name, its file.

Chunks have slots. A slot is used once; those of chunks that are gone are swept when they are many. How questions are
answered is said by whoever inherits this: `index` with numpy, `plain` without.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from coding_agent.search.chunks import Kind
from coding_agent.search.columns import Columns, File, cut_keys, packed, places
from coding_agent.search.columns import Place as At
from coding_agent.search.lexical import WEIGHTS
from coding_agent.search.question import Question, is_test
from coding_agent.search.reading import called
from coding_agent.search.slots import Chunks, Names
from coding_agent.search.words import FIELDS

if TYPE_CHECKING:
    from coding_agent.search.encoder import FloatVector

STRENGTHS = (*WEIGHTS, 0.0)
"""How much a word counts by its field; the last is that of whole names that are called."""
COMMON = 0.2
"""Share of a chunk's words, the rare ones counting more, that whatever may be like it has."""
KINDS = tuple(kind.value for kind in Kind)
_SWEPT, _FEW = 0.25, 2000
_SHOWN = 200
"""Characters of a docstring's first line that are shown."""
_TEST, _SAME_FILE, _SAME_FOLDER = 0.05, 0.03, 0.015
"""How much less likely a test is meant, and how much more what stands near the reader."""

assert len(STRENGTHS) == FIELDS + 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader is: chunks near by are a little more likely meant."""

    path: str = ""


NOWHERE = Place()


class Hit(NamedTuple):
    """A chunk that answers. Lines count from 1; ``words`` are those of the question that it has, ``meaning`` how near
    it is to the question (cosine, -1 to 1), ``score`` what hits are ordered by.
    """

    path: str
    name: str
    kind: str
    line: int
    at: int
    end: int
    signature: str
    docstring: str
    score: float
    meaning: float
    words: tuple[str, ...]


class _Known(NamedTuple):
    """What is known of a file: the digest of its bytes, the keys of its chunks one behind the other, their slots."""

    digest: bytes
    keys: bytes
    slots: "array[int]"


_UNKNOWN = _Known(b"", b"", array("I"))


class Catalogue(ABC):
    """The chunks of one workspace root."""

    def __init__(self) -> None:
        self._chunks = Chunks()
        self._paths: list[str] = []
        self._numbers: dict[str, int] = {}
        """Files by path."""
        self._files: dict[str, _Known] = {}
        self._named = Names()
        self._held: dict[bytes, int] = {}
        """Slots of chunks whose file was not taken yet."""
        self.revision = 0
        """Counts the changes; what was worked out of an index is good for one revision."""

    @abstractmethod
    def __len__(self) -> int:
        """How many chunks there are."""

    @abstractmethod
    def search(self, asked: Question, top: int, near: Place = NOWHERE, meant: "FloatVector | None" = None) -> list[Hit]:
        """The best answers, the best first. ``meant`` is how near each slot is by another encoder than ours."""

    @abstractmethod
    def similar(self, path: str, line: int, top: int) -> list[Hit]:
        """The chunks that may be like the one at a line; whether they are, `duplicates` says."""

    @abstractmethod
    def like(self, chunk: Columns, top: int) -> list[Hit]:
        """The same for one chunk that the index does not have."""

    @abstractmethod
    def _words(self, fresh: Columns) -> range:
        """Take what chunks say; their slots."""

    @abstractmethod
    def _strike(self, slots: Iterable[int]) -> None:
        """These chunks are gone."""

    @abstractmethod
    def _is_there(self, slot: int) -> bool: ...

    @abstractmethod
    def _compacted(self) -> list[int]:
        """Give slots back that nobody has; for each that is left the old one."""

    @abstractmethod
    def _calling(self, number: int) -> Iterable[int]:
        """The slots of chunks that have a word."""

    @property
    def scattered(self) -> bool:
        """Whether `sort` is worth it once nothing comes for a while."""
        return False

    @property
    def unsorted(self) -> bool:
        """Whether there are so many chunks that `sort` is worth it now."""
        return False

    @abstractmethod
    async def sort(self) -> None:
        """Have questions answered sooner where there are many chunks. Others have turns meanwhile."""

    @property
    def files(self) -> int:
        return len(self._files)

    def digest(self, path: str) -> bytes:
        """What a file's bytes are known by; empty where it is not known."""
        return self._known(path).digest

    def keys(self, path: str) -> frozenset[bytes]:
        """The keys of a file's chunks."""
        return frozenset(cut_keys(self._known(path).keys))

    def paths(self) -> Iterator[str]:
        return iter(self._files)

    @property
    def slots(self) -> int:
        """How many slots there are, those of chunks that are gone included."""
        return len(self._chunks)

    def keyed(self) -> Iterator[tuple[bytes, int]]:
        """The keys of all chunks of files, and their slots."""
        for known in self._files.values():
            yield from zip(cut_keys(known.keys), known.slots, strict=True)

    def rows(self) -> list[File]:
        """All files as they were taken."""
        place = self._chunks.place
        return [
            (
                path,
                known.digest,
                packed([At(key, *place(slot)) for key, slot in zip(cut_keys(known.keys), known.slots, strict=True)]),
            )
            for path, known in self._files.items()
        ]

    def take(self, files: Iterable[File], fresh: Columns) -> None:
        """Take files as they are now. Chunks that are neither fresh nor known nor held are left out."""
        self.revision += 1
        self.hold(fresh)
        for path, digest, there in files:
            before = self._known(path)
            known = dict(zip(cut_keys(before.keys), before.slots, strict=True))
            now: dict[bytes, int] = {}
            for key, line, at, end in places(there):
                slot = self._held.pop(key, known.get(key))
                if slot is not None:
                    now[key] = slot
                    self._chunks.move(slot, line, at, end)
            self._strike(slot for key, slot in known.items() if now.get(key) != slot)
            self._files[path] = _Known(digest, b"".join(now), array("I", now.values()))
        self._sweep()

    def hold(self, fresh: Columns) -> None:
        """Have chunks ready for files that are taken later."""
        self._held.update(zip(cut_keys(fresh[0]), self._add(fresh), strict=True))

    def release(self) -> None:
        """Let go of chunks that no file has taken."""
        self._strike(self._held.values())
        self._held.clear()
        self._sweep()

    def forget(self, paths: Iterable[str]) -> None:
        self.revision += 1
        for path in paths:
            self._strike(self._files.pop(path, _UNKNOWN).slots)
        self._sweep()

    def symbols(self, asked: Question, top: int, near: Place = NOWHERE) -> list[Hit]:
        """Names that somebody begins to type: those that are it, begin with it, have it, have its letters in order;
        what answers in meaning comes behind them.
        """
        text = asked.words.replace(" ", "").lower()
        last = text.rpartition(".")[2]
        takes = self._taking(asked)
        ranked = sorted(((_rank(last, name), name) for name in self._named.having(last)), reverse=True) if last else []
        found: list[tuple[float, int]] = []
        least = 0.0
        for rank, name in ranked:
            # The rest is behind all that is found, wherever it stands.
            if not rank or rank < least:
                break
            found += (
                (rank + self._more(slot, near), slot)
                for slot in self._named.slots(name)
                if (last == text or text in self._chunks.names[slot].lower()) and takes(slot)
            )
            if not least and len(found) >= top:
                least = rank - _TEST - _SAME_FILE
        found.sort(key=lambda each: (-each[0], self._chunks.names[each[1]], each[1]))
        named = [self._hit(slot, 1 + rank, 0.0) for rank, slot in found[:top]]
        # A part of something long is that thing again.
        known = {hit[:2] for hit in named}
        meant = self.search(asked, top, near) if len(named) < top else []
        return [*named, *(hit for hit in meant if hit[:2] not in known)][:top]

    def at(self, path: str, line: int) -> int | None:
        """The innermost chunk at a line."""
        slots = self._known(path).slots
        lines, ends = self._chunks.lines, self._chunks.ends
        return max((slot for slot in slots if lines[slot] <= line <= ends[slot]), key=lines.__getitem__, default=None)

    def here(self, path: str, line: int) -> Hit | None:
        """The innermost chunk at a line, as an answer."""
        slot = self.at(path, line)
        return None if slot is None else self._hit(slot, 1.0, 1.0)

    def parts(self, path: str, name: str) -> list[Hit]:
        """The chunks of what a file has under a qualified name, in their order: several where it is long."""
        found = [slot for slot in self._known(path).slots if self._chunks.names[slot] == name]
        return [self._hit(slot, 1.0, 0.0) for slot in sorted(found, key=self._chunks.lines.__getitem__)]

    def functions(self, path: str) -> list[Hit]:
        """The functions and methods of a file, each once, in their order."""
        slots = sorted(self._known(path).slots, key=self._chunks.lines.__getitem__)
        first: dict[str, int] = {}
        for slot in slots:
            if KINDS[self._chunks.kinds[slot]] in (Kind.FUNCTION, Kind.METHOD):
                first.setdefault(self._chunks.names[slot], slot)
        return [self._hit(slot, 1.0, 0.0) for slot in first.values()]

    def named(self, name: str) -> list[Hit]:
        """All that has a last name; something long once for each of its parts."""
        slots = sorted(slot for slot in self._named.slots(name.lower()) if self._is_there(slot))
        found = (slot for slot in slots if self._chunks.names[slot].rpartition(".")[2] == name)
        return [self._hit(slot, 1.0, 0.0) for slot in found]

    def calling(self, name: str) -> list[Hit]:
        """The chunks that call something of a last name, whatever that is."""
        slots = self._calling(called(name) >> 32)
        return [self._hit(slot, 1.0, 0.0) for slot in slots if self._is_there(slot)]

    def times_called(self, name: str) -> int:
        """How many chunks call something of a last name."""
        return sum(map(self._is_there, self._calling(called(name) >> 32)))

    def _taking(self, asked: Question) -> "_Taking":
        calling = [
            (set(self._calling(called(each.value.rpartition(".")[2]) >> 32)), each.not_) for each in asked.of("calls")
        ]
        kinds = [(KINDS.index(each.value), each.not_) for each in asked.of("kind")]
        paths = [asked.takes_path(path) for path in self._paths] if asked.filters else []
        return _Taking(self._chunks, self._is_there, paths, kinds, calling)

    def _exactly(self, text: str) -> Iterator[int]:
        """The slots of what is named just so, also those of chunks that are gone."""
        name = text.strip().lower()
        for slot in self._named.slots(name.rpartition(".")[2]):
            full = self._chunks.names[slot].lower()
            if full == name or full.endswith(f".{name}"):
                yield slot

    def _more(self, slot: int, near: Place) -> float:
        """What makes a chunk likelier than its text tells."""
        path = self._paths[self._chunks.files[slot]]
        more = -_TEST if is_test(path) else 0.0
        if near.path == path:
            more += _SAME_FILE
        elif near.path and path.rpartition("/")[0] == near.path.rpartition("/")[0]:
            more += _SAME_FOLDER
        return more

    def _hit(self, slot: int, score: float, meaning: float, words: tuple[str, ...] = ()) -> Hit:
        chunks = self._chunks
        said = (chunks.signatures[slot], chunks.docstrings[slot], score, meaning, words)
        path = self._paths[chunks.files[slot]]
        return Hit(path, chunks.names[slot], KINDS[chunks.kinds[slot]], *chunks.place(slot), *said)

    def _add(self, fresh: Columns) -> range:
        paths, names, kinds, signatures, docstrings = fresh[1]
        slots, chunks = self._words(fresh), self._chunks
        chunks.names.extend(names)
        chunks.kinds.extend(map(KINDS.index, kinds))
        chunks.signatures.extend(signatures)
        chunks.docstrings.extend(text.partition("\n")[0][:_SHOWN] for text in docstrings)
        chunks.files.extend(map(self._number, paths))
        for column in (chunks.lines, chunks.ats, chunks.ends):
            column.extend([0] * len(slots))
        self._named.extend(names)
        return slots

    def _known(self, path: str) -> _Known:
        return self._files.get(path, _UNKNOWN)

    def _number(self, path: str) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
        return number

    def _sweep(self) -> None:
        """Give back the slots of what is gone, once they are many."""
        gone = len(self._chunks) - len(self)
        if gone < _FEW or gone < _SWEPT * len(self._chunks):
            return
        kept = self._compacted()
        self.revision += 1
        renamed = {old: new for new, old in enumerate(kept)}
        self._chunks = self._chunks.kept(kept)
        self._files = {
            path: known._replace(slots=array("I", map(renamed.__getitem__, known.slots)))
            for path, known in self._files.items()
        }
        self._held = {key: renamed[slot] for key, slot in self._held.items()}
        self._named = Names(map(self._chunks.names.__getitem__, range(len(self._chunks))))


class _Taking:
    """Whether a chunk may answer, by the filters of a question."""

    def __init__(
        self,
        chunks: Chunks,
        is_there: Callable[[int], bool],
        paths: Sequence[bool],
        kinds: Sequence[tuple[int, bool]],
        calling: Sequence[tuple[set[int], bool]],
    ) -> None:
        self.paths, self.kinds, self.calling = paths, kinds, calling
        self._chunks, self._is_there = chunks, is_there

    def __call__(self, slot: int) -> bool:
        return (
            self._is_there(slot)
            and (not self.paths or self.paths[self._chunks.files[slot]])
            and all((self._chunks.kinds[slot] == kind) is not not_ for kind, not_ in self.kinds)
            and all((slot in calling) is not not_ for calling, not_ in self.calling)
        )


def _rank(typed: str, name: str) -> float:
    """How well a name, in lower case, fits what is typed of it: 0 (not at all) to 4."""
    if typed == name or typed == name.strip("_"):
        return 4.0
    if name.strip("_").startswith(typed):
        return 3.0 - 0.01 * len(name)
    if typed in name:
        return 2.0 - 0.01 * len(name)
    letters = iter(name)
    return max(1.0 - 0.01 * len(name), 0.1) if len(typed) > 2 and all(each in letters for each in typed) else 0.0
