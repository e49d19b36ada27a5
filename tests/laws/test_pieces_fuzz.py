"""Joined, the pieces of a text are the tree of ``ast.parse``, positions included; and cutting again after an
edit gives what cutting from scratch gives, also while code is half typed.

The texts are real: modules of the standard library and of the packages installed beside us. ``make soak``
takes all of them and 20 000 edits, and the pinned packages of ``bench/corpora.py`` where they are there.
"""

import ast
import random
import sysconfig
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from coding_agent.syntax.pieces import Chunk, Trees, cut, joined, recut
from coding_agent.text import Position, Text

PACKAGES = ("pygls", "jedi", "libcst", "pytest", "_pytest", "attr", "rich", "hypothesis")
CORPORA = Path(__file__).parents[2] / ".cache" / "corpora" / "trees"
BREAKERS = (
    *("(", "[", "{", ")", "]", "}", '"', "'", '"""', "'''", ":", "\\\n", "\n", "\r", "\r\n", "\x0c", " ", "    ", "\t"),
    *("#", "#\n", "@", "@deco\n", "=", ",", ".", "\ufeff", "\0", "\x1c", "\u2028", "\U0001f600", "f'", "f'{", "rb'"),
)
LINES = (
    *(
        "x = foo(",
        'x = "abc',
        'x = """abc',
        "def half",
        "def half(",
        "def half():",
        "class Half",
        "class Half:",
        "if x:",
        "else:",
    ),
    *(
        "elif y:",
        "except E:",
        "finally:",
        "try:",
        "@decorated",
        "async def a(): pass",
        "pass",
        "return",
        "import os",
        ")",
        "]}",
    ),
    *(
        "with a as b:",
        "for x in y: pass",
        "x = 1; y = 2",
        "match x:",
        "case 1: pass",
        "# comment",
        "'''doc'''",
        "x = [1,",
        "2]",
    ),
    *(
        "class A: pass",
        "class A(B, c=1): x = 1",
        "class A(",
        "def f(a, *, b=(1, 2)) -> C: return a",
        "lambda",
        "if x: y = 1",
        "\x0c",
    ),
)


@cache
def library() -> tuple[Path, ...]:
    root = Path(sysconfig.get_path("stdlib"))
    skipped = {"site-packages", "idlelib", "lib2to3", "__pycache__"}
    return tuple(p for p in sorted(root.rglob("*.py")) if not skipped & set(p.relative_to(root).parts))


@cache
def packages() -> tuple[Path, ...]:
    root = Path(sysconfig.get_path("purelib"))
    return tuple(p for name in PACKAGES for p in sorted((root / name).rglob("*.py")))


@cache
def everything() -> tuple[Path, ...]:
    return (*library(), *packages(), *sorted(CORPORA.rglob("*.py")))


def read(path: Path) -> str | None:
    """The text of a module as an editor has it; None where it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


def whole(text: str) -> ast.Module | None:
    """Raises: RecursionError, MemoryError - this Python's parser cannot read it; its pieces may still be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def same(ours: object, theirs: object) -> bool:
    """Whether two trees are equal, positions included."""
    todo = [(ours, theirs)]
    while todo:
        a, b = todo.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, list):
            if len(a) != len(b):
                return False
            todo += zip(a, b, strict=True)
        elif isinstance(a, ast.AST):
            mine, other = vars(a), vars(b)
            if mine.keys() != other.keys():
                return False
            todo += [(value, other[name]) for name, value in mine.items() if value is not other[name]]
        elif a != b:
            return False
    return True


def lines_of(tree: ast.Module | None) -> list[str]:
    """A tree as lines, one for each statement, for a message that says which one differs."""
    return ["broken"] if tree is None else [ast.dump(node, include_attributes=True) for node in tree.body]


def check_tree(text: Text, chunks: list[Chunk], where: object) -> None:
    """Raises: AssertionError - the joined tree is not that of ``ast.parse``, or only one of both is broken."""
    try:
        expected = whole(str(text))
    except (MemoryError, RecursionError):
        return
    ours = joined(chunks)
    if not same(ours, expected):
        pairs = zip(lines_of(ours), lines_of(expected), strict=False)
        first = next((f"{a}\n  is not\n{b}" for a, b in pairs if a != b), "one has more statements")
        pytest.fail(f"{where}: {first}")


def check_file(path: Path) -> None:
    source = read(path)
    if source is None:
        return
    text = Text.of(source.removeprefix("\ufeff"))
    chunks = list(cut(text, Trees()))
    assert sum(chunk.lines for chunk in chunks) == len(text.lines), path
    assert "".join(piece.text for chunk in chunks for piece in chunk.pieces) == str(text), path
    check_tree(text, chunks, path)


@dataclass(frozen=True, slots=True)
class Change:
    """Lines ``first..last`` of a text replaced by ``new`` from ``start`` to ``stop``."""

    start: Position
    stop: Position
    new: str


def anywhere(rng: random.Random, text: Text) -> Position:
    line = rng.randrange(len(text.lines))
    return Position(line, rng.randint(0, len(text.lines[line].rstrip("\r\n"))))


