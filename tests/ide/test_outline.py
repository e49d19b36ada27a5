"""The outline of whole files equals what `ast` says of the whole, although it is put together from pieces."""

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.report import Symbol, SymbolKind
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.ide.check import whole
from coding_agent.ide.facade import outline, placed_at
from coding_agent.text import Text

FILES = (
    "enum.py",
    "dataclasses.py",
    "tarfile.py",
    "_pydecimal.py",
    "unittest/mock.py",
    "email/message.py",
    "typing.py",
)


def outlined(text: str) -> list[Symbol]:
    return outline(whole(Text.of(text), Analyser(RuleSet(())), "a.py"))


def names(symbols: list[Symbol] | tuple[Symbol, ...]) -> list[object]:
    return [(each.name, each.kind.value, names(each.children)) for each in symbols]


def expected(body: list[ast.stmt], in_class: bool = False) -> Iterator[tuple[str, SymbolKind, int, int]]:
    """(name, kind, first line, last line) of all definitions, in order, by the whole tree."""
    for node in body:
        lines = node.lineno, node.end_lineno or 0
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.name, SymbolKind.METHOD if in_class else SymbolKind.FUNCTION, *lines)
        elif isinstance(node, ast.ClassDef):
            yield (node.name, SymbolKind.CLASS, *lines)
            yield from expected(node.body, True)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield (target.id, SymbolKind.CONSTANT if target.id.isupper() else SymbolKind.VARIABLE, *lines)
        elif isinstance(node, ast.If | ast.Try):
            yield from expected([*node.body, *node.orelse], in_class)


def flat(symbols: list[Symbol] | tuple[Symbol, ...], text: Text) -> Iterator[tuple[str, SymbolKind, int, int]]:
    for each in symbols:
        first, last = (text.position(offset).line + 1 for offset in (each.span.start, max(each.span.stop, 1)))
        yield each.name, each.kind, first, last
        yield from flat(each.children, text)


@pytest.mark.parametrize("name", FILES)
def test_whole_files_of_the_standard_library(name: str) -> None:
    source = (Path(sysconfig.get_path("stdlib")) / name).read_text("utf-8")
    text = Text.of(source)
    assert list(flat(outlined(source), text)) == list(expected(ast.parse(source).body))


@pytest.mark.parametrize("name", FILES)
def test_names_stand_where_the_outline_says(name: str) -> None:
    source = (Path(sysconfig.get_path("stdlib")) / name).read_text("utf-8")
    waiting = outlined(source)
    assert waiting
    while waiting:
        symbol = waiting.pop()
        waiting += symbol.children
        assert source[slice(*symbol.name_span)] == symbol.name
        assert symbol.span.covers(symbol.name_span)
        assert all(symbol.span.covers(child.span) for child in symbol.children)


def test_members_stay_in_their_class() -> None:
    first = "x = 1\nclass A:\n    a = 1\n    def f(self): ...\n\n    class B:\n        def g(self): ...\n"
    text = first + "y = 2\nclass C: ...\n"
    inner = ("B", "class", [("g", "method", [])])
    assert names(outlined(text)) == [
        ("x", "variable", []),
        ("A", "class", [("a", "variable", []), ("f", "method", []), inner]),
        ("y", "variable", []),
        ("C", "class", []),
    ]


def test_broken_piece_costs_its_own_symbols_only() -> None:
    broken = "class C:\n    def d(self): ...\n    def e(self:\n        pass\n    f = 1\n"
    text = "def a(): ...\n\n\ndef b(:\n    pass\n\n\n" + broken
    assert names(outlined(text)) == [
        ("a", "function", []),
        ("C", "class", [("d", "method", []), ("f", "variable", [])]),
    ]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "(", "class A:", "class A:\n", "@x\n"])
def test_next_to_nothing(text: str) -> None:
    assert len(outlined(text)) <= 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((f"class {letter}: ...\n", letter) for letter in "clas"),
        *((f"def {letter}(): ...\n", letter) for letter in "def"),
        *((f"async def {letter}(): ...\n", letter) for letter in "asyncdef"),
        ("async  def\\\n  e(): ...\n", "e"),
        ("@d\n@d.d(d)\ndef d(): ...\n", "d"),
        # Letters to Python, none to the re module.
        ("def \u2118\u00b7(): ...\n", "\u2118\u00b7"),
        # In the tree these are called f and fi.
        ("def \U0001d453(): ...\n", "\U0001d453"),
        ("class \ufb01: ...\n", "\ufb01"),
    ],
)
def test_place_of_odd_names(text: str, name: str) -> None:
    (symbol,) = outlined(text)
    assert text[slice(*symbol.name_span)] == name
    assert text[: symbol.name_span.start].rstrip(" \\\n").endswith(("def", "class"))


def test_piece_at_every_offset() -> None:
    text = "import a\nclass B:\n    def c(self): ...\n\n    d = 1\ne = 2\n"
    state = whole(Text.of(text), Analyser(RuleSet(())), "a.py")
    for offset in range(len(text) + 1):
        found = placed_at(state, offset)
        assert found is not None
        placed, owner = found
        assert placed.offset <= offset <= placed.offset + len(placed.piece.text)
        assert (owner is not None) == bool(placed.piece.indent and placed.report.info is None)
        assert text.startswith(placed.piece.text, placed.offset)
