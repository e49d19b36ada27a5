"""A refactoring is made and proved over a part of its document, and that changes nothing."""

import ast
import random
import symtable
from dataclasses import replace
from pathlib import Path

import pytest

from coding_agent.errors import NotProven, Refused
from coding_agent.proof.outside import Outside, outside
from coding_agent.proof.source import Source
from coding_agent.refactoring import engine
from coding_agent.refactoring.engine import Site, all_refactorings, offers, resolve, resolve_whole
from coding_agent.refactoring.refactoring import Example, Refactoring
from coding_agent.syntax.enclosing import Part, parts
from coding_agent.text import Span, apply_edits, line_table, split_lines
from support.marks import span_of

EXAMPLES = [
    pytest.param(refactoring, example, id=f"{refactoring.name}: {example.title}")
    for refactoring in all_refactorings()
    for example in refactoring.examples
]
MODULES = ("argparse", "ast", "cgi", "contextlib", "dataclasses", "enum", "inspect", "textwrap", "typing")
SOURCES = [file for name in MODULES if (file := Path(ast.__file__).with_name(f"{name}.py")).exists()]

ABOVE = '''\
"""Says from __future__ import nothing."""
from __future__ import annotations

import sys

count = 0


def bump():
    global count
    count += 1


@decorated(
    """
class Not:
    pass
""")
class First:
    kind = "first"

    def before(self):
        return self.kind


# Of what follows.
'''
BELOW = """

class Last(First):
    def behind(self):
        return sys.argv


if __name__ == "__main__":
    Last().behind()
"""


def outcome(function: object, *arguments: object) -> object:
    assert callable(function)
    try:
        return function(*arguments)
    except (Refused, NotProven) as error:
        return f"{type(error).__name__}: {error}"


def parts_at(text: str, span: Span) -> list[tuple[Part, Outside]]:
    """The parts around a span whose cut is proved to be right."""
    starts = line_table(text)
    first, last = (max(n for n, start in enumerate(starts) if start <= offset) for offset in span)
    return [(part, rest) for part in parts(split_lines(text), first, last) if (rest := outside(part)) is not None]


