"""What models cost: the table, the user's own lines, this machine."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_agent.ai import prices
from coding_agent.ai.prices import FREE, Price, price_of
from coding_agent.errors import SettingError

GPT_5 = Price(1_250_000, 125_000, 10_000_000)
TABLE = Path(prices.__file__).with_name("prices.toml")


@pytest.mark.parametrize(
    ("title", "model", "host", "price"),
    [
        ("a listed one", "gpt-5", "api.openai.com", GPT_5),
        ("a date behind a name", "gpt-5-2025-08-07", "api.openai.com", GPT_5),
        ("a date of another form", "claude-opus-4-5-20251101", "x.test", Price(5_000_000, 5_000_000, 25_000_000)),
        ("a date amid a name is no date behind it", "gpt-5-2025-08-07-mine", "api.openai.com", None),
        ("a name that begins alike is another", "gpt-5-turbo", "api.openai.com", None),
        ("nobody knows it", "my-model", "models.example.com", None),
        (
            "no price for cached tokens: they cost as others",
            "codestral-latest",
            "x.test",
            Price(300_000, 300_000, 900_000),
        ),
        ("OpenRouter names the provider", "openai/gpt-5", "openrouter.ai", GPT_5),
        ("OpenRouter with a date", "openai/gpt-5-2025-08-07", "OpenRouter.ai", GPT_5),
        (
            "OpenRouter writes dots",
            "anthropic/claude-haiku-4.5",
            "openrouter.ai",
            Price(1_000_000, 1_000_000, 5_000_000),
        ),
        ("OpenRouter without a provider", "gpt-5", "openrouter.ai", None),
        ("OpenRouter with a stranger", "somebody/gpt-5", "openrouter.ai", None),
        ("OpenRouter, another way of running it", "openai/gpt-5:nitro", "openrouter.ai", None),
        ("OpenRouter, run by several", "deepseek/deepseek-v4-flash", "openrouter.ai", None),
        ("the provider before the name elsewhere", "openai/gpt-5", "api.openai.com", None),
        ("this machine", "gpt-5", "localhost", FREE),
        ("this machine, a model nobody knows", "my-model", "127.0.0.1", FREE),
        ("this machine, another of its addresses", "my-model", "127.8.0.1", FREE),
        ("this machine, IPv6", "my-model", "::1", FREE),
        ("this machine, IPv6 as in an address of the web", "my-model", "[::1]", FREE),
        ("this machine, below localhost", "my-model", "Models.LocalHost.", FREE),
        ("a name that only looks like this machine", "my-model", "127.0.0.1.example.com", None),
        ("a name that begins like this machine", "my-model", "localhost.example.com", None),
        ("a neighbour", "my-model", "192.168.0.7", None),
        ("all addresses of this machine are no address of it", "my-model", "0.0.0.0", None),
    ],
)
def test_what_models_cost(title: str, model: str, host: str, price: Price | None) -> None:
    assert price_of(model, host, ()) == price


@pytest.mark.parametrize(
    ("title", "own", "model", "host", "price"),
    [
        ("in and out", "my-model=0.5/1.5", "my-model", "x.test", Price(500_000, 500_000, 1_500_000)),
        ("cached as well", "my-model=0.5/0.05/1.5", "my-model", "x.test", Price(500_000, 50_000, 1_500_000)),
        ("blanks do not matter", " my-model = 0.5 / 1.5 ", "my-model", "x.test", Price(500_000, 500_000, 1_500_000)),
        ("a millionth of a dollar", "my-model=0.000001/1", "my-model", "x.test", Price(1, 1, 1_000_000)),
        ("a pattern", "my-*=1/2", "my-model", "x.test", Price(1_000_000, 1_000_000, 2_000_000)),
        ("a pattern that does not fit", "my-*=1/2", "gpt-5", "x.test", GPT_5),
        ("before the table", "gpt-5=0/0", "gpt-5", "api.openai.com", FREE),
        ("before this machine, which may pass it on", "gpt-5=1.25/0.125/10", "gpt-5", "localhost", GPT_5),
        ("a name with a slash", "openai/gpt-5=1/2", "openai/gpt-5", "x.test", Price(1_000_000, 1_000_000, 2_000_000)),
        ("a name with an equals sign", "a=b=1/2", "a=b", "x.test", Price(1_000_000, 1_000_000, 2_000_000)),
        ("another case is another model", "GPT-9=1/2", "gpt-9", "x.test", None),
    ],
)
def test_the_users_own_lines(title: str, own: str, model: str, host: str, price: Price | None) -> None:
    assert price_of(model, host, [own]) == price


def test_the_first_line_that_fits_wins() -> None:
    own = ["gpt-5-mini=1/1", "gpt-*=2/2", "*=3/3"]
    assert [price_of(model, "x.test", own) for model in ("gpt-5-mini", "gpt-5", "claude-opus-4-5")] == [
        Price(1_000_000, 1_000_000, 1_000_000),
        Price(2_000_000, 2_000_000, 2_000_000),
        Price(3_000_000, 3_000_000, 3_000_000),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("", "gpt-5", "gpt-5=", "=1/2", "gpt-5=1", "gpt-5=1/2/3/4", "gpt-5=1,25/10", "gpt-5=-1/2", "gpt-5=1e3/2"),
        *(
            "gpt-5=inf/1",
            "gpt-5=nan/1",
            "gpt-5=.5/1",
            "gpt-5=1./1",
            "gpt-5=100000/1",
            "gpt-5=0.0000001/1",
            "gpt-5=$1/$2",
        ),
        "gpt-5=١/٢",
    ],
)
def test_a_malformed_line_is_named(line: str) -> None:
    """Even behind one that fits: whoever wrote it should hear of it today."""
    with pytest.raises(SettingError, match=rf"^ai\.prices: {re.escape(repr(line))} is no price; write MODEL=IN/OUT"):
        price_of("gpt-5", "x.test", ["*=1/2", line])


def test_cached_tokens_cost_no_more_than_others() -> None:
    with pytest.raises(SettingError, match=r"'gpt-5=1/10/2' cached tokens cost more .* MODEL=IN/CACHED/OUT"):
        price_of("gpt-5", "x.test", ["gpt-5=1/10/2"])


@given(*[st.integers(0, 10**12)] * 3, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_costs_are_exact_and_rounded_up(sent: int, cached: int, answered: int, a: int, b: int, c: int) -> None:
    exact = Fraction(sent * a + cached * b + answered * c, 1_000_000)
    assert Price(a, b, c).cost(sent + cached, cached, answered) == ceil(exact)


def test_many_tokens_at_once_cost_more() -> None:
    price = price_of("gpt-5.5", "api.openai.com", ())
    assert price is not None
    assert price.cost(272_000, 0, 0) == 1_360_000
    assert price.cost(272_001, 0, 0) == 2_720_010
    assert price.cost(300_000, 100_000, 1000) == 2_000_000 + 100_000 + 45_000


@given(st.integers(0, 400_000), st.integers(0, 400_000), st.integers(0, 10_000))
def test_what_is_reserved_is_never_less_than_what_is_charged(sent: int, cached: int, answered: int) -> None:
    """For every listed model: all of it uncached, and at least as many tokens, cost at least as much."""
    cached = min(sent, cached)
    for model, host in listed():
        price = price_of(model, host, ())
        assert price is not None
        assert (
            price.cost(sent, cached, answered) <= price.cost(sent, 0, answered) <= price.cost(sent + 1, 0, answered + 1)
        )


def test_the_table_is_whole() -> None:
    """Every entry has prices and no word that nobody reads; nothing is cheaper where more is sent."""
    table = tomllib.loads(TABLE.read_text("utf-8"), parse_float=Decimal)
    assert date(2026, 8, 1) <= table.pop("dated") <= date(2026, 12, 31)
    for models in table.values():
        for entry in models.values():
            longer = entry.pop("long", None)
            assert {"in", "out"} <= entry.keys() <= {"in", "cached", "out"}
            assert 0 < entry.get("cached", entry["in"]) <= entry["in"] < entry["out"]
            if longer:
                assert longer.pop("over") >= 200_000
                assert longer.keys() == entry.keys()
                assert all(longer[key] > entry[key] for key in entry)


def test_no_model_is_listed_twice() -> None:
    assert len(listed()) == len(set(listed())) > 30


def listed() -> list[tuple[str, str]]:
    """All models, with a host that is none of this machine."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    return [(model, "x.test") for models in table.values() if isinstance(models, dict) for model in models]
