"""The search as it ships on the packages we choose by: MRR@10 of docstrings, named and anonymised, and of `questions/`.

usage: ranking.py --judge ../../shared/bench --dev WHEELS [--questions-only] [--misses]
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "server"), str(HERE.parent / "bench")]
from search_quality import Ranker, reciprocal  # noqa: E402


def questions(package: str) -> list[tuple[str, list[str]]]:
    """What is asked about a package, and what answers."""
    path = HERE / "questions" / f"{package}.toml"
    raw = tomllib.loads(path.read_text("utf-8"))["questions"] if path.exists() else []
    return [(each["plain"], each["answers"]) for each in raw]


def numbered(asked: list[tuple[str, list[str]]], docs: list[dict]) -> list[tuple[str, set[int]]]:
    """The questions with the numbers of their answers. Raises: KeyError - an answer is no function of the package."""
    numbers: dict[str, set[int]] = {}
    for number, doc in enumerate(docs):
        numbers.setdefault(f"{doc['path']}::{doc['qualname']}", set()).add(number)
    return [(text, set[int]().union(*(numbers[each] for each in answers))) for text, answers in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--questions-only", action="store_true")
    parser.add_argument("--misses", action="store_true", help="name each question whose first hit is no answer")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.judge))
    judge = importlib.import_module("search_eval")
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for wheel in sorted(arguments.dev.glob("*.whl")):
            name = wheel.name.split("-")[0].lower().replace("_", "-")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(Path(folder) / name, [one for one in archive.namelist() if one.endswith(".py")])
            if asked := questions(name):
                docs = [judge.named(doc) for doc in judge.load_repo(Path(folder) / name, name)]
                right = numbered(asked, docs)
                ranker = Ranker(docs)
                scores = reciprocal(ranker, right)
                found.setdefault("questions", []).append(float(np.mean(scores)))
                print(f"{name}: {len(asked)} questions {np.mean(scores):.4f}", flush=True)
                for (text, _), score in zip(right, scores, strict=True) if arguments.misses else ():
                    if score < 1:
                        first = docs[ranker.rank([text], 1)[0][0]]
                        print(f"  {score:.2f} {text}\n       first: {first['path']}::{first['qualname']}")
            if not arguments.questions_only:
                data = judge.build(Path(folder) / name, name)
                for variant, shown in (("named", judge.named), ("anonymised", judge.anonymise)):
                    scores = reciprocal(Ranker([shown(doc) for doc in data["docs"]]), data["queries"])
                    found.setdefault(variant, []).append(float(np.mean(scores)))
    print("  ".join(f"{variant} {np.mean(each):.4f}" for variant, each in found.items()))


if __name__ == "__main__":
    main()
