"""How small an input becomes while it keeps what it is for."""

from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest

from coding_agent.testgen.inside.model import Act, Arg, Candidate, Patch
from coding_agent.testgen.inside.shrink import is_long, is_odd, shrink
from support.inside import run_inside


def shrunk(*codes: str, holds: Callable[..., object], arrange: tuple[str, ...] = ()) -> list[str]:
    """The arguments left where ``holds(*values)`` must stay true; a value is None for one that was left out."""

    def worth(one: Candidate) -> Candidate | None:
        values = [eval(arg.code) for arg in one.act.args]
        return (
            one if len(one.arrange) == len(arrange) and holds(*values, *[None] * (len(codes) - len(values))) else None
        )

    first = Candidate("f", arrange, Act("call", "f", tuple(Arg("", code) for code in codes)))
    return [arg.code for arg in shrink(first, worth, inf).act.args]


def test_text_keeps_what_is_needed() -> None:
    assert shrunk("'a text that goes on @ and on'", holds=lambda text: text and "@" in text) == ["'@'"]


def test_text_that_somebody_may_write_stays() -> None:
    assert shrunk("'me@example.com'", holds=lambda text: text and "@" in text) == ["'me@example.com'"]


def test_number_comes_near() -> None:
    assert shrunk("982451653", holds=lambda number: number is not None and number > 99) == ["100"]


def test_items_and_what_is_in_them() -> None:
    assert shrunk("[5, 'xa\\u0e01y', {'k': [7, 8, 9], 'm': 2}]", holds=lambda one: one and "k" in str(one)) == [
        "[{'k': []}]"
    ]


def test_last_argument_is_left_out() -> None:
    assert shrunk("'a'", "'b'", holds=lambda first, _: first == "a") == ["'a'"]


def test_what_nothing_needs_is_left_out_of_an_arrangement_and_of_answers() -> None:
    answer = "lambda: Answer(headers={'Type': 'json', 'countries': 1}, status_code=429)"
    first = Candidate(
        "Client.get",
        ("client = Client(token='a', timeout=3)", "client.ping()", "client.close()"),
        Act("call", "client.get"),
        (Patch("net", "get", answer), Patch("time", "time", "lambda: 3")),
    )

    def worth(one: Candidate) -> Candidate | None:
        text = repr(one)
        return one if "Client(token=" in text and "Type" in text and "429" in text else None

    smallest = shrink(first, worth, inf)

    assert smallest.arrange == ("client = Client(token='a')",)
    assert smallest.patches == (Patch("net", "get", "lambda: Answer(headers={'Type': 'json'}, status_code=429)"),)


@pytest.mark.parametrize(
    ("arrange", "patches", "expected"),
    [
        (("cart = Cart()",), (), False),
        (("cart = Cart()", "cart.open()"), (), True),
        (("cart = Cart(limit=3)",), (), True),
        ((), (Patch("net", "get", "lambda: {'a': 1}"),), False),
        ((), (Patch("net", "get", "lambda: {'a': 1, 'b': 2}"),), True),
    ],
)
def test_what_may_hold_something_without_a_use(
    arrange: tuple[str, ...], patches: tuple[Patch, ...], expected: bool
) -> None:
    assert is_long(Candidate("f", arrange, Act("call", "f"), patches)) is expected


def test_time_that_is_over_ends_it() -> None:
    candidate = Candidate("f", (), Act("call", "f", (Arg("", "'abc'"),)))

    assert shrink(candidate, lambda one: one, -inf) is candidate


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("'abc'", False),
        ("'key=value'", False),
        ('\'{"a": 1, "b": [2, 3]}\'', False),
        ("'https://example.com/path?x=1#top'", False),
        ("-5", False),
        ("'val1}}ue    {\"aa'", True),
        ("'a\\x00'", True),
        ("'a text that goes on and on and on'", True),
        ("982451653", True),
        ("{'name': 'abc', 'email': 'user@example.com'}", False),
        ("{'name': 'abc', 'email': '\\x00%{}<'}", True),
    ],
)
def test_what_nobody_would_write(code: str, expected: bool) -> None:
    assert is_odd(Candidate("f", (), Act("call", "f", (Arg("", code),)))) is expected


SMALLER = """
found = inside("observe").Observer(engine_of("m")).checked(candidate("f", {code!r}))
work = os.fork()
if work == 0:
    del sys.modules["m"]
    result = inside("smaller").smaller(lambda said: None, "m", [], [model.to_json(found)], 20)
    tell([[one["act"]["args"][0]["code"] for one in chain] for chain in result["chains"]])
    os._exit(0)
os.waitpid(work, 0)
"""


def test_smaller_inputs_pass_the_same_probes(tmp_path: Path) -> None:
    source = "def f(text):\n    return 'long' if len(text) > 9 else 'short'\n"
    (chain,) = run_inside(tmp_path, {"m.py": source}, SMALLER.format(code="'{]x\\\"[key =} 1 2 3 4 5 6'"))
    assert chain[0] == "'aaaaaaaa a'"
