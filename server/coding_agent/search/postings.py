"""BM25 over words that are known by a number: which chunks have a word, how strongly, and what that says.

A word of a chunk is one 64-bit number: 32 bits that say which word it is (`words`), a byte for the field it stands in
and 24 bits for how often. Postings lie in segments: a few large ones and small ones for what changed since, which are
merged as they grow, so that a change costs what changed. Slots are never used twice before ``compacted``.

Source: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with weights of
fields as there (BM25F).
"""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coding_agent.search.lexical import LENGTH, SATURATION

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Words = npt.NDArray[np.uint64]

_SMALL, _LOOSE = 200_000, 0.1
"""Words from which on it matters in how many segments they are, and the share that may be beside the largest."""
_PART = 2_000_000
"""Words that are sorted at once where all become one segment: what is more takes memory for a while."""
_SEGMENTS = 10
"""Segments at most; where there is one more, the two neighbours that are smallest together become one."""


def word(number: int, field: int, times: int) -> int:
    return (number & 0xFFFFFFFF) << 32 | field << 24 | min(times, 0xFFFFFF)


class _Segment(NamedTuple):
    """``numbers`` are sorted; ``starts[i] : starts[i + 1]`` of ``slots`` and ``strengths`` are those of the i-th."""

    numbers: npt.NDArray[np.uint32]
    starts: Ints
    slots: npt.NDArray[np.int32]
    strengths: Halves

    def of(self, number: int) -> slice:
        at = int(np.searchsorted(self.numbers, np.uint32(number)))
        if at == len(self.numbers) or self.numbers[at] != number:
            return slice(0, 0)
        return slice(int(self.starts[at]), int(self.starts[at + 1]))


