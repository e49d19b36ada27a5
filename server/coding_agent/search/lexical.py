"""Which chunks have the words of a question: BM25 over fields, kept as chunks come and go.

A part counts by its stem, and more where it stands in a name than in a body. Postings stand in segments of arrays:
what is added makes a new segment, small ones are joined, and what was removed is struck out until a join drops it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from coding_agent.search.words import FIELDS, JOINT, Counts, Words

FloatVector = npt.NDArray[np.float32]
IntVector = npt.NDArray[np.int64]

# In the order of the fields: name, context, signature, call, attribute, text, rest, docstring. These and the two after
# them were chosen on development packages (`training/README.md`).
_FIELD_WEIGHTS = np.array([8.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.8, 4.0], np.float32)
_SATURATION = 1.2
_LENGTH = 0.9

STOP = frozenset(
    "a an and are as at be been but by can do does for from has have how if in into is it its may no not of on or s"
    " such t that the their then there these they this to was what when where which will with you your".split()
)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Invariant: `stems` rises strictly; the postings of `stems[i]` are `starts[i]` up to `starts[i + 1]`."""

    stems: IntVector
    starts: IntVector
    slots: npt.NDArray[np.int32]
    weights: FloatVector

    def postings(self, stem: int) -> slice:
        at = int(np.searchsorted(self.stems, stem))
        if at == len(self.stems) or self.stems[at] != stem:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))


