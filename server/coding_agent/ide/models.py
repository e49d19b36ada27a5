"""Models as the facade and the faces ask them: plain questions to the process that holds the door (`ide.asker`)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from coding_agent.ide.options import ModelOptions
from coding_agent.runtime.talk import Talk
from coding_agent.store.folders import Folders

TARGET = "coding_agent.ide.asker:Asker"
_IDLE = 600.0
"""Seconds after the last answer until the process is given back."""


Ask = Callable[[object, Callable[[object], None], asyncio.Event], Awaitable[object]]
"""`Talk.ask`, or the asker itself where one process is enough."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a feature asks. ``messages`` are (role, text), ``files`` those whose text stands in them, ``most`` the
    tokens of the answer at most, ``shape`` the name of a form of `assist.shapes`, "" for a text.
    """

    feature: str
    root: Path
    messages: tuple[tuple[str, str], ...]
    most: int
    files: tuple[Path, ...] = ()
    shape: str = ""
    temperature: float = 0.0
    known: bool = True
    """Whether an answer that was given before will do."""
    restores: bool = True
    """Whether secrets are put back into the answer; one that is published must not have them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``data`` is the answer as its shape has it, empty without one. Tokens and cost (millionths of a dollar) are those
    of all attempts, None where nobody knows. ``warning`` is a sentence for the user, "" mostly.
    """

    text: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tokens: tuple[int, int] | None = None
    """Read and written."""
    cost: int | None = None
    cached: bool = False
    cut: bool = False
    redactions: int = 0
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, as it would be: secrets are placeholders already."""

    host: str
    model: str
    messages: tuple[tuple[str, str], ...]
    size: int
    """Bytes."""
    tokens: int
    most_cost: int | None
    files: tuple[str, ...]
    redactions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is asked, as a person reads it."""

    host: str
    model: str
    is_local: bool


class Models:
    """``key`` is the editor's, "" where it has none; then the process looks for one."""

    def __init__(self, ask: Ask, options: ModelOptions, folders: Folders, variables: Mapping[str, str]) -> None:
        self._ask, self._options, self._folders, self._variables = ask, options, folders, variables
        self.key = ""

    async def ask(self, question: Question, say: Callable[[str], None] | None = None) -> Reply:
        """``say`` hears a text as it comes. Being cancelled ends the call.

        Raises: AIOff; NotAgreed; BudgetSpent; ModelFailed; UserError; WorkerLost.
        """
        table = {"request": _plain(question), "streams": say is not None}
        answer = cast("dict[str, Any]", await self._asked("ask", table, say))
        usage = answer["usage"]
        return Reply(
            text=answer["text"],
            data=answer["data"] or {},
            tokens=(usage["tokens_in"], usage["tokens_out"]) if usage else None,
            cost=answer["cost"],
            cached=answer["cached"],
            cut=answer["cut"],
            redactions=sum(answer["redactions"].values()),
            warning=answer["warning"],
        )

    async def preview(self, question: Question) -> Preview:
        """Raises: AIOff; UserError."""
        answer = cast("dict[str, Any]", await self._asked("preview", {"request": _plain(question)}))
        messages = tuple((each["role"], each["text"]) for each in answer.pop("messages"))
        return Preview(messages=messages, files=tuple(answer.pop("files")), **answer)

    async def endpoint(self) -> Endpoint:
        """Raises: AIOff; SettingError."""
        return Endpoint(**cast("dict[str, Any]", await self._asked("status", {})))

    async def spent(self, root: Path) -> dict[str, Any]:
        """What today took: ``all`` and ``workspace``, each requests, tokens and cost. Raises: UserError."""
        return cast("dict[str, Any]", await self._asked("spent", {"root": str(root)}))

    async def _asked(self, what: str, table: dict[str, Any], say: Callable[[str], None] | None = None) -> object:
        whole = {**table, "setup": self._setup(), "variables": dict(self._variables)}

        def hear(news: object) -> None:
            if say is not None:
                say(cast("str", news))

        return await self._ask((what, whole), hear, asyncio.Event())

    def _setup(self) -> dict[str, object]:
        options, folders = self._options, self._folders
        return {
            "url": options.url,
            "model": options.model,
            "enabled": options.enabled,
            "key": self.key,
            "key_variable": options.key_variable,
            "seconds": options.seconds,
            "limits": options.limits,
            "prices": options.prices,
            "consents": str(folders.consents_file),
            "budget": str(folders.budget_file),
            "audit": str(folders.audit_file),
            "answers": str(folders.answers),
            "abilities": str(folders.abilities_file),
            "system": str(folders.system or ""),
        }


def talking(variables: Mapping[str, str]) -> Talk:
    """The process that asks models; `Talk.ask` is what `Models` takes.

    What would change how the library behaves is taken out of its environment: its address, its headers, its log.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith(("OPENAI_", "AZURE_OPENAI_"))}
    return Talk(TARGET, name="models", variables=kept, idle_seconds=_IDLE)


def _plain(question: Question) -> dict[str, object]:
    table = asdict(question)
    table["root"], table["files"] = str(question.root), [str(each) for each in question.files]
    table["messages"] = [list(each) for each in question.messages]
    return table
