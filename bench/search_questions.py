"""How well a search finds the function a developer asks for: 300 questions, frozen, over six packages.

    python bench/search_questions.py --judge search_eval.py --data DIR [--ranker module:factory] [--only P] [--misses]

The questions stand in ``search_questions/<package>.toml``; its README says how they were written. ``--judge`` is the
evaluation whose ``fetch`` unpacks the pinned packages into ``DIR`` and whose extraction, lexical baseline and metrics
are used here, so that nothing of them is written twice. The pool of a package is every function in it, without
docstrings. An answer that the pool does not have is an error, not a miss.

Without ``--ranker`` the stop-worded BM25 of the judge is scored. A factory takes the documents (dicts with ``path``,
``qualname``, ``name`` and ``code``) and returns something with ``rank(questions, k)``: for each question at most ``k``
document numbers, best first.
"""

import argparse
import importlib
import importlib.util
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "search_questions"
NAME_BOOST = 4  # What the judge's notes call BM25 with names weighted.
SHOWN = ("MRR@10", "R@1", "R@5", "R@10")

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """``answers`` are ``path::qualified name``, the path as from the folder the package's wheel was unpacked in."""

    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionFile:
    package: str
    version: str
    questions: tuple[Question, ...]


class Ranker(Protocol):
    def rank(self, queries: list[str], k: int) -> Sequence[Sequence[int]]: ...


class UnknownAnswer(Exception):
    """An answer is not in the pool: other version of the package, or a mistake in the file."""


def read(path: Path) -> QuestionFile:
    raw = tomllib.loads(path.read_text("utf-8"))
    questions = tuple(Question(each["question"], tuple(each["answers"])) for each in raw["questions"])
    return QuestionFile(raw["package"], raw["version"], questions)


def read_all(folder: Path = FOLDER) -> dict[str, QuestionFile]:
    return {each.package: each for each in map(read, sorted(folder.glob("*.toml")))}


def load_judge(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("search_eval", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def pool(judge: Any, data: Path, package: str) -> list[Doc]:
    return cast("list[Doc]", judge.load_repo(data / package, package))


def relevant(file: QuestionFile, docs: Sequence[Doc]) -> list[set[int]]:
    """The document numbers that answer each question.

    Raises: UnknownAnswer - with all that are missing, since one typing error seldom comes alone.
    """
    numbers: dict[str, set[int]] = {}
    for number, doc in enumerate(docs):
        numbers.setdefault(f"{doc['path']}::{doc['qualname']}", set()).add(number)
    missing = [answer for each in file.questions for answer in each.answers if answer not in numbers]
    if missing:
        raise UnknownAnswer(f"not among the functions of {file.package} {file.version}: {', '.join(missing)}")
    return [set[int]().union(*(numbers[answer] for answer in each.answers)) for each in file.questions]


def rank(judge: Any, spec: str | None, docs: Sequence[Doc], file: QuestionFile) -> list[list[int]]:
    seen = [cast("Doc", judge.named(doc)) for doc in docs]
    if spec is None:
        ranker: Ranker = judge.BM25(seen, name_boost=NAME_BOOST)
    else:
        module, _, factory = spec.partition(":")
        ranker = getattr(importlib.import_module(module), factory)(seen)
    return [[int(n) for n in ranked] for ranked in ranker.rank([each.text for each in file.questions], 10)]


def misses(file: QuestionFile, docs: Sequence[Doc], ranked: Sequence[Sequence[int]], right: Sequence[set[int]]) -> None:
    for each, found, numbers in zip(file.questions, ranked, right, strict=True):
        place = next((at for at, number in enumerate(found, 1) if number in numbers), 0)
        if place != 1:
            first = f"{docs[found[0]]['path']}::{docs[found[0]]['qualname']}" if found else "nothing"
            print(f"  {place or '-':>2} {each.text}\n       {' '.join(each.answers)}\n       first: {first}")


def line(name: str, numbers: Mapping[str, float]) -> str:
    return f"{name:12}{numbers['n']:>10.0f}" + "".join(f"{numbers[key]:>10.4f}" for key in SHOWN)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", type=Path, required=True, help="search_eval.py")
    parser.add_argument("--data", type=Path, required=True, help="where its fetch put the packages")
    parser.add_argument("--ranker", help="module:factory; without it BM25")
    parser.add_argument("--only", nargs="*", help="these packages")
    parser.add_argument("--misses", action="store_true", help="name each question whose first hit is no answer")
    parser.add_argument("--out", type=Path, help="the numbers as JSON")
    arguments = parser.parse_args()
    sys.path.insert(0, str(Path.cwd()))
    judge = load_judge(arguments.judge)
    scores: dict[str, dict[str, float]] = {}
    print(f"{'package':12}{'functions':>10}{'n':>10}" + "".join(f"{key:>10}" for key in SHOWN))
    for package, file in read_all().items():
        if arguments.only and package not in arguments.only:
            continue
        if judge.PINS[package] != file.version:
            raise SystemExit(f"{package} is pinned to {judge.PINS[package]}, the questions are about {file.version}")
        docs = pool(judge, arguments.data, package)
        right = relevant(file, docs)
        ranked = rank(judge, arguments.ranker, docs, file)
        scores[package] = judge.score_ranked(ranked, right)
        print(line(f"{package:12}{len(docs):>10}", scores[package]))
        if arguments.misses:
            misses(file, docs, ranked, right)
    total = judge.macro(scores.values())
    print(line(f"{'macro':12}{'':>10}", total))
    if arguments.out:
        arguments.out.write_text(json.dumps({"packages": scores, "macro": total}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