def changes(rng: random.Random, text: Text) -> Change:
    """What an editor may send next: mostly a few characters, sometimes lines taken out, doubled, moved in or out."""
    count = len(text.lines)
    at = anywhere(rng, text)
    line = at.line
    margin = Position(line, 0)
    indent = text.lines[line][: len(text.lines[line]) - len(text.lines[line].lstrip(" "))]
    below = Position(min(line + rng.choice((1, 1, 2, 5, 40)), count - 1), 0)
    kind = rng.randrange(9)
    if kind == 0:
        return Change(at, at, rng.choice(BREAKERS))
    if kind == 1:
        return Change(margin, margin, rng.choice(BREAKERS))
    if kind == 2:
        return Change(at, Position(line, min(at.column + rng.randint(1, 3), len(text.lines[line].rstrip("\r\n")))), "")
    if kind == 3:
        return Change(margin, below, "")
    if kind == 4:
        return Change(margin, margin, rng.choice(("", indent)) + rng.choice(LINES) + "\n")
    if kind == 5:
        return Change(margin, margin, "".join(text.lines[line : below.line]))
    if kind == 6:
        moved = text.lines[line : below.line]
        shown = [row.removeprefix("    ") for row in moved] if rng.random() < 0.5 else ["    " + row for row in moved]
        return Change(margin, below, "".join(shown))
    if kind == 7:
        return Change(
            margin, margin, "".join(f"{indent}value_{k} = [{k}, {k} + 1]\n" for k in range(rng.choice((1, 50))))
        )
    return Change(at, anywhere(rng, text), "x") if at.line > count - 3 else Change(at, Position(line + 1, 0), "")


def spliced(rng: random.Random, text: Text, change: Change) -> tuple[Text, int, int]:
    """The new text, and how many lines at its start and end are the old ones: as the splice says, or all there are."""
    start, stop = sorted((change.start, change.stop))
    after, head, tail = text.splice(start, stop, change.new)
    if rng.random() < 0.5:
        return after, head, tail
    least = min(len(text.lines), len(after.lines))
    head = next((i for i in range(least) if text.lines[i] != after.lines[i]), least)
    tail = next((i for i in range(least - head) if text.lines[-1 - i] != after.lines[-1 - i]), least - head)
    return after, head, tail


def check_change(
    rng: random.Random, text: Text, chunks: list[Chunk], change: Change, trees: Trees, where: object
) -> tuple[Text, list[Chunk]]:
    """Raises: AssertionError - cutting again is not cutting from scratch, or the trees differ from ``ast.parse``."""
    after, head, tail = spliced(rng, text, change)
    ours = recut(chunks, after, head, tail, trees)
    scratch = list(cut(after, trees))
    if ours != scratch:
        line = 0
        for mine, theirs in zip(ours, scratch, strict=False):
            assert mine == theirs, (where, change, f"line {line}")
            line += theirs.lines
    assert len(ours) == len(scratch), (where, change)
    check_tree(after, ours, (where, change))
    return after, ours


def check_edits(seed: int, edits: int, files: tuple[Path, ...]) -> None:
    """Edit one file ``edits`` times: what breaks it is mostly taken back, as people do."""
    rng = random.Random(seed)
    path, source = next(candidates(rng, files))
    text, trees = Text.of(source), Trees(20_000_000)
    chunks = list(cut(text, trees))
    good = (text, chunks)
    for step in range(edits):
        where = (path.name, seed, step)
        change = changes(rng, text)
        text, chunks = check_change(rng, text, chunks, change, trees, where)
        if not any(piece.failure for chunk in chunks for piece in chunk.pieces):
            good = (text, chunks)
        elif rng.random() < 0.6:
            # Back to what was whole in one edit, as an undo does.
            everything = Change(Position(0, 0), Position(len(text.lines) - 1, len(text.lines[-1])), str(good[0]))
            text, chunks = check_change(rng, text, chunks, everything, trees, (*where, "undo"))


def candidates(rng: random.Random, files: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Random files of 20 to 700 lines; the long ones are in the law about whole files."""
    while True:
        path = rng.choice(files)
        source = read(path)
        if source is not None and 20 < source.count("\n") < 700:
            yield path, source


@pytest.mark.parametrize("seed", range(6))
def test_the_standard_librarys_joined_trees(seed: int) -> None:
    for path in random.Random(seed).sample(library(), 20):
        check_file(path)


def test_the_packages_joined_trees() -> None:
    for path in random.Random(7).sample(packages(), 60):
        check_file(path)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(20))
def test_all_joined_trees(part: int) -> None:
    for path in everything()[part::20]:
        check_file(path)


@pytest.mark.parametrize("seed", range(20))
def test_edits_cut_as_from_scratch(seed: int) -> None:
    check_edits(seed, 15, (*library(), *packages()))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_edits_cut_as_from_scratch_soak(seed: int) -> None:
    check_edits(seed, 40, everything())
