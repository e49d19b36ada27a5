"""The index in memory: which chunks answer a question, by words and by meaning.

Vectors are rows of one matrix, compared with the question's exactly and all at once; words are in `postings`. Where
there are very many, only those are compared that are in the nearest `cells` or have much of the question's words.
"""

import asyncio
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from coding_agent.search import cells
from coding_agent.search.catalogue import COMMON, NOWHERE, STRENGTHS, Catalogue, Hit, Place
from coding_agent.search.closely import Candidates, looked
from coding_agent.search.columns import Columns
from coding_agent.search.encoder import Encoder
from coding_agent.search.fusion import fused
from coding_agent.search.lexical import wanted
from coding_agent.search.postings import Postings
from coding_agent.search.question import Question

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_ROWS = 1024
"""Rows that the matrix grows by."""
_CANDIDATES = 100
"""Chunks that are looked at closely."""
EXACT = 100_000
"""Chunks that a question is compared with one by one; where there are more, it goes by cells."""
_CELLS = 1024
_NEAR, _SAID, _POSTED = 8_000, 6_000, 100_000
"""Chunks of the nearest cells at least, and those with most of the question's words at most, that are compared then.
Words that together stand in so many are looked for in all; more common ones only in those."""
_SLICE = 2048
"""Chunks that are put into cells at once, some 20 ms."""
_AGAIN = 4
"""Times the chunks, from which on cells are made anew."""


