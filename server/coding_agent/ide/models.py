"""Models as the facade and the faces ask them: plain questions to the process that holds the door (`ide.asker`)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from coding_agent.errors import SettingError
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


def embeds(
    options: ModelOptions, folders: Folders, variables: Mapping[str, str], editor: tuple[str, str] = ("", "")
) -> dict[str, object] | None:
    """What the process that searches needs to ask an endpoint what code means, in plain data; None where it does not.

    ``editor`` is the host that the editor has a key for, and the key.
    """
    if not options.embeds:
        return None
    from coding_agent.ai.endpoint import endpoint

    try:
        key = editor[1] if endpoint(options.url, options.embedding).host == editor[0] else ""
    except SettingError:  # Who asks learns of it.
        key = ""
    setup = setup_of(replace(options, model=options.embedding), folders, key)
    return {"setup": setup, "variables": dict(variables)}


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
        setup = setup_of(self._options, self._folders, self.key)
        whole = {**table, "setup": setup, "variables": dict(self._variables)}

        def hear(news: object) -> None:
            if say is not None:
                say(cast("str", news))

        return await self._ask((what, whole), hear, asyncio.Event())


def setup_of(options: ModelOptions, folders: Folders, key: str) -> dict[str, object]:
    """What `asker.Setup` is made of."""
    return {
        "url": options.url,
        "model": options.model,
        "enabled": options.enabled,
        "key": key,
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
    """The process that asks models; `Talk.ask` is what `Models` takes."""
    return Talk(TARGET, name="models", variables=plain(variables), idle_seconds=_IDLE)


def plain(variables: Mapping[str, str]) -> dict[str, str]:
    """An environment without what would change how the library behaves: its address, its headers, its log."""
    return {name: value for name, value in variables.items() if not name.startswith(("OPENAI_", "AZURE_OPENAI_"))}


def _plain(question: Question) -> dict[str, object]:
    table = asdict(question)
    table["root"], table["files"] = str(question.root), [str(each) for each in question.files]
    table["messages"] = [list(each) for each in question.messages]
    return table
