"""The index in memory: what is known of each chunk, and which of them answer a question.

Chunks have slots. A slot is used once; those of chunks that are gone are swept when they are many. Vectors are rows of
one matrix, compared with the question's exactly and all at once; words are in `postings`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coding_agent.search.chunks import Kind
from coding_agent.search.columns import Columns, File, keys_of, packed, places
from coding_agent.search.columns import Place as At
from coding_agent.search.encoder import Encoder
from coding_agent.search.fusion import fused
from coding_agent.search.lexical import WEIGHTS, wanted
from coding_agent.search.postings import Postings
from coding_agent.search.question import Question, is_test
from coding_agent.search.reading import called
from coding_agent.search.words import FIELDS

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_WEIGHTS = (*WEIGHTS, 0.0)
"""How much a word counts by its field; the last is that of whole names that are called."""
_CANDIDATES = 100
"""Chunks that are looked at closely."""
_SWEPT = 0.25
_KINDS = tuple(kind.value for kind in Kind)

assert len(_WEIGHTS) == FIELDS + 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reader is: chunks near by are a little more likely meant."""

    path: str = ""


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


class _Chunks:
    """The columns of what is known of each slot."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.names: list[str] = []
        self.kinds: list[int] = []
        self.signatures: list[str] = []
        self.docstrings: list[str] = []
        self.files: list[int] = []
        self.lines: list[tuple[int, int, int]] = []

    def kept(self, slots: Sequence[int]) -> "_Chunks":
        other = _Chunks()
        for name, values in vars(self).items():
            setattr(other, name, [values[slot] for slot in slots])
        return other


class Index:
    """The chunks of one workspace root. ``encoder`` is that of its vectors; without one there are words only."""

    def __init__(self, encoder: Encoder | None) -> None:
        self.encoder = encoder
        self._dim = encoder.dim if encoder else 0
        self._postings = Postings(_WEIGHTS)
        self._matrix: Floats = np.zeros((0, self._dim), np.float32)
        self._chunks = _Chunks()
        self._paths: list[str] = []
        self._numbers: dict[str, int] = {}
        """Files by path."""
        self._files: dict[str, tuple[bytes, dict[bytes, int]]] = {}
        """Digest and slots by key of each file."""
        self._named: dict[str, list[int]] = {}
        """Slots by their last name, in lower case."""
        self._held: dict[bytes, int] = {}
        """Slots of chunks whose file was not taken yet."""

    def __len__(self) -> int:
        return self._postings.living

    @property
    def files(self) -> int:
        return len(self._files)

    def digest(self, path: str) -> bytes:
        """What a file's bytes are known by; empty where it is not known."""
        return self._files[path][0] if path in self._files else b""

    def keys(self, path: str) -> frozenset[bytes]:
        """The keys of a file's chunks."""
        return frozenset(self._files[path][1]) if path in self._files else frozenset()

    def paths(self) -> Iterator[str]:
        return iter(self._files)

    def rows(self) -> list[File]:
        """All files as they were taken."""
        lines = self._chunks.lines
        return [
            (path, digest, packed([At(key, *lines[slot]) for key, slot in slots.items()]))
            for path, (digest, slots) in self._files.items()
        ]

    def take(self, files: Iterable[File], fresh: Columns) -> None:
        """Take files as they are now. Chunks that are neither fresh nor known nor held are left out."""
        self.hold(fresh)
        for path, digest, there in files:
            known = self._files.get(path, (b"", {}))[1]
            now: dict[bytes, int] = {}
            for key, line, at, end in places(there):
                slot = self._held.pop(key, known.get(key))
                if slot is not None:
                    now[key] = slot
                    self._chunks.lines[slot] = (line, at, end)
            self._postings.remove(slot for key, slot in known.items() if now.get(key) != slot)
            self._files[path] = digest, now
        self._sweep()

    def hold(self, fresh: Columns) -> None:
        """Have chunks ready for files that are taken later."""
        self._held.update(zip(keys_of(fresh), self._add(fresh), strict=True))

    def release(self) -> None:
        """Let go of chunks that no file has taken."""
        self._postings.remove(self._held.values())
        self._held.clear()
        self._sweep()

    def forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            _, known = self._files.pop(path, (b"", {}))
            self._postings.remove(known.values())
        self._sweep()

    def search(self, asked: Question, top: int, near: Place = Place()) -> list[Hit]:
        """The best answers, the best first."""
        words = wanted(asked.words)
        allowed = self._allowed(asked)
        if not allowed.any():
            return []
        near_to = self.near(asked.words) if words else np.zeros(len(self._postings), np.float32)
        said = self.said(words)
        said[~allowed] = 0
        near_to[~allowed] = 0
        both = fused(near_to, said)
        both[~allowed] = -np.inf
        most = min(max(_CANDIDATES, 2 * top), int(allowed.sum()))
        found = np.argpartition(-both, most - 1)[:most]
        exact = np.array(list(self._exactly(asked.words, allowed)), np.int64)
        scored = {int(slot): float(both[slot]) + self._more(int(slot), near) for slot in np.union1d(found, exact)}
        for slot in exact.tolist():
            scored[slot] += 1
        best = sorted(scored, key=lambda slot: (-scored[slot], self._paths[self._chunks.files[slot]], slot))
        enough = [slot for slot in best if not words or near_to[slot] > 0 or said[slot] > 0 or slot in exact][:top]
        return [self._hit(slot, scored[slot], float(near_to[slot]), words) for slot in enough]

    def symbols(self, asked: Question, top: int, near: Place = Place()) -> list[Hit]:
        """Names that somebody begins to type: those that are it, begin with it, have it, have its letters in order;
        what answers in meaning comes behind them.
        """
        allowed, text = self._allowed(asked), asked.words.replace(" ", "").lower()
        last = text.rpartition(".")[2]
        found: list[tuple[float, int]] = []
        for name, slots in self._named.items() if last else ():
            rank = _rank(last, name)
            if rank:
                for slot in slots:
                    whole = self._chunks.names[slot].lower()
                    if allowed[slot] and (last == text or text in whole):
                        found.append((rank + self._more(slot, near), slot))
        found.sort(key=lambda each: (-each[0], self._chunks.names[each[1]], each[1]))
        named = [self._hit(slot, 1 + rank, 0.0, {}) for rank, slot in found[:top]]
        # A part of something long is that thing again.
        known = {hit[:2] for hit in named}
        meant = self.search(asked, top, near) if len(named) < top else []
        return [*named, *(hit for hit in meant if hit[:2] not in known)][:top]

    def similar(self, path: str, line: int, top: int) -> list[Hit]:
        """The chunks nearest in meaning to the one at a line, without itself."""
        slot = self.at(path, line)
        if slot is None or not self._dim:
            return []
        near_to = self._matrix[: len(self._postings)] @ self._matrix[slot]
        near_to[~self._postings.alive] = -1
        near_to[slot] = -1
        most = min(top, len(near_to))
        found = np.argpartition(-near_to, most - 1)[:most]
        return [
            self._hit(int(each), float(near_to[each]), float(near_to[each]), {})
            for each in sorted(found, key=lambda s: -near_to[s])
        ]

    def at(self, path: str, line: int) -> int | None:
        """The innermost chunk at a line."""
        known = self._files.get(path, (b"", {}))[1].values()
        holding = [slot for slot in known if self._chunks.lines[slot][0] <= line <= self._chunks.lines[slot][2]]
        return max(holding, key=lambda slot: self._chunks.lines[slot][0], default=None)

    def callers(self, name: str) -> int:
        """How many chunks call something of a name."""
        return len(self._postings.having(called(name) >> 32))

    def _add(self, fresh: Columns) -> range:
        _, (paths, names, kinds, signatures, docstrings), vectors, words, ends = fresh
        slots = self._postings.add(np.frombuffer(words, np.uint64), np.frombuffer(ends, np.uint32))
        chunks = self._chunks
        chunks.keys += keys_of(fresh)
        chunks.names += names
        chunks.kinds += map(_KINDS.index, kinds)
        chunks.signatures += signatures
        chunks.docstrings += docstrings
        chunks.files += map(self._number, paths)
        chunks.lines += [(0, 0, 0)] * len(slots)
        for slot, name in zip(slots, names, strict=True):
            self._named.setdefault(name.rpartition(".")[2].lower(), []).append(slot)
        if self._dim:
            self._grow(slots.stop)
            self._matrix[slots.start : slots.stop] = np.frombuffer(vectors, np.float16).reshape(-1, self._dim)
        return slots

    def _grow(self, size: int) -> None:
        if size > len(self._matrix):
            larger = np.zeros((max(size, len(self._matrix) * 5 // 4, 1024), self._dim), np.float32)
            larger[: len(self._matrix)] = self._matrix
            self._matrix = larger

    def _number(self, path: str) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
        return number

    def _sweep(self) -> None:
        """Give back the slots of what is gone, once they are many."""
        gone = len(self._postings) - self._postings.living
        if gone < 2000 or gone < _SWEPT * len(self._postings):
            return
        self._postings, kept = self._postings.compacted()
        renamed = {old: new for new, old in enumerate(kept.tolist())}
        self._chunks = self._chunks.kept(kept.tolist())
        self._matrix = self._matrix[kept] if self._dim else self._matrix
        self._files = {
            path: (digest, {key: renamed[slot] for key, slot in slots.items()})
            for path, (digest, slots) in self._files.items()
        }
        self._held = {key: renamed[slot] for key, slot in self._held.items()}
        self._named = {}
        for slot, name in enumerate(self._chunks.names):
            self._named.setdefault(name.rpartition(".")[2].lower(), []).append(slot)

    def _allowed(self, asked: Question) -> Mask:
        allowed = self._postings.alive.copy()
        if any(each.name in ("path", "test") for each in asked.filters):
            takes = np.fromiter(map(asked.takes_path, self._paths), np.bool_, len(self._paths))
            allowed &= takes[np.array(self._chunks.files, np.int64)] if self._paths else allowed
        for each in asked.of("kind"):
            allowed &= (np.array(self._chunks.kinds, np.int8) == _KINDS.index(each.value)) ^ each.not_
        for each in asked.of("calls"):
            calling = np.zeros(len(allowed), np.bool_)
            calling[self._postings.having(called(each.value.rpartition(".")[2]) >> 32)] = True
            allowed &= calling ^ each.not_
        return allowed

    def near(self, text: str) -> Floats:
        """How near each slot is to a text in meaning: cosines, 0 where nothing is known of meanings."""
        if self.encoder is None:
            return np.zeros(len(self._postings), np.float32)
        return self._matrix[: len(self._postings)] @ self.encoder.query(text)

    def said(self, words: Mapping[str, int]) -> Floats:
        """What the words of a question say of each slot."""
        return self._postings.scores(words.values())

    def _exactly(self, text: str, allowed: Mask) -> Iterator[int]:
        """The slots of what is named just so."""
        name = text.strip().lower()
        for slot in self._named.get(name.rpartition(".")[2], ()):
            full = self._chunks.names[slot].lower()
            if allowed[slot] and (full == name or full.endswith(f".{name}")):
                yield slot

    def _more(self, slot: int, near: Place) -> float:
        """What makes a chunk likelier than its text tells."""
        path = self._paths[self._chunks.files[slot]]
        more = -0.05 if is_test(path) else 0.0
        if near.path:
            more += (
                0.03 if path == near.path else 0.015 if path.rpartition("/")[0] == near.path.rpartition("/")[0] else 0
            )
        return more

    def _hit(self, slot: int, score: float, meaning: float, words: dict[str, int]) -> Hit:
        chunks = self._chunks
        has = tuple(word for word, number in words.items() if self._postings.has(number, slot))
        return Hit(
            self._paths[chunks.files[slot]],
            chunks.names[slot],
            _KINDS[chunks.kinds[slot]],
            *chunks.lines[slot],
            chunks.signatures[slot],
            chunks.docstrings[slot],
            score,
            meaning,
            has,
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
