"""What asking may take: limits, what one attempt could take, what was spent, and the sentences about it.

`ledger.py` keeps the count. Cost is in millionths of a US dollar; settings say cents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from coding_agent.ai.prices import Price

MOST = 2**40
"""No attempt takes more tokens; who claims so is not believed."""
SOON = 80
"""Per cent of a limit that are worth a warning."""
CENT = 10_000

Unit: TypeAlias = Literal["requests", "tokens", "cents"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be taken at most; 0 means no limit. Those of a workspace are for one day as well."""

    request_tokens: int
    request_cost: int
    day_requests: int
    day_tokens: int
    day_cost: int
    workspace_requests: int
    workspace_tokens: int
    workspace_cost: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one attempt may take at most.

    ``tokens_in`` is the number of bytes that are sent (no tokenizer makes more tokens of them), ``tokens_out`` the cap
    of the answer. ``price`` is None where it is unknown.
    Raises: ValueError - a number is negative or above ``MOST``.
    """

    workspace: str
    feature: str
    host: str
    model: str
    tokens_in: int
    tokens_out: int
    price: Price | None

    def __post_init__(self) -> None:
        if not (0 <= self.tokens_in <= MOST and 0 <= self.tokens_out <= MOST):
            raise ValueError(f"no attempt takes {self.tokens_in} and {self.tokens_out} tokens")

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def cost(self) -> int | None:
        """With nothing cached; None where the price is unknown."""
        return self.price and self.price.cost(self.tokens_in, 0, self.tokens_out)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt took, as the server counted; ``cached_in`` are some of ``tokens_in``."""

    tokens_in: int
    cached_in: int
    tokens_out: int

    @property
    def is_believable(self) -> bool:
        """Whether an attempt can have taken this. Something is always sent, so that no tokens for it are no count."""
        numbers = (self.tokens_in, self.cached_in, self.tokens_out)
        if any(type(each) is not int or not 0 <= each <= MOST for each in numbers):
            return False
        return 0 < self.tokens_in >= self.cached_in


@dataclass(frozen=True, slots=True)
class Spent:
    """What a day took, what is reserved included."""

    day: str
    requests: int
    tokens: int
    cost: int
    """Without those requests whose price is unknown."""
    unpriced: int
    """How many those are."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit, in its own unit; cents are counted in millionths of a dollar."""

    setting: str
    unit: Unit
    limit: int
    used: int
    more: int = 0
    """What is wanted on top of what is used."""

    @property
    def each_workspace(self) -> bool:
        return self.setting.startswith("ai.budget.workspace-")

    @property
    def is_passed(self) -> bool:
        """What takes nothing passes nothing, even where servers have counted past the limit."""
        return self.more > 0 and 0 < self.limit < self.used + self.more

    @property
    def is_near(self) -> bool:
        return 0 < self.limit * SOON <= self.used * 100


def refusal(wanted: Wanted, limits: Limits, day: Spent, workspace: Spent) -> str | None:
    """Return why an attempt could take more than a limit leaves, None where it could not."""
    request, whole = _of_request(limits, wanted), _of_day(limits, day, workspace, wanted)
    costs = [each for each in (*request, *whole) if each.unit == "cents" and each.limit]
    if wanted.price is None and costs:
        return _unpriced(wanted, costs)
    if passed := next((each for each in request if each.is_passed), None):
        return _too_large(passed)
    if passed := next((each for each in whole if each.is_passed), None):
        return _spent(passed, day.day)
    return None


def near(limits: Limits, day: Spent, workspace: Spent) -> tuple[Bound, ...]:
    """Return the limits of a day that are spent by ``SOON`` per cent or more."""
    return tuple(bound for bound in _of_day(limits, day, workspace) if bound.is_near)


def warning(bounds: Sequence[Bound], day: str) -> str:
    """Return the sentence about limits that are nearly spent."""
    parts = (f"{amount(each.used, each.unit)} of {amount(each.limit, each.unit)} ({each.setting})" for each in bounds)
    return f"today's AI budget is nearly spent: {' and '.join(parts)}; it starts anew on {following(day)}"


def following(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def amount(number: int, unit: Unit) -> str:
    """Return a number with its unit, as ``1,000 tokens``, ``1 request`` or ``12.5 cents``."""
    if unit == "cents":
        whole, rest = divmod(number, CENT)
        text = f"{whole:,}.{rest:04}".rstrip("0").rstrip(".")
    else:
        text = f"{number:,}"
    return f"{text} {unit[:-1] if text == '1' else unit}"


def _of_request(limits: Limits, wanted: Wanted) -> tuple[Bound, ...]:
    return (
        Bound("ai.budget.request-tokens", "tokens", limits.request_tokens, 0, wanted.tokens),
        Bound("ai.budget.request-cents", "cents", limits.request_cost, 0, wanted.cost or 0),
    )


def _of_day(limits: Limits, day: Spent, workspace: Spent, wanted: Wanted | None = None) -> tuple[Bound, ...]:
    requests, tokens, cost = (1, wanted.tokens, wanted.cost or 0) if wanted else (0, 0, 0)
    return (
        Bound("ai.budget.workspace-requests", "requests", limits.workspace_requests, workspace.requests, requests),
        Bound("ai.budget.workspace-tokens", "tokens", limits.workspace_tokens, workspace.tokens, tokens),
        Bound("ai.budget.workspace-cents", "cents", limits.workspace_cost, workspace.cost, cost),
        Bound("ai.budget.day-requests", "requests", limits.day_requests, day.requests, requests),
        Bound("ai.budget.day-tokens", "tokens", limits.day_tokens, day.tokens, tokens),
        Bound("ai.budget.day-cents", "cents", limits.day_cost, day.cost, cost),
    )


def _too_large(bound: Bound) -> str:
    return (
        f"this request could take {amount(bound.more, bound.unit)}, and {bound.setting} allows "
        f"{amount(bound.limit, bound.unit)}; ask about less, or raise {bound.setting} in your settings"
    )


def _spent(bound: Bound, day: str) -> str:
    where = " and workspace" if bound.each_workspace else ""
    left = amount(max(0, bound.limit - bound.used), bound.unit)
    return (
        f"{bound.setting} allows {amount(bound.limit, bound.unit)} a day{where}, with {left} left, and this request "
        f"could take {amount(bound.more, bound.unit)}; it starts anew on {following(day)}, or raise {bound.setting} "
        f"in your settings"
    )


def _unpriced(wanted: Wanted, bounds: Sequence[Bound]) -> str:
    settings = " and ".join(each.setting for each in bounds)
    limits = " and ".join(f"{each.setting} ({amount(each.limit, each.unit)})" for each in bounds)
    return (
        f"nobody here knows what {wanted.model} costs at {wanted.host}, so it could pass {limits} unseen; add "
        f'"{wanted.model}=IN/OUT" to ai.prices, in US dollars for a million tokens, or set {settings} to 0'
    )
