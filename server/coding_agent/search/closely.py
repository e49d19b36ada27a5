"""A closer look at the chunks that are likeliest by meaning and words, for what is too dear to be asked of every one.

Whoever asks in sentences means what does the work. So what counts here is how many of the question's words a chunk has,
or others that mean the same; how much it does; what stands beside it in its class and who calls it; and that a
constructor is seldom meant. The weights were fitted on development packages (`training/README.md`).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coding_agent.search.encoder import Encoder
from coding_agent.search.fusion import of_best
from coding_agent.search.lexical import number_of, telling
from coding_agent.search.postings import Postings
from coding_agent.search.reading import called

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_MEANING, _STANDS_OUT, _WORDS, _COVERED = 0.43, 0.12, 0.165, 0.23
_SIZE, _BESIDE, _CALLERS, _CONSTRUCTOR = 0.0228, 0.165, 0.062, -0.108
_SAYS_ENOUGH, _MOST = 5.0, 1.5
"""A question of so many telling words is what the second row was fitted to. One that says more needs no guesses at what
is usually meant, so they count less, by the words; in a shorter one they count more, up to so much."""
_LONG = 400.0
"""Words from which on more of them say nothing more: a module's remainder or a table is no better for its size."""
_OTHERS = 3


class Candidates(NamedTuple):
    """Chunks to look at, in the order of their slots: ``meaning``, ``words`` and ``both`` are their scores, ``holders``
    say which of them stand in one class or module, ``names`` are their last names.
    """

    slots: Ints
    meaning: Floats
    words: Floats
    both: Floats
    holders: Sequence[object]
    names: Sequence[str]


def looked(text: str, found: Candidates, postings: Postings, encoder: Encoder) -> Floats:
    """One score per candidate, about as large as ``both``."""
    words = telling(text)
    near = of_best(found.meaning)
    scores = _MEANING * near + _STANDS_OUT * near**3 + _WORDS * of_best(found.words)
    scores += _COVERED * _covered(words, found.slots, postings, encoder)
    usual = _SIZE * np.log1p(np.minimum(postings.sizes(found.slots), _LONG))
    usual += _BESIDE * _beside(found) + _CALLERS * _callers(found, postings)
    usual += _CONSTRUCTOR * np.array([name == "__init__" for name in found.names], np.float32)
    return (scores + min(_MOST, _SAYS_ENOUGH / max(len(words), 1)) * usual).astype(np.float32)


def _covered(words: Sequence[str], slots: Ints, postings: Postings, encoder: Encoder) -> Floats:
    """Which share of the question's words each chunk has; a rare word counts more, one like it as far as it is."""
    rare = np.array([postings.rarity(number_of(word)) for word in words], np.float32)
    numbers: list[int] = []
    near: list[float] = []
    ends: list[int] = []
    for word, akin in zip(words, encoder.akin(words), strict=True):
        numbers += [number_of(word), *(number_of(other) for other, _ in akin)]
        near += [1.0, *(alike for _, alike in akin)]
        ends.append(len(numbers))
    have = postings.have(numbers, slots) * np.array(near, np.float32)[:, None]
    covered = np.maximum.reduceat(have, [0, *ends[:-1]], axis=0) if words else np.zeros((0, len(slots)), np.float32)
    return (rare @ covered / max(float(rare.sum()), 1e-9)).astype(np.float32)


def _beside(found: Candidates) -> Floats:
    """How well the best others of the same class or module do."""
    best: defaultdict[object, list[float]] = defaultdict(list)
    for at in np.argsort(-found.both, kind="stable").tolist():
        beside = best[found.holders[at]]
        if len(beside) <= _OTHERS:
            beside.append(float(found.both[at]))
    scores = np.zeros(len(found.slots), np.float32)
    for at, (holder, own) in enumerate(zip(found.holders, found.both.tolist(), strict=True)):
        beside = best[holder]
        scores[at] = sum(beside) - own if own >= beside[-1] else sum(beside[:_OTHERS])
    return scores / np.float32(_OTHERS)


def _callers(found: Candidates, postings: Postings) -> Floats:
    """How well the best candidate does that calls something of a chunk's name."""
    names = sorted({name for name in found.names if name})
    calls = postings.have([called(name) >> 32 for name in names], found.slots)
    rows = {name: row for row, name in enumerate(names)}
    scores = np.zeros(len(found.slots), np.float32)
    for at, name in enumerate(found.names):
        if name:
            calling = calls[rows[name]].copy()
            calling[at] = False
            scores[at] = found.both[calling].max(initial=0.0)
    return scores
