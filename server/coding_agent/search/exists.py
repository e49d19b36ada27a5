"""Whether a function that is being written is there already, and why one may say so.

Three reasons, the surest first. *Does*: the same shape, whatever its names, and in whichever of the forms that
`canonical` knows. *Begins*: as far as it is written, it is how the other begins. *May*: name and parameters are the
same, and it is near in meaning. All are meant to be seldom wrong rather than to find all: a hint that nobody asked for
has to be true.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, partial
from pathlib import Path
from typing import cast

from coding_agent.search.canonical import blocks, canonical
from coding_agent.search.catalogue import Catalogue, Hit
from coding_agent.search.chunks import Function, Kind, chunks
from coding_agent.search.fingerprints import Fingerprint, attributes, fingerprint_of, may_be_alike, similarity
from coding_agent.search.question import is_test
from coding_agent.search.reading import Reader
from coding_agent.search.shapes import says_nothing
from coding_agent.search.words import split
from coding_agent.store.source import Unreadable, decode
from coding_agent.text.text import split_lines

CANDIDATES = 50
"""Functions near in meaning, or with many of the same words, that are looked at."""
DOES = 0.8
BEGINS = 0.85
MEANS = 0.75
"""How alike, how alike as far as it is written, and how near in meaning they must be."""
_LEAST = 20
"""Parts of code (names, constants, operations) below which nothing is said: what is small is alike by chance."""
_WRITTEN = 0.4
"""Share of the other's statements that must be there before a beginning says something."""
_FEW = 3
"""Statements of a beginning at least."""
_CUT = 6
"""Lines at the end of what is being written that may be no Python yet."""
_SILENT = frozenset(["overload", "abstractmethod", "setter", "deleter", "fixture", "override"])
"""Decorators of functions that are there for their place, not for what they do."""
_TRY = re.compile(r"^([ \t]*)try:", re.MULTILINE)
_RECEIVERS = frozenset(["self", "cls"])