class Postings:
    """``weights`` say how much a word counts by its field; a field of weight 0 can only be asked for."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights = np.asarray(weights, np.float32)
        self._segments: list[_Segment] = []
        self._lengths: Floats = np.zeros(0, np.float32)
        self._sizes: Floats = np.zeros(0, np.float32)
        """How many words each chunk has."""
        self._alive: npt.NDArray[np.bool_] = np.zeros(0, np.bool_)
        self.living = 0
        self._total = 0.0
        """The lengths of the living together."""

    def __len__(self) -> int:
        """How many slots there are, with those of removed chunks."""
        return len(self._alive)

    @property
    def alive(self) -> npt.NDArray[np.bool_]:
        return self._alive

    def add(self, words: Words, ends: npt.NDArray[np.uint32]) -> range:
        """Take chunks, each with its words up to its end; returns their slots."""
        first, count = len(self._alive), len(ends)
        sizes = np.diff(ends.astype(np.int64), prepend=0)
        slots = np.repeat(np.arange(first, first + count, dtype=np.int32), sizes)
        fields = (words >> np.uint64(24)) & np.uint64(0xFF)
        times = (words & np.uint64(0xFFFFFF)).astype(np.float32)
        strengths = self._weights[fields.astype(np.int64)] * times
        lengths = np.bincount(slots - first, strengths, count).astype(np.float32)
        self._lengths = np.concatenate([self._lengths, lengths])
        self._sizes = np.concatenate([self._sizes, sizes.astype(np.float32)])
        self._alive = np.concatenate([self._alive, np.ones(count, np.bool_)])
        self.living += count
        self._total += float(lengths.sum(dtype=np.float64))
        if len(words):
            self._segments.append(_segment((words >> np.uint64(32)).astype(np.uint32), slots, strengths))
            self._merge()
        return range(first, first + count)

    def remove(self, slots: Iterable[int]) -> None:
        gone = np.fromiter(slots, np.int64)
        gone = np.unique(gone[self._alive[gone]])
        self.living -= len(gone)
        self._total -= float(self._lengths[gone].sum(dtype=np.float64))
        self._alive[gone] = False

    def having(self, number: int) -> Ints:
        """The slots of living chunks that have a word, in whatever field."""
        found = np.concatenate([np.zeros(0, np.int32), *(each.slots[each.of(number)] for each in self._segments)])
        return found[self._alive[found]].astype(np.int64)

    def of(self, slot: int) -> list[int]:
        """The words of a chunk."""
        return [
            number
            for each in self._segments
            for at in [np.flatnonzero(each.slots == slot)]
            for number in each.numbers[np.searchsorted(each.starts, at, side="right") - 1].tolist()
        ]

    def shared(self, numbers: Iterable[int]) -> tuple[Floats, float]:
        """How much each slot has in common with a chunk of these words: the rarer a word the more it counts, as often
        as it may be; and what such a chunk would have in common with itself.

        The size of that chunk is not in it, so what comes out can only be compared for one chunk.
        """
        common, own, size = np.zeros(len(self), np.float32), 0.0, 0
        for number in numbers:
            parts = [each.slots[each.of(number)] for each in self._segments]
            having = sum(map(len, parts))
            if not having:
                continue  # A word that nobody has would make a chunk unlike all.
            idf = np.float32(np.log1p(self.living / (having + 0.5)))
            own, size = own + float(idf), size + 1
            for slots in parts:
                common[slots] += idf
        return (common / np.sqrt(np.maximum(self._sizes, 1))).astype(np.float32), own / max(size, 1) ** 0.5

    def scores(self, numbers: Iterable[int]) -> Floats:
        """What a question's words say of each slot; removed chunks have some score, too."""
        scores = np.zeros(len(self), np.float32)
        for parts in map(self._parts, set(numbers)):
            idf = self._rarity([slots for slots, _ in parts])
            for slots, halves in parts:
                scores[slots] += self._say(idf, slots, halves)
        return scores

    def rare(self, numbers: Iterable[int], most: int) -> list[int]:
        """The rarest words, as many as stand in ``most`` chunks together, but one at least."""
        counted = sorted((sum(len(slots) for slots, _ in self._parts(number)), number) for number in set(numbers))
        sums = accumulate(count for count, _ in counted)
        return [
            number for at, ((_, number), sum_) in enumerate(zip(counted, sums, strict=True)) if not at or sum_ <= most
        ]

    def more(self, numbers: Iterable[int], slots: Ints) -> Floats:
        """What words say of some slots, in rising order."""
        scores = np.zeros(len(slots), np.float32)
        for parts in map(self._parts, set(numbers)):
            idf = self._rarity([having for having, _ in parts])
            for having, halves in parts:
                place = np.minimum(np.searchsorted(having, slots), len(having) - 1)
                rows = np.flatnonzero(having[place] == slots)
                scores[rows] += self._say(idf, having[place[rows]], halves[place[rows]])
        return scores

    def _parts(self, number: int) -> list[tuple[npt.NDArray[np.int32], Halves]]:
        """Where a word stands, and how strongly, by segment."""
        places = ((each, each.of(number)) for each in self._segments)
        return [(each.slots[at], each.strengths[at]) for each, at in places if at.stop > at.start]

    def _say(self, idf: np.float32, slots: npt.NDArray[np.int32], halves: Halves) -> Floats:
        strengths = halves.astype(np.float32)
        said = idf * strengths * np.float32(SATURATION + 1) / (strengths + self._norms(slots))
        return said.astype(np.float32, copy=False)

    def rarity(self, number: int) -> float:
        """How much a word says: the more the fewer chunks have it."""
        return float(self._rarity([each.slots[each.of(number)] for each in self._segments]))

    def have(self, numbers: Sequence[int], slots: Ints) -> npt.NDArray[np.bool_]:
        """Which of some slots, in rising order, have which words: a row per word."""
        have = np.zeros((len(numbers), len(slots)), np.bool_)
        wanted = np.array(numbers, np.uint32)
        for each in self._segments:
            if not len(each.numbers):
                continue
            at = np.minimum(np.searchsorted(each.numbers, wanted), len(each.numbers) - 1)
            for row in np.flatnonzero(each.numbers[at] == wanted).tolist():
                having = each.slots[each.starts[at[row]] : each.starts[at[row] + 1]]
                place = np.minimum(np.searchsorted(having, slots), len(having) - 1)
                have[row] |= having[place] == slots
        return have

    def sizes(self, slots: Ints) -> Floats:
        """How many words chunks have."""
        return self._sizes[slots]

    def compacted(self) -> tuple["Postings", Ints]:
        """The same without removed chunks, and for each of its slots the old one."""
        kept = np.flatnonzero(self._alive)
        renamed = np.full(len(self), -1, np.int32)
        renamed[kept] = np.arange(len(kept), dtype=np.int32)
        other = Postings(self._weights.tolist())
        other._lengths, other._alive = self._lengths[kept], np.ones(len(kept), np.bool_)
        other._sizes = self._sizes[kept]
        other.living, other._total = len(kept), self._total
        if self._segments:
            other._segments = [_joined(self._segments, renamed)]
        return other, kept

    @property
    def scattered(self) -> bool:
        """Whether questions would be answered sooner if there was one segment."""
        sizes = [len(each.slots) for each in self._segments]
        return sum(sizes) > _SMALL and sum(sizes) - max(sizes) > _LOOSE * sum(sizes)

    async def gather(self) -> None:
        """Make one segment of all, in a thread; whoever asks or changes something meanwhile does not wait."""
        before = list(self._segments)
        one = await asyncio.to_thread(_gathered, before)
        if all(a is b for a, b in zip(before, self._segments, strict=False)) and len(before) <= len(self._segments):
            self._segments[: len(before)] = [one]

    def _norms(self, slots: npt.NDArray[np.int32]) -> Floats:
        """What the length of chunks takes from each of their words."""
        average = max(self._total / self.living, 1e-9) if self.living else 1.0
        return (SATURATION * (1 - LENGTH + LENGTH * self._lengths[slots] / average)).astype(np.float32)

    def _rarity(self, having: Sequence[npt.NDArray[np.int32]]) -> np.float32:
        """How much a word says, by which slots have it."""
        all_live = self.living == len(self._alive)
        times = sum(len(slots) if all_live else int(self._alive[slots].sum()) for slots in having)
        return np.float32(np.log1p(max(self.living - times + 0.5, 0.5) / (times + 0.5)))

    def _merge(self) -> None:
        while len(self._segments) > _SEGMENTS:
            sizes = [len(each.slots) for each in self._segments]
            at = min(range(len(sizes) - 1), key=lambda n: sizes[n] + sizes[n + 1])
            self._segments[at : at + 2] = [_joined(self._segments[at : at + 2], None)]


