"""The SQL of the ledger: its tables, and what is written into them and read back. Each function runs in a transaction
that `ledger.py` has begun.
"""

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.ai.budget import Bound, Spent, Usage, Wanted
from coding_agent.errors import UserError
from coding_agent.store.atomic import make_private

APPLICATION, VERSION = 0x43414C47, 1
RESERVED, COUNTED, UNKNOWN, KNOWN = range(4)
"""States of an attempt: it runs or is lost; settled by the server's count; settled without; answered without asking."""
LEARNING = 0.25
"""Weight of a server's newest count in the ratio of tokens to bytes, which begins at a third."""
_SCHEMA = (
    """CREATE TABLE attempts (id INTEGER PRIMARY KEY, day TEXT NOT NULL, workspace TEXT NOT NULL, feature TEXT NOT NULL,
    host TEXT NOT NULL, model TEXT NOT NULL, state INTEGER NOT NULL, tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL, cost INTEGER)""",
    """CREATE TABLE counters (day TEXT, workspace TEXT, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
    cost INTEGER NOT NULL, unpriced INTEGER NOT NULL, PRIMARY KEY (day, workspace)) WITHOUT ROWID""",
    """CREATE TABLE told (day TEXT, workspace TEXT, setting TEXT, bound INTEGER,
    PRIMARY KEY (day, workspace, setting, bound)) WITHOUT ROWID""",
    "CREATE TABLE ratios (host TEXT, model TEXT, ratio REAL NOT NULL, PRIMARY KEY (host, model)) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


@dataclass(frozen=True, slots=True)
class Charge:
    """What an attempt is charged; a cost of None is unknown."""

    tokens_in: int
    tokens_out: int
    cost: int | None

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Row:
    """What a feature took of a model in a workspace on one day."""

    day: str
    workspace: str
    feature: str
    model: str
    requests: int
    cached: int
    """Answers that were known and took nothing; they are no requests."""
    tokens_in: int
    tokens_out: int
    cost: int
    unpriced: int
    """Requests whose price is unknown, and not in ``cost``."""
    unsettled: int
    """Requests charged in full: they run, or nobody knows what they took."""


def connect(path: Path, seconds: float) -> sqlite3.Connection:
    """Open a file, which is made where it is missing, and wait so long for others.

    Raises: sqlite3.Error, OSError.
    """
    make_private(path.parent)
    return sqlite3.connect(path, timeout=seconds, isolation_level=None)


def begin(book: sqlite3.Connection, path: Path) -> None:
    """Have the file alone and private, with its tables.

    Raises: sqlite3.DatabaseError - it is none of ours; UserError - it is of a later version of ours.
    """
    # By its name: whoever opens the file beside SQLite gives up the locks of all threads when closing it.
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    # The other journal needs memory that is shared, which a file system on a network does not have.
    book.execute("PRAGMA journal_mode = TRUNCATE")
    book.execute("PRAGMA synchronous = FULL")
    book.execute("BEGIN IMMEDIATE")
    version, ours = _number(book, "PRAGMA user_version"), _number(book, "PRAGMA application_id") == APPLICATION
    if ours and version > VERSION:
        raise UserError(f"a newer Coding Agent has written {path}; use that one to ask models, or remove the file")
    if not ours:
        if _number(book, "SELECT count(*) FROM sqlite_master"):
            raise sqlite3.DatabaseError("no ledger of ours")
        for statement in _SCHEMA:
            book.execute(statement)


def newest(book: sqlite3.Connection) -> str:
    """The last day that was charged, empty where none was."""
    found = cast("tuple[str | None]", book.execute("SELECT max(day) FROM counters").fetchone())
    return found[0] or ""


def spent(book: sqlite3.Connection, day: str, workspace: str | None = None) -> Spent:
    """What a day took, of one workspace or of all."""
    sql = """SELECT coalesce(sum(requests), 0), coalesce(sum(tokens), 0), coalesce(sum(cost), 0),
    coalesce(sum(unpriced), 0) FROM counters WHERE day = ? AND workspace = coalesce(?, workspace)"""
    return Spent(day, *cast("tuple[int, int, int, int]", book.execute(sql, (day, workspace)).fetchone()))


def add(book: sqlite3.Connection, day: str, wanted: Wanted, state: int, charge: Charge) -> int:
    """Write an attempt and return its number, which no other ledger has."""
    number = int.from_bytes(os.urandom(8)) >> 1
    values = (number, day, wanted.workspace, wanted.feature, wanted.host, wanted.model, state)
    sql = "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    book.execute(sql, (*values, charge.tokens_in, charge.tokens_out, charge.cost))
    return number


def count(book: sqlite3.Connection, day: str, workspace: str, charge: Charge, sign: int) -> None:
    """Put one more request (``sign`` 1) or one less (-1) into the counters."""
    more = (sign, sign * charge.tokens, sign * (charge.cost or 0), sign * (charge.cost is None))
    sql = """INSERT INTO counters VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day, workspace) DO UPDATE SET
    requests = requests + excluded.requests, tokens = tokens + excluded.tokens, cost = cost + excluded.cost,
    unpriced = unpriced + excluded.unpriced"""
    book.execute(sql, (day, workspace, *more))


def charged(book: sqlite3.Connection, number: int) -> tuple[int, Charge] | None:
    """State and charge of an attempt, None where it was taken back or is forgotten."""
    sql = "SELECT state, tokens_in, tokens_out, cost FROM attempts WHERE id = ?"
    row = cast("tuple[int, int, int, int | None] | None", book.execute(sql, (number,)).fetchone())
    return row and (row[0], Charge(*row[1:]))


def change(book: sqlite3.Connection, number: int, state: int, charge: Charge) -> None:
    sql = "UPDATE attempts SET state = ?, tokens_in = ?, tokens_out = ?, cost = ? WHERE id = ?"
    book.execute(sql, (state, charge.tokens_in, charge.tokens_out, charge.cost, number))


def remove(book: sqlite3.Connection, number: int) -> None:
    book.execute("DELETE FROM attempts WHERE id = ?", (number,))


def forget(book: sqlite3.Connection, day: str) -> None:
    """Forget what was before a day."""
    for table in ("attempts", "counters", "told"):
        book.execute(f"DELETE FROM {table} WHERE day < ?", (day,))


def tell(book: sqlite3.Connection, day: str, workspace: str, bound: Bound) -> bool:
    """Remember that a limit is nearly spent; whether that is new."""
    sql = "INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?)"
    return book.execute(sql, (day, workspace, bound.setting, bound.limit)).rowcount == 1


def rows(book: sqlite3.Connection, first: str) -> list[Row]:
    """All from a day on, the newest day first."""
    sql = f"""SELECT day, workspace, feature, model, sum(state != {KNOWN}), sum(state = {KNOWN}), sum(tokens_in),
    sum(tokens_out), coalesce(sum(cost), 0), sum(cost IS NULL), sum(state IN ({RESERVED}, {UNKNOWN})) FROM attempts
    WHERE day >= ? GROUP BY day, workspace, feature, model ORDER BY day DESC, workspace, feature, model"""
    return [Row(*row) for row in book.execute(sql, (first,))]


def ratio(book: sqlite3.Connection, host: str, model: str) -> float | None:
    """Tokens of a byte, as the server counted them lately; None before it did."""
    sql = "SELECT ratio FROM ratios WHERE host = ? AND model = ?"
    row = cast("tuple[float] | None", book.execute(sql, (host, model)).fetchone())
    return row and row[0]


def learn(book: sqlite3.Connection, wanted: Wanted, usage: Usage) -> None:
    """Let the server's count of what was sent change the ratio."""
    if not wanted.tokens_in:
        return
    before = ratio(book, wanted.host, wanted.model) or 1 / 3
    new = before + LEARNING * (usage.tokens_in / wanted.tokens_in - before)
    book.execute("INSERT OR REPLACE INTO ratios VALUES (?, ?, ?)", (wanted.host, wanted.model, new))


def _number(book: sqlite3.Connection, sql: str) -> int:
    return cast("tuple[int]", book.execute(sql).fetchone())[0]