class Why(Enum):
    DOES = "does"
    BEGINS = "begins"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already; ``alike`` is how alike they are, 0 to 1."""

    hit: Hit
    why: Why
    alike: float


@dataclass(frozen=True, slots=True)
class New:
    """A function that is being written: its file below the root, its qualified name, its lines as they stand."""

    path: str
    name: str
    code: str


class Shape:
    """A function as it is compared. Raises: NoFunction - these lines are none."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.node = self._parsed()
        self.size = _size(self.node.body)

    @cached_property
    def forms(self) -> tuple[Fingerprint | None, Fingerprint | None]:
        """Its fingerprints: as it stands, and in its one form."""
        return fingerprint_of([self._parsed()]), fingerprint_of([self._one_form])

    @cached_property
    def form_size(self) -> int:
        """How many statements its one form has."""
        return _size(self._one_form.body)

    def beginning(self, size: int, form_size: int) -> tuple[Fingerprint | None, ...]:
        """Those of its first statements alone: as they stand, in their one form, and the first ones of its one form."""
        plain, same, form = self._parsed(), self._parsed(), copy.deepcopy(self._one_form)
        _keep(plain, size)
        _keep(same, size)
        canonical(same)
        _keep(form, form_size)
        return fingerprint_of([plain]), fingerprint_of([same]), fingerprint_of([form])

    @property
    def parameters(self) -> list[str]:
        """The names of what is given, but the object itself."""
        given = self.node.args
        every = (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
        return [each.arg for each in every if each is not None and each.arg not in _RECEIVERS]

    @cached_property
    def _one_form(self) -> Function:
        node = self._parsed()
        canonical(node)
        return node

    def _parsed(self) -> Function:
        node = _function(self._code)
        if node is None:
            raise NoFunction
        return node


class NoFunction(Exception):
    """Some lines are no function, or not yet."""


def exists(index: Catalogue, root: Path, make: Reader, new: New) -> Known | None:
    """What does already what a new function does, or is to do; None where nothing is known to.

    ``make`` is the reader of that index, whose files stand below ``root``.
    """
    last, source = new.name.rpartition(".")[2], _written(new.code)
    if is_test(new.path) or source is None or (last[:2] == "__" and last[-2:] == "__"):
        return None
    shape, names, lines = Shape(source), attributes(source), cache(partial(_lines, root))
    if _SILENT.intersection(_decorators(shape.node)):
        return None
    best: Known | None = None
    for hit in _candidates(index, make, new, source):
        if hit[:2] == (new.path, new.name) or hit.kind not in (Kind.FUNCTION, Kind.METHOD) or is_test(hit.path):
            continue
        code = "".join(lines(hit.path)[hit.line - 1 : hit.end])
        known = _compared(shape, code, new, hit) if may_be_alike(names, attributes(code)) else None
        if known is not None and (best is None or _rank(known) > _rank(best)):
            best = known
    return best


def _rank(known: Known) -> tuple[int, float, float]:
    return -[*Why].index(known.why), known.alike, known.hit.meaning


def _candidates(index: Catalogue, make: Reader, new: New, source: str) -> Iterator[Hit]:
    """Functions that may be it: those like it, and those of its name."""
    holder, _, last = new.name.rpartition(".")
    indented = source[:1] in " \t"
    text = f"class {holder or 'C'}:\n{source}" if indented else source
    name = f"{holder or 'C'}.{last}" if indented else last
    chunk = next((each for each in chunks(text) if each.name == name and each.kind is not Kind.CLASS), None)
    if chunk is None:
        return
    seen: set[tuple[str, int]] = set()
    found = index.like(make.columns([(b"", new.path, chunk._replace(name=new.name))]), CANDIDATES)
    for hit in (*found, *index.named(last)):
        if (hit.path, hit.line) not in seen:
            seen.add((hit.path, hit.line))
            yield hit


def _compared(shape: Shape, code: str, new: New, hit: Hit) -> Known | None:
    try:
        return _how_alike(shape, Shape(code), new, hit)
    except (NoFunction, RecursionError):  # A sum of 300 terms, a chain of as many conditions.
        return None


def _how_alike(shape: Shape, other: Shape, new: New, hit: Hit) -> Known | None:
    alike = _alike(shape.forms, other.forms)
    if alike >= DOES:
        return Known(hit, Why.DOES, alike)
    sizes = (shape.size, other.size), (shape.form_size, other.form_size)
    if shape.size >= _FEW and any(_WRITTEN * whole <= written < whole for written, whole in sizes):
        plain, same = shape.forms
        alike = _alike((plain, same, same), other.beginning(shape.size, shape.form_size))
        if alike >= BEGINS:
            return Known(hit, Why.BEGINS, alike)
    if hit.meaning >= MEANS and _is_named_so(shape, other, new, hit):
        return Known(hit, Why.MAY, hit.meaning)
    return None


def _alike(one: Sequence[Fingerprint | None], other: Sequence[Fingerprint | None]) -> float:
    """How alike two functions are in the form in which they are most alike; 0 where they are too small to say."""
    pairs = zip(one, other, strict=True)
    return max((similarity(a, b) for a, b in pairs if a and b and min(a.size, b.size) >= _LEAST), default=0.0)


def _is_named_so(shape: Shape, other: Shape, new: New, hit: Hit) -> bool:
    """Whether two functions are called the same and are given the same."""
    if hit.kind != Kind.FUNCTION or "." in new.name or not shape.parameters or not other.size:
        return False
    # What is decorated is often called by its name, as plugins are, so that another of the same name has to be there.
    if shape.node.decorator_list or other.node.decorator_list:
        return False
    mine, theirs = (split(name.rpartition(".")[2]) for name in (new.name, hit.name))
    return len(mine) > 1 and sorted(mine) == sorted(theirs) and sorted(shape.parameters) == sorted(other.parameters)


def _written(code: str) -> str | None:
    """The lines of a function that are Python by now; None where too few are, or it is something else."""
    lines = split_lines(code)
    for end in range(len(lines), max(len(lines) - _CUT, 1), -1):
        for source in _closed("".join(lines[:end])):
            if _function(source) is not None:
                return source
    return None


def _closed(source: str) -> Iterator[str]:
    """Some lines as they stand, and with an end for each ``try`` that may have none yet."""
    yield source
    opened = [each[1] for each in _TRY.finditer(source)]
    if opened and source.endswith("\n"):
        yield f"{source}{opened[-1]}finally:\n{opened[-1]} pass\n"


def _function(code: str) -> Function | None:
    """The function that some whole lines are, indented as they stand."""
    try:
        body = ast.parse(f"if 1:\n{code}" if code[:1] in " \t" else code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if code[:1] in " \t" and isinstance(body[0], ast.If):
        body = body[0].body
    return body[0] if len(body) == 1 and isinstance(body[0], Function) else None


def _decorators(node: Function) -> Iterator[str]:
    for each in node.decorator_list:
        called = each.func if isinstance(each, ast.Call) else each
        yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _size(body: Sequence[ast.stmt]) -> int:
    """How many statements there are, docstrings aside."""
    return sum(isinstance(each, ast.stmt) and _counts(each) for node in body for each in ast.walk(node))


def _keep(node: ast.AST, left: int) -> int:
    """Keep so many statements of a function, the first ones; how many more there could be."""
    for block in blocks(node):
        at = 0
        while at < len(block):
            if left == 0 and _counts(block[at]):
                del block[at:]
                break
            left = _keep(block[at], left - _counts(block[at]))
            at += 1
    for name in ("handlers", "cases"):
        if isinstance(several := getattr(node, name, None), list):
            setattr(node, name, [each for each in cast("list[ast.ExceptHandler]", several) if each.body])
    return left


def _counts(node: ast.stmt) -> bool:
    """Whether a statement says anything: no docstring, no line of a log."""
    return not (isinstance(node, ast.Expr) and says_nothing(node.value))


def _lines(root: Path, name: str) -> list[str]:
    path = root / name
    try:
        return split_lines(decode(path, path.read_bytes()).text)
    except (OSError, Unreadable):
        return []
