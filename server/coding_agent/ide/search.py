"""Search: what an editor or a command asks of the index, and what it is told, in plain data.

Nothing of `search` that needs numpy is imported here: this room is read as the server starts.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from coding_agent.ide.models import plain
from coding_agent.runtime.talk import Talk
from coding_agent.workspace.files import FileOptions

TARGET = "coding_agent.ide.finder:Finder"
_IDLE = 3600.0
"""Seconds after the last question when the process, and its index in memory, is given back."""
_NICE = 5
_LINES = 2
"""Lines of a chunk that are shown."""
_NOTHING: dict[str, object] = {}
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

Ask = Callable[[object, Callable[[object], None], asyncio.Event], Awaitable[object]]
"""Answers a question: `Talk.ask`, or the finder itself where one process is enough."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place that answers. Lines count from 1: ``at`` is that of its ``def`` or ``class``, ``name`` is qualified, ""
    for what is outside of functions and classes. ``words`` are those of the question that it has; ``meaning`` is how
    near it is to the question, from -1 to 1, 0 where nothing is known of meanings.
    """

    path: Path
    name: str
    kind: str
    line: int
    at: int
    end: int
    signature: str
    docstring: str
    score: float
    meaning: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says why, from 1, and the spans in it that are words of the question."""

    number: int
    text: str
    marked: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class About:
    """What a definition has to do with others: the first of those who call it, of tests that do, of what it calls and
    of what is like it, and how many there are of each. ``more``: not all callers were looked for.
    """

    callers: tuple[Found, ...] = ()
    tests: tuple[Found, ...] = ()
    calls: tuple[Found, ...] = ()
    similar: tuple[Found, ...] = ()
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already, and why it is thought to be: it "does" the same, it "begins" just so as far as the other
    is written, or it "may" do it by its name, its parameters and its meaning. ``package`` is the folder of the
    installed package that has it; None where the project does.
    """

    found: Found
    why: str
    package: Path | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of one root. ``paused`` says why its reading waits, ``kept`` is the folder of the durable index; ""
    where there is none. ``model`` is that of an endpoint of the user's, "" without one: it said what ``meant`` chunks
    mean of ``meaning`` that it may be asked about, and ``refused`` is why it does not say more.
    """

    root: Path
    files: int
    chunks: int
    reading: bool
    paused: str
    encoder: str
    kept: str
    unwritten: int
    problem: str
    warned: tuple[str, ...] = ()
    model: str = ""
    meant: int = 0
    meaning: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A root that is to be indexed. ``folder`` is that of all durable indexes; None keeps none. Nobody waits for one
    that is ``patient``. ``encoder`` is a model of the user's own; "" for ours. ``endpoint`` is what `models.embeds`
    says of one that is asked what code means.
    """

    root: Path
    files: FileOptions = field(default_factory=FileOptions)
    largest: int = 1_000_000
    folder: Path | None = None
    patient: bool = False
    encoder: str = ""
    endpoint: Mapping[str, object] | None = field(default=None, repr=False)

    @property
    def model(self) -> str:
        """The endpoint's; "" where none is asked."""
        return str(cast("Mapping[str, object]", self.endpoint["setup"])["model"]).strip() if self.endpoint else ""

    @property
    def meanings(self) -> Path | None:
        """The file of what the endpoint's model said of this root."""
        if self.folder is None or self.endpoint is None:
            return None
        setup = cast("Mapping[str, object]", self.endpoint["setup"])
        called = "\0".join((str(self.root), str(setup["url"]).strip().rstrip("/"), str(setup["model"]).strip()))
        name = blake2b(called.encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()
        return self.folder / f"{name}-meanings" / "vectors.sqlite"

    @property
    def kept(self) -> Path | None:
        """The folder of this root's own, and of the encoder's: two that are asked in turns would write all anew."""
        if self.folder is None:
            return None
        called = str(self.root) + (f"\0{self.encoder}" if self.encoder else "")
        return self.folder / blake2b(called.encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


class Search:
    """The index of a server or of one command."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def open(
        self, wanted: Wanted, tell: Callable[[int, int], None], stopped: asyncio.Event | None = None
    ) -> Status:
        """Read a root, or read again what changed; ``tell`` is called with files done and files in all.

        Raises: Cancelled - it was stopped; what was read by then is there.
        """
        table = {
            "root": str(wanted.root),
            "files": asdict(wanted.files),
            "largest": wanted.largest,
            "patient": wanted.patient,
            "kept": str(wanted.kept) if wanted.kept else "",
            "model": wanted.encoder,
            "endpoint": wanted.endpoint,
            "meanings": str(wanted.meanings or ""),
        }
        return _status(await self._ask(("open", table), _heard(tell), stopped or _never()))

    async def meanings(
        self, root: Path, tell: Callable[[int, int], None], stopped: asyncio.Event, *, seconds: float | None = None
    ) -> list[Status]:
        """Have the endpoint say what those chunks of a root mean of which it did not yet, until somebody stops it or,
        with ``seconds``, no longer than that. Meanwhile, and where it does not, our own encoder answers.
        """
        return _statuses(await self._ask(("meanings", {"root": str(root), "seconds": seconds}), _heard(tell), stopped))

    async def search(
        self, text: str, *, top: int = 10, names: bool = False, near: Path | None = None, typed: bool = False
    ) -> list[Found]:
        """The best answers to a question, which may have filters (`search.question`); with ``names`` it may be a part
        of a name, and such names come first.

        ``near`` is a file the reader looks at; where the text is ``typed``, others may follow at once, and only the
        last is worth asking an endpoint. Raises: UsageError - a filter has a value it cannot have.
        """
        table = {"text": text, "top": top, "names": names, "near": str(near or ""), "typed": typed}
        return _found(await self._ask(("search", table), _ignore, _never()))

    async def similar(self, file: Path, line: int, *, top: int = 10) -> list[Found]:
        """Code like that at a line. Raises: UsageError - the file is in no root that is indexed."""
        return _found(await self._ask(("similar", {"file": str(file), "line": line, "top": top}), _ignore, _never()))

    async def about(self, file: Path, name: str, line: int, *, top: int = 8) -> About | None:
        """What the definition of a qualified name has to do with others, without such a name the one at a line; None
        where none is known there.

        Raises: UsageError - the file is in no root that is indexed.
        """
        answer = await self._ask(
            ("about", {"file": str(file), "name": name, "line": line, "top": top}), _ignore, _never()
        )
        if answer is None:
            return None
        lists, counts, more = cast("tuple[list[object], list[int], bool]", answer)
        callers, tests, calls, similar = (tuple(_found(each)) for each in lists)
        return About(callers, tests, calls, similar, (counts[0], counts[1], counts[2], counts[3]), more)

    async def twins(self, file: Path, *, most: int = 9) -> dict[str, int]:
        """How many functions, ``most`` at most, are like each of a file that others are like, by qualified name.

        Raises: UsageError - the file is in no root that is indexed.
        """
        answer = await self._ask(("twins", {"file": str(file), "top": most}), _ignore, _never())
        return cast("dict[str, int]", answer)

    async def exists(self, file: Path, functions: Sequence[tuple[str, str]]) -> list[Known | None]:
        """For each new function of a file, by its qualified name and its lines as they stand, what does the same
        already. Neither the file nor the function need be on disk.

        Raises: UsageError - the file is in no root that is indexed.
        """
        table = {"file": str(file), "functions": list(functions)}
        answers = cast("list[tuple[str, Any, bool] | None]", await self._ask(("exists", table), _ignore, _never()))
        return [
            each and Known(_found([each[1]])[0], each[0], Path(each[1][0]) if each[2] else None) for each in answers
        ]

    async def libraries(self, wanted: Wanted, folders: Iterable[Path]) -> int:
        """Have `exists` know what packages offer that a root says it needs and that are installed in one of some
        folders; how many functions that is. Nobody waits for it, so it waits while the machine has nothing to spare.
        """
        kept = str(wanted.folder or "")
        table = {"root": str(wanted.root), "largest": wanted.largest, "kept": kept, "folders": [*map(str, folders)]}
        return cast("int", await self._ask(("libraries", table), _ignore, _never()))

    async def changed(self, paths: Iterable[Path]) -> list[Status]:
        """Files may have changed, come or gone."""
        return _statuses(await self._ask(("changed", {"paths": [str(path) for path in paths]}), _ignore, _never()))

    async def status(self) -> list[Status]:
        return _statuses(await self._ask(("status", _NOTHING), _ignore, _never()))

    async def settled(self, *, now: bool = True) -> list[Status]:
        """As ``status``, once all is durable that can be; without ``now`` it is written when it would be anyway."""
        return _statuses(await self._ask(("settled", {"now": now}), _ignore, _never()))

    async def rebuild(self, tell: Callable[[int, int], None], stopped: asyncio.Event | None = None) -> list[Status]:
        """Throw the indexes away and make them anew. Raises: Cancelled."""
        return _statuses(await self._ask(("rebuild", _NOTHING), _heard(tell), stopped or _never()))


def knows_meaning() -> bool:
    """Whether what the extra ``search`` brings is installed."""
    return all(find_spec(name) is not None for name in ("numpy", "lancedb"))


def talking(variables: Mapping[str, str]) -> Talk:
    """The process that keeps the index for a server; `Talk.ask` is what `Search` takes."""
    return Talk(TARGET, name="search", variables=plain(variables), idle_seconds=_IDLE, nice=_NICE)


def telling_lines(found: Found, most: int = _LINES) -> list[Line]:
    """The lines of a chunk that say most of a question, in their order; none where its file is another by now."""
    try:
        lines = found.path.read_text("utf-8", "replace").split("\n")[found.line - 1 : found.end]
    except OSError:
        return []
    stems = {_stem(word) for word in found.words}
    marked = [Line(found.line + at, line, _marks(line, stems)) for at, line in enumerate(lines)]
    told = [line for line in marked if line.marked and line.number != found.at]
    best = sorted(told, key=lambda line: (-len({line.text[a:b].lower() for a, b in line.marked}), line.number))[:most]
    return sorted(best, key=lambda line: line.number)


def _marks(line: str, stems: set[str]) -> tuple[tuple[int, int], ...]:
    return tuple(each.span() for each in _PART.finditer(line) if _stem(each[0].lower()) in stems)


def _stem(word: str) -> str:
    from coding_agent.search.lexical import stem

    return stem(word)


def _found(answer: object) -> list[Found]:
    rows = cast("list[tuple[str, str, Any]]", answer)
    return [Found(Path(root) / path, *rest) for root, path, *rest in rows]


def _status(answer: object) -> Status:
    table: dict[str, Any] = {**cast("dict[str, Any]", answer)}
    root, warned = Path(table.pop("root")), tuple(table.pop("warned"))
    return Status(root=root, warned=warned, **table)


def _statuses(answer: object) -> list[Status]:
    return list(map(_status, cast("list[object]", answer)))


def _heard(tell: Callable[[int, int], None]) -> Callable[[object], None]:
    return lambda news: tell(*cast("tuple[int, int]", news))


def _ignore(_: object) -> None:
    return


def _never() -> asyncio.Event:
    return asyncio.Event()
