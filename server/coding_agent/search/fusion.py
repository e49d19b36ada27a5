"""How meaning and words become one order.

Each scorer's scores are divided by its best, so that neither's unit matters, and added. The nearest in meaning gets a
little on top, since a vector that stands out means more than one among many alike. The shares were chosen on
development packages (`training/README.md`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coding_agent.search.lexical import WORDS

Floats = npt.NDArray[np.float32]

_MEANING = 0.4
_STANDS_OUT = 0.2


def fused(meaning: Floats, words: Floats) -> Floats:
    """One score per row, at most 1, 0 where neither scorer sees anything; both inputs have one number per row."""
    near = of_best(meaning)
    return (_MEANING * near + _STANDS_OUT * near**3 + WORDS * of_best(words)).astype(np.float32)


def of_best(scores: Floats) -> Floats:
    """Scores as shares of the best, 0 for what is no better than nothing."""
    highest = float(scores.max(initial=0.0))
    if highest <= 0:
        return np.zeros(len(scores), np.float32)
    return np.maximum(scores, 0).astype(np.float32) / np.float32(highest)
