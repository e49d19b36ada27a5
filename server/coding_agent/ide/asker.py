"""The process that asks models for an editor, or for one command: the doors to endpoints.

Questions and answers are plain data (`runtime.talk`); `ide.models` says them in words.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from coding_agent.ai.abilities import Known
from coding_agent.ai.adapters.openai import OpenAIModel
from coding_agent.ai.answers import Answers
from coding_agent.ai.audit import Audit
from coding_agent.ai.budget import CENT, Limits
from coding_agent.ai.calling import Calling, Time
from coding_agent.ai.consent import Consents
from coding_agent.ai.door import Door, Request, Terms
from coding_agent.ai.embedding import Texts
from coding_agent.ai.endpoint import Endpoint, endpoint
from coding_agent.ai.keys import key_of
from coding_agent.ai.ledger import Ledger
from coding_agent.ai.model import Message
from coding_agent.ai.prices import price_of
from coding_agent.ai.redaction import known_values
from coding_agent.ai.switch import demand
from coding_agent.assist.shapes import SHAPES
from coding_agent.errors import KeyRefused

Say = Callable[[object], None]
Table = dict[str, Any]
_KEYRING = 5.0
"""Seconds that the system's keyring may take: it may ask for a password, or be asked over a network."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What settings, folders and environment say; plain data, so that it can be told to this process."""

    url: str
    model: str
    enabled: bool
    key: str
    key_variable: str
    seconds: float
    limits: tuple[int, ...]
    prices: tuple[str, ...]
    consents: str
    budget: str
    audit: str
    answers: str
    abilities: str
    system: str


class Asker:
    """Made and called by `runtime.talking`."""

    def __init__(self) -> None:
        self._variables: Mapping[str, str] = {}
        self._doors: dict[tuple[Setup, str], Door] = {}
        self._callings: dict[tuple[Endpoint, str], Calling] = {}
        self._keys: dict[tuple[str, str], str] = {}

    async def answer(self, asked: object, say: Say, stopped: asyncio.Event) -> object:  # noqa: ARG002
        """Answer (what, a table). Raises: UserError in its kinds."""
        what, table = cast("tuple[str, Table]", asked)
        self._variables = table.get("variables", self._variables)
        setup = Setup(**cast("Table", table["setup"]))
        if what == "preview":
            return asdict(self._door(setup, await self._key(setup)).preview(_request(table)))
        key = await self._key(setup)
        door = self._door(setup, key)
        if what == "status":
            return {"host": door.endpoint.host, "model": door.endpoint.model, "is_local": door.endpoint.is_local}
        if what == "spent":
            ledger = Ledger(Path(setup.budget), time.time)
            return {"all": asdict(ledger.today()), "workspace": asdict(ledger.today(table["root"]))}
        try:
            if what == "embed":
                return asdict(await door.embed(_texts(table)))
            return asdict(await door.ask(_request(table), say if table.get("streams") else None))
        except KeyRefused:
            # Somebody will set another one, which the next question then looks for.
            self._keys = {place: kept for place, kept in self._keys.items() if kept != key}
            raise

    async def close(self) -> None:
        for each in self._callings.values():
            await each.close()

    async def _key(self, setup: Setup) -> str:
        """Raises: AIOff; SettingError; UserError."""
        if setup.key:
            return setup.key
        where = _endpoint(setup)
        place = where.url, setup.key_variable
        if place not in self._keys:
            asking = asyncio.to_thread(key_of, where, self._variables, setup.key_variable)
            try:
                found = await asyncio.wait_for(asking, _KEYRING)
            except TimeoutError:
                found = ""
            if not found:  # It may be set at any time.
                return ""
            self._keys[place] = found
        return self._keys[place]

    def _door(self, setup: Setup, key: str) -> Door:
        """Raises: AIOff; SettingError."""
        known = setup, key
        if known not in self._doors:
            where = _endpoint(setup)
            now = Time(time.time, time.monotonic)
            if (where, key) not in self._callings:
                model = OpenAIModel(where, key, now.now)
                known_abilities = Known(Path(setup.abilities))
                self._callings[where, key] = Calling(where, model, known_abilities, now, random.Random())
            price = price_of(where.model, where.name, setup.prices)
            self._doors[known] = Door(
                self._callings[where, key],
                Terms(_limits(setup.limits), price, setup.seconds),
                Ledger(Path(setup.budget), now.now),
                Audit(Path(setup.audit), now.now),
                Consents(Path(setup.consents)),
                Answers(Path(setup.answers)),
                self._known_secrets,
                now,
            )
        return self._doors[known]

    def _known_secrets(self, root: Path) -> frozenset[str]:
        # Read anew each time: a file of variables may have changed, and none may slip through.
        return known_values(self._variables, root)


def _endpoint(setup: Setup) -> Endpoint:
    demand(setup.url, setup.enabled, Path(setup.system) if setup.system else None)
    return endpoint(setup.url, setup.model)


def _limits(given: tuple[int, ...]) -> Limits:
    """Limits as the settings have them, costs in cents."""
    tokens, cents, *rest = given
    day_requests, day_tokens, day_cents, requests, all_tokens, all_cents = rest
    return Limits(
        request_tokens=tokens,
        request_cost=cents * CENT,
        day_requests=day_requests,
        day_tokens=day_tokens,
        day_cost=day_cents * CENT,
        workspace_requests=requests,
        workspace_tokens=all_tokens,
        workspace_cost=all_cents * CENT,
    )


def _texts(table: Table) -> Texts:
    return Texts(
        root=Path(table["root"]),
        texts=tuple(table["texts"]),
        files=tuple(Path(each) if each else None for each in table["files"]),
        longest=table["longest"],
        seconds=table["seconds"],
    )


def _request(table: Table) -> Request:
    asked = table["request"]
    return Request(
        feature=asked["feature"],
        root=Path(asked["root"]),
        messages=tuple(Message(role, text) for role, text in asked["messages"]),
        most=asked["most"],
        files=tuple(map(Path, asked["files"])),
        shape=SHAPES[asked["shape"]] if asked["shape"] else None,
        temperature=asked["temperature"],
        known=asked["known"],
        restores=asked["restores"],
    )
