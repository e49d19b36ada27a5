"""What of a document tests can be generated for, read off its pieces."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from coding_agent.analysis.file import FileState
from coding_agent.analysis.report import Symbol, SymbolKind
from coding_agent.ide.facade import placed_at
from coding_agent.text import Span

_TESTS = re.compile(r"test_.*\.py|.*_tests?\.py|tests\.py|conftest\.py")
_CODE = (SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CLASS)


class Testable(NamedTuple):
    """A function, method or class by its qualified name, with the spans of all of it and of its name."""

    name: str
    span: Span
    name_span: Span
    is_class: bool


def may_have_tests(path: Path) -> bool:
    """Whether tests of this file make sense: it is a module, and no test itself."""
    return path.suffix == ".py" and not is_test_file(path)


def is_test_file(path: Path) -> bool:
    return _TESTS.fullmatch(path.name) is not None


def targets_in(symbols: Iterable[Symbol], owner: str = "", offset: int = 0) -> Iterator[Testable]:
    """What of these symbols can be tested, those in classes with them; dunder methods are tested by what calls them."""
    for symbol in symbols:
        if symbol.kind not in _CODE or (symbol.name.startswith("__") and symbol.name.endswith("__")):
            continue
        name = f"{owner}.{symbol.name}" if owner else symbol.name
        is_class = symbol.kind is SymbolKind.CLASS
        yield Testable(name, symbol.span.shifted(offset), symbol.name_span.shifted(offset), is_class)
        if is_class:
            yield from targets_in(symbol.children, name, offset)


def target_at(state: FileState, span: Span, *, inside: bool) -> Testable | None:
    """The innermost thing whose line with ``def`` or ``class`` is touched, or that holds a whole selection; with
    ``inside`` also one that holds the place.
    """
    found = placed_at(state, span.start)
    if found is None:
        return None
    placed, header = found
    # A header is a piece itself, and stands in no class.
    member = placed.piece.indent and placed.report.info is None
    owner = header.report.info.name if member and header is not None and header.report.info is not None else ""
    line = state.text.position(span.start).line
    best: Testable | None = None
    for each in targets_in(placed.report.symbols, owner, placed.offset):
        on_head = state.text.position(each.name_span.start).line == line
        selected = (inside or span.start < span.stop) and each.span.start <= span.start and span.stop <= each.span.stop
        if on_head or selected:
            best = each
    return best
