"""Tests for code in an editor: what is asked of the process that makes them, and what it answers, in plain data.

Nothing of `testgen` or `sandbox` is imported here before somebody generates: this room is read as the server starts.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from coding_agent.runtime.talk import Talk

if TYPE_CHECKING:
    from coding_agent.testgen.report import Report

_TARGET = "coding_agent.ide.tester:Tester"
_IDLE = 90.0
"""Seconds after which the process and its warm boxes are given back."""


def digest(file: Path | str) -> str:
    """Return what a file's content is known by; empty where it cannot be read."""
    from hashlib import sha256

    try:
        return sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def untrusted(project: Path, doing: str = "generating tests") -> str:
    """Return why nothing is done that runs the code of a project which nobody trusted."""
    # What matters comes before a long path.
    return f"this folder is not trusted, and {doing} runs its code; `coding-agent trust {project}` trusts it"


@dataclass(frozen=True, slots=True)
class Order:
    """Tests wanted of a file on disk. ``name`` is a qualified one; ``lines`` (from 1, both inclusive) mean what
    stands there; without either it is the whole file.

    ``interpreter``, ``active`` and ``path`` say where Python is found. ``into`` is a folder of ours for the file.
    ``unsaved`` are texts of test files, by path, that are not what is on disk: tests are added to the text.
    """

    file: str
    project: str
    name: str = ""
    lines: tuple[int, int] | None = None
    interpreter: str = ""
    active: str = ""
    path: str = ""
    seconds: float = 30.0
    mode: str = "auto"
    folder: str = ""
    into: str = ""
    gaps: bool = False
    unsaved: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Told:
    """A sign of life: what is being done, the share of the time that is over (0 to 1), and counts so far."""

    phase: str
    share: float
    branches: int = 0
    total: int = 0
    candidates: int = 0
    executions: int = 0
    verified: int = 0
    """Cases that were green in all runs and are in the file."""

    @property
    def sentence(self) -> str:
        """What a person reads while it goes on."""
        parts = [self.phase]
        if self.total:
            parts.append(f"{self.branches} of {self.total} branches")
        if self.candidates:
            parts.append(f"{self.candidates} candidates")
        if self.verified:
            parts.append(f"{self.verified} verified case{'s' if self.verified > 1 else ''}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What generating would run. ``names`` are the functions and classes meant; none: the whole file."""

    module: str
    names: tuple[str, ...]
    interpreter: str
    isolation: str


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it. ``file`` is where the tests belong, ``written`` where they are until then; ``first`` is the line
    (from 0) of the first new test. ``before`` is what ``file`` held, as its editor showed it, None where it is new;
    ``source`` is the ``digest`` of the module that they are for.
    """

    report: "Report"
    written: Path
    before: str | None
    source: str
    first: int = 0


class Generator:
    """Generates tests in a process of its own that keeps its boxes warm; for one server."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._talk = Talk(_TARGET, name="test generation", variables=variables, idle_seconds=_IDLE)

    @property
    def pid(self) -> int | None:
        """The id of the running process, None while there is none."""
        return self._talk.pid

    async def plan(self, order: Order) -> Plan:
        """Return what an order would run, without running it.

        Raises: UsageError - there is nothing to test at this place; NoSandbox; WorkerLost.
        """
        answer = await self._ask("plan", order, _ignore, asyncio.Event())
        return Plan(
            str(answer["module"]), _texts(answer["names"]), str(answer["interpreter"]), str(answer["isolation"])
        )

    async def generate(self, order: Order, listener: Callable[[Told], None], stopped: asyncio.Event) -> Made:
        """Generate; setting ``stopped`` ends it at once and keeps what is verified.

        Raises: UsageError, NoSandbox, WorkerLost.
        """
        from coding_agent.ide.plain import report_of

        answer = await self._ask(
            "generate", order, lambda news: listener(Told(**cast("dict[str, Any]", news))), stopped
        )
        return Made(
            report_of(cast("dict[str, object]", answer["report"])),
            Path(str(answer["written"])),
            cast("str | None", answer["before"]),
            str(answer["source"]),
            cast("int", answer["first"]),
        )

    async def ask(self, question: object, hear: Callable[[object], None], stopped: asyncio.Event) -> object:
        """Have the process answer a question of another kind (`ide.trying`). Raises: CodingAgentError in its kinds."""
        return await self._talk.ask(question, hear, stopped)

    async def close(self) -> None:
        await self._talk.close()

    async def _ask(
        self, what: str, order: Order, hear: Callable[[object], None], stopped: asyncio.Event
    ) -> dict[str, object]:
        return cast("dict[str, object]", await self.ask((what, asdict(order)), hear, stopped))


def _ignore(news: object) -> None:
    """Nobody watches."""
    del news


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, cast("list[object]", value)))
