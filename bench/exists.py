"""How often a hint "already exists" is there when it should be, and when it should not.

    python bench/exists.py planted --data PACKAGES [--only NAME ...] [--seed N] [--misses]
    python bench/exists.py history --repositories FOLDER ... [--commits 150] [--skip 0] [--packages FOLDER] [--show]
        [--judged FILE]

*planted*: functions of real packages (those of `search_quality.py`) are written once more by script, into a file that
is not there, under other names and with one to three more changes, as somebody would who does not know the first one;
every fourth is cut off after two thirds. Found is what names the first one, or one that is exactly the same.

*history*: commits of real projects along their first parents; every function that a commit adds is asked when half of
it is written, three quarters and all, over the project as it was before. What the commit itself takes away is not there
any more, as in an editor whose file is saved. All hints are shown to be read (``--show``); ``--judged`` has a line
``key = yes`` for each where both do the same thing, so that one of them could call the other, or both a third. Lines
are those that the commits add to Python files that are no tests. With ``--packages`` what each package in that folder
offers to others is asked, too, where the project has nothing, as the server does with those that a project needs (its
own package, where it is among them, is not).
"""

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from coding_agent.ide.exists import Opened
from coding_agent.search.chunks import chunks
from coding_agent.search.exists import Known, New, Why, exists
from coding_agent.search.index import Index
from coding_agent.search.question import is_test
from coding_agent.search.reading import Reader, reader
from similar import _foreign, _keyword, wilson
from similar_set import CLONES, Function, Real, exact, functions, placed, rename

