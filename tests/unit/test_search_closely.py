"""A closer look at the likeliest chunks: what makes one likelier than its words and its meaning tell."""

import random
from collections.abc import Sequence

import pytest

np = pytest.importorskip("numpy")

from coding_agent.search.closely import Candidates, looked  # noqa: E402
from coding_agent.search.encoder import StaticEncoder, shipped  # noqa: E402
from coding_agent.search.lexical import number_of, telling  # noqa: E402
from coding_agent.search.postings import Postings, word  # noqa: E402
from coding_agent.search.reading import called  # noqa: E402

QUESTION = "remove the expired session"


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return shipped()


def holding(*chunks: Sequence[int]) -> Postings:
    postings = Postings((1.0,) * 9)
    ends = np.cumsum([len(each) for each in chunks])
    postings.add(np.array([one for each in chunks for one in each], np.uint64), ends.astype(np.uint32))
    return postings


def said(*words: str) -> list[int]:
    return [word(number_of(each), 0, 1) for each in words]


def alike(count: int, names: Sequence[str] = (), holders: Sequence[object] = ()) -> Candidates:
    """Candidates that do not differ in their scores."""
    half = np.full(count, 0.5, np.float32)
    return Candidates(
        np.arange(count), half, half, half, holders or range(count), names or [f"n{at}" for at in range(count)]
    )


def best(scores: object) -> int:
    return int(np.argmax(scores))


def test_words_that_say_something() -> None:
    assert telling("how does it remove the expired sessions") == ["remove", "expired", "sessions"]
    assert telling("max_clients of maxClients") == ["max", "clients"]
    assert telling("how to do it") == ["how", "to", "do", "it"]


def test_parts_that_stand_for_others(encoder: StaticEncoder) -> None:
    remove, directory, nothing = encoder.akin(["remove", "directory", "zqxjv"])
    assert "delete" in dict(remove)
    assert "dir" in dict(directory)
    assert nothing == ()
    assert [near for _, near in remove] == sorted((near for _, near in remove), reverse=True)
    assert encoder.akin(["remove"]) == [remove]


def test_who_has_more_of_the_question(encoder: StaticEncoder) -> None:
    postings = holding(said("session", "x", "y"), said("session", "expired", "z"), said("other", "v", "w"))
    assert best(looked(QUESTION, alike(3), postings, encoder)) == 1


def test_what_means_the_same_counts_too(encoder: StaticEncoder) -> None:
    postings = holding(said("session", "x"), said("session", "delete"), said("session", "y"))
    assert best(looked(QUESTION, alike(3), postings, encoder)) == 1


def test_what_does_more_is_likelier_but_no_table(encoder: StaticEncoder) -> None:
    many = [f"w{at}" for at in range(900)]
    postings = holding(said(*many[:9]), said(*many[:90]), said(*many), said(*many[:500]))
    scores = looked(QUESTION, alike(4), postings, encoder)
    assert scores[0] < scores[1] < scores[2]
    assert scores[2] == pytest.approx(scores[3])


def test_a_constructor_is_seldom_meant(encoder: StaticEncoder) -> None:
    postings = holding(said("session"), said("session"))
    assert best(looked(QUESTION, alike(2, ["__init__", "start"]), postings, encoder)) == 1


def test_what_stands_beside_counts(encoder: StaticEncoder) -> None:
    postings = holding(*[said("session")] * 4)
    assert best(looked(QUESTION, alike(4, holders=["a", "b", "b", "c"]), postings, encoder)) == 1
    scores = looked(QUESTION, alike(4, holders=["a"] * 4), postings, encoder)
    assert scores.tolist() == pytest.approx([float(scores[0])] * 4)


def test_what_an_answer_calls_counts(encoder: StaticEncoder) -> None:
    postings = holding([*said("session"), called("purge")], [*said("session"), *said("x")], said("session", "y"))
    assert best(looked(QUESTION, alike(3, ["sweep", "other", "purge"]), postings, encoder)) == 2


def test_the_more_a_question_says_the_less_is_guessed(encoder: StaticEncoder) -> None:
    postings = holding(said("session"), said("session"))
    found = alike(2, ["__init__", "start"])
    gaps = [np.ptp(looked(text, found, postings, encoder)) for text in ("a b", QUESTION, f"{QUESTION} of many users")]
    assert gaps == sorted(gaps, reverse=True)


def test_which_have_a_word_is_one_answer_over_segments() -> None:
    chance = random.Random(1)
    postings = Postings((1.0,))
    for _ in range(30):
        chunks = [sorted(chance.sample(range(20), 5)) for _ in range(chance.randrange(1, 9))]
        words = np.array([word(number, 0, 1) for each in chunks for number in each], np.uint64)
        postings.add(words, np.arange(5, 5 * len(chunks) + 1, 5).astype(np.uint32))
    slots = np.array(sorted(chance.sample(range(len(postings)), 40)))
    have = postings.have(range(25), slots)
    assert have.tolist() == [[slot in postings.having(number) for slot in slots.tolist()] for number in range(25)]
    assert postings.rarity(24) > postings.rarity(0)
