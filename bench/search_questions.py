"""How well a search finds the function a developer asks for: 300 questions in two phrasings, frozen, over six packages.

    python bench/search_questions.py --judge search_eval.py --data DIR [--ranker module:factory] [--only P] [--misses]

The questions stand in ``search_questions/<package>.toml``; its README says how they were written. ``--judge`` is the
evaluation whose ``fetch`` unpacks the pinned packages into ``DIR`` and whose extraction, lexical baseline and metrics
are used here, so that nothing of them is written twice. The pool of a package is every function in it, without
docstrings. An answer that the pool does not have is an error, not a miss. Each phrasing is scored for itself, ``plain``
(the words of a user who knows the documentation) before ``hard`` (words far from those of the code).

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
from typing import Any, Literal, Protocol, cast, get_args

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "search_questions"
NAME_BOOST = 4  # What the judge's notes call BM25 with names weighted.
SHOWN = ("MRR@10", "R@1", "R@5", "R@10")

Doc = dict[str, Any]
Phrasing = Literal["plain", "hard"]
PHRASINGS: tuple[Phrasing, ...] = get_args(Phrasing)


@dataclass(frozen=True, slots=True)
class Question:
    """Asked twice. ``answers`` are ``path::qualified name``, the path as from the folder the wheel was unpacked in."""

    plain: str
    hard: str
    answers: tuple[str, ...]

    def text(self, phrasing: Phrasing) -> str:
        return self.plain if phrasing == "plain" else self.hard


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
    questions = tuple(Question(each["plain"], each["question"], tuple(each["answers"])) for each in raw["questions"])
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


def load_ranker(judge: Any, spec: str | None, docs: Sequence[Doc]) -> Ranker:
    seen = [cast("Doc", judge.named(doc)) for doc in docs]
    if spec is None:
        return cast("Ranker", judge.BM25(seen, name_boost=NAME_BOOST))
    module, _, factory = spec.partition(":")
    return cast("Ranker", getattr(importlib.import_module(module), factory)(seen))


def rank(ranker: Ranker, file: QuestionFile, phrasing: Phrasing) -> list[list[int]]:
    return [[int(n) for n in ranked] for ranked in ranker.rank([each.text(phrasing) for each in file.questions], 10)]


def misses(
    file: QuestionFile,
    phrasing: Phrasing,
    docs: Sequence[Doc],
    ranked: Sequence[Sequence[int]],
    right: Sequence[set[int]],
) -> list[str]:
    lines: list[str] = []
    for each, found, numbers in zip(file.questions, ranked, right, strict=True):
        place = next((at for at, number in enumerate(found, 1) if number in numbers), 0)
        if place != 1:
            first = f"{docs[found[0]]['path']}::{docs[found[0]]['qualname']}" if found else "nothing"
            lines.append(f"  {place or '-':>2} {each.text(phrasing)}\n       {' '.join(each.answers)}")
            lines.append(f"       first: {first}")
    return lines


def line(name: str, functions: int | None, numbers: Mapping[str, float]) -> str:
    shown = "".join(f"{numbers[key]:>10.4f}" for key in SHOWN)
    return f"{name:12}{'' if functions is None else functions:>10}{numbers['n']:>10.0f}{shown}"


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
    scores: dict[Phrasing, dict[str, dict[str, float]]] = {phrasing: {} for phrasing in PHRASINGS}
    report: dict[Phrasing, list[str]] = {phrasing: [] for phrasing in PHRASINGS}
    for package, file in read_all().items():
        if arguments.only and package not in arguments.only:
            continue
        if judge.PINS[package] != file.version:
            raise SystemExit(f"{package} is pinned to {judge.PINS[package]}, the questions are about {file.version}")
        docs = pool(judge, arguments.data, package)
        right = relevant(file, docs)
        ranker = load_ranker(judge, arguments.ranker, docs)
        for phrasing in PHRASINGS:
            ranked = rank(ranker, file, phrasing)
            scores[phrasing][package] = judge.score_ranked(ranked, right)
            report[phrasing].append(line(package, len(docs), scores[phrasing][package]))
            if arguments.misses:
                report[phrasing] += misses(file, phrasing, docs, ranked, right)
    totals = {phrasing: judge.macro(scores[phrasing].values()) for phrasing in PHRASINGS}
    for phrasing in PHRASINGS:
        print(f"{phrasing:12}{'functions':>10}{'n':>10}" + "".join(f"{key:>10}" for key in SHOWN))
        print(*report[phrasing], line("macro", None, totals[phrasing]), sep="\n", end="\n\n")
    if arguments.out:
        numbers = {each: {"packages": scores[each], "macro": totals[each]} for each in PHRASINGS}
        arguments.out.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
