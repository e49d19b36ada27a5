"""How well near duplicates are found and told from what only looks alike.

    python bench/similar.py --data DIR [--seed N] [--half tune|report] [--only PACKAGE ...] [--show N] [--out FILE]

From functions of this interpreter's library and of each folder in ``DIR`` (a package each) clones and near-misses are
made (`similar_set`, `similar_misses`), one of a function at most, and put beside the package as files of their own. The
whole is indexed, and each original asks what is like it. Recall counts the clones that are named. Precision counts
clones against near-misses that are named ("planted"), and against all else that is named, too ("pool"): of that, what
is equal to the original but for names, annotations and docstring is right, ``--show`` prints the rest to be judged, and
``--judged`` takes the verdicts (lines that end with ``= yes`` or ``= no``). Half of the set is for tuning
(``--half tune``).
"""

import argparse
import ast
import json
import random
import shutil
import statistics
import sys
import sysconfig
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coding_agent.search.catalogue import Hit
from coding_agent.search.duplicates import CANDIDATES, duplicates
from coding_agent.search.fingerprints import SAME
from coding_agent.search.index import Index
from coding_agent.search.reading import reader
from similar_misses import MISSES, near_miss, siblings
from similar_set import Real, clone, exact, functions

_PLANTED = "planted"
_EACH = {"clone": 44, "mutated": 7, "sibling": 20}
"""Of each package at most; ``mutated`` for each kind of change."""
_SOUGHT = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Pair:
    package: str
    real: Real
    kind: str
    """"clone", or what a near-miss is."""
    labels: tuple[str, ...]
    path: str
    line: int
    """Where the other one stands."""


@dataclass(frozen=True, slots=True)
class Answer:
    pair: Pair
    near: bool
    """Whether the other one is among the candidates."""
    alike: float
    """How alike the two are said to be; 0 where it is not named at 0.5."""
    rest: tuple[tuple[float, str, int, str], ...]
    """All else that is named: how alike, where, and its text."""
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder of packages")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--only", nargs="*", help="these packages; 'library' is this interpreter's")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="so many others that are named, to be judged")
    parser.add_argument("--misses", action="store_true", help="show what was answered wrong")
    parser.add_argument("--judged", type=Path, help="verdicts on what --show showed")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    given = parser.parse_args()
    answers: list[Answer] = []
    packages = {"library": _library(), **{each.name: [each] for each in sorted(given.data.iterdir()) if each.is_dir()}}
    for package, sources in packages.items():
        if not given.only or package in given.only:
            got, chunks = asked(package, sources, random.Random(f"{given.seed} {package}"), given.half)
            times = sorted(each.seconds for each in got) or [0.0]
            print(f"{package}: {chunks} chunks, {len(got)} asked, {_times(times)}", file=sys.stderr, flush=True)
            answers += got
    verdicts = _verdicts(given.judged)
    figures = told(answers, verdicts)
    print("\n".join(figures["lines"]))
    if given.misses:
        for each in answers:
            if (each.pair.kind == "clone") is not (each.alike >= SAME):
                print(f"\n{each.pair.kind} {' '.join(each.pair.labels)} {each.alike:.2f}  candidate: {each.near}")
                print(f"{each.pair.package} {each.pair.real.path}:{each.pair.real.line} {each.pair.path}")
    show(answers, verdicts, given.show, random.Random(given.seed))
    if given.out:
        given.out.write_text(json.dumps(figures, indent=1))
    return 0


