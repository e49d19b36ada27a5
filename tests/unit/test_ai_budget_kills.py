"""Killed at random points, the budget is never passed: real processes on one ledger, by seed.

Eight processes reserve, settle, release or leave their attempts, and tell in a file of their own what they are about
to do and what was done. Some are killed with SIGKILL, at times all at once, and replaced. The clock moves on when a day
is spent, and back for a while. Who looks on reads the file by SQL of its own.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from coding_agent.ai import ledger as ledger_module

SERVER = Path(ledger_module.__file__).parents[2]
PROCESSES = 8
DAY = 86_400
LIMITS = {"requests": (190, 75), "tokens": (300_000, 115_000), "cost": (660_000, 250_000)}
"""Of a day, and of a workspace in a day."""
RESERVED, COUNTED, UNKNOWN = range(3)
CHILD = """
import os, random, sys, time
sys.path.insert(0, sys.argv[1])
from datetime import UTC
from pathlib import Path
from coding_agent.ai.budget import Limits, Usage, Wanted
from coding_agent.ai.ledger import Ledger
from coding_agent.ai.prices import Price
from coding_agent.errors import BudgetSpent, UserError

folder, seed = Path(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
out = os.open(folder / f"told{seed}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
tell = lambda *words: os.write(out, (" ".join(map(str, words)) + "\\n").encode())
limits = Limits(*map(int, sys.argv[4:]))
ledger = Ledger(folder / "state" / "budget.db", lambda: float((folder / "clock").read_text()), UTC)
held = []

def reserve():
    price = rng.choice((Price(1_000_000, 100_000, 4_000_000), Price(2_500_000, 2_500_000, 2_500_000)))
    names = (rng.choice("abc"), rng.choice(("explain", "fix")), "host", "model")
    reservation = ledger.reserve(Wanted(*names, rng.randint(1, 4000), rng.randint(0, 1000), price), limits)
    wanted = reservation.wanted
    tell("made", reservation.id, wanted.tokens_in, wanted.tokens_out, wanted.cost)
    held.append(reservation)

def end(reservation):
    wanted, what = reservation.wanted, rng.random()
    if what < 0.1:
        tell("releasing", reservation.id)
        ledger.release(reservation)
        tell("released", reservation.id)
        return
    sent = rng.randint(1, wanted.tokens_in)
    usage = Usage(sent, rng.randint(0, sent), rng.randint(0, wanted.tokens_out)) if what < 0.85 else None
    cost = usage and wanted.price.cost(usage.tokens_in, usage.cached_in, usage.tokens_out)
    told = (usage.tokens_in, usage.tokens_out, cost) if usage else (wanted.tokens_in, wanted.tokens_out, wanted.cost)
    tell("settling", reservation.id, *told)
    settled = ledger.settle(reservation, usage)
    assert (settled.tokens_in, settled.tokens_out, settled.cost) == told, settled
    tell("settled", reservation.id, *told)

while not (folder / "over").exists():
    try:
        reserve()
        while held and rng.random() < 0.6:
            one = held.pop(rng.randrange(len(held)))
            if rng.random() < 0.95:
                end(one)
    except BudgetSpent as error:
        tell("refused", str(error).split()[0])
        time.sleep(0.02 * rng.random())
    except UserError as error:
        tell("unable", repr(str(error)))
"""


class Game:
    """One ledger and those who use it; ``counts`` is for who wants to know."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng, self.next = folder, random.Random(seed), seed * 100_000
        self.path = folder / "state" / "budget.db"
        self.now = 1_800_000_000.0
        self.children: list[subprocess.Popen[bytes]] = []
        self.counts = Counter[str]()
        self.refused = 0
        self.set_clock(0)

    def play(self, reservations: int, kills: int) -> None:
        due = sorted(self.rng.sample(range(reservations), kills))
        while (made := self.told()["made"]) < reservations or due:
            while len(self.children) < PROCESSES:
                self.start()
            self.look()
            self.move()
            if due and made >= due[0]:
                del due[: self.kill(len(due))]
        (self.folder / "over").touch()
        for child in self.children:
            assert child.wait(60) == 0
        self.look()

    def start(self) -> None:
        self.next += 1
        limits = (0, 0, *(bound[0] for bound in LIMITS.values()), *(bound[1] for bound in LIMITS.values()))
        arguments = (str(SERVER), str(self.folder), str(self.next), *map(str, limits))
        self.children.append(subprocess.Popen([sys.executable, "-I", "-c", CHILD, *arguments]))

    def kill(self, most: int) -> int:
        """Kill one, or all at once, and return how many."""
        time.sleep(0.02 * self.rng.random())
        for child in self.children:
            assert child.poll() is None, "ended by itself"
        many = len(self.children) if self.rng.random() < 0.2 and most >= len(self.children) else 1
        victims = self.rng.sample(self.children, many)
        for child in victims:
            os.kill(child.pid, signal.SIGKILL)
        for child in victims:
            child.wait()
            self.children.remove(child)
        journal = self.path.with_name("budget.db-journal")
        self.counts["killed amid a change"] += many > 1 and journal.exists() and journal.stat().st_size > 0
        self.counts["killed"] += many
        return many

    def move(self) -> None:
        """Let a day pass when it is spent, or send the clock back."""
        refused = self.told()["refused"]
        if refused - self.refused > 3 * PROCESSES:
            self.refused = refused
            self.set_clock(-DAY if self.rng.random() < 0.2 else DAY)

    def set_clock(self, more: int) -> None:
        self.now += more
        (self.folder / "new").write_text(str(self.now))
        (self.folder / "new").replace(self.folder / "clock")
        self.counts["days passed" if more > 0 else "days gone back"] += more != 0

    def look(self) -> None:
        """No counter is above its limit, and all are the sum of the rows."""
        if not self.path.exists():
            return
        with closing(self.reading()) as file:
            file.execute("BEGIN")
            if not file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return
            sql = """SELECT day, workspace, {} FROM {} GROUP BY day, workspace ORDER BY day, workspace"""
            sums = "count(*), sum(tokens_in + tokens_out), sum(cost)"
            rows = file.execute(sql.format(sums, "attempts")).fetchall()
            counters = file.execute(sql.format("requests, tokens, cost", "counters")).fetchall()
        assert [each for each in counters if each[2]] == rows
        days: dict[str, list[int]] = {}
        for day, _, *taken in counters:
            assert all(each <= bound[1] for each, bound in zip(taken, LIMITS.values(), strict=True)), (day, taken)
            days[day] = [a + b for a, b in zip(days.get(day, [0, 0, 0]), taken, strict=True)]
        for day, taken in days.items():
            assert all(each <= bound[0] for each, bound in zip(taken, LIMITS.values(), strict=True)), (day, taken)
        self.counts["looks"] += 1

    def reading(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30, isolation_level=None)

    def lines(self) -> Iterator[list[str]]:
        for path in self.folder.glob("told*"):
            yield from (line.split() for line in path.read_text().split("\n")[:-1])

    def told(self) -> Counter[str]:
        return Counter(line[0] for line in self.lines())

    def check(self) -> None:
        """All that was told is there, and nothing else but what the killed could not tell any more."""
        with closing(self.reading()) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found = {row[0]: row[1:] for row in file.execute("SELECT id, tokens_in, tokens_out, cost FROM attempts")}
            states = dict(file.execute("SELECT id, state FROM attempts"))
        said: dict[int, dict[str, tuple[int, ...]]] = {}
        for word, number, *rest in self.lines():
            if word not in ("refused", "unable"):
                said.setdefault(int(number), {})[word] = tuple(map(int, rest))
        assert len(found.keys() - said.keys()) <= self.counts["killed"]
        for number, words in said.items():
            full, settled = words["made"], words.get("settling")
            if "released" in words:
                assert number not in found
            elif "releasing" in words:
                assert found.get(number, full) == full
            elif "settled" in words:
                assert found[number] == settled
                assert states[number] in (COUNTED, UNKNOWN)
            else:
                assert found[number] in (full, settled)

    def report(self) -> str:
        self.counts += self.told()
        why = Counter(" ".join(line[1:]) for line in self.lines() if line[0] in ("refused", "unable"))
        return f"{dict(self.counts)}, refused {dict(why)}"

    def stop(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()


def played(folder: Path, seed: int, reservations: int, kills: int) -> None:
    game = Game(folder, seed)
    try:
        game.play(reservations, kills)
    finally:
        game.stop()
    game.check()
    print(f"seed {seed}: {game.report()}")
    assert game.told()["made"] >= reservations
    assert game.counts["killed"] == kills
    assert game.counts["days passed"] < ledger_module.KEPT, "or rows were forgotten"


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_whoever_is_killed_the_budget_is_never_passed(tmp_path: Path) -> None:
    played(tmp_path, 1, 600, 8)


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("seed", [2, 3])
def test_whoever_is_killed_the_budget_is_never_passed_soak(tmp_path: Path, seed: int) -> None:
    played(tmp_path, seed, 10_000, 100)
