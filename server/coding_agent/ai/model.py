"""What a model is asked and what it answers, in our own words; no library is named here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

from coding_agent.ai.budget import Usage

Json = dict[str, object]
Say = Callable[[str], None]
"""Is told the pieces of an answer as they come."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent: the answer may have ``most`` tokens, and has to obey ``schema``, a JSON schema, if there is one."""

    messages: tuple[Message, ...]
    most: int
    schema: Mapping[str, object] | None = None
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``cut``: it had no tokens left to end; ``usage`` is None where the server did not count."""

    text: str
    usage: Usage | None
    cut: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """What texts mean, in their order: a row for each of ``width`` finite numbers, as the bytes of float32 in this
    machine's order. ``usage`` is None where the server did not count.
    """

    rows: tuple[bytes, ...]
    width: int
    usage: Usage | None


class Structure(Enum):
    """How an endpoint is asked for JSON, the surest first."""

    BOUNDED = "json_schema with bounds"
    SCHEMA = "json_schema"
    OBJECT = "json_object"
    FENCED = "a fenced block"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an endpoint is known to take with a model."""

    structure: Structure = Structure.BOUNDED
    streams: bool = True
    counts: bool = True
    """Whether it tells the usage of a stream."""
    temperature: bool = True
    most: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


class Model(Protocol):
    """An endpoint with a model. One attempt each: who retries, and for how long, is decided elsewhere."""

    async def answer(self, asked: Asked, can: Abilities, say: Say) -> Answer:
        """``say`` hears the pieces; being cancelled ends the connection. Raises: AttemptFailed."""
        ...

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """A row for each text; being cancelled ends the connection. Raises: AttemptFailed."""
        ...

    async def close(self) -> None: ...
