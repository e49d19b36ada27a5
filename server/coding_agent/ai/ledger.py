"""The count of what asking took, in one SQLite file that all our processes share.

An attempt is charged in full before it is sent and corrected by the server's own count after it; one that nobody
settles, because its process died or its answer broke off, stays charged. Attempts and counters change in one
transaction, so that the counters are always the sum of the attempts, and it is on the disk before anything is sent.

A day is the user's own, and the newest day that was ever charged counts until it is over: a clock that goes back, or
a journey, gives no budget back. A file that is broken is set aside, and whoever asks first is told instead of being
answered: what was spent that day is unknown then, and counting begins anew. Nothing helps against removing the file.
"""

import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import count
from math import ceil
from pathlib import Path

from coding_agent.ai import book
from coding_agent.ai.book import Charge, Row
from coding_agent.ai.budget import Limits, Spent, Usage, Wanted, near, refusal, warning
from coding_agent.errors import BudgetSpent, UserError
from coding_agent.store.alone import alone

KEPT = 92
"""Days that are remembered."""
BUSY = 2.0
"""Seconds to wait for other processes."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that is charged in full."""

    id: int
    day: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Settled:
    """What an attempt is charged in the end; nothing where it was released or is forgotten."""

    tokens_in: int
    tokens_out: int
    cost: int | None
    """In millionths of a US dollar, None where the price is unknown."""
    known: bool
    """Whether the server said so; else it is the whole reservation."""
    over: int
    """Tokens that the server counted above what was reserved. They are charged too, and may have passed a limit."""


class Ledger:
    """One ledger. Every call opens the file anew, so that threads and processes may share it.

    ``path`` is absolute, ``clock`` gives seconds since 1970, ``zone`` says when days begin (None: as on this machine).
    Raises, each method: UserError - the file cannot be used, or was broken. Nothing may be sent then.
    """

    def __init__(self, path: Path, clock: Callable[[], float], zone: tzinfo | None = None) -> None:
        self.path, self._clock, self._zone = path, clock, zone

    def reserve(self, wanted: Wanted, limits: Limits) -> Reservation:
        """Charge an attempt in full, before it is sent.

        Raises: BudgetSpent - it could take more than a limit leaves, or cost is limited and there is no price.
        """
        wanted, charge = _plain(wanted), Charge(wanted.tokens_in, wanted.tokens_out, wanted.cost)
        with self._changing() as file:
            before = book.newest(file)
            day = max(before, self._today())
            taken = book.spent(file, day), book.spent(file, day, wanted.workspace)
            if why := refusal(wanted, limits, *taken):
                raise BudgetSpent(why + self._ahead(day))
            number = book.add(file, day, wanted, book.RESERVED, charge)
            book.count(file, day, wanted.workspace, charge, 1)
            if day > before:
                book.forget(file, _back(day, KEPT))
        return Reservation(number, day, wanted)

    def settle(self, reservation: Reservation, usage: Usage | None) -> Settled:
        """Correct what an attempt is charged by the server's count.

        None, or a count that no attempt can have, leaves all of it charged. The first call counts, later ones change
        nothing.
        """
        with self._changing() as file:
            found = book.charged(file, reservation.id)
            if found and found[0] == book.RESERVED:
                found = _correct(file, reservation, found[1], usage if usage and usage.is_believable else None)
        return _settled(reservation.wanted, found)

    def refused(self, reservation: Reservation) -> None:
        """Settle an attempt that the server refused without writing anything: a request that took no tokens."""
        with self._changing() as file:
            found = book.charged(file, reservation.id)
            if found and found[0] == book.RESERVED:
                _recount(file, reservation, found[1], Charge(0, 0, 0))

    def release(self, reservation: Reservation) -> None:
        """Take back an attempt of which no byte was sent; one that is settled stays."""
        with self._changing() as file:
            found = book.charged(file, reservation.id)
            if found and found[0] == book.RESERVED:
                book.remove(file, reservation.id)
                book.count(file, reservation.day, reservation.wanted.workspace, found[1], -1)

    def answered(self, workspace: str, feature: str, host: str, model: str) -> None:
        """Note an answer that was known, so that nothing was asked."""
        wanted = _plain(Wanted(workspace, feature, host, model, 0, 0, None))
        with self._changing() as file:
            book.add(file, self._day(file), wanted, book.KNOWN, Charge(0, 0, 0))

    def today(self, workspace: str = "") -> Spent:
        """Return what the day took, of one workspace or of all."""
        if not self._exists():
            return Spent(self._today(), 0, 0, 0, 0)
        with self._changing() as file:
            return book.spent(file, self._day(file), _text(workspace) or None)

    def report(self, days: int) -> list[Row]:
        """Return what so many days took, today among them, the newest first."""
        if not self._exists():
            return []
        with self._changing() as file:
            return book.rows(file, _back(self._day(file), days - 1))

    def warning(self, workspace: str, limits: Limits) -> str | None:
        """Return a sentence where 80 % of a day's limit are spent, once for each limit and day."""
        if not self._exists():
            return None
        with self._changing() as file:
            day, name = self._day(file), _text(workspace)
            bounds = near(limits, book.spent(file, day), book.spent(file, day, name))
            new = [each for each in bounds if book.tell(file, day, name if each.each_workspace else "", each)]
        return warning(new, day) if new else None

    def estimate(self, host: str, model: str, size: int) -> int:
        """Return how many tokens so many bytes are likely to be, by what the server counted before; only to show."""
        ratio = None
        if self._exists():
            with self._changing() as file:
                ratio = book.ratio(file, _text(host), _text(model))
        return ceil(size / 3 if ratio is None else size * ratio)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), self._zone).date().isoformat()

    def _day(self, file: sqlite3.Connection) -> str:
        return max(book.newest(file), self._today())

    def _ahead(self, day: str) -> str:
        if day == self._today():
            return ""
        return f" (something was charged on {day}, which is yet to come; if a clock was wrong then, remove {self.path})"

    def _exists(self) -> bool:
        return self._identity() is not None

    def _identity(self) -> os.stat_result | None:
        try:
            return self.path.stat()
        except OSError:
            return None

    def _is(self, was: os.stat_result) -> bool:
        now = self._identity()
        return now is not None and os.path.samestat(was, now)

    @contextmanager
    def _changing(self) -> Generator[sqlite3.Connection]:
        """Have the file alone. What the block does is kept when it ends, nothing of it where it raises."""
        was = self._identity()
        try:
            with closing(book.connect(self.path, BUSY)) as file:
                book.begin(file, self.path)
                yield file
                # What is written into a file that was set aside meanwhile is charged nowhere.
                if was and not self._is(was):
                    raise self._moved()
                file.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._trouble(error, was) from error
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from error

    def _trouble(self, error: sqlite3.Error, was: os.stat_result | None) -> UserError:
        # Its subclasses say that a file cannot be used just now, this one that it is no good.
        if type(error) is sqlite3.DatabaseError:
            return self._set_aside(was)
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_READONLY_DBMOVED":
            return self._moved()
        if name.startswith("SQLITE_BUSY"):
            return self._refused(f"other processes have had it for {BUSY:g} s; ask again")
        return self._refused(str(error))

    def _moved(self) -> UserError:
        return self._refused("it was moved just now; ask again")

    def _refused(self, why: str) -> UserError:
        return UserError(
            f"{self.path}, which counts what asking models takes, cannot be used, and without it none is asked: {why}"
        )

    def _set_aside(self, was: os.stat_result | None) -> UserError:
        try:
            with alone(self.path.parent, BUSY):
                # Another process may have been faster, and what is there now be good.
                where = _rename(self.path) if was and self._is(was) else "set aside"
        except OSError as error:
            return self._refused(f"it is broken and cannot be set aside ({error}); remove it")
        return UserError(
            f"{self.path}, which counts what asking models takes, was broken and is now {where}: what was spent today "
            f"is unknown, and the limits begin anew with your next question"
        )


