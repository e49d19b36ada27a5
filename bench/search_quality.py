"""What the judge of code search (`search_eval.py`) ranks with: the encoder, the words and the fusion that ship.

    python ../shared/bench/search_eval.py run --data DATA --ranker bench.search_quality:ranker

`dense` and `lexical` in place of `ranker` judge one scorer alone.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))
from coding_agent.search import fusion
from coding_agent.search.encoder import StaticEncoder, shipped
from coding_agent.search.lexical import Lexical


class Ranker:
    """Chunks as the judge gives them: path, qualified name, name and code without the docstring."""

    def __init__(self, docs: list[dict], dense: bool = True, lexical: bool = True) -> None:
        self.encoder = encoder()
        self.size, self.parts = len(docs), (dense, lexical)
        rows = [self.encoder.words.row(doc["name"], context(doc), doc["code"]) for doc in docs]
        self.matrix = self.encoder.chunks(rows)
        self.lexical = Lexical(self.encoder.words)
        self.lexical.add({number: row.counts for number, row in enumerate(rows)})
        self.names = fusion.Names()
        for number, doc in enumerate(docs):
            if doc["qualname"]:
                self.names.add(number, doc["qualname"])

    def scores(self, question: str) -> np.ndarray:
        dense = self.matrix @ self.encoder.query(question)
        lexical = self.lexical.scores(question, self.size)
        if self.parts == (True, False):
            return dense
        if self.parts == (False, True):
            return lexical
        return fusion.fused(dense, lexical, self.names.boosts(question))

    def rank(self, questions: list[str], k: int = 10) -> list[list[int]]:
        return [fusion.best(self.scores(question), k) for question in questions]


def context(doc: dict) -> str:
    return " ".join(doc["qualname"].split(".")[:-1]) + " " + doc["path"].removesuffix(".py")


@cache
def encoder() -> StaticEncoder:
    return shipped()


def ranker(docs: list[dict]) -> Ranker:
    return Ranker(docs)


def dense(docs: list[dict]) -> Ranker:
    return Ranker(docs, lexical=False)


def lexical(docs: list[dict]) -> Ranker:
    return Ranker(docs, dense=False)
