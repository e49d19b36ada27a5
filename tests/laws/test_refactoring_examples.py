"""Every example of every refactoring, under laws nobody writes by hand."""

import ast
import io
import subprocess
import sys
import textwrap
import tokenize
from collections import Counter
from collections.abc import Callable

import pytest
from _pytest.mark import ParameterSet

from coding_agent.errors import NotProven, Refused
from coding_agent.proof.source import Source, string_lines
from coding_agent.refactoring.engine import Site, all_refactorings, offers, resolve
from coding_agent.refactoring.refactoring import Example, Refactoring
from coding_agent.text import Edit, Span, apply_edits
from support.marks import span_of

EXAMPLES = [(refactoring, example) for refactoring in all_refactorings() for example in refactoring.examples]


def cases(wanted: Callable[[Example], bool] = lambda _: True) -> list[ParameterSet]:
    return [pytest.param(r, e, id=f"{r.name}: {e.title}") for r, e in EXAMPLES if wanted(e)]


CASES = cases()
APPLIED = cases(lambda example: example.after is not None)


def applied(refactoring: Refactoring, before: str) -> tuple[str, tuple[Edit, ...]] | None:
    """The text after the refactoring, and its edits; None where it is not offered, refused or not proven."""
    text, selection = span_of(before)
    if all(offer.name != refactoring.name for offer in offers(Site(text, selection))):
        return None
    try:
        edits = resolve(text, refactoring.name, selection).edits
    except (Refused, NotProven):
        return None
    return apply_edits(text, edits), edits


def comments(text: str) -> Counter[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return Counter(
        token.string
        for token in tokenize.generate_tokens(io.StringIO(plain).readline)
        if token.type == tokenize.COMMENT
    )


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_example(refactoring: Refactoring, example: Example) -> None:
    result = applied(refactoring, example.before)
    assert (result and result[0]) == example.after


@pytest.mark.parametrize(("refactoring", "example"), APPLIED)
def test_the_result_parses_and_keeps_comments(refactoring: Refactoring, example: Example) -> None:
    before, _ = span_of(example.before)
    assert example.after is not None
    ast.parse(example.after)
    assert not comments(before) - comments(example.after)


@pytest.mark.parametrize(("refactoring", "example"), APPLIED)
def test_undo_gives_the_original(refactoring: Refactoring, example: Example) -> None:
    before, _ = span_of(example.before)
    result = applied(refactoring, example.before)
    assert result is not None
    after, edits = result
    shift, back = 0, []
    for span, new in sorted(edits):
        start = span.start + shift
        back.append(Edit(Span(start, start + len(new)), before[span.start : span.stop]))
        shift += len(new) - (span.stop - span.start)
    assert apply_edits(after, back) == before


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def bare_cr(text: str) -> str:
    return text.replace("\n", "\r")


def wide(text: str) -> str:
    return f'# 🐍 \u2028 é\nGREETING = "𝔘𝔫𝔦 \u2029 👋🏽"\n{text}'


def form_feed(text: str) -> str:
    return f"import sys\n\x0c\n{text}"


def form_feed_on_the_line(text: str) -> str:
    return f"import sys\n\x0c{text}"


def marked_order(text: str) -> str:
    return f"\ufeff{text}"


@pytest.mark.parametrize("variant", [crlf, bare_cr, wide, form_feed, form_feed_on_the_line])
@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_same_result_in_another_text(refactoring: Refactoring, example: Example, variant: object) -> None:
    assert callable(variant)
    result = applied(refactoring, variant(example.before))
    assert (result and result[0]) == (None if example.after is None else variant(example.after))


def in_steps_of_four(example: Example) -> bool:
    lines = (example.before + (example.after or "")).split("\n")
    return all((len(line) - len(line.lstrip(" "))) % 4 == 0 for line in lines)


@pytest.mark.parametrize(("refactoring", "example"), cases(in_steps_of_four))
def test_same_result_with_tabs(refactoring: Refactoring, example: Example) -> None:
    def tabs(text: str) -> str:
        return "".join(
            "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ")
            for line in text.splitlines(keepends=True)
        )

    result = applied(refactoring, tabs(example.before))
    assert (result and result[0]) == (None if example.after is None else tabs(example.after))


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_same_result_without_a_last_line_end(refactoring: Refactoring, example: Example) -> None:
    result = applied(refactoring, example.before.removesuffix("\n"))
    assert (result and result[0].removesuffix("\n")) == (example.after and example.after.removesuffix("\n"))


