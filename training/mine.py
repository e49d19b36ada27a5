"""Mine pairs (what is asked, the function that does it) from wheels of permissively licensed packages.

usage: mine.py --wheels DIR --eval DATA --dev DIR --packages packages.txt --out DIR [--jobs 2]

`--eval` holds the unpacked evaluation packages: a function is dropped when its code, three fifths of its lines, or any
sentence of its docstring is in one of them. `--dev` holds wheels we choose by: their functions are dropped likewise.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import harvest

_EVALUATED = "django flask requests scikit-learn networkx sqlalchemy celery scrapy httpx rich click pandas"
_FORKS = "httpx2 niquests asyncclick quart modin scikit-learn-intelex"
EVALUATED, FORKS = _EVALUATED.split(), _FORKS.split()
# Folders inside of other packages that are copies of them.
BANNED = {re.sub(r"[-_.]+", "_", name) for name in EVALUATED + FORKS} | {"sklearn"}
CAP = 8000
NAMED_CAP = 4000
ALIKE = 12

_sentences: set[str] = set()
_codes: set[bytes] = set()
_lines: set[str] = set()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    forbid(arguments.eval, arguments.dev)
    print("forbidden sentences, codes, lines", len(_sentences), len(_codes), len(_lines), file=sys.stderr)
    wheels = {wheel_name(wheel): wheel for wheel in sorted(arguments.wheels.glob("*.whl"))}
    listed = [line.split()[0] for line in arguments.packages.read_text().splitlines() if line[:1].isalnum()]
    work = [(wheels[name.split("==")[0]], arguments.out) for name in listed if name.split("==")[0] in wheels]
    # The order says nothing about a package, so that a mining that was stopped early has a fair sample.
    work.sort(key=lambda one: harvest.key(one[0].name))
    with multiprocessing.get_context("fork").Pool(arguments.jobs) as pool:
        for name, documented, named in pool.imap_unordered(one_package, work, chunksize=1):
            print(name, documented, named, flush=True)


def wheel_name(wheel: Path) -> str:
    return re.sub(r"[-_.]+", "-", wheel.name.split("-")[0]).lower()


def forbid(data: Path, dev: Path) -> None:
    for name in EVALUATED:
        root = data / name
        if not root.is_dir():
            raise SystemExit(f"evaluation package missing: {root}")
        for path in sorted(root.rglob("*.py")):
            _forbid_text(path.read_text("utf-8", errors="replace"))
    for wheel in sorted(dev.glob("*.whl")):
        for _, text in harvest.sources(wheel):
            _forbid_text(text)


def _forbid_text(text: str) -> None:
    for function in harvest.functions(text, ""):
        _codes.add(harvest.key(function.code))
        _lines.update(harvest.line_keys(function.code))
        if function.doc:
            _sentences.add(harvest.normal(harvest.first_sentence(function.doc)))
            _sentences.update(map(harvest.normal, harvest.sentences(function.doc)))


def one_package(work: tuple[Path, Path]) -> tuple[str, int, int]:
    wheel, out = work
    name = wheel_name(wheel)
    target = out / f"{name}.jsonl"
    if target.exists():
        return name, -1, -1
    pairs, named = [], []
    codes: set[bytes] = set()
    asked: set[str] = set()
    alike: Counter[str] = Counter()
    for path, text in harvest.sources(wheel):
        if {part.strip("_").lower() for part in path.split("/")[:-1]} & BANNED:
            continue
        for function in harvest.functions(text, path):
            if function.trivial or function.code.count("\n") < 2 or foreign(function, codes):
                continue
            pair = {
                "p": name,
                "path": path,
                "qualname": function.qualname,
                "name": function.name,
                "code": function.code,
                "q": "",
                "more": [],
                "owner": "",
                "comments": [one for one in harvest.comments(function.code) if harvest.normal(one) not in _sentences][
                    :4
                ],
            }
            question = harvest.first_sentence(function.doc) if function.doc else ""
            if question and harvest.normal(question) in _sentences:
                continue
            if question and harvest.asked(question):
                shape = skeleton(question, function)
                alike[shape] += 1
                if alike[shape] <= ALIKE and question.lower() not in asked:
                    asked.add(question.lower())
                    more = [one for one in harvest.sentences(function.doc or "")[1:4] if harvest.asked(one)]
                    pair["q"] = question
                    pair["more"] = [one for one in more if harvest.normal(one) not in _sentences]
                    if function.owner:
                        owner = harvest.first_sentence(function.owner)
                        if harvest.asked(owner) and harvest.normal(owner) not in _sentences:
                            pair["owner"] = owner
                    pairs.append(pair)
                    continue
            if pair["comments"] or (
                len(re.findall(r"[A-Za-z][a-z]{2,}", function.name)) >= 2 and not function.name.startswith("__")
            ):
                named.append(pair)
    pairs, named = spread(pairs, CAP), spread(named, NAMED_CAP)
    target.with_suffix(".part").write_text("".join(json.dumps(pair) + "\n" for pair in [*pairs, *named]))
    target.with_suffix(".part").rename(target)
    return name, len(pairs), len(named)


def foreign(function: harvest.Function, codes: set[bytes]) -> bool:
    """Whether this is seen already, or stands in what we are judged by."""
    key = harvest.key(function.code)
    if key in codes or key in _codes:
        return True
    codes.add(key)
    lines = harvest.line_keys(function.code)
    return len(lines) >= 3 and len(lines & _lines) >= 0.6 * len(lines)


def skeleton(question: str, function: harvest.Function) -> str:
    """The question without the words of the function's name, class and file: what is generated repeats it."""
    own = re.findall(r"[A-Za-z][a-z]+", f"{function.qualname} {function.path}")
    known = {word.lower() for word in own}
    return " ".join("_" if word in known else word for word in re.findall(r"[a-z]+", question.lower()))


def spread(items: list[dict[str, object]], cap: int) -> list[dict[str, object]]:
    """At most `cap`, evenly over the package."""
    if len(items) <= cap:
        return items
    return [items[index * len(items) // cap] for index in range(cap)]


if __name__ == "__main__":
    main()
