"""What an endpoint said of texts, on disk: one SQLite file for a root and a model, shared by all our processes.

A vector is known by its text, and a chunk's text by the chunk's key, so that nothing is sent twice, nor a file read
again for what is known. All are of one encoder: the file has the vector of a text that each request has, and who finds
another one throws the rest away. What the disk does not take is sent again another time.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from coding_agent.store.atomic import make_private

_T = TypeVar("_T")
Row = tuple[bytes, bytes, bytes]
"""A chunk's key, the digest of its text, the text's vector."""

_BUSY = 2.0
"""Seconds to wait for other processes."""
_SOME = 500
"""Values of one statement."""
_TABLES = """
CREATE TABLE IF NOT EXISTS encoder (said BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (key BLOB PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;
"""


class Vectors:
    """``file`` None keeps nothing. Each call opens it anew, so that threads may share it. ``said`` is, everywhere, what
    the encoder said of the text by which it is known: what is kept of another one is not there.
    """

    def __init__(self, file: Path | None) -> None:
        self.file, self.problem = file, ""
        """Why nothing is kept."""

    def encoder(self) -> bytes:
        """What the encoder said whose vectors these are; empty where there is none."""
        return self._done(_encoder, b"")

    def begin(self, said: bytes) -> None:
        """Throw all away and begin with another encoder."""

        def work(file: sqlite3.Connection) -> None:
            for table in ("encoder", "vectors", "chunks"):
                file.execute(f"DELETE FROM {table}")
            file.execute("INSERT INTO encoder VALUES (?)", (said,))

        self._done(work, None)

    def of_chunks(self, said: bytes, keys: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        """The vectors of those chunks that are known, with their keys."""

        def work(file: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
            rows = file.execute("SELECT key, vector FROM chunks JOIN vectors USING (text)")
            return [row for row in rows if row[0] in keys] if _encoder(file) == said else []

        return self._done(work, [])

    def of_texts(self, said: bytes, texts: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors of those texts that are known, by the texts' digests."""

        def work(file: sqlite3.Connection) -> dict[bytes, bytes]:
            found = dict[bytes, bytes]()
            for first in range(0, len(texts), _SOME) if _encoder(file) == said else ():
                some = texts[first : first + _SOME]
                marks = ",".join("?" * len(some))
                found.update(file.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some))
            return found

        return self._done(work, {})

    def keep(self, said: bytes, rows: Sequence[Row]) -> None:
        def work(file: sqlite3.Connection) -> None:
            if _encoder(file) == said:
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", [row[1:] for row in rows])
                file.executemany("INSERT OR REPLACE INTO chunks VALUES (?, ?)", [row[:2] for row in rows])

        self._done(work, None)

    def tidy(self, keys: Collection[bytes]) -> None:
        """Forget what no chunk of these needs, once that is most of what is kept."""

        def work(file: sqlite3.Connection) -> None:
            known = [key for (key,) in file.execute("SELECT key FROM chunks")]
            if len(known) > 4 * len(keys) + 1000:
                file.executemany("DELETE FROM chunks WHERE key = ?", [(key,) for key in known if key not in keys])
                file.execute("DELETE FROM vectors WHERE text NOT IN (SELECT text FROM chunks)")

        self._done(work, None)

    def _done(self, work: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        if self.file is None:
            return otherwise
        for _ in range(2):
            try:
                make_private(self.file.parent)
                with closing(sqlite3.connect(self.file, timeout=_BUSY, isolation_level=None)) as file:
                    file.executescript(_TABLES)
                    file.execute("BEGIN IMMEDIATE")
                    found = work(file)
                    file.execute("COMMIT")
            except (sqlite3.OperationalError, OSError) as error:
                self.problem = f"{self.file} cannot be used ({error}), so what it would keep is sent again"
                return otherwise
            except sqlite3.DatabaseError:  # It is damaged.
                for name in (self.file.name, f"{self.file.name}-journal"):
                    with suppress(OSError):
                        self.file.with_name(name).unlink()
            else:
                self.problem = ""
                return found
        return otherwise


def _encoder(file: sqlite3.Connection) -> bytes:
    found = file.execute("SELECT said FROM encoder").fetchone()
    return found[0] if found else b""
