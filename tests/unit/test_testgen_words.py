"""Words for values: ids of rows and parts of names."""

import pytest

from coding_agent.testgen.inside.wording import snake
from coding_agent.testgen.numerals import decimal, number
from coding_agent.testgen.words import condition, describe, identifier, label


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("'1.2.3-rc'", "1.2.3-rc"),
        ("''", "empty string"),
        ("' '", "space"),
        ("'.'", "dot"),
        ("'\\n'", "newline"),
        ("-3", "-3"),
        ("1.5", "1.5"),
        ("None", "none"),
        ("[]", "empty list"),
        ("[1, 2, 3]", "[1, 2, 3]"),
        ("{'a': 1}", "{'a': 1}"),
        ("datetime.timedelta(days=2)", "timedelta(days=2)"),
        ("datetime.datetime(2024, 1, 15, 12, 30)", "2024-01-15 12:30"),
        ("date(2024, 1, 5)", "2024-01-05"),
        ("'\xe4'", "a with accents"),
        ("'\u65e5'", "non ascii text"),
        ("'caf\xe9 \u65e5'", "caf and non ascii"),
        ("'{[(a quick brown fox jumps over the lazy dog'", "open brace a quick brown fox jumps"),
        ("[" + "1, " * 60 + "]", "sixty items"),
        ("'x' * 3", "'x' * 3"),
    ],
)
def test_labels(code: str, expected: str) -> None:
    assert label(code) == expected


def test_a_truth_is_told_by_its_parameter() -> None:
    assert (label("True", "strict"), label("False", "strict")) == ("strict", "not strict")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("''", "empty_string"),
        ("'my text'", "my_text"),
        ("'255.1.2.3'", "digits_and_dots"),
        ("'a1b2c3'", "letters_and_digits"),
        ("-3", "minus_three"),
        ("365", "three_hundred_sixty_five"),
        ("datetime.date(2024, 6, 1)", "june"),
        ("Version(1, 2)", "version_one_two"),
        ("Item(name='pen', price=1.5)", "item_pen"),
        ("Item('pen', price=1.5)", "item_pen"),
        ("[7]", "list_of_seven"),
        ("lambda x: x", "lambda_x"),
        ("'class'", "class_"),
        # A number is right or is not told.
        ("0.02", "zero_point_zero_two"),
        ("-0.5", "minus_zero_point_five"),
        ("1e-09", "small_number"),
        ("1e300", "large_number"),
        ("3.14159", "fraction"),
        ("float('nan')", "float_nan"),
        ("Decimal('0.04')", "decimal_zero_point_zero_four"),
        ("Decimal('1E+3')", "decimal_number_with_exponent"),
        ("'-1.50'", "minus_one_point_five_zero"),
        ("'007'", "zero_zero_seven"),
        ("10 ** 9", "ten_to_the_power_of_nine"),
        # Digits inside a word stay, at the end they are words.
        ("IPv4Address('10.0.0.1')", "ipv4_address_digits_and_dots"),
        ("'utf8 text'", "utf8_text"),
        ("'ipv4'", "ipv_four"),
        # What is too long to be told is told shorter, not cut.
        ("[1.5, 1.25, 3.75]", "three_items"),
        ("[Hit('8.8.8.8', datetime.date(1, 1, 1), 'a'), Hit('b', datetime.date(1, 1, 1), 'c')]", "two_items"),
        ("Hit('8.8.8.8', datetime.datetime(2024, 1, 1), 'some path', 'more')", "hit_digits_and_dots"),
        ("{'first_long_key_of_all': 1, 'second_long_key_of_all': 2}", "two_keys"),
        ("['eighty characters of text that nobody can hold in a name of a test']", "one_item"),
    ],
)
def test_names_end_in_words(code: str, expected: str) -> None:
    assert identifier(describe(code)) == expected


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("''", "name", "empty name"),
        ("[]", "user_names", "empty user names"),
        ("None", "owner", "no owner"),
        ("'  '", "title", "blank title"),
        ("-1", "age", "negative age"),
        ("0", "count", "zero count"),
        # What the name of a text says nothing about, and names that say nothing.
        ("-1", "text", ""),
        ("''", "x", ""),
        ("None", "value", ""),
        ("'abc'", "name", ""),
        ("True", "count", ""),
    ],
)
def test_what_is_special_is_told_with_the_parameter(code: str, name: str, expected: str) -> None:
    assert condition(code, name) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "zero"), (21, "twenty one"), (-5, "minus five"), (4000, "four thousand"), (123456, "large number")],
)
def test_numbers(value: int, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ValueError", "value_error"),
        ("HTTPCode", "http_code"),
        ("LRU", "lru"),
        ("_name", "name"),
        ("IPv4Address", "ipv4_address"),
    ],
)
def test_snake(name: str, expected: str) -> None:
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.02", "zero point zero two"),
        ("-21.5", "minus twenty one point five"),
        ("1.2.3", ""),
        ("1.23456", ""),
        ("7", ""),
    ],
)
def test_decimals(text: str, words: str) -> None:
    assert decimal(text) == words


@pytest.mark.parametrize(("code", "expected"), [("'{\"\"'", "'{\"\"'"), ("','", "comma"), ("'   '", "blanks")])
def test_a_few_signs_in_a_row_are_shown_as_they_are(code: str, expected: str) -> None:
    assert label(code, "text") == expected
