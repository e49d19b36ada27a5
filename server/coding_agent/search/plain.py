"""The index where numpy is not installed: by words alone, in plain Python. Same answers, some ten times the time."""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from coding_agent.search.catalogue import COMMON, NOWHERE, STRENGTHS, Catalogue, Hit, Place
from coding_agent.search.columns import Columns
from coding_agent.search.lexical import LENGTH, SATURATION, WORDS, wanted
from coding_agent.search.question import Question

if TYPE_CHECKING:
    from coding_agent.search.encoder import FloatVector


class Plain(Catalogue):
    """As `index.Index`, without an encoder."""

    encoder = None

    def __init__(self) -> None:
        super().__init__()
        self._postings: defaultdict[int, dict[int, float]] = defaultdict(dict)
        """How strongly each chunk has a word."""
        self._said: list[tuple[int, ...] | None] = []
        """The words of each chunk, None where it is gone."""
        self._lengths: list[float] = []
        self._total = 0.0
        self._living = 0

    def __len__(self) -> int:
        return self._living

    def search(
        self,
        asked: Question,
        top: int,
        near: Place = NOWHERE,
        meant: "FloatVector | None" = None,  # noqa: ARG002 - there are no vectors without numpy
    ) -> list[Hit]:
        words, takes = wanted(asked.words), self._taking(asked)
        said = self._scores(words.values())
        exact = {slot for slot in self._exactly(asked.words) if takes(slot)}
        found = {slot for slot in (said if words else range(len(self._said))) if takes(slot)} | exact
        most = max((said[slot] for slot in found if slot in said), default=0.0)
        share = WORDS / most if most else 0.0
        scored = {slot: share * said.get(slot, 0.0) + self._more(slot, near) + (slot in exact) for slot in found}
        best = sorted(scored, key=lambda slot: (-round(scored[slot], 5), self._paths[self._chunks.files[slot]], slot))
        has = [tuple(word for word, number in words.items() if slot in self._calling(number)) for slot in best[:top]]
        return [self._hit(slot, scored[slot], 0.0, own) for slot, own in zip(best, has, strict=False)]

    def similar(self, path: str, line: int, top: int) -> list[Hit]:
        slot = self.at(path, line)
        return self._likely(set((self._said[slot] if slot is not None else None) or ()), slot, top)

    def like(self, chunk: Columns, top: int) -> list[Hit]:
        return self._likely({word >> 32 for word in array("Q", chunk[3])}, None, top)

    def _likely(self, numbers: set[int], but: int | None, top: int) -> list[Hit]:
        """The chunks that share enough of these words, without one."""
        common: defaultdict[int, float] = defaultdict(float)
        own, known = 0.0, 0
        for number in numbers:
            having = self._postings.get(number, {})
            if not having:
                continue  # A word that nobody has would make a chunk unlike all.
            idf = math.log1p(self._living / (len(having) + 0.5))
            own, known = own + idf, known + 1
            for each in having:
                common[each] += idf
        least = COMMON * own / math.sqrt(known or 1)
        shares = {each: score / math.sqrt(len(self._said[each] or "?")) for each, score in common.items()}
        likely = [each for each, share in shares.items() if share >= least and each != but]
        best = sorted(likely, key=lambda each: (-shares[each], each))
        return [self._hit(each, 0.0, 0.0) for each in best[:top]]

    async def sort(self) -> None:
        """Words are looked up one by one: no order makes that sooner."""

    def _scores(self, numbers: Iterable[int]) -> dict[int, float]:
        average = max(self._total / max(self._living, 1), 1e-9)
        scores: dict[int, float] = {}
        for number in set(numbers):
            having = self._postings.get(number, {})
            idf = math.log1p(max(self._living - len(having) + 0.5, 0.5) / (len(having) + 0.5))
            for slot, strength in having.items():
                norm = SATURATION * (1 - LENGTH + LENGTH * self._lengths[slot] / average)
                scores[slot] = scores.get(slot, 0.0) + idf * strength * (SATURATION + 1) / (strength + norm)
        return scores

    def _words(self, fresh: Columns) -> range:
        words, ends = array("Q", fresh[3]), array("I", fresh[4])
        first, start = len(self._said), 0
        for slot, end in enumerate(ends, first):
            length = 0.0
            for word in words[start:end]:
                number, strength = word >> 32, STRENGTHS[word >> 24 & 0xFF] * (word & 0xFFFFFF)
                posting = self._postings[number]
                posting[slot] = posting.get(slot, 0.0) + strength
                length += strength
            self._said.append(tuple({word >> 32 for word in words[start:end]}))
            self._lengths.append(length)
            self._total += length
            start = end
        self._living += len(ends)
        return range(first, len(self._said))

    def _strike(self, slots: Iterable[int]) -> None:
        for slot in slots:
            numbers, self._said[slot] = self._said[slot], None
            for number in numbers or ():
                del self._postings[number][slot]
            if numbers is not None:
                self._total -= self._lengths[slot]
                self._living -= 1

    def _is_there(self, slot: int) -> bool:
        return self._said[slot] is not None

    def _compacted(self) -> list[int]:
        kept = [slot for slot, words in enumerate(self._said) if words is not None]
        renamed = {old: new for new, old in enumerate(kept)}
        self._postings = defaultdict(
            dict,
            {
                number: {renamed[slot]: strength for slot, strength in having.items()}
                for number, having in self._postings.items()
                if having
            },
        )
        self._said = [self._said[slot] for slot in kept]
        self._lengths = [self._lengths[slot] for slot in kept]
        return kept

    def _calling(self, number: int) -> Iterable[int]:
        return self._postings.get(number, {})
