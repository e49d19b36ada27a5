"""How small an input becomes while it keeps what it is for."""

from collections.abc import Callable
from math import inf

from coding_agent.testgen.inside.model import Act, Arg, Candidate
from coding_agent.testgen.inside.shrink import shrink


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
    assert shrunk("'some text @ somewhere'", holds=lambda text: text and "@" in text) == ["'@'"]


def test_number_comes_near() -> None:
    assert shrunk("982451653", holds=lambda number: number is not None and number > 99) == ["100"]


def test_items_and_what_is_in_them() -> None:
    assert shrunk("[5, 'xay', {'k': [7, 8, 9], 'm': 2}]", holds=lambda one: one and "k" in str(one)) == ["[{'k': []}]"]


def test_last_argument_is_left_out() -> None:
    assert shrunk("'a'", "'b'", holds=lambda first, _: first == "a") == ["'a'"]


def test_time_that_is_over_ends_it() -> None:
    candidate = Candidate("f", (), Act("call", "f", (Arg("", "'abc'"),)))

    assert shrink(candidate, lambda one: one, -inf) is candidate