class Index(Catalogue):
    """``encoder`` is that of the vectors; without one there are words only."""

    def __init__(self, encoder: Encoder | None) -> None:
        super().__init__()
        self.encoder = encoder
        self._dim = encoder.dim if encoder else 0
        self._postings = Postings(STRENGTHS)
        self._matrix: Floats = np.zeros((0, self._dim), np.float32)
        self._cells: cells.Cells | None = None
        self._sampled = 0
        """How many chunks there were when the cells were made."""

    def __len__(self) -> int:
        return self._postings.living

    def search(self, asked: Question, top: int, near: Place = NOWHERE, meant: Floats | None = None) -> list[Hit]:
        words = wanted(asked.words)
        vector = self.encoder.query(asked.words) if self.encoder and words and meant is None else None
        allowed = self._allowed(asked)
        numbers = set(words.values())
        rare = numbers if self._cells is None else {*self._postings.rare(numbers, _POSTED)}
        said = self._postings.scores(rare)
        exact = {slot for slot in self._exactly(asked.words) if allowed[slot]}
        pool = self._pool(vector, said, allowed, exact)
        if not len(pool):
            return []
        if meant is not None and words:
            near_to = meant[pool]
        else:
            near_to = np.zeros(len(pool), np.float32) if vector is None else self._nearness(vector, pool)
        said = said[pool] + self._postings.more(numbers - rare, pool)
        both = fused(near_to, said)
        most = min(max(_CANDIDATES, 2 * top), len(pool))
        found = {*pool[np.argpartition(-both, most - 1)[:most]].tolist(), *exact}
        listed = sorted(found)
        slots = np.array(listed, np.int64)
        at = np.searchsorted(pool, slots)
        near_to, said, both = near_to[at], said[at], both[at]
        scores = self._looked(asked.words, slots, near_to, said, both) if words else both
        more = [self._more(slot, near) + (slot in exact) for slot in listed]
        scored = [round(float(score) + each, 5) for score, each in zip(scores, more, strict=True)]
        paths = [self._paths[self._chunks.files[slot]] for slot in listed]
        best = sorted(range(len(listed)), key=lambda row: (-scored[row], paths[row], row))
        enough = [row for row in best if not words or near_to[row] > 0 or said[row] > 0 or listed[row] in exact]
        have = self._postings.have(list(words.values()), slots)
        has = {row: tuple(word for word, has in zip(words, have[:, row], strict=True) if has) for row in enough[:top]}
        return [self._hit(listed[row], scored[row], float(near_to[row]), said) for row, said in has.items()]

    def _pool(self, vector: Floats | None, said: Floats, allowed: Mask, exact: Iterable[int]) -> Ints:
        """The chunks that are compared with a question, in order: all that may answer, or the likely of very many."""
        if self._cells is None or vector is None or np.count_nonzero(allowed) <= _NEAR + _SAID:
            return np.flatnonzero(allowed)
        likely = np.zeros(len(allowed), np.bool_)
        likely[self._cells.likely(vector, _NEAR)] = True
        saying = np.flatnonzero(said > 0)
        if len(saying) > _SAID:
            saying = saying[np.argpartition(-said[saying], _SAID)[:_SAID]]
        likely[saying] = True
        likely[list(exact)] = True
        return np.flatnonzero(likely & allowed)

    def _nearness(self, vector: Floats, pool: Ints) -> Floats:
        """How near some chunks are to a vector."""
        if 2 * len(pool) > len(self._postings):
            return (self._matrix[: len(self._postings)] @ vector)[pool]
        return self._matrix.take(pool, 0, mode="clip") @ vector

    @property
    def scattered(self) -> bool:
        return self._postings.scattered

    @property
    def unsorted(self) -> bool:
        count = len(self._postings)
        return bool(self._dim) and count > EXACT and (self._cells is None or count >= _AGAIN * self._sampled)

    async def sort(self) -> None:
        if self.scattered:
            await self._postings.gather()
        if self.unsorted:
            await self._make_cells()

    async def _make_cells(self) -> None:
        self._sampled = len(self._postings)
        sample = cells.sampled(self._matrix[: self._sampled], _CELLS)
        centres = await asyncio.to_thread(cells.centres, sample, _CELLS)
        made, postings = cells.Cells(centres), self._postings
        while postings is not self._postings or len(made) < len(postings):
            if postings is not self._postings:  # All have other slots by now.
                made, postings = cells.Cells(centres), self._postings
            made.add(self._matrix[len(made) : min(len(made) + _SLICE, len(self._postings))])
            await asyncio.sleep(0)
        self._cells = made

    def _looked(self, text: str, slots: Ints, near_to: Floats, said: Floats, both: Floats) -> Floats:
        """The scores of the likeliest chunks after a closer look, where meanings are known."""
        if self.encoder is None:
            return both
        listed: list[int] = slots.tolist()
        names = [self._chunks.names[slot].rpartition(".") for slot in listed]
        holders = [(self._chunks.files[slot], holder) for slot, (holder, _, _) in zip(listed, names, strict=True)]
        last = [name for _, _, name in names]
        found = Candidates(slots, near_to, said, both, holders, last)
        return looked(text, found, self._postings, self.encoder)

    def similar(self, path: str, line: int, top: int) -> list[Hit]:
        slot = self.at(path, line)
        if slot is None:
            return []
        near_to = self._matrix[: len(self._postings)] @ self._matrix[slot] if self._dim else None
        shared, _ = self._postings.shared(self._postings.of(slot))
        return self._likely(near_to, shared, float(shared[slot]), slot, top)

    def like(self, chunk: Columns, top: int) -> list[Hit]:
        _, _, vector, words, _ = chunk
        near_to = None
        if self._dim:
            near_to = self._matrix[: len(self._postings)] @ np.frombuffer(vector, np.float16).astype(np.float32)
        numbers = (np.frombuffer(words, np.uint64) >> np.uint64(32)).tolist()
        shared, own = self._postings.shared(set(numbers))
        return self._likely(near_to, shared, own, None, top)

    def _likely(self, near_to: Floats | None, shared: Floats, own: float, but: int | None, top: int) -> list[Hit]:
        """The slots that are near or share much, in turns, of those that share enough; without one."""
        # Who renames all locals leaves the meaning of few words, but what is called is still there.
        least = COMMON * own
        rankings = [self._best(shared, but, top)]
        if near_to is not None:
            rankings.insert(0, self._best(near_to, but, top))
        found = dict.fromkeys(each for pair in zip(*rankings, strict=True) for each in pair)
        meaning = {each: float(near_to[each]) if near_to is not None else 0.0 for each in found}
        likely = [each for each in list(found)[:top] if shared[each] >= least]
        return [self._hit(each, meaning[each], meaning[each]) for each in likely]

    def _best(self, scores: Floats, but: int | None, top: int) -> list[int]:
        """The slots of the highest scores, without one."""
        scores[~self._postings.alive] = -np.inf
        if but is not None:
            scores[but] = -np.inf
        most = min(top, len(self) - (but is not None))
        found: list[int] = np.argpartition(-scores, most - 1)[:most].tolist() if most else []
        return sorted(found, key=lambda each: (-float(scores[each]), each))

    def _words(self, fresh: Columns) -> range:
        _, _, vectors, words, ends = fresh
        slots = self._postings.add(np.frombuffer(words, np.uint64), np.frombuffer(ends, np.uint32))
        if self._dim:
            if slots.stop > len(self._matrix):
                # In place: whoever copies has it twice for a while, and the system moves pages, not bytes.
                self._matrix.resize((-(-slots.stop // _ROWS) * _ROWS, self._dim), refcheck=False)
            self._matrix[slots.start : slots.stop] = np.frombuffer(vectors, np.float16).reshape(-1, self._dim)
        if self._cells is not None:
            self._cells.add(self._matrix[slots.start : slots.stop])
        return slots

    def _strike(self, slots: Iterable[int]) -> None:
        self._postings.remove(slots)

    def _is_there(self, slot: int) -> bool:
        return bool(self._postings.alive[slot])

    def _compacted(self) -> list[int]:
        self._postings, kept = self._postings.compacted()
        self._matrix = self._matrix[kept] if self._dim else self._matrix
        self._cells = self._cells and self._cells.kept(kept)
        return kept.tolist()

    def _calling(self, number: int) -> Iterable[int]:
        return self._postings.having(number).tolist()

    def _allowed(self, asked: Question) -> Mask:
        allowed = self._postings.alive.copy()
        takes = self._taking(asked)
        if takes.paths:
            allowed &= np.array(takes.paths, np.bool_)[np.array(self._chunks.files, np.int64)]
        for kind, not_ in takes.kinds:
            allowed &= (np.array(self._chunks.kinds, np.int8) == kind) ^ not_
        for slots, not_ in takes.calling:
            calling = np.zeros(len(allowed), np.bool_)
            calling[list(slots)] = True
            allowed &= calling ^ not_
        return allowed

    def near(self, text: str) -> Floats:
        """How near each slot is to a text in meaning: cosines, 0 where nothing is known of meanings."""
        if self.encoder is None:
            return np.zeros(len(self._postings), np.float32)
        return self._matrix[: len(self._postings)] @ self.encoder.query(text)

    def said(self, words: Mapping[str, int]) -> Floats:
        """What the words of a question say of each slot."""
        return self._postings.scores(words.values())