def asked(package: str, sources: Iterable[Path], chance: random.Random, half: str) -> tuple[list[Answer], int]:
    """The answers to all pairs of one half, made and indexed in a folder that is gone then."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for each in sources:
            if each.is_dir():
                shutil.copytree(each, root / each.name, ignore=_foreign, dirs_exist_ok=True)
            else:
                shutil.copy(each, root)
        pairs = [each for at, each in enumerate(_pairs(package, root, chance)) if at % 2 == (half == "report")]
        index = Index(reader(True).encoder)
        make = reader(True)
        paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
        for at in range(0, len(paths), 50):
            index.take(*make.read(root, 1_000_000, [(path, b"", frozenset()) for path in paths[at : at + 50]]))
        return [_ask(index, root, pair) for pair in pairs], len(index)


def _ask(index: Index, root: Path, pair: Pair) -> Answer:
    candidates = index.similar(pair.real.path, pair.real.line, CANDIDATES)
    near = any(_is(hit, pair) for hit in candidates)
    start = time.process_time()
    duplicates(index, root, pair.real.path, pair.real.line, 10)
    seconds = time.process_time() - start
    hits = duplicates(index, root, pair.real.path, pair.real.line, CANDIDATES, 0.5)
    alike = next((hit.score for hit in hits if _is(hit, pair)), 0.0)
    rest = tuple(
        (hit.score, hit.path, hit.at, "".join((root / hit.path).open().readlines()[hit.line - 1 : hit.end]))
        for hit in hits
        if not hit.path.startswith(_PLANTED) and not _is(hit, pair) and hit.score >= SAME
    )
    return Answer(pair, near, alike, rest, seconds)


def _is(hit: Hit, pair: Pair) -> bool:
    return hit.path == pair.path and hit.line <= pair.line <= hit.end and hit.kind in ("function", "method")


def _pairs(package: str, root: Path, chance: random.Random) -> list[Pair]:
    """All pairs of a package, in an order by chance; what is made is written beside it."""
    some: list[Real] = []
    for path in sorted(root.rglob("*.py")):
        try:
            some += functions(path.read_text("utf-8"), path.relative_to(root).as_posix())
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
    words = sorted(
        {part for each in some for part in each.node.name.split("_") if part.isidentifier() and part.islower()}
    )
    words = [word for word in words if not _keyword(word)]
    (root / _PLANTED).mkdir()
    pairs: list[Pair] = []
    twins = list(siblings(some))
    twins = chance.sample(twins, min(300, len(twins)))
    # Half of the siblings are those that look most alike.
    near = sorted(range(len(twins)), key=lambda at: -_common(twins[at][0], twins[at][1]))
    twins = [twins[at] for pair in zip(near, range(len(twins)), strict=True) for at in pair]
    taken: set[int] = set()
    counted = Counter[str]()
    for one, other, label in twins:
        if counted[label] < _EACH["sibling"] // 2 and id(one) not in taken and id(other) not in taken:
            counted[label] += 1
            taken.update((id(one), id(other)))
            pairs.append(Pair(package, one, "sibling", (label,), other.path, other.line))
    chance.shuffle(some)
    wanted = ["clone"] * _EACH["clone"] + [kind for kind in MISSES for _ in range(_EACH["mutated"])]
    chance.shuffle(wanted)
    rest = iter(each for each in some if id(each) not in taken)
    for kind in wanted:
        for real in rest:
            try:
                made = clone(real, chance, words) if kind == "clone" else near_miss(real, chance, words, kind)
            except ValueError:  # What Python 3.11 cannot write: a backslash in an f-string.
                continue
            if made is not None:
                text, labels = made if isinstance(made, tuple) else (made, [kind])
                path = f"{_PLANTED}/part{len(pairs)}.py"
                (root / path).write_text(text, "utf-8", "surrogatepass")
                at = next(
                    n for n, line in enumerate(text.split("\n"), 1) if line.lstrip().startswith(("def ", "async "))
                )
                pairs.append(Pair(package, real, "clone" if kind == "clone" else "changed", tuple(labels), path, at))
                break
    chance.shuffle(pairs)
    return pairs


def _common(one: Real, other: Real) -> float:
    """The share of lines that two functions have in common."""
    first, second = (set(each.same.split("\n")) for each in (one, other))
    return len(first & second) / len(first | second)


def _keyword(word: str) -> bool:
    import builtins
    import keyword

    return keyword.iskeyword(word) or hasattr(builtins, word) or len(word) < 2


def told(answers: Sequence[Answer], verdicts: dict[str, bool]) -> dict[str, list[str]]:
    clones = [each for each in answers if each.pair.kind == "clone"]
    misses = [each for each in answers if each.pair.kind != "clone"]
    lines = [f"{len(clones)} clones, {len(misses)} near-misses", ""]
    lines.append(f"candidates by vectors (top {CANDIDATES}): {_share([each.near for each in clones])} of clones")
    for least in _SOUGHT:
        right, wrong = (sum(each.alike >= least for each in some) for some in (clones, misses))
        lines.append(
            f"at {least:.2f}  recall {_share([e.alike >= least for e in clones])}  planted {_of(right, wrong)}"
        )
    right, wrong = (sum(each.alike >= SAME for each in some) for some in (clones, misses))
    lines += [
        "",
        f"at {SAME}  recall {_share([each.alike >= SAME for each in clones])}",
        f"  planted {_of(right, wrong)}",
    ]
    rest = list({_key(each, other): _verdict(each, other, verdicts) for each, other in _rest(answers)}.values())
    counted = Counter(rest)
    lines.append(f"  pool: {counted[True]} true, {counted[False]} false, {counted[None]} to be judged")
    lines.append(f"  planted and pool {_of(right + counted[True], wrong + counted[False])}")
    for title, some in (("clones found", clones), ("near-misses taken for clones", misses)):
        by = defaultdict[str, list[bool]](list)
        for each in some:
            for label in each.pair.labels:
                by[label].append(each.alike >= SAME)
        lines += ["", title, *(f"  {label:12} {_share(by[label])}" for label in sorted(by))]
    lines += ["", f"CPU for a query: {_times(sorted(each.seconds for each in answers))}"]
    return {"lines": lines}


def show(answers: Sequence[Answer], verdicts: dict[str, bool], most: int, chance: random.Random) -> None:
    """What is named and nobody has judged yet."""
    open_ = {_key(*each): each for each in _rest(answers) if _verdict(*each, verdicts) is None}
    for key in chance.sample(sorted(open_), min(most, len(open_))):
        each, (alike, _, _, text) = open_[key]
        print(f"\n{'-' * 100}\n{alike:.2f} {key}\n{ast.unparse(each.pair.real.node)}\n\n{text}")


def _rest(answers: Sequence[Answer]) -> Iterator[tuple[Answer, tuple[float, str, int, str]]]:
    return ((each, other) for each in answers for other in each.rest)


def _key(each: Answer, other: tuple[float, str, int, str]) -> str:
    return f"{each.pair.package} {each.pair.real.path}:{each.pair.real.line} {other[1]}:{other[2]}"


def _verdict(each: Answer, other: tuple[float, str, int, str], verdicts: dict[str, bool]) -> bool | None:
    try:
        body = ast.parse(f"if 1:\n{other[3]}" if other[3][:1] in " \t" else other[3]).body[0]
    except SyntaxError:
        return verdicts.get(_key(each, other))
    node = body.body[0] if isinstance(body, ast.If) else body
    is_same = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and exact(node) == each.pair.real.same
    return True if is_same else verdicts.get(_key(each, other))


def _verdicts(path: Path | None) -> dict[str, bool]:
    lines = path.read_text("utf-8").splitlines() if path else []
    split = [line.rpartition(" = ") for line in lines if " = " in line]
    return {key: verdict.strip() == "yes" for key, _, verdict in split}


def _share(some: Sequence[bool]) -> str:
    low, high = wilson(sum(some), len(some))
    return f"{sum(some) / max(len(some), 1):.3f} ({sum(some)}/{len(some)}, {low:.3f}-{high:.3f})"


def _of(right: int, wrong: int) -> str:
    return f"precision {_share([True] * right + [False] * wrong)}"


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not count:
        return 0.0, 1.0
    share, base = right / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / base
    around = z / base * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return max(0.0, middle - around), min(1.0, middle + around)


def _times(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    return (
        f"p50 {statistics.median(seconds) * 1000:.1f} ms, p95 {seconds[int(0.95 * (len(seconds) - 1))] * 1000:.1f} ms"
    )


def _library() -> list[Path]:
    """This interpreter's own modules and packages, without their tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    return [
        each
        for each in sorted(folder.iterdir())
        if (each.suffix == ".py" or (each / "__init__.py").is_file())
        and each.name not in ("test", "idlelib", "lib2to3", "pydoc_data", "encodings", "turtledemo", "ensurepip")
    ]


def _foreign(folder: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if name in ("tests", "test", "__pycache__", "site-packages", "node_modules")
        or not (name.endswith(".py") or (Path(folder) / name).is_dir())
    }


if __name__ == "__main__":
    sys.exit(main())
