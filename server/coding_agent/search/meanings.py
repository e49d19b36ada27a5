"""What an endpoint's model says that chunks mean: vectors beside the index, never in it.

The index answers by our own encoder from the first moment, and goes on to where these are not: while they are made,
where the endpoint is not there, not agreed to or too dear, and for what is like code. Once nearly all chunks have a
vector of the endpoint's, a question is compared with those instead, and only with those; the few that have none answer
by their words.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from coding_agent.errors import Cancelled, ModelFailed, TooLong, UserError
from coding_agent.search.catalogue import Catalogue
from coding_agent.search.encoder import FloatMatrix, FloatVector
from coding_agent.search.index import EXACT
from coding_agent.search.pending import Progress
from coding_agent.search.root import Root
from coding_agent.search.vectors import Vectors

_T = TypeVar("_T")

TEXTS, BYTES = 64, 64_000
"""Texts of one request at most, and bytes."""
_SECONDS = 30.0
"""That a request may take."""
_LONGEST, _SHORTEST = 4_000, 500
"""Characters of a text that are sent: fewer, down to the second, where the endpoint does not take so many."""
_LARGEST = 60_000
"""Characters of a chunk; of a larger one nothing is sent."""
_ENOUGH = 0.95
"""Share of the chunks that may be sent, from which on they answer."""
_PROBE = "def add(a, b): return a + b"
"""A text that each request has: what is said of it tells one encoder from another."""
_SAME = 0.99
"""How near what an encoder says of it is to what it said before: servers compute a little differently each time."""
_ENCODERS = 3
"""Times that another encoder may answer in one go."""
_REMEMBERED = 200
_SPARE = 1000


class Sent(NamedTuple):
    """What came back: for each text the bytes of ``width`` float32 numbers, nothing for one that may not be sent."""

    rows: tuple[bytes, ...]
    width: int


Send = Callable[[Sequence[tuple[str, Path | None]], int, float], Awaitable[Sent]]
"""Asks the endpoint: texts and the files they are of, characters of each that are sent, seconds it may take. Raises:
UserError.
"""


class _Text(NamedTuple):
    key: bytes
    path: Path
    text: str
    digest: bytes


class Meanings:
    """Those of one root. ``file`` is where they are kept, None where they are not."""

    def __init__(self, root: Root, send: Send, file: Path | None) -> None:
        self.root, self.store = root, Vectors(file)
        self._send = send
        self._said = b""
        """What the encoder said of the probe, as a unit vector's float32; empty where nobody was asked yet."""
        self._loaded: Catalogue | None = None
        """The index whose chunks were looked up on disk."""
        self._numbers: dict[bytes, int] = {}
        """Rows of the matrix, by the chunks' keys."""
        self._matrix: FloatMatrix = np.zeros((0, 0), np.float32)
        self._barred: set[bytes] = set()
        """Keys of chunks that may not be sent."""
        self._questions: dict[str, FloatVector] = {}
        self._others = 0
        """How often another encoder answered than before."""
        self._longest = _LONGEST
        self._turn = asyncio.Lock()
        self._changes = 0
        self._mapped: tuple[Catalogue, int, int] | None = None
        """The index, its revision, and our changes that ``_rows`` is made of."""
        self._rows: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        """For each slot of the index the row of its chunk, -1 where there is none."""
        self._counts = 0, 0

    @property
    def counts(self) -> tuple[int, int]:
        """Chunks that have a vector, and those that could have one."""
        self._map()
        return self._counts

    @property
    def ready(self) -> bool:
        """Whether questions are compared with these."""
        known, wanted = self.counts
        return known > 0 and known >= _ENOUGH * wanted

    async def load(self) -> None:
        """Take from the disk what it has."""
        async with self._turn:
            await self._load()

    async def fill(
        self, tell: Callable[[Progress], None], stopped: asyncio.Event, seconds: float | None = None
    ) -> None:
        """Have the endpoint say what chunks mean that have no vector. Nothing more is begun after so many seconds, and
        nothing while the root's reading would wait, too.

        Raises: Cancelled - it was stopped, or the time is over; UserError - the endpoint does not say it.
        """
        end = None if seconds is None else asyncio.get_running_loop().time() + seconds
        async with self._turn:
            await self._load()
            if len(self.root.index) > EXACT:
                raise UserError(f"{self.root.path} has more than {EXACT} chunks, too many to be sent")
            for _ in range(_ENCODERS):
                if await self._filled(tell, stopped, end):
                    self._tidy()
                    return
            raise ModelFailed("the endpoint says something else of the same text each time")

    async def vector(self, text: str, seconds: float) -> FloatVector | None:
        """The vector of a question; None where these cannot answer it. Raises: UserError."""
        if not self.ready:
            return None
        found = self._questions.get(text)
        if found is None:
            made = await self._send([(_PROBE, None), (text, None)], self._longest, seconds)
            if not self._is_same(made):
                self._begin(made)
                return None
            if len(self._questions) >= _REMEMBERED:
                self._questions.clear()
            found = self._questions[text] = _unit(made.rows[1])
        return found if found.any() else None

    def nearness(self, vector: FloatVector) -> FloatVector:
        """How near each slot of the index is to a vector; 0 for one that has none."""
        self._map()
        near = np.zeros(self.root.index.slots, np.float32)
        has = np.flatnonzero(self._rows >= 0)
        near[has] = (self._matrix[: len(self._numbers)] @ vector)[self._rows[has]]
        return near

    async def _load(self) -> None:
        if self._loaded is self.root.index:
            return
        self._loaded = index = self.root.index
        said = await asyncio.to_thread(self.store.encoder)
        if said and not self._said:
            self._said = said
        keys = {key for key, _ in index.keyed()}
        known = await asyncio.to_thread(self.store.of_chunks, self._said, keys)
        self._take([(key, vector) for key, vector in known if key not in self._numbers])

    async def _filled(self, tell: Callable[[Progress], None], stopped: asyncio.Event, end: float | None) -> bool:
        """Whether all was asked of one encoder."""
        lacking = self._lacking()
        total, done = sum(map(len, lacking.values())), 0
        batch, size, others = list[_Text](), 0, self._others
        for path, keys in lacking.items():
            texts = await asyncio.to_thread(self._texts, path, keys)
            done += len(keys) - len(texts)
            for each in texts:
                cost = len(json.dumps(each.text[: self._longest])) + 2
                if batch and (len(batch) >= TEXTS - 1 or size + cost > BYTES):
                    await self._asked(batch, stopped, end)
                    done += len(batch)
                    tell(Progress(done, total))
                    batch, size = [], 0
                batch.append(each)
                size += cost
        if batch:
            await self._asked(batch, stopped, end)
        self._changes += 1
        tell(Progress(total, total))
        return others == self._others

    def _lacking(self) -> dict[str, frozenset[bytes]]:
        """The keys of chunks that have no vector, by the files that have them."""
        index = self.root.index
        missing = {path: index.keys(path).difference(self._numbers, self._barred) for path in index.paths()}
        return {path: keys for path, keys in sorted(missing.items()) if keys}

    def _texts(self, path: str, keys: frozenset[bytes]) -> list[_Text]:
        """Texts of chunks of a file as it is now; what became another is told by whoever looks after the index."""
        root, found = self.root, list[_Text]()
        for key, text in root.reader.texts(root.path, root.options.largest, path, keys):
            if len(text) > _LARGEST:
                self._barred.add(key)
            else:
                digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
                found.append(_Text(key, root.path / path, text, digest))
        return found

    async def _asked(self, batch: Sequence[_Text], stopped: asyncio.Event, end: float | None) -> None:
        """Take what is known of texts, and send the others."""
        if end is not None and asyncio.get_running_loop().time() > end:
            raise Cancelled
        await self.root.may(stopped, 1)
        said = self._said
        known = await asyncio.to_thread(self.store.of_texts, said, [each.digest for each in batch])
        fresh = {each.digest: each for each in batch if each.digest not in known}
        if fresh:
            texts = [(_PROBE, None), *((each.text, each.path) for each in fresh.values())]
            made = await _unless(stopped, self._shortened(texts))
            if not self._is_same(made):
                self._begin(made)
            if said != self._said:  # A question may have met another one meanwhile.
                known = {}
            known |= {digest: _kept(row) for digest, row in zip(fresh, made.rows[1:], strict=True)}
        self._barred.update(each.key for each in batch if known.get(each.digest) == b"")
        self._changes += 1
        taken = [(each.key, each.digest, known[each.digest]) for each in batch if known.get(each.digest)]
        self._take([(key, vector) for key, _, vector in taken])
        await asyncio.to_thread(self.store.keep, self._said, taken)

    async def _shortened(self, texts: Sequence[tuple[str, Path | None]]) -> Sent:
        """Send texts, less of each where they are too long."""
        while True:
            try:
                return await self._send(texts, self._longest, _SECONDS)
            except TooLong:
                if self._longest <= _SHORTEST:
                    raise
                self._longest //= 2

    def _is_same(self, made: Sent) -> bool:
        """Whether the encoder is the one whose vectors these are."""
        return _same(self._said, made)

    def _begin(self, made: Sent) -> None:
        """Another encoder answers: what the last one said is nothing to it."""
        self._others += bool(self._said)
        kept = self.store.encoder()
        self._said = kept if _same(kept, made) else _unit(made.rows[0]).tobytes()
        if kept == self._said:  # Another process of ours has met it before.
            self._loaded = None
        else:
            self.store.begin(self._said)
        self._numbers.clear()
        self._questions.clear()
        self._matrix = np.zeros((0, made.width), np.float32)
        self._changes += 1

    def _take(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Take vectors of chunks, as the disk has them."""
        width = len(self._said) // 4
        rows = [(key, vector) for key, vector in rows if len(vector) == 2 * width]
        if not rows:
            return
        first, needed = len(self._numbers), len(self._numbers) + len(rows)
        if self._matrix.shape[1] != width or needed > len(self._matrix):
            larger = np.zeros((max(needed, 3 * len(self._matrix) // 2), width), np.float32)
            if first:
                larger[:first] = self._matrix[:first]
            self._matrix = larger
        for key, vector in rows:
            number = self._numbers.setdefault(key, len(self._numbers))
            self._matrix[number] = np.frombuffer(vector, np.float16)
        self._changes += 1

    def _tidy(self) -> None:
        """Let go of chunks that are gone, once they are many."""
        keys = {key for key, _ in self.root.index.keyed()}
        self._barred &= keys
        if len(self._numbers) > 2 * len(keys) + _SPARE:
            living = [(key, number) for key, number in self._numbers.items() if key in keys]
            self._matrix = self._matrix[[number for _, number in living]]
            self._numbers = {key: number for number, (key, _) in enumerate(living)}
            self._changes += 1
            self.store.tidy(keys)

    def _map(self) -> None:
        index = self.root.index
        if self._mapped == (index, index.revision, self._changes):
            return
        self._rows = np.full(index.slots, -1, np.int64)
        known = barred = 0
        for key, slot in index.keyed():
            number = self._numbers.get(key)
            if number is not None:
                self._rows[slot] = number
                known += 1
            barred += key in self._barred
        self._counts = known, len(index) - barred
        self._mapped = index, index.revision, self._changes


async def _unless(stopped: asyncio.Event, asking: Awaitable[_T]) -> _T:
    """An answer, unless somebody wants none any more. Raises: Cancelled."""
    asked, waiting = asyncio.ensure_future(asking), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({asked, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return asked.result()
        raise Cancelled
    finally:
        asked.cancel()
        waiting.cancel()


def _same(said: bytes, made: Sent) -> bool:
    before = np.frombuffer(said, np.float32)
    return len(before) == made.width and float(before @ _unit(made.rows[0])) >= _SAME


def _unit(row: bytes) -> FloatVector:
    # By itself the square of a large number would be none.
    wide = np.frombuffer(row, np.float32).astype(np.float64)
    length = float(np.sqrt(wide @ wide))
    return (wide / length if length else wide).astype(np.float32)


def _kept(row: bytes) -> bytes:
    """A vector as it is kept; nothing of what may not be sent."""
    return _unit(row).astype(np.float16).tobytes() if row else b""
