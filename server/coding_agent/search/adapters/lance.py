"""The durable store of chunks, the one door to LanceDB. Runs in a process of its own: importing it costs seconds.

One folder holds the chunks of one workspace root in two tables. ``chunks`` is keyed by content: what was encoded once
is there for every branch, and comes back with the next. ``files`` says for each branch which chunks a file has, and
where. Chunks are written before the file that has them, so a file that can be read leads to chunks that are there.

Arguments and results are plain data (see `runtime.process`). All functions raise StoreFailed and nothing else.
"""

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from coding_agent.errors import StoreFailed
from coding_agent.search.columns import KEY, NONE, TEXTS, Columns, File, keys
from coding_agent.store.atomic import make_private

_TRIES = 8
_PAUSE = 0.05
"""Seconds before another try behind another writer, twice as many each time."""
_KEPT = timedelta(minutes=10)
"""How long a version is kept that another server may be reading."""
_BATCH = 8192
"""Rows read at once."""

P = ParamSpec("P")
T = TypeVar("T")


class _Store:
    """The tables of one folder, as this process has them open."""

    def __init__(self, folder: str, dim: int) -> None:
        pa, database = _arrow(), _library("lancedb").connect(folder)
        self.dim = dim
        chunks = [("key", pa.binary(KEY)), *((name, pa.string()) for name in TEXTS)]
        vector, words = pa.list_(pa.float16(), dim), pa.list_(pa.uint64())
        self.schema = pa.schema([*chunks, ("vector", vector), ("words", words)])
        self.files_schema = pa.schema([("id", pa.string()), ("digest", pa.binary()), ("chunks", pa.binary())])
        self.chunks: Any = database.create_table("chunks", schema=self.schema, exist_ok=True)
        self.files: Any = database.create_table("files", schema=self.files_schema, exist_ok=True)
        self.read: Any = None
        """What is being read, batch by batch."""


_stores: dict[str, _Store] = {}


def _fenced(function: Callable[P, T]) -> Callable[P, T]:
    """Whatever goes wrong below is a StoreFailed, and tables are opened anew behind it."""

    @wraps(function)
    def fenced(*args: P.args, **more: P.kwargs) -> T:
        for attempt in range(_TRIES):
            try:
                return function(*args, **more)
            except Exception as error:  # LanceDB raises RuntimeError, OSError, ValueError and its own.
                _stores.clear()
                # Where in their code it was raised says nothing to a user.
                text = str(error).strip().split("\n")[0].split(", /")[0][:300]
                if attempt + 1 < _TRIES and ("conflict" in text.lower() or "concurrent" in text.lower()):
                    time.sleep(_PAUSE * 2**attempt)
                    continue
                raise StoreFailed(text or type(error).__name__) from error
        raise AssertionError("the last try returns or raises")

    return fenced


@_fenced
def files(folder: str, dim: int, branch: str) -> tuple[File, ...]:
    """What is known of a branch: each file's path, digest and packed places of its chunks."""
    table = _store(folder, dim).files.search().where(f"starts_with(id, {_quoted(_id(branch, ''))})").to_arrow()
    ids, digests, packed = (table[name].to_pylist() for name in ("id", "digest", "chunks"))
    return tuple(
        (name.partition("\0")[2], digest, places) for name, digest, places in zip(ids, digests, packed, strict=True)
    )


@_fenced
def chunks(folder: str, dim: int, start: int) -> Columns:
    """Chunks from a row on, some thousand; none behind the last. Ask from 0 on: that is when they are read."""
    store = _store(folder, dim)
    if start == 0 or store.read is None:
        store.read = store.chunks.to_arrow()
    table = store.read.slice(start, _BATCH).combine_chunks()
    if not table.num_rows:
        store.read = None
        return NONE
    words = table["words"].combine_chunks()
    ends = words.offsets.to_numpy()
    return (
        b"".join(table["key"].to_pylist()),
        tuple(tuple(table[name].to_pylist()) for name in TEXTS),
        table["vector"].combine_chunks().flatten().to_numpy().tobytes(),
        words.values.to_numpy()[ends[0] : ends[-1]].tobytes(),
        (ends[1:] - ends[0]).astype("uint32").tobytes(),
    )


@_fenced
def put(folder: str, dim: int, branch: str, changed: tuple[File, ...], fresh: Columns, gone: tuple[str, ...]) -> None:
    """Write chunks, then the files that have them; forget files that are gone. Durable when it returns."""
    store = _store(folder, dim)
    if fresh[0]:
        store.chunks.merge_insert("key").when_not_matched_insert_all().execute(_table(store, fresh))
    if changed:
        ids = [_id(branch, path) for path, _, _ in changed]
        rows = [ids, [digest for _, digest, _ in changed], [packed for _, _, packed in changed]]
        merge = store.files.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
        merge.execute(_arrow().table(rows, schema=store.files_schema))
    if gone:
        store.files.delete(f"id IN ({', '.join(_quoted(_id(branch, path)) for path in gone)})")


@_fenced
def tidy(folder: str, dim: int, branches: tuple[str, ...]) -> int:
    """Forget other branches, chunks that no file has, and old versions; return how many chunks are left."""
    store = _store(folder, dim)
    table = store.files.search().select(["id", "chunks"]).to_arrow()
    kept, used = set(branches), set[bytes]()
    gone = set[str]()
    for name, packed in zip(table["id"].to_pylist(), table["chunks"].to_pylist(), strict=True):
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
    for each in (store.chunks, store.files):
        each.optimize(cleanup_older_than=_KEPT)
    return store.chunks.count_rows()


@_fenced
def remove(folder: str) -> None:
    """Remove all of a folder. Where it is in use, who uses it makes it anew."""
    _stores.pop(folder, None)
    shutil.rmtree(folder, ignore_errors=True)


def _store(folder: str, dim: int) -> _Store:
    if folder not in _stores:
        make_private(Path(folder))
        _stores[folder] = _Store(folder, dim)
    store = _stores[folder]
    for table in (store.chunks, store.files):
        table.checkout_latest()
    return store


def _library(name: str) -> Any:
    """A library without types."""
    return import_module(name)


def _arrow() -> Any:
    return _library("pyarrow")


def _table(store: _Store, columns: Columns) -> Any:
    pa, np = _arrow(), _library("numpy")
    keys, texts, vectors, words, ends = columns
    flat = pa.array(np.frombuffer(vectors, np.float16), pa.float16())
    offsets = np.concatenate([np.zeros(1, np.int32), np.frombuffer(ends, np.uint32).astype(np.int32)])
    listed = pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.frombuffer(words, np.uint64)))
    key = pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY), len(keys) // KEY, [None, pa.py_buffer(keys)])
    columns_of = [key, *map(pa.array, map(list, texts)), pa.FixedSizeListArray.from_arrays(flat, store.dim), listed]
    return pa.table(columns_of, schema=store.schema)


def _id(branch: str, path: str) -> str:
    return f"{branch}\0{path}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
