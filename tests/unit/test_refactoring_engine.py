"""Listing and resolving: what is offered where, and what comes back."""

import sys

import pytest

from coding_agent.errors import NotProven, Refused, UnknownName
from coding_agent.refactoring.engine import Site, all_refactorings, find, offers, resolve
from coding_agent.text import Span, apply_edits
from support.marks import span_of

NESTED = """\
def f(rows):
    for row in rows:
        $0if row:
            if row.ready:
                print(row)
"""


def names(marked: str, *kinds: str) -> list[str]:
    text, selection = span_of(marked)
    return [offer.name for offer in offers(Site(text, selection), kinds or None)]


def test_offers_say_name_title_kind_and_place() -> None:
    text, selection = span_of(NESTED)
    assert [(o.name, o.title, o.kind, o.selection) for o in offers(Site(text, selection))] == [
        ("guard-clause", "Use a guard clause (nesting 3 → 2)", "refactor.rewrite", selection),
        ("merge-nested-ifs", "Merge nested ifs", "refactor.rewrite", selection),
    ]


@pytest.mark.parametrize(
    ("kinds", "some"),
    [(("refactor",), True), (("refactor.rewrite",), True), (("",), True), (("refactor.extract", "quickfix"), False)],
)
def test_only_the_kinds_asked_for_are_listed(kinds: tuple[str, ...], some: bool) -> None:
    assert bool(names(NESTED, *kinds)) is some


def test_a_kind_is_not_a_prefix_of_words() -> None:
    assert names(NESTED, "refactor.re") == []


@pytest.mark.parametrize("text", ["def f(:\n    if a:\n        b()\n", "if a:\n    x = '\ud800'\n    b()\n", "\0", ""])
def test_broken_code_has_no_offers(text: str) -> None:
    assert offers(Site(text, Span(0, 0))) == ()


def test_a_deep_expression_has_no_offers_and_harms_nobody() -> None:
    text = "def f(a):\n    return " + "+".join(["a"] * 20_000) + "\n"
    start = text.index("a+a")
    for selection in (Span(start, start), Span(start, start + 1), Span(start, len(text) - 1)):
        offers(Site(text, selection))


def test_a_selection_past_the_end_has_no_offers() -> None:
    assert offers(Site("x = 1\n", Span(6, 6))) == ()


def test_edits_are_small_and_leave_the_rest_alone() -> None:
    head, tail = "import os  \n\n\n", "\n\n# The end.\nx  =  1\n"
    text, selection = span_of(head + NESTED + tail)
    resolution = resolve(text, "merge-nested-ifs", selection)
    for span, _ in resolution.edits:
        assert len(head) < span.start < span.stop < len(text) - len(tail)
    assert apply_edits(text, resolution.edits) == (
        f"{head}def f(rows):\n    for row in rows:\n        if row and row.ready:\n            print(row)\n{tail}"
    )
    assert resolution.verified_by == ("syntax", "bindings", "effects")
    assert resolution.note == ""


def test_a_resolution_says_what_it_takes_for_granted() -> None:
    text, selection = span_of("def f(a, b):\n    a.put($0b.get()$0)\n")
    assert resolve(text, "extract-variable", selection).note == (
        "Takes for granted that reading the method `put` has no effect, and gives the same a little later."
    )


def test_what_is_not_offered_is_refused() -> None:
    with pytest.raises(Refused):
        resolve("x = 1\n", "guard-clause", Span(0, 0))
    with pytest.raises(Refused, match="not Python"):
        resolve("x = = 1\n", "guard-clause", Span(0, 0))


def test_what_cannot_be_proved_is_not_delivered() -> None:
    text, selection = span_of("def f(a):\n    $0x = a\n    while a:\n        a = g(x)\n    return x\n")
    with pytest.raises((NotProven, Refused)):
        resolve(text, "inline-variable", selection)


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(UnknownName, match="guard-clause"):
        find("gard-clause")


def test_a_byte_order_mark_stays_first() -> None:
    text, selection = span_of("\ufeff" + NESTED)
    assert "merge-nested-ifs" in names("\ufeff" + NESTED)
    after = apply_edits(text, resolve(text, "merge-nested-ifs", selection).edits)
    assert after.startswith("\ufeffdef f(rows)")


def test_every_refactoring_has_a_page() -> None:
    for refactoring in all_refactorings():
        page = sys.modules[refactoring.offer.__module__].__doc__ or ""
        assert "Offered on" in page
        assert "Source:" in page


def test_two_edits_at_one_line_end_do_not_cut_it() -> None:
    text, selection = span_of("def f(a):\r\n    $0if a:\r\n        b()\r\n        c()\r\n")
    edits = resolve(text, "guard-clause", selection).edits
    for span, new in edits:
        assert text[span.start - 1 : span.start + 1] != "\r\n"
        assert text[span.stop - 1 : span.stop + 1] != "\r\n"
        assert not new.endswith("\r")
