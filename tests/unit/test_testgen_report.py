"""The report of a generation: as text, JSON, and a page that needs nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from coding_agent.report import tests as render
from coding_agent.testgen.report import Bug, Dropped, Gap, Mutant, Report, percent

REPORT = Report(
    module="shop.cart",
    source=Path("/p/shop/cart.py"),
    file=Path("/p/tests/test_cart.py"),
    tests=3,
    cases=7,
    functions_before=1,
    functions_after=3,
    functions=4,
    before=2,
    after=9,
    branches=10,
    killed=23,
    killed_before=9,
    mutants=34,
    reached=28,
    tried=26,
    survivors=tuple(Mutant(8 + number, "add", "< becomes <=") for number in range(3)),
    seconds=9.25,
    first=1.25,
    isolation="bubblewrap",
    executions=4000,
    dropped=(Dropped("a case of add", "failed 40 days later: <b>", 2),),
    bugs=(Bug("add('')", "IndexError('x')", 12),),
    gaps=(Gap("add", 14, "else"),),
    place="the usual folder",
)


def shown(path: Path) -> str:
    return path.relative_to("/p").as_posix()


def test_text_says_what_was_reached_and_what_was_not() -> None:
    text = render.text([REPORT], shown)
    for part in (
        "tests/test_cart.py: 3 tests with 7 cases (the usual folder)\n",
        "functions 3 of 4 (75.0 %), before 1 (25.0 %)",
        "branches  9 of 10 (90.0 %), before 2 (20.0 %)",
        "kills 23 of 34 mutants (before 9), 28 of them in code that the tests run (26 were tried in the time); "
        "the 3 survivors: line 8 < becomes <=; line 9",
        "9.2 s, the first file after 1.2 s; 4000 runs; isolation: bubblewrap",
        "looks wrong, line 12: add(''): IndexError('x')",
        "a case of add: failed 40 days later: <b> (2 times)",
    ):
        assert part in text


def test_no_test_has_a_reason() -> None:
    text = render.text([replace(REPORT, file=None, why="nothing is defined")], shown)
    assert text.startswith("shop.cart: no useful test: nothing is defined\n")
    assert "  mutants   kills 23 of 34 mutants (before 9), " in text


def test_no_test_of_nothing_has_no_figures() -> None:
    text = render.text([replace(REPORT, file=None, functions_before=0)], shown)
    assert "functions" not in text
    assert "mutants" not in text


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        (REPORT.gaps, "shop/cart.py: 1 of 10 branches are not tested\n  shop/cart.py:14: add: else\n"),
        ((Gap("add", 1, "called"), *REPORT.gaps * 7), "1 of 4 functions and 7 of 10 branches are not tested"),
        (
            (Gap("add", 1, "called"), Gap("add", 3, "reached")),
            "1 of 4 functions and the ends of 1 block are not tested",
        ),
        (REPORT.gaps, "  plan      about 10 s for tests of these; isolation: bubblewrap\n"),
        (REPORT.gaps * 60, "about 15 s for tests"),
        ((Gap("add", 2, "true", 7, "name is None"),), "  shop/cart.py:2:7: add: true: name is None\n"),
        ((Gap("add", 2, "true", 7, "a" * 90),), f"add: true: {'a' * 57}...\n"),
        ((), "all 4 functions and 10 branches are tested"),
    ],
)
def test_gaps(gaps: tuple[Gap, ...], said: str) -> None:
    assert said in render.text([replace(REPORT, gaps=gaps)], shown, gaps=True)


def test_functions_that_no_test_calls_are_named_at_the_end() -> None:
    called = tuple(Gap(f"make_{letter}", 1, "called") for letter in "abcdefghijklmn")
    text = render.text([replace(REPORT, gaps=(*called[:2], *REPORT.gaps))], shown)
    assert text.endswith("  not tested: make_a, make_b\n")
    text = render.text([replace(REPORT, gaps=called)], shown)
    assert text.endswith("make_k, make_l; and 2 more\n")
    assert "not tested" not in render.text([REPORT], shown)


def test_json_has_the_numbers() -> None:
    (data,) = json.loads(render.json([REPORT], shown))
    assert data["coverage"] == {"before": 20.0, "after": 90.0}
    assert (data["file"], data["killed"], data["survivors"][0]["line"]) == ("tests/test_cart.py", 23, 8)


def test_a_page_escapes_what_it_shows() -> None:
    page = render.html([REPORT], shown)
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "{" not in page.partition("<body>")[2]


def test_all_of_nothing_is_everything() -> None:
    assert (percent(0, 0), percent(1, 3)) == (100.0, 33.3)
