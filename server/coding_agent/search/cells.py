"""Which rows may be near a question, without looking at each: rows lie in cells around centres, and a question looks
into the cells whose centres are nearest to it.

The centres are found in a sample and stay while rows come and go; when rows have become many more, they are found anew.

Source: J. Sivic, A. Zisserman, "Video Google: A Text Retrieval Approach to Object Matching in Videos" (2003), with the
centres of unit vectors as in I. Dhillon, D. Modha, "Concept Decompositions for Large Sparse Text Data Using
Clustering" (2001).
"""

import numpy as np
import numpy.typing as npt

from coding_agent.search.encoder import unit

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_EACH = 64
"""Rows of the sample for each cell."""
_ROUNDS = 8
_LOOSE = 0.02
"""Share of the rows that may lie about in no order; each question looks at them all."""


class Cells:
    """Grows like the matrix it is made for. ``centres`` has a unit vector per row."""

    def __init__(self, centres: Floats) -> None:
        self._centres = centres
        self._cell: npt.NDArray[np.uint16] = np.zeros(0, np.uint16)
        """That of each row."""
        self._sorted: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        """Rows by their cells; ``_starts[i] : _starts[i + 1]`` are those of the i-th. Later ones are loose."""
        self._starts: Ints = np.zeros(len(centres) + 1, np.int64)

    def __len__(self) -> int:
        return len(self._cell)

    def add(self, rows: Floats) -> None:
        """Take the next rows."""
        self._cell = np.concatenate([self._cell, (rows @ self._centres.T).argmax(1).astype(np.uint16)])
        if len(self._cell) - len(self._sorted) > _LOOSE * len(self._cell):
            self._sort()

    def likely(self, vector: Floats, least: int) -> Ints:
        """The rows of the nearest cells, ``least`` at least if there are so many, and those that are loose."""
        order = np.argsort(-(self._centres @ vector), kind="stable")
        sizes = np.diff(self._starts)[order]
        count = int(np.searchsorted(np.cumsum(sizes), least)) + 1
        parts = [self._sorted[self._starts[cell] : self._starts[cell + 1]] for cell in order[:count].tolist()]
        return np.concatenate([*parts, np.arange(len(self._sorted), len(self._cell))]).astype(np.int64)

    def kept(self, rows: Ints) -> "Cells":
        """The same for a matrix of some of the rows."""
        other = Cells(self._centres)
        other._cell = self._cell[rows]
        other._sort()
        return other

    def _sort(self) -> None:
        self._sorted = np.argsort(self._cell, kind="stable").astype(np.int32)
        counts = np.bincount(self._cell, minlength=len(self._centres))
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def centres(sample: Floats, count: int) -> Floats:
    """Centres of ``count`` cells for rows like those of a sample (k-means by angles). Seeded; touches nothing else, so
    that it may run in a thread.
    """
    generator = np.random.default_rng(1)
    found = unit(sample[generator.choice(len(sample), count, replace=False)].copy())
    for _ in range(_ROUNDS):
        cell = np.concatenate([(part @ found.T).argmax(1) for part in np.array_split(sample, len(sample) // 4096 + 1)])
        order = np.argsort(cell, kind="stable")
        firsts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        sums = np.add.reduceat(sample[order], firsts, axis=0)
        # A centre that nobody is near becomes one of the sample again.
        found = sample[generator.choice(len(sample), count, replace=False)].copy()
        found[cell[order][firsts]] = sums
        unit(found)
    return found


def sampled(matrix: Floats, count: int) -> Floats:
    """Rows for `centres`: a copy."""
    chosen = np.random.default_rng(2).choice(len(matrix), min(len(matrix), count * _EACH), replace=False)
    return matrix[np.sort(chosen)]
