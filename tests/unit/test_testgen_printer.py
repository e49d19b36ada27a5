"""Expressions are printed as the formatter prints them, and mean what they meant."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_agent.testgen.printer import Printer

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4) | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f('a',b = 1)", 'f("a", b=1)'),
        ("'say \"hi\"'", "'say \"hi\"'"),
        ("'it\\'s'", '"it\'s"'),
        ("(1,)", "(1,)"),
        ("{1:'a',**x}", '{1: "a", **x}'),
        ("a[1:2,3]", "a[1:2, 3]"),
        ("2**10", "2**10"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a<b)==c", "(a < b) == c"),
        ("f(x for x in y)", "f(x for x in y)"),
        ("lambda x:x+1", "lambda x: x + 1"),
        ("b'\\xff\\n'", 'b"\\xff\\n"'),
        ("not python (", "not python ("),
    ],
)
def test_flat(code: str, expected: str) -> None:
    assert Printer().flat(code) == expected


@pytest.mark.parametrize("quote", ["'", '"'])
@given(value=VALUES)
def test_what_is_printed_is_the_value(quote: str, value: object) -> None:
    printer = Printer(60, quote)
    for text in (printer.flat(repr(value)), printer.expression(repr(value), 4)):
        assert ast.literal_eval(text) == value


@given(value=st.lists(st.text(alphabet="ab ", min_size=1, max_size=30), min_size=4, max_size=8))
def test_lines_keep_to_the_width(value: list[str]) -> None:
    text = Printer(60).expression(repr(value), 8)
    first, *others = text.split("\n")
    assert len(first) + 8 <= 60
    assert all(len(line) <= 60 for line in others)


def test_a_long_text_is_cut_at_blanks() -> None:
    text = Printer(40).expression(repr("one two three four five six seven eight nine"), 4)
    assert text == '(\n        "one two three four five six "\n        "seven eight nine"\n    )'


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("plain", '"plain"'),
        (r"a\.b", r'r"a\.b"'),
        ('a\\."b', "r'a\\.\"b'"),
        ("end\\", '"end\\\\"'),
        ("a\\.\nb", '"a\\\\.\\nb"'),
    ],
)
def test_patterns_are_raw_where_that_helps(pattern: str, expected: str) -> None:
    assert Printer().pattern(pattern) == expected
    assert ast.literal_eval(expected) == pattern
