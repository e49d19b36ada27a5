"""Files become chunks with their words and vectors. Runs in processes of its own, several at once where there is much.

A word is known to the index by a hash of its stem, so what one process counted means the same in every other.
"""

import importlib.util
import re
from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from coding_agent.search.chunks import Chunk, chunks
from coding_agent.search.columns import KEY, Columns, File, Place, packed
from coding_agent.search.lexical import number_of
from coding_agent.search.libraries import is_public, offers
from coding_agent.search.words import FIELDS, Row, Words
from coding_agent.store.source import Unreadable, decode

if TYPE_CHECKING:
    from coding_agent.search.encoder import Encoder

FORMAT = "1"
"""Changes with what a chunk is, or what is known of it."""
CALLED = FIELDS
"""The field of whole names that are called: who calls what is asked of it, no question finds it."""
MOST = 0xFFFFFF
_CALL = re.compile(r"(?<!def )(?<!class )\b([^\W\d]\w*)\(")


class Reader:
    """Reads files for one index; ``encoder`` is None where there are words only."""

    def __init__(self, encoder: "Encoder | None") -> None:
        self.encoder = encoder
        self.id = f"{FORMAT}-{encoder.id if encoder else 'words'}"
        self.dim = encoder.dim if encoder else 0
        self._words = encoder.words if encoder else Words()
        self._hashes: list[int] = []

    def read(
        self, root: Path, limit: int, wanted: Iterable[tuple[str, bytes, frozenset[bytes]]], *, public: bool = False
    ) -> "Read":
        """Return the files that changed, and their chunks but those that are known; with ``public`` only the functions
        that others may call.

        ``wanted`` are paths below the root, what their bytes were known by (empty: never seen) and the keys of chunks
        that the index has. A file that cannot be read, or has more than ``limit`` bytes, has no chunks.
        """
        changed: list[File] = []
        found: list[tuple[bytes, str, Chunk]] = []
        for path, before, known in wanted:
            raw = _bytes(root / path, limit)
            digest = self._digest(raw)
            if digest != before:
                text = _text(path, raw or b"") if offers(path) or not public else ""
                there, fresh = self._chunks(path, text, known, public)
                changed.append((path, digest, there))
                found += fresh
        return tuple(changed), self.columns(found)

    def texts(self, root: Path, limit: int, path: str, wanted: Collection[bytes]) -> list[tuple[bytes, str]]:
        """Of a file's chunks those of some keys, as a model of sentences reads them."""
        _, found = self._chunks(path, _text(path, _bytes(root / path, limit) or b""), frozenset(), public=False)
        return [(key, _sentence(path, chunk)) for key, _, chunk in found if key in wanted]

    def digest(self, root: Path, limit: int, path: str) -> bytes:
        """What a file's bytes are known by, as ``read`` tells it."""
        return self._digest(_bytes(root / path, limit))

    def _digest(self, raw: bytes | None) -> bytes:
        """Another for each encoder: what one made of a file is nothing to the next."""
        return b"gone" if raw is None else blake2b(raw, digest_size=KEY, key=self.id.encode()).digest()

    def _chunks(
        self, path: str, text: str, known: frozenset[bytes], public: bool
    ) -> tuple[bytes, list[tuple[bytes, str, Chunk]]]:
        there: list[Place] = []
        fresh: list[tuple[bytes, str, Chunk]] = []
        times: dict[bytes, int] = {}
        for chunk in chunks(text):
            if public and not is_public(path, chunk):
                continue
            same = self._key(path, chunk, 0)
            key = self._key(path, chunk, times[same]) if times.setdefault(same, 0) else same
            times[same] += 1
            there.append(Place(key, chunk.line, chunk.at, chunk.end))
            if key not in known:
                fresh.append((key, path, chunk))
        return packed(there), fresh

    def _key(self, path: str, chunk: Chunk, again: int) -> bytes:
        """Whatever the encoder reads, and how often the same came before in the file."""
        state = blake2b(self.id.encode(), digest_size=KEY)
        for part in (path, chunk.name, chunk.kind, chunk.signature, chunk.docstring, chunk.code, str(again)):
            state.update(b"\0%d\0" % len(part))
            state.update(part.encode("utf-8", "surrogatepass"))
        return state.digest()

    def columns(self, found: Sequence[tuple[bytes, str, Chunk]]) -> Columns:
        """What the index needs to know of chunks: their keys, the paths of their files, and they."""
        rows = [self._row(path, chunk) for _, path, chunk in found]
        vectors = self.encoder.chunks(rows).astype("float16").tobytes() if self.encoder and rows else b""
        words, ends = array("Q"), array("I")
        for row, (_, _, chunk) in zip(rows, found, strict=True):
            words.extend(self._counted(row))
            words.extend(map(called, set(_CALL.findall(chunk.code))))
            ends.append(len(words))
        texts = (
            tuple(path for _, path, _ in found),
            tuple(chunk.name for _, _, chunk in found),
            tuple(chunk.kind.value for _, _, chunk in found),
            tuple(_clean(chunk.signature) for _, _, chunk in found),
            tuple(_clean(chunk.docstring) for _, _, chunk in found),
        )
        return b"".join(key for key, _, _ in found), texts, vectors, words.tobytes(), ends.tobytes()

    def _row(self, path: str, chunk: Chunk) -> Row:
        context, name = _named(path, chunk)
        return self._words.row(name, context, chunk.code, chunk.docstring)

    def _counted(self, row: Row) -> Iterable[int]:
        hashes = self._hashes
        if len(hashes) < len(self._words.parts):
            hashes += (number_of(part) << 32 for part in self._words.parts[len(hashes) :])
        return (hashes[word // FIELDS] | word % FIELDS << 24 | min(times, MOST) for word, times in row.counts.items())


Read = tuple[tuple[File, ...], Columns]


def read(
    root: str,
    limit: int,
    wanted: tuple[tuple[str, bytes, frozenset[bytes]], ...],
    meaning: bool,
    public: bool,
    model: str,
) -> Read:
    """As ``Reader.read``, in a worker."""
    return reader(meaning, model).read(Path(root), limit, wanted, public=public)


@cache
def reader(meaning: bool, model: str = "") -> Reader:
    """A reader of this process; with ``meaning`` one that makes vectors, where numpy is installed: with the encoder we
    ship, or a ``model`` of the user's (`adapters.onnx`). Raises: UserError - the model cannot be used.
    """
    if not meaning or not has_numpy():
        return Reader(None)
    from coding_agent.search.encoder import shipped

    if not model:
        return Reader(shipped())
    from coding_agent.search.adapters.onnx import OnnxEncoder

    return Reader(OnnxEncoder(Path(model), shipped()))


def _named(path: str, chunk: Chunk) -> tuple[str, str]:
    """Where a chunk stands, and its own name."""
    holder, _, name = chunk.name.rpartition(".")
    return f"{holder} {path.rpartition('.')[0] or path}", name


def _sentence(path: str, chunk: Chunk) -> str:
    return f"{' '.join(_named(path, chunk))}\n{chunk.docstring}\n{chunk.code}"


def has_numpy() -> bool:
    return importlib.util.find_spec("numpy") is not None


def called(name: str) -> int:
    """The word of a name that is called."""
    return crc32(f"{name}(".encode()) << 32 | CALLED << 24 | 1


def _clean(text: str) -> str:
    """A text that every database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bytes(path: Path, limit: int) -> bytes | None:
    """A file's content; empty where it is too large, None where there is none."""
    try:
        return path.read_bytes() if path.stat().st_size <= limit else b""
    except OSError:
        return None


def _text(path: str, raw: bytes) -> str:
    try:
        return decode(Path(path), raw).text
    except Unreadable:
        return ""