def _correct(
    file: sqlite3.Connection, reservation: Reservation, charge: Charge, usage: Usage | None
) -> tuple[int, Charge]:
    wanted, state = reservation.wanted, book.UNKNOWN
    if usage:
        cost = wanted.price and wanted.price.cost(usage.tokens_in, usage.cached_in, usage.tokens_out)
        book.learn(file, wanted, usage)
        return _recount(file, reservation, charge, Charge(usage.tokens_in, usage.tokens_out, cost))
    book.change(file, reservation.id, state, charge)
    return state, charge


def _recount(file: sqlite3.Connection, reservation: Reservation, was: Charge, now: Charge) -> tuple[int, Charge]:
    workspace = reservation.wanted.workspace
    book.count(file, reservation.day, workspace, was, -1)
    book.count(file, reservation.day, workspace, now, 1)
    book.change(file, reservation.id, book.COUNTED, now)
    return book.COUNTED, now


def _settled(wanted: Wanted, found: tuple[int, Charge] | None) -> Settled:
    if found is None:
        return Settled(0, 0, 0, known=False, over=0)
    state, charge = found
    over = max(0, charge.tokens_in - wanted.tokens_in) + max(0, charge.tokens_out - wanted.tokens_out)
    return Settled(charge.tokens_in, charge.tokens_out, charge.cost, state == book.COUNTED, over)


def _rename(path: Path) -> str:
    names = (path.with_name(f"{path.name}.broken-{number}") for number in count(1))
    new = next(name for name in names if not name.exists())
    path.rename(new)
    return new.name


def _back(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def _plain(wanted: Wanted) -> Wanted:
    texts = (wanted.workspace, wanted.feature, wanted.host, wanted.model)
    workspace, feature, host, model = map(_text, texts)
    return replace(wanted, workspace=workspace, feature=feature, host=host, model=model)


def _text(text: str) -> str:
    """A text that SQLite takes: half a surrogate, as in a path that is no UTF-8, is written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