def a_part_is_enough(name: str, text: str, span: Span, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether it gives a result without the whole document."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "resolve_whole", lambda *_: "the whole document")
        return outcome(resolve, text, name, span) != "the whole document"


@pytest.mark.parametrize(("refactoring", "example"), EXAMPLES)
def test_examples_in_a_long_document(
    refactoring: Refactoring, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, selection = span_of(example.before)
    if "__future__" in text:
        return
    whole, span = f"{ABOVE}{text}{BELOW}", selection.shifted(len(ABOVE))
    made = outcome(resolve, whole, refactoring.name, span)
    assert made == outcome(resolve_whole, whole, refactoring.name, span)
    assert a_part_is_enough(refactoring.name, whole, span, monkeypatch)


def places(source: Source, rng: random.Random, count: int) -> list[Span]:
    nodes = [n for top in source.body for n in ast.walk(top) if isinstance(n, ast.stmt | ast.expr)]
    chosen = [source.span(node) for node in rng.sample(nodes, min(count, len(nodes)))]
    return [span for each in chosen for span in (each, Span(each.start, each.start))]


def compare(path: Path, seed: int, count: int) -> int:
    text = path.read_text("utf-8")
    source = Source(text)
    tried = 0
    for span in places(source, random.Random(seed), count):
        for offer in offers(Site(text, span, tree=lambda: source.body)):
            made = outcome(resolve, text, offer.name, span)
            assert made == outcome(resolve_whole, text, offer.name, span), (path.name, offer.name, span)
            tried += 1
    return tried


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_standard_library(path: Path) -> None:
    assert compare(path, 1, 6) >= 0


def test_the_sample_of_the_standard_library_is_not_empty() -> None:
    assert len(SOURCES) > 5
    assert compare(SOURCES[0], 3, 12) > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_much_of_the_standard_library(path: Path, seed: int) -> None:
    assert compare(path, 100 + seed, 30) > 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_part_and_its_rest_are_the_document(path: Path) -> None:
    """Names bound at the top, names anywhere, and the statements: an independent look at the cut."""
    text = path.read_text("utf-8")
    source, top = Source(text), symtable.symtable(text, "<text>", "exec")
    bound = {s.get_name() for s in top.get_symbols() if s.is_local()}
    known = {ast.unparse(node) for outer in source.body for node in ast.walk(outer) if isinstance(node, ast.stmt)}
    found = 0
    for span in places(source, random.Random(5), 40):
        for part, rest in parts_at(text, span):
            own = symtable.symtable(part.text, "<text>", "exec")
            assert rest.bound | {s.get_name() for s in own.get_symbols() if s.is_local()} == bound
            inside = ast.parse(part.text).body
            pieces = inside[-1].body if part.owner and isinstance(inside[-1], ast.ClassDef) else inside
            assert {ast.unparse(node) for node in pieces} <= known
            assert part.text[part.lead :] == text[part.lead + part.shift : len(part.text) + part.shift]
            assert part.lead + part.shift <= span.start <= span.stop <= len(part.text) + part.shift
            found += 1
    assert found > 20


OUTSIDE = [
    ("a name used elsewhere", "c = 1\n", 1),
    ("a name rebound elsewhere", "def g():\n    global len\n    len = ord\n", 0),
    ("a star import elsewhere", "from m import *\n", 0),
    ("a shadowed builtin elsewhere", "len = ord\n", 0),
]


@pytest.mark.parametrize(("said", "rest", "_"), OUTSIDE, ids=[each[0] for each in OUTSIDE])
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_what_is_outside_counts(said: str, rest: str, _: int, above: bool) -> None:
    code = "def f(a, h):\n    if len(a) < 3:\n        h(a)\n        h(a.c)\n    else:\n        h(1)\n"
    text, start = (f"{rest}\n\n{code}", len(rest) + 2) if above else (f"{code}\n\n{rest}", 0)
    at = start + code.index("if")
    inverted = outcome(resolve, text, "invert-if", Span(at, at))
    assert inverted == outcome(resolve_whole, text, "invert-if", Span(at, at))
    # Only where `len` is surely the builtin is the comparison turned round.
    alone = outcome(resolve, code, "invert-if", Span(at - start, at - start))
    assert isinstance(inverted, engine.Resolution)
    assert isinstance(alone, engine.Resolution)
    turned = "len(a) >= 3" in apply_edits(text, inverted.edits)
    assert "len(a) >= 3" in apply_edits(code, alone.edits)
    assert turned is (said == "a name used elsewhere")
    attribute = start + code.index("a.c")
    named = outcome(resolve, text, "extract-variable", Span(attribute, attribute + 3))
    assert isinstance(named, engine.Resolution)
    assert ("c_2 = a.c" in apply_edits(text, named.edits)) is (said == "a name used elsewhere")


HIDDEN = """\
class First:
    def method(self):
        pass

\x0cdef outer(n):
    count = 1

    def inner(a):
        nonlocal count
        g(a.b)
        count = n

    return inner
"""


def test_a_function_behind_a_form_feed_is_no_method(monkeypatch: pytest.MonkeyPatch) -> None:
    at = HIDDEN.index("a.b")
    span = Span(at, at + 3)
    assert {part.owner for part, _ in parts_at(HIDDEN, span)} == {""}
    assert outcome(resolve, HIDDEN, "extract-variable", span) == outcome(
        resolve_whole, HIDDEN, "extract-variable", span
    )
    assert a_part_is_enough("extract-variable", HIDDEN, span, monkeypatch)


def test_a_member_is_shown_to_stand_in_its_class() -> None:
    lines = split_lines(HIDDEN)
    right = next(part for part in parts(lines, 2, 2) if part.owner)
    assert outside(right) is not None
    assert outside(replace(right, owner="Second")) is None
    assert outside(replace(right, before=f"{right.before}{right.before.replace('First', 'Second')}")) is None


BROKEN = [
    ("inside a string", 'x = """\ndef f(a):\n    if a:\n        g(a)\n        h()\n"""\n', "    if a"),
    ("behind an open bracket", "x = (\ndef f(a):\n    if a:\n        g(a)\n", "    if a"),
    ("with a broken neighbour", "def f(a):\n    if a:\n        g(a)\n    else:\n        h()\n\n\ndef (:\n", "    if a"),
    ("an else without its if", "def f(a):\n    if a:\n        g(a)\nelse:\n    h()\n", "    if a"),
]


@pytest.mark.parametrize(("said", "text", "at"), BROKEN, ids=[each[0] for each in BROKEN])
def test_no_part_is_taken_for_a_document_it_is_not_in(said: str, text: str, at: str) -> None:
    offset = text.index(at) + 4
    assert parts_at(text, Span(offset, offset)) == [], said
    for refactoring in all_refactorings():
        assert isinstance(outcome(resolve, text, refactoring.name, Span(offset, offset)), str)
