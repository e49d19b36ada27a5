"""How meaning, words and names become one order.

Each scorer's scores are divided by its best, so that neither unit matters, and added. The share of each was chosen on
development packages (`training/README.md`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

FloatVector = npt.NDArray[np.float32]

_DENSE = 0.45
_SHARP = 0.2
_LEXICAL = 0.35

_EXACT, _LAST, _START = 1.0, 0.7, 0.35
_SYMBOL = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")


def fused(dense: FloatVector, lexical: FloatVector, boosts: Mapping[int, float] | None = None) -> FloatVector:
    """One score per row; both inputs have one per row, and boosts are added to some.

    A row that says nothing of the question by either has 0, the best without a boost at most 1.
    """
    meaning = _parts_of_best(dense)
    result = _DENSE * meaning + _SHARP * meaning**3 + _LEXICAL * _parts_of_best(lexical)
    for row, boost in (boosts or {}).items():
        result[row] += boost
    return result


def best(scores: FloatVector, count: int) -> list[int]:
    """The rows of the highest scores above 0, the best first, equal ones in the order of their numbers."""
    count = min(count, len(scores))
    if count <= 0:
        return []
    # Equal scores at the border must not be cut by chance.
    border = np.partition(scores, len(scores) - count)[len(scores) - count]
    rows = np.flatnonzero(scores >= max(float(border), np.nextafter(0, 1, dtype=np.float32)))
    order = np.lexsort((rows, -scores[rows]))
    return [int(row) for row in rows[order][:count]]


def _parts_of_best(scores: FloatVector) -> FloatVector:
    highest = float(scores.max(initial=0.0))
    if highest <= 0:
        return np.zeros(len(scores), np.float32)
    return np.maximum(scores, 0).astype(np.float32) / np.float32(highest)


class Names:
    """Rows by what they are called, for questions that are a name: `save`, `Session.get`, `getUser`."""

    def __init__(self) -> None:
        self._rows: dict[str, set[int]] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def add(self, row: int, qualname: str) -> None:
        self.remove((row,))
        whole, last = _plain(qualname), _plain(qualname.rpartition(".")[2])
        self._names[row] = whole, last
        for name in {whole, last}:
            self._rows.setdefault(name, set()).add(row)

    def remove(self, rows: Iterable[int]) -> None:
        for row in rows:
            for name in set(self._names.pop(row, ())):
                self._rows[name].discard(row)
                if not self._rows[name]:
                    del self._rows[name]

    def boosts(self, text: str) -> dict[int, float]:
        """What rows of this name get on top; nothing where the question is no name.

        The name itself comes first, then the last part of a dotted name, then names that begin so.
        """
        text = text.strip().removesuffix("()")
        if not _SYMBOL.match(text):
            return {}
        wanted, last = _plain(text), _plain(text.rpartition(".")[2])
        found: dict[int, float] = {}
        if len(wanted) >= 3:
            for name, rows in self._rows.items():
                if name.startswith(wanted):
                    found.update(dict.fromkeys(rows, _START))
        found |= dict.fromkeys(self._rows.get(last, ()), _LAST)
        found |= dict.fromkeys(self._rows.get(wanted, ()), _EXACT)
        return found


def _plain(name: str) -> str:
    """`get_user`, `getUser` and `GetUser` are one name; dots stay."""
    return name.replace("_", "").casefold()
