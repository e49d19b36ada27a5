"""The durable store of chunks, the one door to LanceDB. Runs in a process of its own: importing it costs seconds.

One folder holds the chunks of one workspace root in two tables. ``chunks`` is keyed by content: what was encoded once
is there for every branch, and comes back with the next. ``files`` says for each branch which chunks a file has, and
where. Chunks are written before the file that has them, so a file that can be read leads to chunks that are there.

Whoever reads or writes has the folder alone (`store.alone`): nobody prunes what another is about to name or still
reads, whatever the clock says. A store has a name, given when it was made; who wrote to one of another name has to
write all again. Each row carries a sum of what was written, so that a disk that lies is found out.

Arguments and results are plain data (see `runtime.process`). All functions raise StoreFailed and nothing else.
"""

import os
import re
import shutil
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import wraps
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from zlib import crc32

from coding_agent.errors import StoreBarred, StoreFailed
from coding_agent.search.columns import KEY, NONE, TEXTS, Columns, File, keys
from coding_agent.store.alone import alone
from coding_agent.store.atomic import write_private

_FORMAT = "2"
"""Changes with the tables."""
_NAME = "name"
"""The file with a store's format and name, written when all else is there."""
_NAMES = re.compile(r"\d+-\d+-[0-9a-f]{16}")
_TRIES = 8
_PAUSE = 0.05
"""Seconds before another try behind another writer, twice as many each time."""
_PATIENCE = 30.0
"""Seconds that another may have the folder."""
_KEPT = timedelta(minutes=10)
"""How long a version is kept that another server may be reading, where nobody can be kept out."""
_BATCH = 8192
"""Rows read at once."""
_PROBE = 1 << 16
_BARRED = (
    (("no space", "os error 28)"), "its disk is full: free some space"),
    (("quota exceeded", "os error 122)"), "your quota of its disk is used up: free some space"),
    (("file too large", "os error 27)"), "files may not become that large there: raise the limit"),
    (("read-only", "os error 30)"), "its disk is read-only: make it writable, or move your cache by XDG_CACHE_HOME"),
    (
        ("permission denied", "not permitted", "os error 13)"),
        "you may not write there: change its owner or its permissions",
    ),
    (("not a directory", "os error 20)"), "a file is in the way: remove it"),
)
"""What shows that a disk does not take it, and what to say then."""

P = ParamSpec("P")
T = TypeVar("T")


class _Store:
    """The tables of one folder, as this process has them open."""

    def __init__(self, folder: str, dim: int, name: str) -> None:
        pa, database = _arrow(), _library("lancedb").connect(folder)
        self.dim, self.name = dim, name
        chunks = [("key", pa.binary(KEY)), *((name, pa.string()) for name in TEXTS)]
        vector, words = pa.list_(pa.float16(), dim), pa.list_(pa.uint64())
        sum_ = ("sum", pa.uint32())
        self.schema = pa.schema([*chunks, ("vector", vector), ("words", words), sum_])
        self.files_schema = pa.schema([("id", pa.string()), ("digest", pa.binary()), ("chunks", pa.binary()), sum_])
        self.chunks: Any = database.create_table("chunks", schema=self.schema, exist_ok=True)
        self.files: Any = database.create_table("files", schema=self.files_schema, exist_ok=True)
        self.read: Any = None
        """What is being read, batch by batch."""


_stores: dict[str, _Store] = {}