def whole_lines(example: Example) -> bool:
    """Whether the selection begins and ends where code of its lines does, and is no cursor."""
    text, (start, stop) = span_of(example.before)
    line = text.rfind("\n", 0, start) + 1
    return start < stop and not text[line:start].strip() and text[stop : stop + 1] in {"\n", ""}


@pytest.mark.parametrize(("refactoring", "example"), cases(whole_lines))
def test_whole_lines_select_what_tokens_do(refactoring: Refactoring, example: Example) -> None:
    text, span = span_of(example.before)
    start = text.rfind("\n", 0, span.start) + 1
    result = applied(refactoring, f"{text[:start]}$0{text[start : span.stop + 1]}$0{text[span.stop + 1 :]}")
    assert (result and result[0]) == example.after


def keeps_its_place(example: Example) -> bool:
    """Whether the result stays inside what it was made of: a new function goes to the top of the module."""
    return "\ndef _" not in "\n" + (example.after or "").replace("async def", "def")


@pytest.mark.parametrize(("refactoring", "example"), cases(keeps_its_place))
def test_same_result_inside_a_block(refactoring: Refactoring, example: Example) -> None:
    def indented(text: str) -> str:
        source = Source(span_of(text)[0] if "$0" in text else text)
        lines = text.split("\n")
        inside = string_lines(source.tokens(Span(0, len(source.text))))
        shifted = [f"    {line}" if line and n not in inside else line for n, line in enumerate(lines)]
        return "with block:\n" + "\n".join(shifted)

    result = applied(refactoring, indented(example.before))
    assert (result and result[0]) == (None if example.after is None else indented(example.after))


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_a_piece_offers_what_its_document_does(refactoring: Refactoring, example: Example) -> None:
    """The server lists over one piece: a top-level statement, or a member of a class."""
    text, selection = span_of(example.before)
    whole = [offer.name for offer in offers(Site(text, selection))]
    source = Source(text)
    for statement in source.body:
        members = [(m, statement.name) for m in statement.body] if isinstance(statement, ast.ClassDef) else []
        for node, owner in [(statement, None), *members]:
            full = source.full(node)
            start = source.starts[source.line(full.start)]
            stop = source.starts[source.line(full.stop)] + len(source.lines[source.line(full.stop)])
            if not start <= selection.start <= selection.stop <= stop or (owner is None and members):
                continue
            indent = text[start : full.start]
            site = Site(text[start:stop], selection.shifted(-start), indent, owner)
            assert [offer.name for offer in offers(site)] == whole


def test_listing_and_resolving_never_disturb_the_examples() -> None:
    names = {refactoring.name for refactoring in all_refactorings()}
    assert len(names) == len(all_refactorings())
    for refactoring in all_refactorings():
        assert any(example.after is not None for example in refactoring.examples)
        assert any(example.after is None for example in refactoring.examples)


def test_listing_imports_no_heavy_library() -> None:
    code = textwrap.dedent("""
        import sys
        from coding_agent.refactoring.engine import Site, all_refactorings, offers
        from coding_agent.text import Span
        for refactoring in all_refactorings():
            for example in refactoring.examples:
                text = example.before.replace("$0", "")
                start = example.before.index("$0")
                offers(Site(text, Span(start, start)))
        print(sorted({"libcst", "jedi", "parso", "radon", "pydantic", "lsprotocol"} & sys.modules.keys()))
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
