"""What a model costs: the user's own lines, then nothing for this machine, then a dated table.

Money is whole numbers, in millionths of a US dollar: a price for a million tokens, a cost rounded up.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import cast

from coding_agent.ai.endpoint import is_local
from coding_agent.errors import SettingError

MILLION = 1_000_000
OPENROUTER = "openrouter.ai"
PASSED_ON = frozenset({"openai", "anthropic", "google", "mistralai"})
"""Providers whose own price OpenRouter asks. Others' models are run by several, each at a price of its own."""
_NUMBER = r"([0-9]{1,5}(?:\.[0-9]{1,6})?)"
_OWN = re.compile(rf"\s*(\S.*?)\s*=\s*{_NUMBER}\s*/\s*(?:{_NUMBER}\s*/\s*)?{_NUMBER}\s*")
_DATE = re.compile(r"-(?:20[0-9]{2}-[0-9]{2}-[0-9]{2}|20[0-9]{6})\Z")


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in millionths of a US dollar."""

    tokens_in: int
    cached_in: int
    tokens_out: int
    over: int = 0
    """More tokens than these, sent at once, cost what ``long`` says; 0 where nothing changes."""
    long: "Price | None" = None

    def cost(self, tokens_in: int, cached_in: int, tokens_out: int) -> int:
        """Return what an attempt costs, in millionths of a US dollar; ``cached_in`` are some of ``tokens_in``."""
        if self.long and tokens_in > self.over:
            return self.long.cost(tokens_in, cached_in, tokens_out)
        sent = (tokens_in - cached_in) * self.tokens_in + cached_in * self.cached_in
        return -(-(sent + tokens_out * self.tokens_out) // MILLION)


FREE = Price(0, 0, 0)


def price_of(model: str, host: str, own: Sequence[str]) -> Price | None:
    """Return what a model costs at a host (a name or address, without a port), None where nobody here knows.

    ``own`` are lines ``MODEL=IN/OUT`` or ``MODEL=IN/CACHED/OUT`` in US dollars for a million tokens; ``*``, ``?`` and
    ``[...]`` in MODEL stand for what they do in file names; the first that fits wins, for this machine as well: what
    listens there may pass questions on to who is paid.
    Raises: SettingError - a line is malformed, whether it is needed or not.
    """
    for pattern, price in [_own(line) for line in own]:
        if fnmatchcase(model, pattern):
            return price
    if is_local(host):
        return FREE
    if host.lower() == OPENROUTER:
        return _passed_on(model)
    return next(filter(None, (_dated(model, models) for models in _table().values())), None)


def _own(line: str) -> tuple[str, Price]:
    parts = _OWN.fullmatch(line)
    if parts is None:
        raise SettingError(
            f"ai.prices: {line!r} is no price; write MODEL=IN/OUT or MODEL=IN/CACHED/OUT, "
            f"in US dollars for a million tokens, such as gpt-5=1.25/10"
        )
    price = _price(Decimal(parts[2]), Decimal(parts[3] or parts[2]), Decimal(parts[4]))
    if price.cached_in > price.tokens_in:
        raise SettingError(
            f"ai.prices: in {line!r} cached tokens cost more than others; the order is MODEL=IN/CACHED/OUT"
        )
    return parts[1], price


def _passed_on(model: str) -> Price | None:
    provider, _, name = model.partition("/")
    if provider not in PASSED_ON:
        return None
    models = _table()[provider]
    return _dated(name, models) or _dated(name.replace(".", "-"), models)


def _dated(model: str, models: Mapping[str, Price]) -> Price | None:
    """The price under this name, or under it without a date at its end."""
    return models.get(model) or models.get(_DATE.sub("", model))


@cache
def _table() -> dict[str, dict[str, Price]]:
    """Prices by provider and model."""
    providers = cast("dict[str, dict[str, dict[str, object]]]", {k: v for k, v in _read().items() if k != "dated"})
    return {provider: {name: _listed(each) for name, each in models.items()} for provider, models in providers.items()}


def _read() -> dict[str, object]:
    text = resources.files("coding_agent.ai").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def _listed(entry: Mapping[str, object]) -> Price:
    numbers = cast("Mapping[str, Decimal]", entry)
    price = _price(numbers["in"], numbers.get("cached", numbers["in"]), numbers["out"])
    if "long" not in entry:
        return price
    longer = cast("dict[str, object]", entry["long"])
    return Price(price.tokens_in, price.cached_in, price.tokens_out, cast("int", longer["over"]), _listed(longer))


def _price(*dollars: Decimal) -> Price:
    tokens_in, cached_in, tokens_out = (int(each * MILLION) for each in dollars)
    return Price(tokens_in, cached_in, tokens_out)
