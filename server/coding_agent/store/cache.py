"""Facts on disk, keyed by content: what can be made again may be lost, but must never be wrong or stop us.

The one door to diskcache. Values are JSON; a pickle in the database is refused, because reading one runs code.
"""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, cast

from coding_agent.store.atomic import make_private

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

SIZE_LIMIT = 256 * 1024 * 1024
"""Bytes; the facts least lately kept go first."""


class _Backend(Protocol):
    """The part of `diskcache.Cache` that we use."""

    def get(self, key: str) -> object: ...
    def set(self, key: str, value: object) -> bool: ...
    def delete(self, key: str) -> bool: ...
    def close(self) -> None: ...


def digest(*parts: str) -> str:
    """Return a key of 40 hexadecimal digits; ``("ab", "c")`` and ``("a", "bc")`` differ."""
    state = blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big") + data)
    return state.hexdigest()


class FactCache:
    """Facts in one folder, shared by processes. Opened at the first question.

    Every failure of the disk is a miss: a broken database is made anew once, and where that
    does not help nothing is kept. `problem` then says why.
    """

    def __init__(self, folder: Path, size_limit: int = SIZE_LIMIT) -> None:
        self.folder = folder
        self.problem: str | None = None
        self._size_limit = size_limit
        self._backend: _Backend | None = None
        self._rebuilt = False

    def get(self, key: str) -> Json:
        """Return the value kept under ``key``, None where there is none."""
        backend = self._open()
        if backend is None:
            return None
        try:
            return cast("Json", backend.get(key))
        except sqlite3.OperationalError:
            return None  # Busy, full or read-only; another time.
        except sqlite3.DatabaseError:
            self._rebuild()
            return None
        except _decode_errors():
            self.drop(key)
            return None

    def set(self, key: str, value: Json) -> bool:
        """Keep ``value`` under ``key``; False where it could not be kept.

        Raises: TypeError, ValueError - the value is no JSON (the caller's mistake).
        """
        backend = self._open()
        if backend is None:
            return False
        try:
            return backend.set(key, value)
        except (sqlite3.OperationalError, OSError, *_busy()):
            return False
        except sqlite3.DatabaseError:
            self._rebuild()
            return False

    def drop(self, key: str) -> None:
        """Forget ``key``; nothing happens where it is unknown."""
        backend = self._open()
        if backend is None:
            return
        try:
            backend.delete(key)
        except (sqlite3.Error, OSError, *_busy()):
            return

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> _Backend | None:
        if self._backend is None and self.problem is None:
            try:
                self._backend = _backend(self.folder, self._size_limit)
            except (sqlite3.DatabaseError, *_busy()) as error:
                if self._rebuild():
                    return self._open()
                self.problem = f"facts are not kept: {error}"
            except OSError as error:
                self.problem = f"facts are not kept: {self.folder}: {error.strerror}"
        return self._backend

    def _rebuild(self) -> bool:
        """Throw the folder away, once in the life of this object."""
        self.close()
        if self._rebuilt:
            return False
        self._rebuilt = True
        shutil.rmtree(self.folder, ignore_errors=True)
        return True


if TYPE_CHECKING:

    def _backend(folder: Path, size_limit: int) -> _Backend: ...
    def _busy() -> tuple[type[Exception], ...]: ...
    def _decode_errors() -> tuple[type[Exception], ...]: ...

else:

    def _backend(folder, size_limit):
        from diskcache import Cache, JSONDisk
        from diskcache.core import MODE_PICKLE

        class NoPickle(JSONDisk):
            def get(self, key, raw):
                if not raw:
                    raise ValueError("a pickled key")
                return super().get(key, raw)

            def fetch(self, mode, filename, value, read):
                if mode == MODE_PICKLE:
                    raise ValueError("a pickled value")
                return super().fetch(mode, filename, value, read)

        make_private(folder)
        return Cache(
            str(folder), timeout=1, disk=NoPickle, size_limit=size_limit, eviction_policy="least-recently-stored"
        )

    def _busy():
        from diskcache import Timeout

        return (Timeout,)

    def _decode_errors():
        import zlib

        from diskcache import Timeout

        return (ValueError, TypeError, OSError, zlib.error, Timeout)
