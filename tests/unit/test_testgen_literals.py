"""Expressions changed through their trees."""

import ast
import random
import re

import pytest

from coding_agent.testgen.inside import regex
from coding_agent.testgen.inside.literals import literal, numbers, replaced, with_attribute, with_key, with_number
from coding_agent.testgen.inside.mutation import mutated


@pytest.mark.parametrize(
    "code", ["'abc'", "[1, 2]", "{'a': 1}", "f(1, key='x')", "-3", "b'x'", "None", "lambda x: x > 1"]
)
def test_a_mutation_is_still_an_expression(code: str) -> None:
    rng = random.Random(1)
    changed = {mutated(code, rng, ["token", 7]) for _ in range(60)}
    for text in changed:
        ast.parse(text, mode="eval")
    assert changed - {code}


def test_a_file_keeps_a_plain_name() -> None:
    code = "path = tmp_path / 'data.txt'"
    rng = random.Random(1)
    assert {mutated(code, rng, ["no such price", "abc", 3]) for _ in range(60)} == {code}
    assert {mutated(code, rng, ["no such price", ".csv", "old.log", "v1."]) for _ in range(60)} == {
        "path = tmp_path / 'data.csv'",
        "path = tmp_path / 'old.log'",
        "path = tmp_path / 'v1.'",
    }
    assert replaced(code, "data.txt", "a b") == []
    assert replaced(code, ".txt", ".json") == ["path = tmp_path / 'data.json'"]


def test_what_cannot_be_read_stays() -> None:
    assert mutated("f(", random.Random(1)) == "f("


@pytest.mark.parametrize(
    ("code", "old", "new", "expected"),
    [
        ("parse('1.2.3')", "1.2.3", "2.0.0", "parse('2.0.0')"),
        ("parse('a=b')", "b", "magic", "parse('a=magic')"),
        ("f(3)", 3, 7, "f(7)"),
        ("f('abc')", 3, 5, "f('abcab')"),
        ("f([1, 2])", 2, 3, "f([1, 2, 1])"),
        ("f('Hello')", "hello", "bye", "f('bye')"),
        ("f(b'ab')", b"a", b"x", "f(b'xb')"),
    ],
)
def test_what_was_seen_becomes_what_was_wanted(code: str, old: object, new: object, expected: str) -> None:
    assert expected in replaced(code, old, new)


def test_replacing_leaves_the_shared_tree_as_it_was() -> None:
    first = replaced("f('abc', 1)", "abc", "x")
    assert replaced("f('abc', 1)", "abc", "x") == first
    assert replaced("f('abc', 1)", 1, 2) == ["f('abc', 2)"]


def test_what_does_not_occur_changes_nothing() -> None:
    assert replaced("f('abc')", "xyz", "new") == []


def test_a_missing_key_is_added() -> None:
    assert list(with_key("f({'a': 1})", "b", "2")) == ["f({'a': 1, 'b': 2})"]


def test_a_missing_attribute_is_added_once() -> None:
    assert list(with_attribute("SimpleNamespace(a=1)", "b", "2")) == ["SimpleNamespace(a=1, b=2)"]
    assert list(with_attribute("SimpleNamespace(a=1)", "a", "2")) == []


def test_numbers_are_found_with_their_sign_and_exchanged() -> None:
    (place, value), *_ = numbers("f(-3)")
    assert value == -3
    assert with_number("f(-3)", place, 8) == "f(8)"


def test_only_plain_values_have_a_literal() -> None:
    assert literal({"a": [1, None]}) == "{'a': [1, None]}"
    assert literal(object()) is None
    assert literal("x" * 300) is None


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d{3}-[a-z]+$",
        r"(?P<a>x|yy)(?:-(?P=a))?",
        r"[^,;]+;",
        r"\w+@\w+\.(com|org)$",
        r"^(0|[1-9]\d*)\.(\d+)$",
        r"a*b+?c{2,3}",
    ],
)
def test_generated_texts_match_their_pattern_and_near_ones_do_not(pattern: str) -> None:
    assert regex.matching(pattern)
    assert all(re.search(pattern, text) for text in regex.matching(pattern))
    assert not any(re.search(pattern, text) for text in regex.almost(pattern))


def test_a_broken_pattern_gives_nothing() -> None:
    assert regex.matching("(") == []
