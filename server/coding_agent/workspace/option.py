"""How a room defines an option: a field of a frozen dataclass that carries its description and its scope.

The field is the only definition. Default and type are the field's own; the rest is its metadata::

    ours_only: bool = field(default=False, metadata=option("Show only what other servers do not say."))

`settings/` assembles these dataclasses into keys, a JSON schema and messages.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Value: TypeAlias = bool | int | str | tuple[str, ...]


class Scope(Enum):
    """Who may set an option."""

    USER = "user"
    """Only the user: a workspace's file that sets it is not heard (it could name a program to run)."""
    WORKSPACE = "workspace"
    """The user and the workspace."""


@dataclass(frozen=True, slots=True)
class About:
    """What a field's name, type and default do not say."""

    description: str
    scope: Scope
    minimum: int | None
    """Smallest number allowed; None where the option is not a number or has no bound."""
    maximum: int | None = None
    """The largest one."""
    choices: tuple[str, ...] = ()
    """The texts allowed; empty where any is."""


ABOUT = "coding-agent option"
PREFIX = "coding-agent prefix"


def option(
    description: str,
    scope: Scope = Scope.WORKSPACE,
    minimum: int | None = None,
    maximum: int | None = None,
    choices: tuple[str, ...] = (),
) -> dict[str, object]:
    """Return the metadata of a field that is an option."""
    return {ABOUT: About(description, scope, minimum, maximum, choices)}


def group(prefix: str | None = None) -> dict[str, object]:
    """Return the metadata of a field that holds the options of a room.

    ``prefix`` stands before their keys; None takes the field's name, an empty one adds nothing.
    """
    return {PREFIX: prefix}