def _segment(numbers: npt.NDArray[np.uint32], slots: npt.NDArray[np.int32], strengths: Floats | Halves) -> _Segment:
    """A segment of words in any order; a chunk's words are together. The same word in several fields becomes one."""
    order = np.argsort(numbers, kind="stable")
    numbers, slots, strengths = numbers[order], slots[order], strengths[order]
    new = np.ones(len(numbers), np.bool_)
    new[1:] = (numbers[1:] != numbers[:-1]) | (slots[1:] != slots[:-1])
    firsts = np.flatnonzero(new)
    whole = np.add.reduceat(strengths.astype(np.float32), firsts) if len(firsts) else strengths
    halves = np.minimum(whole, np.float32(6e4)).astype(np.float16)
    numbers, slots = numbers[firsts], slots[firsts]
    starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]])) if len(numbers) else np.zeros(0, int)
    return _Segment(numbers[starts], np.concatenate([starts, [len(numbers)]]).astype(np.int64), slots, halves)


def _gathered(segments: Sequence[_Segment]) -> _Segment:
    """Segments, in the order of their slots, as one."""
    total = sum(len(each.slots) for each in segments)
    largest = max(segments, key=lambda each: len(each.slots))
    count = total // _PART + 1
    # About as many words in each part, if they are spread in the others as in the largest.
    shares = np.searchsorted(largest.starts, np.linspace(0, len(largest.slots), count + 1)[1:-1])
    borders = [0, *(int(number) for number in largest.numbers[shares]), 1 << 32]
    parts = [
        _joined([_within(each, low, high) for each in segments], None) for low, high in pairwise(borders) if low < high
    ]
    before = np.cumsum([0, *(len(each.slots) for each in parts)])
    starts = [each.starts[:-1] + add for each, add in zip(parts, before, strict=False)]
    return _Segment(
        np.concatenate([each.numbers for each in parts]),
        np.concatenate([*starts, before[-1:]]),
        np.concatenate([each.slots for each in parts]),
        np.concatenate([each.strengths for each in parts]),
    )


def _within(segment: _Segment, low: int, high: int) -> _Segment:
    """The words of a segment from a number on and below another."""
    first, last = (int(np.searchsorted(segment.numbers, number)) for number in (low, high))
    start, stop = int(segment.starts[first]), int(segment.starts[last])
    starts = segment.starts[first : last + 1] - start
    return _Segment(segment.numbers[first:last], starts, segment.slots[start:stop], segment.strengths[start:stop])


def _joined(segments: Sequence[_Segment], renamed: npt.NDArray[np.int32] | None) -> _Segment:
    numbers = np.concatenate([np.repeat(each.numbers, np.diff(each.starts)) for each in segments])
    slots = np.concatenate([each.slots for each in segments])
    strengths = np.concatenate([each.strengths for each in segments])
    if renamed is not None:
        slots = renamed[slots]
        kept = slots >= 0
        numbers, slots, strengths = numbers[kept], slots[kept], strengths[kept]
    return _segment(numbers, slots, strengths)