PLANTED = 100
_FILE = "planted_here/new_module.py"
_NAMED_SO = 0.3
"""Share of the planted that are called like the first one: names of things are what people agree on most."""
_UNFINISHED = 0.25
_WRITTEN = (0.5, 0.75, 1.0)
"""How much of a function is there when it is asked."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    some = parser.add_subparsers(dest="what", required=True)
    first = some.add_parser("planted")
    first.add_argument("--data", type=Path, required=True, help="a folder of packages")
    first.add_argument("--only", nargs="*")
    first.add_argument("--seed", type=int, default=5)
    first.add_argument("--count", type=int, default=PLANTED)
    first.add_argument("--misses", action="store_true", help="show what was not found")
    second = some.add_parser("history")
    second.add_argument("--repositories", type=Path, nargs="+", required=True, help="git folders")
    second.add_argument("--commits", type=int, default=150)
    second.add_argument("--skip", type=int, default=0, help="so many of the newest are left out")
    second.add_argument("--packages", type=Path, help="a folder of packages that all of them are said to need")
    second.add_argument("--show", action="store_true")
    second.add_argument("--judged", type=Path)
    given = parser.parse_args()
    return _planted(given) if given.what == "planted" else _history(given)


# Planted.


@dataclass(frozen=True, slots=True)
class Case:
    real: Real
    code: str
    name: str
    labels: tuple[str, ...]


def _planted(given: argparse.Namespace) -> int:
    packages = [each for each in sorted(given.data.iterdir()) if each.is_dir()]
    packages = [each for each in packages if not given.only or each.name in given.only]
    found: list[tuple[str, Case, Known | None, bool]] = []
    seconds: list[float] = []
    for at, package in enumerate(packages):
        count = given.count * (at + 1) // len(packages) - given.count * at // len(packages)
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copytree(package, root, ignore=_foreign, dirs_exist_ok=True)
            make, index = reader(True), Index(reader(True).encoder)
            _take(index, make, root, _python(root))
            for case in _cases(root, random.Random(f"{given.seed} {package.name}"), count):
                start = time.process_time()
                known = exists(index, root, make, New(_FILE, case.name, case.code))
                seconds.append(time.process_time() - start)
                found.append((package.name, case, known, known is not None and _is(known, case.real, root)))
        print(f"{package.name}: {len(index)} chunks, {count} planted", file=sys.stderr, flush=True)
    right = sum(each[3] for each in found)
    low, high = wilson(right, len(found))
    print(f"found {right} of {len(found)} ({right / max(len(found), 1):.2f}, {low:.2f}-{high:.2f})")
    print(f"another one named instead: {sum(known is not None and not good for _, _, known, good in found)}")
    print("by reason:", dict(Counter(known.why.value for _, _, known, good in found if known and good)))
    labels = Counter(label for _, case, _, _ in found for label in case.labels)
    good = Counter(label for _, case, _, ok in found if ok for label in case.labels)
    print("\n".join(f"  {label:14} {good[label]} of {labels[label]}" for label in sorted(labels)))
    seconds.sort()
    print(f"CPU: p50 {seconds[len(seconds) // 2] * 1e3:.0f} ms, p95 {seconds[int(len(seconds) * 0.95)] * 1e3:.0f} ms")
    for package, case, known, ok in found if given.misses else ():
        if not ok:
            print(f"\n{'-' * 80}\n{package} {case.real.path}:{case.real.line} {case.labels} {known}\n{case.code}")
    return 0


def _cases(root: Path, chance: random.Random, count: int) -> Iterator[Case]:
    some: list[Real] = []
    for path in _python(root):
        if not is_test(path):
            try:
                some += functions((root / path).read_text("utf-8"), path)
            except (SyntaxError, UnicodeDecodeError, ValueError):
                continue
    words = sorted({part for each in some for part in each.node.name.split("_") if part.isidentifier()})
    words = [word for word in words if word.islower() and not _keyword(word)]
    chance.shuffle(some)
    for real in some:
        if count and not (real.node.name[:2] == "__" == real.node.name[-2:]):
            case = _case(real, chance, words)
            if case is not None:
                count -= 1
                yield case


def _case(real: Real, chance: random.Random, words: Sequence[str]) -> Case | None:
    node, labels = copy.deepcopy(real.node), list[str]()
    changes, most = list(_CHANGES), chance.choice([1, 2, 3])
    chance.shuffle(changes)
    # What can seldom be done is tried first, as in `similar_set`.
    for name in sorted(changes, key=lambda name: name in ("annotations", "docstring", "logging")):
        if len(labels) < most and _CHANGES[name](node, chance, words):
            labels.append(name)
    if not labels or not rename(node, chance, words):
        return None
    labels.append("rename")
    if chance.random() < _NAMED_SO:
        node.name = real.node.name
        labels.append("called so")
    holder = "Writer." if real.holder else ""
    code = placed(Real(real.path, "", real.node), node, chance)
    if holder:
        code = "".join(f"    {line}\n" if line else "\n" for line in code.rstrip("\n").split("\n"))
    if chance.random() < _UNFINISHED:
        lines = code.splitlines(keepends=True)
        code = "".join(lines[: max(2, round(len(lines) * 2 / 3))])
        labels.append("unfinished")
    return Case(real, code, f"{holder}{node.name}", tuple(labels))


def _is(known: Known, real: Real, root: Path) -> bool:
    if known.hit.path == real.path and known.hit.line <= real.line <= known.hit.end:
        return True
    code = "".join(
        (root / known.hit.path).read_text("utf-8").splitlines(keepends=True)[known.hit.line - 1 : known.hit.end]
    )
    body = ast.parse(f"if 1:\n{code}" if code[:1] in " \t" else code).body[0]
    node = body.body[0] if isinstance(body, ast.If) else body
    return isinstance(node, Function) and exact(node) == real.same


def _loop(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    """A comprehension becomes a loop."""
    for block in _blocks(node):
        for at, each in enumerate(block):
            value = getattr(each, "value", None) if isinstance(each, ast.Return | ast.Assign) else None
            if not isinstance(value, ast.ListComp) or len(value.generators) != 1 or value.generators[0].is_async:
                continue
            name = f"{chance.choice(['found', 'result', 'collected', 'gathered'])}_{at}"
            add = ast.parse(f"{name}.append(0)").body[0]
            assert isinstance(add, ast.Expr)
            assert isinstance(add.value, ast.Call)
            add.value.args = [value.elt]
            body: list[ast.stmt] = [add]
            for test in reversed(value.generators[0].ifs):
                body = [ast.If(test, body, [])]
            loop = ast.For(value.generators[0].target, value.generators[0].iter, body, [], lineno=1)
            each.value = ast.Name(name, ast.Load())  # type: ignore[union-attr]
            block[at:at] = [ast.parse(f"{name} = []").body[0], loop]
            return True
    return False


def _early(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    """A branch behind one that leaves needs no else; where there is none, what follows gets one."""
    done = False
    for block in _blocks(node):
        for at, each in enumerate(block):
            if isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return | ast.Raise):
                if each.orelse and not isinstance(each.orelse[0], ast.If):
                    block[at + 1 : at + 1], each.orelse = each.orelse, []
                    done = True
                elif not each.orelse and at + 1 < len(block) and block is node.body:
                    each.orelse, block[at + 1 :] = block[at + 1 :], []
                    done = True
                break
    return done


def _temporary(node: Function, chance: random.Random, _: Sequence[str]) -> bool:
    """What is returned or tested gets a name first."""
    for block in _blocks(node):
        for at, each in enumerate(block):
            value = each.value if isinstance(each, ast.Return) else each.test if isinstance(each, ast.If) else None
            if isinstance(value, ast.Call | ast.BinOp | ast.BoolOp | ast.Compare) and not _is_elif(node, each):
                name = f"{chance.choice(['outcome', 'wanted', 'answer'])}_{at}"
                new = ast.Name(name, ast.Load())
                if isinstance(each, ast.Return):
                    each.value = new
                elif isinstance(each, ast.If):
                    each.test = new
                block.insert(at, ast.Assign([ast.Name(name, ast.Store())], value, lineno=1))
                return True
    return False


def _inlined(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    """A name that is used once is not given."""
    used = Counter(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
    for block in _blocks(node):
        for at in range(len(block) - 1):
            each, behind = block[at : at + 2]
            target = each.targets[0] if isinstance(each, ast.Assign) and len(each.targets) == 1 else None
            if not (isinstance(each, ast.Assign) and isinstance(target, ast.Name) and used[target.id] == 2):
                continue
            if isinstance(behind, ast.Return | ast.Assign | ast.Expr) and behind.value is not None:
                put = _Put(target.id, each.value)
                behind.value = put.visit(behind.value)
                if put.done:
                    del block[at]
                    return True
    return False


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value, self.done = name, value, False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self.name and isinstance(node.ctx, ast.Load):
            self.done = True
            return self.value
        return node


def _is_elif(node: Function, one: ast.stmt) -> bool:
    return any(isinstance(each, ast.If) and one in each.orelse for each in ast.walk(node))


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for each in list(ast.walk(node)):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(each, name, None)
            if isinstance(block, list):
                yield block


_CHANGES = {**CLONES, "loop": _loop, "early": _early, "temporary": _temporary, "inlined": _inlined}


# History.


@dataclass(frozen=True, slots=True)
class Hint:
    key: str
    known: Known
    new: str
    old: str


def _history(given: argparse.Namespace) -> int:
    verdicts = dict[str, bool]()
    if given.judged:
        rows = (line.rpartition(" = ") for line in given.judged.read_text().splitlines() if " = " in line)
        verdicts = {key: verdict.strip() == "yes" for key, _, verdict in rows}
    lines, asked, hints, moved = 0, 0, list[Hint](), 0
    offered = [_library(each) for each in sorted(given.packages.iterdir()) if each.is_dir()] if given.packages else []
    for repository in given.repositories:
        name = repository.name if repository.name != "repo" else repository.parent.name
        others = [each for each in offered if each.folder.name not in name]
        got = _replayed(repository, name, given.skip, given.commits, others)
        print(
            f"{name}: {got[0]} lines added, {got[1]} functions asked, {len(got[2])} hints", file=sys.stderr, flush=True
        )
        lines, asked, hints, moved = lines + got[0], asked + got[1], hints + got[2], moved + got[3]
    judged = Counter(verdicts.get(each.key) for each in hints)
    print(f"{lines} lines added (no tests), {asked} functions asked, {len(hints)} hints, {moved} of what was moved")
    print("by reason:", dict(Counter(each.known.why.value for each in hints)))
    print(f"{judged[True]} true, {judged[False]} false, {judged[None]} to be judged")
    false, every = (2000 * count / max(lines, 1) for count in (judged[False], len(hints)))
    print(f"false hints for 2 000 lines: {false:.2f}; all hints: {every:.2f}")
    for each in hints if given.show else ():
        if each.key not in verdicts:
            why = f"{each.known.why.value} {each.known.alike:.2f}"
            print(f"\n{'=' * 100}\n{each.key}\n{why}\n{each.new}\n{'-' * 50}\n{each.old}")
    return 0


class Library(NamedTuple):
    folder: Path
    index: Index
    make: Reader


def _library(folder: Path) -> Library:
    """What a package offers to others, read as the server reads those that are needed."""
    make, index = reader(True), Index(reader(True).encoder)
    _take(index, make, folder, _python(folder), public=True)
    return Library(folder, index, make)


def _replayed(
    repository: Path, name: str, skip: int, count: int, offered: Sequence[Library]
) -> tuple[int, int, list[Hint], int]:
    """Lines added, functions asked, hints, and how many named what the commit took away."""
    git = _Git(repository)
    commits = git("rev-list", "--first-parent", f"--skip={skip}", "-n", str(count + 1), "HEAD").split()[::-1]
    lines, asked, hints, moved = 0, 0, list[Hint](), 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        tree = subprocess.run(
            ["git", f"--git-dir={repository}", "archive", commits[0]], capture_output=True, check=True
        ).stdout
        subprocess.run(["tar", "x", "-C", folder], input=tree, check=True)
        make, index = reader(True), Index(reader(True).encoder)
        _take(index, make, root, _python(root))
        for commit in commits[1:]:
            after = _after(git, commit)
            lines += _added(git, commit)
            for path, text in after.items():
                if text is None or is_test(path):
                    continue
                old = Opened(_read(root / path)).names
                for new, code in _functions(text):
                    if new in old:
                        continue
                    asked += 1
                    mine = Library(root, index, make)
                    for known, place in _named(mine, offered, New(path, new, code)):
                        if (
                            place == root
                            and known.hit.path in after
                            and known.hit.name not in _names(after[known.hit.path])
                        ):
                            moved += 1
                            continue
                        there = _read(place / known.hit.path).splitlines(keepends=True)
                        of = f"{place.name}/" if place != root else ""
                        key = f"{name} {commit[:10]} {path} {new} -> {of}{known.hit.path} {known.hit.name}"
                        hints.append(Hint(key, known, code, "".join(there[known.hit.line - 1 : known.hit.end])))
            for path, text in after.items():
                if text is None:
                    (root / path).unlink(missing_ok=True)
                    index.forget([path])
                else:
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text, "utf-8", "surrogateescape", newline="")
                    _take(index, make, root, [path])
    return lines, asked, hints, moved


def _named(mine: Library, offered: Sequence[Library], new: New) -> list[tuple[Known, Path]]:
    """What a function is said to be while it is written, each once: half of it, three quarters, all."""
    lines = new.code.splitlines(keepends=True)
    found = dict[tuple[str, str], tuple[Known, Path]]()
    for share in _WRITTEN:
        code = "".join(lines[: max(1, round(len(lines) * share))])
        for at, library in enumerate((mine, *offered)):
            wanted = New("" if at else new.path, new.name, code)
            known = exists(library.index, library.folder, library.make, wanted)
            if known is not None and (not at or known.why is Why.DOES):
                found[known.hit[:2]] = known, library.folder
                break
    return list(found.values())


class _Git:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *given: str) -> str:
        made = subprocess.run(["git", f"--git-dir={self.folder}", *given], capture_output=True, check=True)
        return made.stdout.decode("utf-8", "surrogateescape")


def _after(git: _Git, commit: str) -> dict[str, str | None]:
    """The Python files that a commit changes, as they are then; None where they are gone."""
    found: dict[str, str | None] = {}
    for line in git("diff", "--no-renames", "--name-status", f"{commit}^1", commit, "--", "*.py").splitlines():
        status, _, path = line.partition("\t")
        found[path] = None if status == "D" else git("show", f"{commit}:{path}")
    return found


def _added(git: _Git, commit: str) -> int:
    rows = git("diff", "--numstat", f"{commit}^1", commit, "--", "*.py").splitlines()
    split = (row.split("\t") for row in rows)
    return sum(int(added) for added, _, path in split if added.isdigit() and not is_test(path))


def _functions(text: str) -> Iterator[tuple[str, str]]:
    """The functions of modules and classes, by qualified name, with their lines as they stand."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    lines = text.splitlines(keepends=True)
    for top in tree.body:
        holder, body = (f"{top.name}.", top.body) if isinstance(top, ast.ClassDef) else ("", [top])
        for node in body:
            if isinstance(node, Function):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                yield f"{holder}{node.name}", "".join(lines[first - 1 : node.end_lineno])


def _names(text: str | None) -> set[str]:
    """The qualified names of all its functions, those in functions, too;"""
    return {chunk.name for chunk in chunks(text or "")}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _take(index: Index, make: Reader, root: Path, paths: Sequence[str], *, public: bool = False) -> None:
    for at in range(0, len(paths), 50):
        wanted = [(path, index.digest(path), index.keys(path)) for path in paths[at : at + 50]]
        index.take(*make.read(root, 1_000_000, wanted, public=public))


def _python(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
