"""The budget: what is reserved, corrected, refused, told and remembered."""

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding_agent.ai import ledger as ledger_module
from coding_agent.ai.book import Row
from coding_agent.ai.budget import MOST, Limits, Spent, Unit, Usage, Wanted, amount
from coding_agent.ai.ledger import Ledger, Reservation, Settled
from coding_agent.ai.prices import FREE, Price
from coding_agent.errors import BudgetSpent, UserError

DAY = 86_400
PRICE = Price(1_000_000, 100_000, 4_000_000)
"""A millionth of a dollar for a token in, four for one out: the numbers below are easy to add."""
NO_LIMITS = Limits(*[0] * 8)
ASKED = Wanted("/w", "explain", "api.example.com", "model", 600, 100, PRICE)
"""700 tokens, 1,000 millionths of a dollar, which are 0.1 cents."""
TODAY, TOMORROW = "2026-12-02", "2026-12-03"


class Clock:
    """Noon of `TODAY`, until somebody changes it."""

    def __init__(self) -> None:
        self.now = 1_796_212_800.0

    def __call__(self) -> float:
        return self.now

    def pass_days(self, days: int) -> None:
        self.now += days * DAY


def ledger(folder: Path, clock: Callable[[], float] | None = None) -> Ledger:
    return Ledger(folder / "state" / "budget.db", clock or Clock(), UTC)


def limits(**some: int) -> Limits:
    return replace(NO_LIMITS, **some)


def asked(**some: Any) -> Wanted:
    return replace(ASKED, **some)


def agreed(path: Path) -> dict[tuple[str, str], tuple[int, int, int]]:
    """The counters by day and workspace; they are the sum of the attempts."""
    with closing(sqlite3.connect(path)) as file:
        sql = "SELECT day, workspace, {} FROM {} GROUP BY day, workspace"
        counters = {row[:2]: row[2:] for row in file.execute(sql.format("requests, tokens, cost", "counters"))}
        sums = "sum(state != 3), sum(tokens_in + tokens_out), coalesce(sum(cost), 0)"
        rows = {row[:2]: row[2:] for row in file.execute(sql.format(sums, "attempts"))}
    assert {key: taken for key, taken in rows.items() if any(taken)} == {
        key: taken for key, taken in counters.items() if any(taken)
    }
    return counters


