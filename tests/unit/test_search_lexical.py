"""Words that say something, and what is one word."""

import pytest

from coding_agent.search.lexical import STOP, WEIGHTS, number_of, stem, wanted
from coding_agent.search.words import FIELDS, NAME, REST


@pytest.mark.parametrize(
    "words",
    [
        ("price", "prices", "priced", "pricing"),
        ("query", "queries"),
        ("stop", "stops", "stopped", "stopping"),
        ("match", "matches", "matched"),
        ("process", "processes", "processing"),
        ("cach", "cache", "cached", "caches"),
    ],
)
def test_forms_of_a_word_are_one(words: tuple[str, ...]) -> None:
    assert len({stem(word) for word in words}) == 1
    assert len({number_of(word) for word in words}) == 1


@pytest.mark.parametrize("words", [("class", "clas"), ("string", "str"), ("red", "r"), ("used", "us"), ("thing", "th")])
def test_others_are_not(words: tuple[str, str]) -> None:
    assert stem(words[0]) != stem(words[1])


def test_a_joined_name_and_its_letters_are_one() -> None:
    assert number_of("+dataframe") == number_of("dataframe")


def test_wanted_leaves_out_what_every_question_has() -> None:
    assert list(wanted("where is the session cookie written to")) == ["session", "cookie", "written"]


def test_wanted_keeps_all_of_a_question_that_has_nothing_else() -> None:
    assert list(wanted("where is it")) == ["where", "is", "it"]
    assert wanted("") == {}
    assert wanted("?!") == {}


def test_wanted_asks_for_whole_names() -> None:
    assert list(wanted("who calls get_user or DataFrame")) == [
        "calls",
        "get",
        "user",
        "getuser",
        "data",
        "frame",
        "dataframe",
    ]


def test_a_name_weighs_more_than_a_body() -> None:
    assert len(WEIGHTS) == FIELDS
    assert WEIGHTS[NAME] > 4 * WEIGHTS[REST]
    assert "the" in STOP
