"""The index in memory: which chunks answer a question, by words and by meaning.

Vectors are rows of one matrix, compared with the question's exactly and all at once; words are in `postings`.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

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

_CANDIDATES = 100
"""Chunks that are looked at closely."""


class Index(Catalogue):
    """``encoder`` is that of the vectors; without one there are words only."""

    def __init__(self, encoder: Encoder | None) -> None:
        super().__init__()
        self.encoder = encoder
        self._dim = encoder.dim if encoder else 0
        self._postings = Postings(STRENGTHS)
        self._matrix: Floats = np.zeros((0, self._dim), np.float32)

    def __len__(self) -> int:
        return self._postings.living

    def search(self, asked: Question, top: int, near: Place = NOWHERE) -> list[Hit]:
        words, allowed = wanted(asked.words), self._allowed(asked)
        if not allowed.any():
            return []
        near_to = self.near(asked.words) if words else np.zeros(len(self._postings), np.float32)
        said = self.said(words)
        said[~allowed] = 0
        near_to[~allowed] = 0
        both = fused(near_to, said)
        both[~allowed] = -np.inf
        most = min(max(_CANDIDATES, 2 * top), int(allowed.sum()))
        found = np.argpartition(-both, most - 1)[:most].tolist()
        exact = {slot for slot in self._exactly(asked.words) if allowed[slot]}
        slots = sorted({*found, *exact})
        scores = self._looked(asked.words, slots, near_to, said, both) if words else both[slots]
        scored = {
            slot: float(score) + self._more(slot, near) + (slot in exact)
            for slot, score in zip(slots, scores, strict=True)
        }
        best = sorted(scored, key=lambda slot: (-round(scored[slot], 5), self._paths[self._chunks.files[slot]], slot))
        enough = [slot for slot in best if not words or near_to[slot] > 0 or said[slot] > 0 or slot in exact]
        return [self._hit(slot, scored[slot], float(near_to[slot]), words) for slot in enough[:top]]

    def _looked(self, text: str, slots: list[int], near_to: Floats, said: Floats, both: Floats) -> Floats:
        """The scores of the likeliest chunks after a closer look, where meanings are known."""
        if self.encoder is None:
            return both[slots]
        names = [self._chunks.names[slot].rpartition(".") for slot in slots]
        holders = [(self._chunks.files[slot], holder) for slot, (holder, _, _) in zip(slots, names, strict=True)]
        last = [name for _, _, name in names]
        found = Candidates(np.array(slots, np.int64), near_to[slots], said[slots], both[slots], holders, last)
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
        return [self._hit(each, meaning[each], meaning[each], {}) for each in likely]

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
                larger = np.zeros((max(slots.stop, len(self._matrix) * 5 // 4, 1024), self._dim), np.float32)
                larger[: len(self._matrix)] = self._matrix
                self._matrix = larger
            self._matrix[slots.start : slots.stop] = np.frombuffer(vectors, np.float16).reshape(-1, self._dim)
        return slots

    def _strike(self, slots: Iterable[int]) -> None:
        self._postings.remove(slots)

    def _is_there(self, slot: int) -> bool:
        return bool(self._postings.alive[slot])

    def _compacted(self) -> list[int]:
        self._postings, kept = self._postings.compacted()
        self._matrix = self._matrix[kept] if self._dim else self._matrix
        return kept.tolist()

    def _calling(self, number: int) -> Iterable[int]:
        return self._postings.having(number).tolist()

    def _has(self, number: int, slot: int) -> bool:
        return self._postings.has(number, slot)

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
