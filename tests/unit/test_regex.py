"""Exponential regular expressions; the oracle is a plain backtracking matcher that counts its steps."""

import random
import re
from collections.abc import Callable
from importlib import import_module

import pytest

from coding_agent.analysis.regex import attack

_parser = import_module("re._parser")
_codes = import_module("re._constants")
LIMIT = 10_000


class _Enough(Exception):
    pass


def steps(pattern: str, text: str) -> int:
    """How many steps a backtracking matcher without any cleverness takes; at most LIMIT."""
    count = 0

    def match(items: list, index: int, at: int, then: Callable[[int], bool]) -> bool:
        nonlocal count
        count += 1
        if count >= LIMIT:
            raise _Enough
        if index == len(items):
            return then(at)
        op, given = items[index]

        def rest(place: int) -> bool:
            return match(items, index + 1, place, then)

        if op is _codes.LITERAL:
            return at < len(text) and ord(text[at]) == given and rest(at + 1)
        if op is _codes.IN:
            return at < len(text) and any(o is _codes.LITERAL and v == ord(text[at]) for o, v in given) and rest(at + 1)
        if op is _codes.BRANCH:
            return any(match(each.data, 0, at, rest) for each in given[1])
        if op is _codes.SUBPATTERN:
            return match(given[3].data, 0, at, rest)
        if op is _codes.AT:
            return at == len(text) and rest(at)
        assert op is _codes.MAX_REPEAT
        least, most, inner = given

        def again(done: int, place: int) -> bool:
            def next_one(after: int) -> bool:
                return (after > place or done < least) and again(done + 1, after)

            # Greedy: one more first, then what follows.
            return (done < most and match(inner.data, 0, place, next_one)) or (done >= least and rest(place))

        return again(0, at)

    try:
        match(_parser.parse(pattern).data, 0, 0, lambda _: True)
    except _Enough:
        return LIMIT
    except RecursionError:
        # Deep, which is not exponential yet: this matcher cannot say.
        return count
    return count


def expression(rng: random.Random, depth: int) -> str:
    """A random expression over two letters."""
    kind = rng.randrange(7 if depth else 2)
    if kind < 2:
        return rng.choice(["a", "b", "[ab]"])
    if kind < 4:
        return expression(rng, depth - 1) + expression(rng, depth - 1)
    if kind == 4:
        return f"(?:{expression(rng, depth - 1)}|{expression(rng, depth - 1)})"
    return f"(?:{expression(rng, depth - 1)}){rng.choice(['*', '+', '?', '{2}', '{0,2}', '{2,}'])}"


def _explodes(pattern: str, word: str) -> bool:
    """Whether half as much again of a word takes more than eight times the steps: a power of up to five does not."""
    few, more = steps(pattern, word * 8 + "!"), steps(pattern, word * 12 + "!")
    return few == LIMIT or more > 8 * few


def _hold(seed: int, count: int) -> tuple[int, int]:
    """Check random expressions; how many are exponential, and how many of those were not found."""
    rng = random.Random(seed)
    exponential = missed = 0
    for _ in range(count):
        pattern = expression(rng, 4) + rng.choice(["$", "c"])
        found = attack(pattern, frozenset())
        if found is not None:
            exponential += 1
            fewer, more = steps(pattern, found.text(9)), steps(pattern, found.text(18))
            # The longer text may be too deep for this matcher where the shorter one took too many steps already.
            assert more > 60 * fewer or LIMIT in (fewer, more), (pattern, found)
        elif any(_explodes(pattern, word) for word in ("a", "b", "ab", "ba", "aab", "abb")):
            exponential += 1
            missed += 1
    return exponential, missed


def test_what_is_found_takes_exponential_time() -> None:
    exponential, missed = _hold(7, 100)
    assert exponential > 8
    assert missed == 0


@pytest.mark.soak
def test_what_is_found_takes_exponential_time_in_full() -> None:
    exponential, missed = _hold(11, 5_000)
    assert exponential > 500
    assert missed <= exponential // 20


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("^(a+)+$", ""),
        (r"(a+)+\$", ""),
        (r"^([a-zA-Z0-9._]+)*@", ""),
        (r"(\"(\\.|[^\"])*\")", ""),
        (r"(?i:([k-z]|K)+[kK])+!", ""),
        ("(?x) ( a + ) + # twice \n $", ""),
        ("( a + ) + $", "x"),
        (r"(?:.|\n)*?(?:.|\s)*!", "s"),
        (r"^(?P<name>\w+\s?)*$", ""),
        (r"((?:\u00e9|[^a])+)*x", ""),
    ],
)
def test_these_are_found(pattern: str, flags: str) -> None:
    assert attack(pattern, frozenset(flags)) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+", r"(?:\d+\.)*\d+$", r"([^\"\\]|\\.)*\"", "(a|ab)*c", "(?:(?:a|b)*c)*d", "(a|b)*c", "(.*a){4}!"),
        *(r"(?:\w+\b)*!", r"(a)(?:\1)*b", "(?:(?=a)a+)*b", "(?>a+)*b", "(a++)*b", "(", "[", "a**", r"(\8)*", "(?P<a"),
        *("(a+)+|b$", ""),
    ],
)
def test_these_are_not(pattern: str) -> None:
    assert attack(pattern, frozenset()) is None


def test_a_match_of_the_whole_text_can_fail() -> None:
    assert attack("(a+)+", frozenset(), whole=True) is not None


def test_the_attack_is_a_text_for_the_expression() -> None:
    found = attack(r"^x(\d+)*y", frozenset())
    assert found is not None
    assert re.match(r"x\d+$", found.text(3))


@pytest.mark.parametrize(
    ("pattern", "takes_for_ever"),
    [("(?:a|a)+c", True), ("(?:[ab]|[ab])+c", True), ("(?:a|b|a)+c", False), ("(?:(?:b|a)|[ab])+c", False)],
)
def test_alternatives_of_one_character_are_a_set_unless_written_alike(pattern: str, takes_for_ever: bool) -> None:
    """As the module ``re`` makes them, seen by timing them once: 1 s for 22 characters, or nothing."""
    assert (attack(pattern, frozenset()) is not None) == takes_for_ever