class Lexical:
    """BM25 over rows of numbers that the caller gives; a number may be given again once it was removed."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[str, int] = {}
        self._stopped: set[int] = set()
        # The stem of each part that the words know.
        self._stems: IntVector = np.zeros(0, np.int64)
        self._segments: list[_Segment] = []
        # A slot is a row in one of its lives: the row's number, -1 once it is removed, and its length.
        self._rows: IntVector = np.zeros(0, np.int64)
        self._lengths: FloatVector = np.zeros(0, np.float32)
        self._slots: dict[int, int] = {}
        self._total = 0.0

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, rows: Mapping[int, Counts]) -> None:
        """Add rows; a number that is here already gets the new words."""
        if not rows:
            return
        self.remove(row for row in rows if row in self._slots)
        count, first = len(rows), len(self._rows)
        sizes = [len(counts) for counts in rows.values()]
        features = np.fromiter(chain.from_iterable(rows.values()), np.int64, sum(sizes))
        times = np.fromiter(chain.from_iterable(counts.values() for counts in rows.values()), np.float32, sum(sizes))
        self._learn()
        slots = first + np.repeat(np.arange(count), sizes)
        weights = times * _FIELD_WEIGHTS[features % FIELDS]
        lengths = np.bincount(slots - first, weights, count).astype(np.float32)
        self._rows = np.concatenate([self._rows, np.fromiter(rows, np.int64, count)])
        self._lengths = np.concatenate([self._lengths, lengths])
        self._slots.update(zip(rows, range(first, first + count), strict=True))
        self._total += float(lengths.sum())
        self._segments.append(_segment(self._stems[features // FIELDS], slots, weights))
        self._join()

    def remove(self, rows: Iterable[int]) -> None:
        """Forget rows; numbers that are not here are no error."""
        for row in list(rows):
            slot = self._slots.pop(row, None)
            if slot is not None:
                self._rows[slot] = -1
                self._total -= float(self._lengths[slot])
        if len(self._rows) > 2 * len(self._slots) + 1000:
            self._sweep()

    def scores(self, text: str, size: int) -> FloatVector:
        """BM25 of each row below `size`, 0 where no word is shared."""
        result = np.zeros(size, np.float32)
        average = max(self._total / max(1, len(self._slots)), 1e-9)
        for stem in self._asked(text):
            slots, weights = self._postings(stem)
            if not len(slots):
                continue
            rarity = np.log1p((len(self._slots) - len(slots) + 0.5) / (len(slots) + 0.5))
            room = _SATURATION * (1 - _LENGTH + _LENGTH / average * self._lengths[slots])
            # A stem has one posting per slot, and a row one living slot, so nothing is added twice.
            result[self._rows[slots]] += rarity * (_SATURATION + 1) * weights / (weights + room)
        return result

    def shared(self, text: str, row: int) -> list[str]:
        """The words of a question that a row has, in its order: why it was found."""
        slot = self._slots.get(row, -1)
        stems = {stem for stem in self._asked(text) if slot in self._postings(stem)[0]}
        numbers = dict.fromkeys(self._words.query(text))
        return [self._words.parts[number] for number in numbers if int(self._stems[number]) in stems]

    def _asked(self, text: str) -> list[int]:
        """The stems of a question but those that every question has; all of them if there are no others."""
        numbers = self._words.query(text)
        self._learn()
        stems = dict.fromkeys(int(self._stems[number]) for number in numbers)
        return [stem for stem in stems if stem not in self._stopped] or list(stems)

    def _postings(self, stem: int) -> tuple[npt.NDArray[np.int32], FloatVector]:
        found = [(segment, segment.postings(stem)) for segment in self._segments]
        slots = np.concatenate([np.zeros(0, np.int32), *(segment.slots[at] for segment, at in found)])
        weights = np.concatenate([np.zeros(0, np.float32), *(segment.weights[at] for segment, at in found)])
        living = self._rows[slots] >= 0
        return slots[living], weights[living]

    def _learn(self) -> None:
        """Give stems to parts that came up since."""
        new = self._words.parts[len(self._stems) :]
        if not new:
            return
        found: list[int] = []
        for part in new:
            number = self._numbers.setdefault(stem(part.removeprefix(JOINT)), len(self._numbers))
            found.append(number)
            if part in STOP:
                self._stopped.add(number)
        self._stems = np.concatenate([self._stems, np.array(found, np.int64)])

    def _join(self) -> None:
        """Keep segments few: each is at least twice as large as the one after it."""
        while len(self._segments) > 1 and len(self._segments[-2].slots) < 2 * len(self._segments[-1].slots):
            last, before = self._segments.pop(), self._segments.pop()
            self._segments.append(self._joined([before, last]))

    def _joined(self, segments: list[_Segment]) -> _Segment:
        stems = np.concatenate([np.repeat(one.stems, np.diff(one.starts)) for one in segments])
        slots = np.concatenate([one.slots for one in segments])
        weights = np.concatenate([one.weights for one in segments])
        living = self._rows[slots] >= 0
        return _segment(stems[living], slots[living], weights[living])

    def _sweep(self) -> None:
        """Number the living slots anew, without the others."""
        whole = self._joined(self._segments)
        living = self._rows >= 0
        renamed = (np.cumsum(living) - 1).astype(np.int32)
        self._rows, self._lengths = self._rows[living], self._lengths[living]
        self._slots = {int(row): slot for slot, row in enumerate(self._rows)}
        self._segments = [_Segment(whole.stems, whole.starts, renamed[whole.slots], whole.weights)]


def _segment(stems: IntVector, slots: npt.NDArray[np.integer], weights: FloatVector) -> _Segment:
    """Sorted by stem and slot, the weights of one stem in one slot summed."""
    if not len(stems):
        return _Segment(stems, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    key = stems * (int(slots.max()) + 1) + slots
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    sums = np.add.reduceat(weights[order], first).astype(np.float32)
    chosen = order[first]
    found, starts = np.unique(stems[chosen], return_index=True)
    return _Segment(found, np.append(starts, len(chosen)).astype(np.int64), slots[chosen].astype(np.int32), sums)


def stem(part: str) -> str:
    """A part without the ending that a question may have and code not: light, so that few meanings meet."""
    size = len(part)
    if size > 4 and part.endswith("ies"):
        return part[:-3] + "y"
    if size > 5 and part.endswith("ing"):
        part = part[:-3]
    elif size > 4 and part.endswith(("ed", "es")):
        part = part[:-2]
    elif size > 3 and part.endswith("s") and not part.endswith("ss"):
        part = part[:-1]
    if len(part) > 4 and part[-1] == part[-2] and part[-1] in "bdgmnprt":
        part = part[:-1]
    return part[:-1] if len(part) > 3 and part[-1] == "e" else part