def _fenced(function: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Whatever goes wrong below is a StoreFailed, and tables are opened anew behind it."""

    @wraps(function)
    def fenced(folder: str, *args: P.args, **more: P.kwargs) -> T:
        for attempt in range(_TRIES):
            try:
                return function(folder, *args, **more)
            except BaseException as error:  # LanceDB raises RuntimeError, OSError, ValueError, its own, and panics.
                if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                    raise
                _stores.clear()
                text = str(error).strip()
                if attempt + 1 < _TRIES and ("conflict" in text.lower() or "concurrent" in text.lower()):
                    time.sleep(_PAUSE * 2**attempt)
                    continue
                raise _failure(folder, error, text) from error
        raise AssertionError("the last try returns or raises")

    return fenced


def _failure(folder: str, error: BaseException, text: str) -> StoreFailed:
    """What to tell: whether the disk is to blame, which a small write shows where words do not."""
    if isinstance(error, TimeoutError):
        return StoreBarred(f"{text} for more than {_PATIENCE:g} s: end it if it hangs")
    if isinstance(error, ImportError):
        return StoreBarred(f"LanceDB cannot be loaded, {text}: install `coding-agent-lsp[search]` again")
    refusal = _refusal(Path(folder))
    for said in (text, refusal):
        for words, what in _BARRED:
            if any(word in said.lower() for word in words):
                return StoreBarred(what)
    if refusal:
        return StoreBarred(f"{refusal}: make it a folder that you may write to")
    # Where in their code it was raised says nothing to a user.
    return StoreFailed(text.partition("\n")[0].partition(", /")[0][:300] or type(error).__name__)


def _refusal(folder: Path) -> str:
    """What the system says when something is written there; "" where it takes it."""
    probe = folder / ".probe"
    try:
        write_private(probe, bytes(_PROBE))
        probe.unlink()
    except OSError as error:
        return str(error)
    return ""


@_fenced
def files(folder: str, dim: int, branch: str) -> tuple[str, tuple[File, ...]]:
    """The store's name, and what is known of a branch: each file's path, digest and packed places of its chunks."""
    with _opened(folder, dim) as (store, _):
        table = store.files.search().where(f"starts_with(id, {_quoted(_id(branch, ''))})").to_arrow()
    found = tuple((name.partition("\0")[2], digest, places) for name, digest, places in _file_rows(table))
    return store.name, found


@_fenced
def chunks(folder: str, dim: int, start: int) -> Columns:
    """Chunks from a row on, some thousand; none behind the last. Ask from 0 on: that is when they are read."""
    store = _stores.get(folder)
    if start == 0 or store is None or store.read is None:
        with _opened(folder, dim) as (store, _):
            store.read = store.chunks.to_arrow()
    table = store.read.slice(start, _BATCH).combine_chunks()
    if not table.num_rows:
        store.read = None
        return NONE
    words = table["words"].combine_chunks()
    ends = words.offsets.to_numpy()
    columns = (
        b"".join(table["key"].to_pylist()),
        tuple(tuple(table[name].to_pylist()) for name in TEXTS),
        table["vector"].combine_chunks().flatten().to_numpy().tobytes(),
        words.values.to_numpy()[ends[0] : ends[-1]].tobytes(),
        (ends[1:] - ends[0]).astype("uint32").tobytes(),
    )
    _compare(_sums(columns), table["sum"].to_pylist())
    return columns


@_fenced
def put(
    folder: str, dim: int, name: str, branch: str, changed: tuple[File, ...], fresh: Columns, gone: tuple[str, ...]
) -> bool:
    """Write chunks, then the files that have them; forget files that are gone. Durable when it returns True; False,
    and nothing is written, where the store has another name: it was made anew.
    """
    with _opened(folder, dim) as (store, _):
        if store.name != name:
            return False
        if fresh[0]:
            store.chunks.merge_insert("key").when_not_matched_insert_all().execute(_table(store, fresh))
        # A path that is no text stays in memory alone.
        rows = [(_id(branch, path), digest, packed) for path, digest, packed in changed if _clean(path) == path]
        if rows:
            columns = [*map(list, zip(*rows, strict=True)), [_sum(*row) for row in rows]]
            merge = store.files.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            merge.execute(_arrow().table(columns, schema=store.files_schema))
        ids = [_quoted(_id(branch, path)) for path in gone if _clean(path) == path]
        if ids:
            store.files.delete(f"id IN ({', '.join(ids)})")
    return True


@_fenced
def tidy(folder: str, dim: int, branches: tuple[str, ...]) -> int:
    """Forget other branches, chunks that no file has, and old versions; return how many chunks are left."""
    with _opened(folder, dim) as (store, sure):
        kept, used = set(branches), set[bytes]()
        gone = set[str]()
        for name, _, packed in _file_rows(store.files.to_arrow()):
            branch = name.partition("\0")[0]
            if branch in kept:
                used.update(keys(packed))
            else:
                gone.add(branch)
        for branch in gone:
            store.files.delete(f"starts_with(id, {_quoted(_id(branch, ''))})")
        held = store.chunks.search().select(["key"]).to_arrow()["key"].to_pylist()
        unused = [key for key in held if key not in used]
        # A few are kept: who goes back and forth between two texts finds them again.
        if len(unused) > max(1000, len(held) // 4):
            for start, stop in pairwise((*range(0, len(unused), 1000), len(unused))):
                listed = ", ".join(f"X'{key.hex()}'" for key in unused[start:stop])
                store.chunks.delete(f"key IN ({listed})")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # That nobody else may read old versions is what `sure` says.
            for each in (store.chunks, store.files):
                each.optimize(cleanup_older_than=timedelta() if sure else _KEPT, delete_unverified=sure)
        return store.chunks.count_rows()


@_fenced
def remove(folder: str, name: str = "") -> None:
    """Remove all of a folder; with a name, only a store that is called so. Where it is in use, who uses it makes it
    anew.
    """
    _stores.pop(folder, None)
    place = Path(folder)
    if place.exists():
        with alone(place, _PATIENCE):
            if not name or _name(place) == name:
                _empty(place)


@contextmanager
def _opened(folder: str, dim: int) -> Generator[tuple[_Store, bool]]:
    """The tables as they are now, made where they are not there, and whether nobody else has them meanwhile."""
    place, made_so = Path(folder), f"{_FORMAT}-{dim}-"
    with alone(place, _PATIENCE) as sure:
        store, name = _stores.get(folder), _name(place)
        if name and not _NAMES.fullmatch(name):
            raise ValueError("its name cannot be read")
        if not name.startswith(made_so):  # Of another version, or its making or removing came to no end.
            _empty(place)
            name = made_so + os.urandom(8).hex()
            store = _stores[folder] = _Store(folder, dim, name)
            write_private(place / _NAME, name.encode("ascii"))
        elif store is None or store.name != name:
            store = _stores[folder] = _Store(folder, dim, name)
        else:
            for table in (store.chunks, store.files):
                table.checkout_latest()
        yield store, sure


def _name(place: Path) -> str:
    try:
        return (place / _NAME).read_text("ascii", "replace") or "?"
    except FileNotFoundError:
        return ""


def _empty(place: Path) -> None:
    """Remove what is in a folder. Invariant: its name goes first, so that a half is never taken for a whole."""
    (place / _NAME).unlink(missing_ok=True)
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            with suppress(OSError):
                each.unlink()


def _library(name: str) -> Any:
    """A library without types."""
    return import_module(name)


def _arrow() -> Any:
    return _library("pyarrow")


def _table(store: _Store, columns: Columns) -> Any:
    pa, np = _arrow(), _library("numpy")
    columns = columns[0], tuple(tuple(map(_clean, each)) for each in columns[1]), *columns[2:]
    keys, texts, vectors, words, ends = columns
    flat = pa.array(np.frombuffer(vectors, np.float16), pa.float16())
    offsets = np.concatenate([np.zeros(1, np.int32), np.frombuffer(ends, np.uint32).astype(np.int32)])
    listed = pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.frombuffer(words, np.uint64)))
    key = pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY), len(keys) // KEY, [None, pa.py_buffer(keys)])
    sums = pa.array(_sums(columns), pa.uint32())
    vector = pa.FixedSizeListArray.from_arrays(flat, store.dim)
    return pa.table([key, *map(pa.array, map(list, texts)), vector, listed, sums], schema=store.schema)


def _file_rows(table: Any) -> list[tuple[str, bytes, bytes]]:
    """The rows of files that are as they were written."""
    rows = list(zip(*(table[name].to_pylist() for name in ("id", "digest", "chunks")), strict=True))
    _compare([_sum(*row) for row in rows], table["sum"].to_pylist())
    return rows


def _compare(sums: Sequence[int], written: Sequence[int]) -> None:
    wrong = sum(one != other for one, other in zip(sums, written, strict=True))
    if wrong:
        raise ValueError(f"{wrong} rows are not as they were written")


def _sum(name: str, digest: bytes, packed: bytes) -> int:
    return crc32(packed, crc32(digest, crc32(name.encode())))


def _sums(columns: Columns) -> list[int]:
    """A sum of all that each chunk is."""
    keys, texts, vectors, words, ends = columns
    stops = memoryview(ends).cast("I").tolist()
    size = len(vectors) // max(len(stops), 1)
    said = zip(*texts, strict=True)
    sums: list[int] = []
    for row, (text, (start, stop)) in enumerate(zip(said, pairwise((0, *stops)), strict=True)):
        sum_ = crc32("\0".join(text).encode(), crc32(keys[row * KEY : (row + 1) * KEY]))
        sums.append(crc32(words[8 * start : 8 * stop], crc32(vectors[row * size : (row + 1) * size], sum_)))
    return sums


def _clean(text: str) -> str:
    """A text that every database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _id(branch: str, path: str) -> str:
    return f"{branch}\0{path}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
