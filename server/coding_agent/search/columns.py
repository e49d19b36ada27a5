"""How chunks travel between processes and to the disk: columns of plain data (what `marshal` carries).

Arrays are bytes in this machine's order; both ends are ours, and a store is never moved to another machine.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

KEY = 16
"""Bytes of a chunk's key."""
_PLACE = struct.Struct(f"={KEY}sIII")
PLACE = _PLACE.size

File = tuple[str, bytes, bytes]
"""A file: its path from the root, with slashes; what its bytes are known by; the packed places of its chunks."""

Columns = tuple[bytes, tuple[tuple[str, ...], ...], bytes, bytes, bytes]
"""Chunks: their keys; ``TEXTS``; vectors (float16, all of one length); words (uint64, see `postings`) of all rows
together, and where each row's end (uint32)."""

TEXTS = ("path", "name", "kind", "signature", "docstring")
NONE: Columns = (b"", ((),) * len(TEXTS), b"", b"", b"")


class Place(NamedTuple):
    """Where a file has a chunk: lines from 1, as in `chunks.Chunk`."""

    key: bytes
    line: int
    at: int
    end: int


def packed(places: Sequence[Place]) -> bytes:
    return b"".join(_PLACE.pack(*place) for place in places)


def places(packed: bytes) -> Iterator[Place]:
    return map(Place._make, _PLACE.iter_unpack(packed))


def keys(packed: bytes) -> list[bytes]:
    """The keys alone, in order."""
    return [packed[at : at + KEY] for at in range(0, len(packed), PLACE)]


def cut_keys(joined: bytes) -> list[bytes]:
    """Keys that stand one behind the other, as `Columns` have them."""
    return [joined[at : at + KEY] for at in range(0, len(joined), KEY)]


def count(columns: Columns) -> int:
    return len(columns[0]) // KEY
