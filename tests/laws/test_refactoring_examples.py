"""Every example of every refactoring, under laws nobody writes by hand."""

import ast
import io
import subprocess
import sys
import textwrap
import tokenize
from collections import Counter

import pytest

from coding_agent.errors import NotProven, Refused
from coding_agent.refactoring.engine import Site, all_refactorings, offers, resolve
from coding_agent.refactoring.refactoring import Example, Refactoring
from coding_agent.text import Edit, Span, apply_edits

CASES = [
    pytest.param(refactoring, example, id=f"{refactoring.name}: {example.title}")
    for refactoring in all_refactorings()
    for example in refactoring.examples
]
APPLIED = [case for case in CASES if case.values[1].after is not None]  # type: ignore[union-attr]


def marked(text: str) -> tuple[str, Span]:
    """A text without its marks, and the span they enclose."""
    parts = text.split("$0")
    assert len(parts) in {2, 3}, "one mark, or two"
    start = len(parts[0])
    return "".join(parts), Span(start, start + (len(parts[1]) if len(parts) == 3 else 0))


def applied(refactoring: Refactoring, before: str) -> tuple[str, tuple[Edit, ...]] | None:
    """The text after the refactoring, and its edits; None where it is not offered, refused or not proven."""
    text, selection = marked(before)
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
    before, _ = marked(example.before)
    assert example.after is not None
    ast.parse(example.after)
    assert not comments(before) - comments(example.after)


@pytest.mark.parametrize(("refactoring", "example"), APPLIED)
def test_undo_gives_the_original(refactoring: Refactoring, example: Example) -> None:
    before, _ = marked(example.before)
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


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_same_result_with_tabs(refactoring: Refactoring, example: Example) -> None:
    def tabs(text: str) -> str:
        return "".join(
            "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in text.splitlines(keepends=True)
        )

    if any((len(line) - len(line.lstrip(" "))) % 4 for line in (example.before + (example.after or "")).split("\n")):
        pytest.skip("its indentation is not in steps of four")
    result = applied(refactoring, tabs(example.before))
    assert (result and result[0]) == (None if example.after is None else tabs(example.after))


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_same_result_without_a_last_line_end(refactoring: Refactoring, example: Example) -> None:
    result = applied(refactoring, example.before.removesuffix("\n"))
    assert (result and result[0].removesuffix("\n")) == (example.after and example.after.removesuffix("\n"))


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_whole_lines_select_what_tokens_do(refactoring: Refactoring, example: Example) -> None:
    text, span = marked(example.before)
    if span.start == span.stop:
        pytest.skip("a cursor")
    start = text.rfind("\n", 0, span.start) + 1
    if text[start : span.start].strip() or text[span.stop : span.stop + 1] not in {"\n", ""}:
        pytest.skip("not whole lines")
    lines = f"{text[:start]}$0{text[start : span.stop + 1]}$0{text[span.stop + 1 :]}"
    result = applied(refactoring, lines)
    assert (result and result[0]) == example.after


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
