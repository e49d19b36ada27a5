"""Vectors for code and for questions: the protocol, and the encoder we ship.

The shipped one is static: each part of an identifier has a vector, and a chunk is the weighted sum of its parts, by
the field they stand in and how often. It was trained on what docstrings say of functions (`training/README.md`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from importlib import resources
from itertools import chain
from typing import Protocol

import numpy as np
import numpy.typing as npt

from coding_agent.search.words import FIELDS, JOINT, Row, Words

FloatMatrix = npt.NDArray[np.float32]
FloatVector = npt.NDArray[np.float32]
Weights = dict[str, npt.NDArray[np.generic]]

# Name, context, what the code says, and the docstring: a vector each, so that a long body does not drown a name.
GROUPS = (0, 1, 2, 2, 2, 2, 2, 3)

Akin = tuple[tuple[str, float], ...]
"""Parts of identifiers, and how near each is to another (cosine)."""

_BATCH = 1024
_AKIN = 16
"""Parts at most that may stand for one, and how near they have to be."""
_NEAR = 0.35
_REMEMBERED = 4096
_LONGEST_PIECE = 16
_SHORTEST_PIECE = 3


class Encoder(Protocol):
    """Turns chunks and questions into unit vectors of one space; `id` changes when the vectors would."""

    @property
    def id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def words(self) -> Words:
        """What rows are to be counted by."""
        ...

    def chunks(self, rows: Sequence[Row]) -> FloatMatrix:
        """One row of length 1 per chunk, shape ``(len(rows), dim)``."""
        ...

    def query(self, text: str) -> FloatVector:
        """A vector of length 1; all zeros when no word of the question is known."""
        ...

    def akin(self, parts: Sequence[str]) -> list[Akin]:
        """For each part of a question the parts of identifiers that may stand for it, the nearest first."""
        ...


class StaticEncoder:
    """Sums of vectors of parts. The rows must have been counted by its `words`."""

    def __init__(self, weights: Weights) -> None:
        self._vectors = weights["vectors"].astype(np.float32)
        self.dim: int = self._vectors.shape[1]
        scale = weights["scale"].astype(np.float32)
        self._lengths: FloatVector = np.maximum(np.sqrt(np.einsum("ij,ij->i", self._vectors, self._vectors)), 1e-9)
        self._akin: dict[str, Akin] = {}
        self._asked = weights["asked"].astype(np.float32) * scale
        self._groups = weights["groups"].astype(np.float32)
        self._group_of = np.zeros((FIELDS, len(self._groups)), np.float32)
        self._group_of[range(FIELDS), GROUPS] = 1
        self._told = (weights["told"].astype(np.float32) * scale[:, None]).ravel()
        self._vocabulary = bytes(weights["vocabulary"]).decode().split("\n")
        self._known = {part: number for number, part in enumerate(self._vocabulary)}
        digest = hashlib.blake2b(digest_size=8)
        for name in sorted(weights):
            digest.update(np.ascontiguousarray(weights[name]).tobytes())
        self.id: str = f"static-{self.dim}-{digest.hexdigest()}"
        self.words = Words(self._vocabulary)
        # For each number of a part: where its pieces start in `_flat`, and how many there are.
        self._flat: npt.NDArray[np.int64] = np.arange(len(self._vocabulary))
        self._start: npt.NDArray[np.int64] = self._flat.copy()
        self._pieces: npt.NDArray[np.int64] = np.ones(len(self._vocabulary), np.int64)

    def chunks(self, rows: Sequence[Row]) -> FloatMatrix:
        result = np.zeros((len(rows), self.dim), np.float32)
        for first in range(0, len(rows), _BATCH):
            batch = rows[first : first + _BATCH]
            self._sum(batch, result[first : first + len(batch)])
        return result

    def query(self, text: str) -> FloatVector:
        numbers = list(dict.fromkeys(self.words.query(text)))
        self._learn()
        pieces = [piece for number in numbers for piece in self._flat[self._slice(number)].tolist()]
        if not pieces:
            return np.zeros(self.dim, np.float32)
        summed = np.dot(self._asked[pieces], self._vectors[pieces]).astype(np.float32)
        return unit(summed[None, :])[0]

    def akin(self, parts: Sequence[str]) -> list[Akin]:
        if len(self._akin) > _REMEMBERED:
            self._akin.clear()
        for part in dict.fromkeys(parts):
            if part not in self._akin:
                pieces = [self._known[part]] if part in self._known else self._cut(part)
                asked = np.dot(self._asked[pieces], self._vectors[pieces]).astype(np.float32)
                # One by one: the product of matrices takes ten times as long for the few there are.
                row = self._vectors @ unit(asked[None, :])[0] / self._lengths
                likely = np.flatnonzero(row > _NEAR)
                best: list[int] = likely[np.argsort(-row[likely], kind="stable")[:_AKIN]].tolist()
                self._akin[part] = tuple((self._vocabulary[at], float(row[at])) for at in best)
        return [self._akin[part] for part in parts]

    def _slice(self, number: int) -> slice:
        start = int(self._start[number])
        return slice(start, start + int(self._pieces[number]))

    def _sum(self, rows: Sequence[Row], result: FloatMatrix) -> None:
        sizes = [len(row.counts) for row in rows]
        total = sum(sizes)
        features = np.fromiter(chain.from_iterable(row.counts for row in rows), np.int64, total)
        times = np.fromiter(chain.from_iterable(row.counts.values() for row in rows), np.float32, total)
        self._learn()
        numbers, fields = features // FIELDS, features % FIELDS
        ends = np.cumsum(sizes)
        pieces = self._pieces[numbers]
        if int(numbers.max(initial=0)) >= len(self._vocabulary):
            before = np.cumsum(pieces) - pieces
            which = np.repeat(np.arange(total), pieces)
            parts = self._flat[self._start[numbers][which] + np.arange(len(which)) - before[which]]
            fields, times = fields[which], times[which]
            ends = (before + pieces)[np.maximum(ends - 1, 0)] * (ends > 0)
        else:
            parts = numbers
        weights = self._told[parts * FIELDS + fields] * (1 + np.log(times))
        spread = self._group_of[fields] * weights[:, None]
        sums = np.zeros((len(rows), len(self._groups), self.dim), np.float32)
        start = 0
        for index, end in enumerate(ends.tolist()):
            if end > start:
                np.dot(spread[start:end].T, self._vectors[parts[start:end]], out=sums[index])
            start = end
        unit(sums.reshape(-1, self.dim))
        np.einsum("rgd,g->rd", sums, self._groups, out=result)
        unit(result)

    def _learn(self) -> None:
        """Cut parts that came up since into pieces that are known."""
        new = self.words.parts[len(self._pieces) :]
        if not new:
            return
        found = [self._cut(part) for part in new]
        sizes = np.fromiter(map(len, found), np.int64, len(found))
        starts = len(self._flat) + np.cumsum(sizes) - sizes
        self._flat = np.concatenate([self._flat, np.fromiter(chain.from_iterable(found), np.int64, int(sizes.sum()))])
        self._start = np.concatenate([self._start, starts])
        self._pieces = np.concatenate([self._pieces, sizes])

    def _cut(self, part: str) -> list[int]:
        """The longest known pieces from the left, none shorter than three letters."""
        found: list[int] = []
        if part.startswith(JOINT):
            return found
        while len(part) >= _SHORTEST_PIECE:
            for end in range(min(len(part), _LONGEST_PIECE), _SHORTEST_PIECE - 1, -1):
                number = self._known.get(part[:end])
                if number is not None:
                    found.append(number)
                    part = part[end:]
                    break
            else:
                part = part[1:]
        return found


def unit(matrix: FloatMatrix) -> FloatMatrix:
    """The same matrix with rows of length 1; rows of zeros stay."""
    matrix /= np.maximum(np.sqrt(np.einsum("ij,ij->i", matrix, matrix)), 1e-9)[:, None]
    return matrix


def shipped() -> StaticEncoder:
    """The encoder in the wheel."""
    with resources.files("coding_agent.search").joinpath("weights.npz").open("rb") as file:
        return StaticEncoder(dict(np.load(file, allow_pickle=False)))


def vocabulary_bytes(parts: Iterable[str]) -> npt.NDArray[np.uint8]:
    """As the weights keep it."""
    return np.frombuffer("\n".join(parts).encode(), np.uint8)
