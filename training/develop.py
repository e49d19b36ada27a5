"""The packages we choose by: MRR@10 of an encoder, of the words and of both on `development.txt`, as the judge asks.

usage: develop.py --judge ../../shared/bench --dev WHEELS [--weights weights.npz]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))
from coding_agent.search.encoder import StaticEncoder, shipped
from coding_agent.search.fusion import fused
from coding_agent.search.lexical import WEIGHTS, number_of, wanted
from coding_agent.search.postings import Postings, word
from coding_agent.search.words import FIELDS, Row, Words


class Judge:
    """Asks the questions of all development packages, named and anonymised; the words are counted once."""

    def __init__(self, judge: Path, wheels: Path) -> None:
        sys.path.insert(0, str(judge))
        asks = importlib.import_module("search_eval")
        self.sets: list[tuple[str, list[dict], list[tuple[str, set[int]]], np.ndarray]] = []
        with tempfile.TemporaryDirectory() as folder:
            for wheel in sorted(wheels.glob("*.whl")):
                name = wheel.name.split("-")[0].lower().replace("_", "-")
                with zipfile.ZipFile(wheel) as archive:
                    modules = [one for one in archive.namelist() if one.endswith(".py")]
                    archive.extractall(Path(folder) / name, modules)
                data = asks.build(Path(folder) / name, name)
                for variant, shown in (("named", asks.named), ("anon", asks.anonymise)):
                    docs = [shown(doc) for doc in data["docs"]]
                    self.sets.append(
                        (variant, docs, data["queries"], said(docs, [text for text, _ in data["queries"]]))
                    )

    def __call__(self, encoder: StaticEncoder) -> str:
        found: dict[str, list[tuple[float, float, float]]] = {}
        for variant, docs, queries, words in self.sets:
            matrix = encoder.chunks([row(encoder.words, doc) for doc in docs])
            near = np.stack([encoder.query(text) for text, _ in queries]) @ matrix.T
            both = np.stack([fused(one, other) for one, other in zip(near, words, strict=True)])
            found.setdefault(variant, []).append((mrr(near, queries), mrr(words, queries), mrr(both, queries)))
        return "  ".join(
            f"{variant}: vectors {means[0]:.4f} words {means[1]:.4f} both {means[2]:.4f}"
            for variant, means in ((variant, np.mean(one, 0)) for variant, one in found.items())
        )


def said(docs: list[dict], questions: list[str]) -> np.ndarray:
    """What words say of each document, a row per question."""
    words, postings = Words(), Postings((*WEIGHTS, 0.0))
    packed: list[int] = []
    ends: list[int] = []
    for doc in docs:
        counts = row(words, doc).counts
        packed += [word(number_of(words.parts[one // FIELDS]), one % FIELDS, times) for one, times in counts.items()]
        ends.append(len(packed))
    postings.add(np.array(packed, np.uint64), np.array(ends, np.uint32))
    return np.stack([postings.scores(wanted(text).values()) for text in questions])


def row(words: Words, doc: dict) -> Row:
    context = " ".join(doc["qualname"].split(".")[:-1]) + " " + doc["path"].removesuffix(".py")
    return words.row(doc["name"], context, doc["code"])


def mrr(scores: np.ndarray, queries: list[tuple[str, set[int]]]) -> float:
    top = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    found = [
        next((1 / (rank + 1) for rank, doc in enumerate(line) if doc in right), 0.0)
        for line, (_, right) in zip(top.tolist(), queries, strict=True)
    ]
    return float(np.mean(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    arguments = parser.parse_args()
    encoder = StaticEncoder(dict(np.load(arguments.weights))) if arguments.weights else shipped()
    print(Judge(arguments.judge, arguments.dev)(encoder))


if __name__ == "__main__":
    main()
