"""Which chunks have the words of a question: BM25 over fields, kept as chunks come and go.

A part counts by its stem, more where it stands in a name than in a body. Postings are arrays that grow at their end;
what was removed is struck out there and swept when it is a quarter of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatVector = npt.NDArray[np.float32]

# In the order of the fields: name, context, signature, call, attribute, text, rest, doc.
_FIELD_WEIGHTS = (4.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0)
_SATURATION = 1.2
_LENGTH = 0.75

STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "get",
        "gets",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "returns",
        "should",
        "so",
        "such",
        "t",
        "s",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "use",
        "used",
        "using",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "whether",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)


@dataclass(slots=True)
class _Posting:
    rows: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    size: int = 0

    def add(self, row: int, weight: float) -> None:
        if self.size == len(self.rows):
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
            self.weights = np.concatenate([self.weights, np.empty_like(self.weights)])
        self.rows[self.size] = row
        self.weights[self.size] = weight
        self.size += 1