def test_an_attempt_is_charged_in_full_and_then_what_the_server_counted(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    assert kept.today() == Spent(TODAY, 0, 0, 0, 0)
    reservation = kept.reserve(ASKED, NO_LIMITS)
    assert kept.today() == Spent(TODAY, 1, 700, 1000, 0)
    assert kept.settle(reservation, Usage(200, 50, 30)) == Settled(200, 30, 150 + 5 + 120, known=True, over=0)
    assert kept.today() == Spent(TODAY, 1, 230, 275, 0)
    assert agreed(kept.path) == {(TODAY, "/w"): (1, 230, 275)}


@pytest.mark.parametrize(
    ("bound", "before", "sentence"),
    [
        (
            {"request_tokens": 699},
            0,
            "this request could take 700 tokens, and ai.budget.request-tokens allows 699 tokens; ask about less, or "
            "raise ai.budget.request-tokens in your settings",
        ),
        (
            {"request_cost": 999},
            0,
            "this request could take 0.1 cents, and ai.budget.request-cents allows 0.0999 cents; ask about less, or "
            "raise ai.budget.request-cents in your settings",
        ),
        (
            {"day_requests": 2},
            2,
            "ai.budget.day-requests allows 2 requests a day, with 0 requests left, and this request could take "
            "1 request; it starts anew on 2026-12-03, or raise ai.budget.day-requests in your settings",
        ),
        (
            {"day_tokens": 2000},
            2,
            "ai.budget.day-tokens allows 2,000 tokens a day, with 600 tokens left, and this request could take "
            "700 tokens; it starts anew on 2026-12-03, or raise ai.budget.day-tokens in your settings",
        ),
        (
            {"day_cost": 2999},
            2,
            "ai.budget.day-cents allows 0.2999 cents a day, with 0.0999 cents left, and this request could take "
            "0.1 cents; it starts anew on 2026-12-03, or raise ai.budget.day-cents in your settings",
        ),
        (
            {"workspace_requests": 1},
            1,
            "ai.budget.workspace-requests allows 1 request a day and workspace, with 0 requests left, and this "
            "request could take 1 request; it starts anew on 2026-12-03, or raise ai.budget.workspace-requests in your "
            "settings",
        ),
        (
            {"workspace_tokens": 1399},
            1,
            "ai.budget.workspace-tokens allows 1,399 tokens a day and workspace, with 699 tokens left, and this "
            "request could take 700 tokens; it starts anew on 2026-12-03, or raise ai.budget.workspace-tokens in your "
            "settings",
        ),
        (
            {"workspace_cost": 1999},
            1,
            "ai.budget.workspace-cents allows 0.1999 cents a day and workspace, with 0.0999 cents left, and this "
            "request could take 0.1 cents; it starts anew on 2026-12-03, or raise ai.budget.workspace-cents in your "
            "settings",
        ),
    ],
)
def test_what_would_pass_a_limit_is_refused(tmp_path: Path, bound: dict[str, int], before: int, sentence: str) -> None:
    kept = ledger(tmp_path)
    for _ in range(before):
        kept.reserve(ASKED, limits(**bound))
    with pytest.raises(BudgetSpent) as refused:
        kept.reserve(ASKED, limits(**bound))
    assert str(refused.value) == sentence
    assert kept.today().requests == before, "a refusal takes nothing"
    kept.reserve(ASKED, limits(**{name: value + 100 for name, value in bound.items()}))


def test_a_limit_can_be_used_up_exactly(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    exactly = Limits(700, 1000, 2, 1400, 2000, 2, 1400, 2000)
    kept.reserve(ASKED, exactly)
    kept.reserve(ASKED, exactly)
    with pytest.raises(BudgetSpent):
        kept.reserve(ASKED, exactly)


def test_limits_of_a_workspace_are_its_own(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    one_each = limits(workspace_requests=1, day_requests=2)
    kept.reserve(ASKED, one_each)
    kept.reserve(asked(workspace="/other"), one_each)
    assert kept.today("/w") == kept.today("/other") == Spent(TODAY, 1, 700, 1000, 0)
    assert kept.today("/nobody") == Spent(TODAY, 0, 0, 0, 0)
    with pytest.raises(BudgetSpent, match="day-requests"):
        kept.reserve(asked(workspace="/third"), one_each)


def test_without_a_price_a_limit_of_cost_refuses_and_says_how_to_go_on(tmp_path: Path) -> None:
    kept, unpriced = ledger(tmp_path), asked(price=None)
    with pytest.raises(BudgetSpent) as refused:
        kept.reserve(unpriced, limits(day_cost=1_000_000, workspace_cost=500_000))
    assert str(refused.value) == (
        "nobody here knows what model costs at api.example.com, so it could pass ai.budget.workspace-cents (50 cents) "
        'and ai.budget.day-cents (100 cents) unseen; add "model=IN/OUT" to ai.prices, in US dollars for a million '
        "tokens, or set ai.budget.workspace-cents and ai.budget.day-cents to 0"
    )
    with pytest.raises(BudgetSpent, match=r"request-cents \(1 cent\)"):
        kept.reserve(unpriced, limits(request_cost=10_000))


def test_without_a_price_tokens_are_limited_and_the_cost_is_said_to_be_unknown(tmp_path: Path) -> None:
    kept, unpriced = ledger(tmp_path), asked(price=None)
    reservation = kept.reserve(unpriced, limits(day_tokens=1000))
    assert kept.today() == Spent(TODAY, 1, 700, 0, 1)
    with pytest.raises(BudgetSpent, match="day-tokens"):
        kept.reserve(unpriced, limits(day_tokens=1000))
    assert kept.settle(reservation, Usage(10, 0, 10)).cost is None
    assert kept.today() == Spent(TODAY, 1, 20, 0, 1)
    kept.release(kept.reserve(unpriced, NO_LIMITS))
    assert kept.today() == Spent(TODAY, 1, 20, 0, 1)


def test_this_machine_costs_nothing_whatever_the_limit(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    settled = kept.settle(kept.reserve(asked(price=FREE), limits(day_cost=1)), Usage(500, 0, 90))
    assert settled.cost == 0
    assert kept.today() == Spent(TODAY, 1, 590, 0, 0)
    kept.settle(kept.reserve(ASKED, limits(day_cost=1000)), Usage(9000, 0, 90))
    with pytest.raises(BudgetSpent):
        kept.reserve(ASKED, limits(day_cost=1000))
    kept.reserve(asked(price=FREE), limits(day_cost=1000))


@pytest.mark.parametrize(
    ("title", "usage"),
    [
        ("the server said nothing", None),
        ("less than nothing", Usage(-1, 0, 5)),
        ("less than nothing out", Usage(5, 0, -1)),
        ("a truth value", Usage(True, 0, 5)),
        ("a broken number", Usage(1.5, 0, 5)),  # type: ignore[arg-type]
        ("a word", Usage("5", 0, 5)),  # type: ignore[arg-type]
        ("nothing at all", Usage(5, 0, None)),  # type: ignore[arg-type]
        ("more than anything takes", Usage(MOST + 1, 0, 5)),
        ("more out than anything takes", Usage(5, 0, 2**70)),
        ("more cached than sent", Usage(5, 6, 5)),
        ("less than nothing cached", Usage(5, -1, 5)),
        ("nothing was sent", Usage(0, 0, 5)),
    ],
)
def test_what_nobody_knows_stays_charged_in_full(tmp_path: Path, title: str, usage: Usage | None) -> None:
    kept = ledger(tmp_path)
    reservation = kept.reserve(ASKED, NO_LIMITS)
    assert kept.settle(reservation, usage) == Settled(600, 100, 1000, known=False, over=0)
    assert kept.today() == Spent(TODAY, 1, 700, 1000, 0)


def test_settling_twice_changes_nothing(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    first, second = kept.reserve(ASKED, NO_LIMITS), kept.reserve(ASKED, NO_LIMITS)
    settled = kept.settle(first, Usage(10, 0, 10))
    assert kept.settle(first, Usage(90, 0, 90)) == kept.settle(first, None) == settled
    unknown = kept.settle(second, None)
    assert kept.settle(second, Usage(10, 0, 10)) == unknown == Settled(600, 100, 1000, known=False, over=0)
    kept.release(first)
    kept.release(second)
    assert agreed(kept.path) == {(TODAY, "/w"): (2, 720, 1050)}


def test_what_the_server_counts_above_the_reservation_is_charged_and_said(tmp_path: Path) -> None:
    kept, bound = ledger(tmp_path), limits(day_tokens=1000)
    settled = kept.settle(kept.reserve(ASKED, bound), Usage(900, 0, 150))
    assert settled == Settled(900, 150, 1500, known=True, over=350)
    assert kept.today() == Spent(TODAY, 1, 1050, 1500, 0)
    with pytest.raises(BudgetSpent, match="with 0 tokens left"):
        kept.reserve(asked(tokens_in=1, tokens_out=0), bound)


def test_a_released_attempt_was_never_made(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    reservation = kept.reserve(ASKED, limits(day_requests=1))
    kept.release(reservation)
    kept.release(reservation)
    assert kept.settle(reservation, Usage(10, 0, 10)) == Settled(0, 0, 0, known=False, over=0)
    assert kept.today() == Spent(TODAY, 0, 0, 0, 0)
    kept.reserve(ASKED, limits(day_requests=1))


def test_an_attempt_that_is_never_settled_stays_charged(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(ASKED, NO_LIMITS)
    assert ledger(tmp_path).today() == Spent(TODAY, 1, 700, 1000, 0)


def test_a_new_day_begins_anew_and_what_runs_belongs_to_the_old_one(tmp_path: Path) -> None:
    clock = Clock()
    kept, bound = ledger(tmp_path, clock), limits(day_requests=1)
    old = kept.reserve(ASKED, bound)
    clock.pass_days(1)
    assert kept.today() == Spent(TOMORROW, 0, 0, 0, 0)
    new = kept.reserve(ASKED, bound)
    assert (old.day, new.day) == (TODAY, TOMORROW)
    kept.settle(old, Usage(10, 0, 10))
    assert agreed(kept.path) == {(TODAY, "/w"): (1, 20, 50), (TOMORROW, "/w"): (1, 700, 1000)}
    kept.release(new)
    assert kept.today().requests == 0


def test_a_clock_that_goes_back_gives_nothing_back(tmp_path: Path) -> None:
    clock = Clock()
    kept, bound = ledger(tmp_path, clock), limits(day_requests=1)
    clock.pass_days(1)
    kept.reserve(ASKED, bound)
    clock.pass_days(-1)
    assert kept.today() == Spent(TOMORROW, 1, 700, 1000, 0)
    with pytest.raises(BudgetSpent) as refused:
        kept.reserve(ASKED, bound)
    assert "it starts anew on 2026-12-04" in str(refused.value)
    assert str(refused.value).endswith(
        f" (something was charged on 2026-12-03, which is yet to come; if a clock was wrong then, remove {kept.path})"
    )
    clock.pass_days(2)
    kept.reserve(ASKED, bound)


def test_days_begin_where_the_user_is(tmp_path: Path) -> None:
    clock = Clock()
    east, west = (Ledger(tmp_path / name, clock, timezone(timedelta(hours=h))) for name, h in (("e", 13), ("w", -13)))
    assert (east.today().day, west.today().day) == (TOMORROW, "2026-12-01")


def test_a_limit_that_is_nearly_spent_is_told_once(tmp_path: Path) -> None:
    clock = Clock()
    kept, bound = ledger(tmp_path, clock), limits(day_tokens=3500, request_tokens=700)
    assert kept.warning("/w", bound) is None
    for _ in range(3):
        kept.reserve(ASKED, bound)
    assert kept.warning("/w", bound) is None
    kept.reserve(ASKED, bound)
    assert kept.warning("/w", bound) == (
        "today's AI budget is nearly spent: 2,800 tokens of 3,500 tokens (ai.budget.day-tokens); "
        "it starts anew on 2026-12-03"
    )
    assert ledger(tmp_path, clock).warning("/w", bound) is None
    assert kept.warning("/other", bound) is None, "it is one for all workspaces"
    raised = replace(bound, day_tokens=7000)
    for _ in range(4):
        assert kept.warning("/w", raised) is None
        kept.reserve(ASKED, raised)
    assert "5,600 tokens of 7,000 tokens" in str(kept.warning("/w", raised))
    clock.pass_days(1)
    for _ in range(4):
        kept.reserve(ASKED, bound)
    assert "it starts anew on 2026-12-04" in str(kept.warning("/w", bound))


def test_all_limits_that_are_nearly_spent_are_told_and_each_workspace_has_its_own(tmp_path: Path) -> None:
    kept, bound = ledger(tmp_path), limits(workspace_requests=2, day_requests=4, workspace_cost=2200)
    kept.reserve(asked(workspace="/other"), bound)
    kept.reserve(ASKED, bound)
    assert kept.warning("/w", bound) is None
    kept.reserve(ASKED, bound)
    assert kept.warning("/w", bound) == (
        "today's AI budget is nearly spent: 2 requests of 2 requests (ai.budget.workspace-requests) and 0.2 cents of "
        "0.22 cents (ai.budget.workspace-cents); it starts anew on 2026-12-03"
    )
    kept.reserve(asked(workspace="/other"), bound)
    told = str(kept.warning("/other", bound))
    assert "workspace-requests" in told
    assert "day-requests" in told
    assert kept.warning("/w", bound) is None


def test_a_report_says_what_was_taken_by_day_workspace_feature_and_model(tmp_path: Path) -> None:
    clock = Clock()
    kept = ledger(tmp_path, clock)
    assert kept.report(7) == []
    kept.settle(kept.reserve(ASKED, NO_LIMITS), Usage(200, 0, 30))
    clock.pass_days(1)
    kept.settle(kept.reserve(ASKED, NO_LIMITS), Usage(200, 100, 30))
    kept.settle(kept.reserve(ASKED, NO_LIMITS), None)
    kept.reserve(ASKED, NO_LIMITS)
    kept.reserve(asked(feature="fix", price=None), NO_LIMITS)
    kept.answered("/w", "explain", "api.example.com", "model")
    kept.answered("/w", "name", "api.example.com", "model")
    today = [
        Row(TOMORROW, "/w", "explain", "model", 3, 1, 1400, 230, 230 + 2000, 0, 2),
        Row(TOMORROW, "/w", "fix", "model", 1, 0, 600, 100, 0, 1, 1),
        Row(TOMORROW, "/w", "name", "model", 0, 1, 0, 0, 0, 0, 0),
    ]
    assert kept.report(1) == today
    assert kept.report(2) == [*today, Row(TODAY, "/w", "explain", "model", 1, 0, 200, 30, 320, 0, 0)]
    assert kept.today().requests == 4, "a known answer is no request"
    agreed(kept.path)


def test_what_is_likely_is_learned_from_what_the_server_counts(tmp_path: Path) -> None:
    kept = ledger(tmp_path)

    def likely() -> int:
        return kept.estimate(ASKED.host, ASKED.model, 6000)

    assert [kept.estimate("h", "m", size) for size in (0, 1, 3, 4, 6000)] == [0, 1, 1, 2, 2000]
    seen = []
    for _ in range(30):
        kept.settle(kept.reserve(ASKED, NO_LIMITS), Usage(150, 0, 10))
        seen.append(likely())
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == ceil(2000 - 500 / 4)
    assert 1500 <= seen[-1] <= 1502
    kept.settle(kept.reserve(ASKED, NO_LIMITS), None)
    assert likely() == seen[-1]
    assert kept.estimate(ASKED.host, "other", 6000) == kept.estimate("other", ASKED.model, 6000) == 2000


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_file_is_private(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    kept.reserve(ASKED, NO_LIMITS)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    for file in kept.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_looking_makes_no_file(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    assert (kept.today(), kept.report(9), kept.warning("/w", limits(day_requests=1))) == (
        Spent(TODAY, 0, 0, 0, 0),
        [],
        None,
    )
    assert list(tmp_path.iterdir()) == []


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def overwritten(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def strangers(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE photos (name)")


@pytest.mark.parametrize("broken", [garbage, overwritten, cut, strangers])
def test_a_broken_file_is_set_aside_and_said_so_once(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    kept = ledger(tmp_path)
    for number in (1, 2):
        lost = kept.reserve(ASKED, limits(day_requests=1))
        broken(kept.path)
        content = kept.path.read_bytes()
        with pytest.raises(UserError) as said:
            kept.reserve(ASKED, limits(day_requests=1))
        assert str(said.value) == (
            f"{kept.path}, which counts what asking models takes, was broken and is now budget.db.broken-{number}: "
            "what was spent today is unknown, and the limits begin anew with your next question"
        )
        assert kept.path.with_name(f"budget.db.broken-{number}").read_bytes() == content
        assert kept.today() == Spent(TODAY, 0, 0, 0, 0)
        assert kept.settle(lost, Usage(1, 0, 1)) == Settled(0, 0, 0, known=False, over=0)


def test_whoever_meets_a_broken_file_says_so(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    reservation = kept.reserve(ASKED, NO_LIMITS)
    meetings: tuple[Callable[[], object], ...] = (
        lambda: kept.settle(reservation, None),
        lambda: kept.release(reservation),
        lambda: kept.answered("/w", "explain", "h", "m"),
        kept.today,
        lambda: kept.report(1),
        lambda: kept.warning("/w", NO_LIMITS),
        lambda: kept.estimate("h", "m", 1),
    )
    for meet in meetings:
        garbage(kept.path)
        with pytest.raises(UserError, match="was broken and is now"):
            meet()
        kept.reserve(ASKED, NO_LIMITS)


@pytest.mark.parametrize("files", [[], ["budget.db.broken-1"]])
def test_nothing_that_many_reserve_at_once_is_lost(tmp_path: Path, files: list[str]) -> None:
    """On the first day, or where all meet a broken file: nobody takes another's new file for it, nor writes into it."""
    for number in range(15):
        kept = ledger(tmp_path / str(number))
        if files:
            kept.reserve(ASKED, NO_LIMITS)
            garbage(kept.path)
        assert any(at_once(kept)) == bool(files)
        assert [file.name for file in kept.path.parent.glob("*.broken-?")] == files
        assert agreed(kept.path) == {(TODAY, "/w"): (8, 5600, 8000)}


def at_once(kept: Ledger) -> list[int]:
    """Have eight reserve until each has a reservation; returns how often each was refused."""
    begin = Barrier(8)

    def ask(_: int) -> int:
        begin.wait()
        for refused in range(9):
            with suppress(UserError):
                kept.reserve(ASKED, NO_LIMITS)
                return refused
        raise AssertionError("never answered")

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(ask, range(8)))


def test_nothing_is_charged_to_a_file_that_is_moved_meanwhile(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    kept.reserve(ASKED, NO_LIMITS)

    def moving() -> float:
        kept.path.replace(kept.path.with_name("moved"))
        return Clock()()

    with pytest.raises(UserError, match="it was moved just now; ask again"):
        ledger(tmp_path, moving).reserve(ASKED, NO_LIMITS)
    assert agreed(kept.path.with_name("moved")) == {(TODAY, "/w"): (1, 700, 1000)}


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """As a process leaves it that is killed before it writes."""
    kept = ledger(tmp_path)
    kept.path.parent.mkdir()
    kept.path.touch()
    assert kept.today() == Spent(TODAY, 0, 0, 0, 0)
    kept.reserve(ASKED, NO_LIMITS)


def test_who_waits_too_long_for_others_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "BUSY", 0.05)
    kept = ledger(tmp_path)
    kept.reserve(ASKED, NO_LIMITS)
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            UserError, match=r"without it none is asked: other processes have had it for 0\.05 s; ask again"
        ):
            kept.reserve(ASKED, NO_LIMITS)
    assert kept.reserve(ASKED, NO_LIMITS)


def test_a_file_that_cannot_be_used_refuses(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UserError, match=r"budget\.db, .* cannot be used, and without it none is asked: \S"):
        ledger(tmp_path).reserve(ASKED, NO_LIMITS)
    folder = ledger(tmp_path / "other")
    folder.path.mkdir(parents=True)
    with pytest.raises(UserError, match=r"budget\.db, .* cannot be used, and without it none is asked: \S"):
        folder.reserve(ASKED, NO_LIMITS)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    kept = ledger(tmp_path)
    kept.reserve(ASKED, NO_LIMITS)
    with closing(sqlite3.connect(kept.path)) as file:
        file.execute("PRAGMA user_version = 2")
    content = kept.path.read_bytes()
    with pytest.raises(UserError, match="newer Coding Agent"):
        kept.reserve(ASKED, NO_LIMITS)
    assert kept.path.read_bytes() == content


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    kept = ledger(tmp_path, clock)
    old = kept.reserve(ASKED, NO_LIMITS)
    clock.pass_days(1)
    kept.reserve(ASKED, NO_LIMITS)
    clock.pass_days(92)
    kept.reserve(ASKED, NO_LIMITS)
    assert [row.day for row in kept.report(1000)] == ["2027-03-05", TOMORROW]
    assert kept.settle(old, Usage(1, 0, 1)) == Settled(0, 0, 0, known=False, over=0)
    assert len(agreed(kept.path)) == 2


def test_a_path_that_is_no_text_has_its_budget(tmp_path: Path) -> None:
    kept, odd = ledger(tmp_path), "/w\udcff\0"
    kept.settle(kept.reserve(asked(workspace=odd), limits(workspace_requests=1)), None)
    assert kept.today(odd).requests == 1
    with pytest.raises(BudgetSpent, match="workspace-requests"):
        kept.reserve(asked(workspace=odd), limits(workspace_requests=1))


def test_nobody_takes_less_than_nothing() -> None:
    for odd in ({"tokens_in": -1}, {"tokens_out": -1}, {"tokens_in": MOST + 1}):
        with pytest.raises(ValueError, match="no attempt takes"):
            asked(**odd)


def test_threads_share_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coding_agent.ai.ledger.BUSY", 60.0)  # A busy machine is not what is tried here.
    kept, bound = ledger(tmp_path), limits(day_requests=50)

    def ask(_: int) -> bool:
        try:
            kept.settle(kept.reserve(ASKED, bound), Usage(10, 0, 10))
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(80))) == 50
    assert agreed(kept.path) == {(TODAY, "/w"): (50, 1000, 2500)}


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0, "requests", "0 requests"),
        (1, "requests", "1 request"),
        (1, "tokens", "1 token"),
        (1_234_567, "tokens", "1,234,567 tokens"),
        (10_000, "cents", "1 cent"),
        (1, "cents", "0.0001 cents"),
        (100_000, "cents", "10 cents"),
        (12_345_600, "cents", "1,234.56 cents"),
    ],
)
def test_how_amounts_are_said(number: int, unit: Unit, text: str) -> None:
    assert amount(number, unit) == text


BOUND = Limits(900, 2000, 12, 5000, 12_000, 6, 3000, 7000)
WANTED = st.builds(
    asked,
    workspace=st.sampled_from(["/a", "/b", ""]),
    tokens_in=st.integers(1, 800),
    tokens_out=st.integers(0, 300),
    price=st.sampled_from([PRICE, FREE, Price(2_000_001, 1, 3_333_333)]),
)
KINDS = st.sampled_from(["reserve"] * 4 + ["settle"] * 2 + ["unknown", "release", "day"])
STEPS = st.lists(st.tuples(KINDS, WANTED, st.integers(0, 99), st.integers(0, 99)), max_size=40)


class Model:
    """What a ledger should say, from a list of charges: day, workspace, requests, tokens and cost of each attempt."""

    def __init__(self) -> None:
        self.charges: dict[int, tuple[str, str, tuple[int, int, int]]] = {}

    def taken(self, day: str, workspace: str | None = None) -> tuple[int, int, int]:
        found = [taken for at, of, taken in self.charges.values() if at == day and workspace in (None, of)]
        return added((0, 0, 0), *found)

    def allows(self, day: str, wanted: Wanted) -> bool:
        more = full(wanted)
        return (
            more[1] <= BOUND.request_tokens
            and more[2] <= BOUND.request_cost
            and within(added(self.taken(day), more), (BOUND.day_requests, BOUND.day_tokens, BOUND.day_cost))
            and within(
                added(self.taken(day, wanted.workspace), more),
                (BOUND.workspace_requests, BOUND.workspace_tokens, BOUND.workspace_cost),
            )
        )


def full(wanted: Wanted) -> tuple[int, int, int]:
    assert wanted.price is not None
    return 1, wanted.tokens_in + wanted.tokens_out, wanted.price.cost(wanted.tokens_in, 0, wanted.tokens_out)


def added(*taken: tuple[int, int, int]) -> tuple[int, int, int]:
    requests, tokens, cost = (sum(each) for each in zip(*taken, strict=True))
    return requests, tokens, cost


def within(taken: tuple[int, int, int], bound: tuple[int, int, int]) -> bool:
    return all(a <= b for a, b in zip(taken, bound, strict=True))


@settings(max_examples=60)
@given(STEPS)
def test_whatever_happens_the_counters_are_the_sum_and_below_the_limits(
    steps: list[tuple[str, Wanted, int, int]],
) -> None:
    """Where servers tell the truth; and an attempt is refused only where it could pass a limit."""
    model, clock, made = Model(), Clock(), list[Reservation]()
    with TemporaryDirectory() as folder:
        kept = ledger(Path(folder), clock)
        for kind, wanted, which, share in steps:
            if kind == "reserve":
                day, allowed = kept.today().day, model.allows(kept.today().day, wanted)
                try:
                    made.append(kept.reserve(wanted, BOUND))
                except BudgetSpent:
                    assert not allowed
                else:
                    assert allowed
                    model.charges[made[-1].id] = (day, wanted.workspace, full(wanted))
            elif kind == "day":
                clock.pass_days(which % 3 - 1)
            elif made:
                end(kept, model, made.pop(which % len(made)), kind, share)
            check(kept, model)


def end(kept: Ledger, model: Model, reservation: Reservation, kind: str, share: int) -> None:
    wanted = reservation.wanted
    if kind == "release":
        kept.release(reservation)
        del model.charges[reservation.id]
    elif kind == "unknown":
        kept.settle(reservation, None)
    else:
        sent, answered = max(1, wanted.tokens_in * share // 100), wanted.tokens_out * share // 100
        kept.settle(reservation, Usage(sent, sent * share // 100, answered))
        assert wanted.price is not None
        cost = wanted.price.cost(sent, sent * share // 100, answered)
        model.charges[reservation.id] = (reservation.day, wanted.workspace, (1, sent + answered, cost))


def check(kept: Ledger, model: Model) -> None:
    if not kept.path.exists():
        return
    for (day, workspace), taken in agreed(kept.path).items():
        assert taken == model.taken(day, workspace)
        assert within(taken, (BOUND.workspace_requests, BOUND.workspace_tokens, BOUND.workspace_cost))
        assert within(model.taken(day), (BOUND.day_requests, BOUND.day_tokens, BOUND.day_cost))
