"""The table of all options, read off the dataclasses of `settings.options`; and how a value is checked against it.

Only the standard library's light parts: this is on the way from start to the first answer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, cast

from coding_agent.settings.options import RuleOption, Settings
from coding_agent.workspace.option import ABOUT, PREFIX, About, Scope, Value

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Kind(Enum):
    """The type of an option, as a message says it."""

    SWITCH = "true or false"
    NUMBER = "a whole number"
    TEXT = "a text"
    CHOICE = "one of"
    TEXTS = "a list of texts"


@dataclass(frozen=True, slots=True)
class Option:
    """One row: everything there is to say about one option."""

    key: str
    kind: Kind
    default: Value
    scope: Scope
    description: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @property
    def expected(self) -> str:
        """What the option wants, in words."""
        if self.choices:
            return f"{self.kind.value} {', '.join(self.choices)}"
        least = f" from {self.minimum}" if self.minimum is not None else ""
        return self.kind.value + least + (f" to {self.maximum}" if self.maximum is not None else "")

    def read(self, raw: object) -> Value | None:
        """Return the value that ``raw`` (from TOML or JSON) stands for, None where it does not fit."""
        value = value_of(raw)
        if self.choices:
            return value if value in self.choices else None
        if value is None or kind_of(value) is not self.kind:
            return None
        if isinstance(value, int) and not self._holds(value):
            return None
        return value

    def _holds(self, number: int) -> bool:
        return (self.minimum is None or number >= self.minimum) and (self.maximum is None or number <= self.maximum)


def table() -> tuple[Option, ...]:
    """Return all options of `Settings`, in the order of their definition; the rules' own options are not among them."""
    return tuple(_options(Settings, ""))


def build(values: Mapping[str, Value], rules: tuple[RuleOption, ...]) -> Settings:
    """Return the settings with ``values`` by key; every other option has its default."""
    return cast("Settings", _build(Settings, "", values, {"rules": rules}))


def value_at(settings: Settings, key: str) -> Value:
    """Return the value of an option. Raises: KeyError - the table has no such key."""
    return dict(_values(settings, ""))[key]


def kebab(name: str) -> str:
    """Return a key as the table writes it: ``oursOnly``, ``ours_only`` and ``ours-only`` are one key."""
    return _HUMP.sub("-", name).replace("_", "-").lower()


def value_of(raw: object) -> Value | None:
    """Return ``raw`` as a value of an option, None where no option could hold it."""
    if isinstance(raw, bool | int | str):
        return raw
    if isinstance(raw, list | tuple):
        items = cast("list[object]", raw)
        if all(isinstance(item, str) for item in items):
            return cast("tuple[str, ...]", tuple(items))
    return None


def kind_of(value: Value) -> Kind:
    if isinstance(value, bool):
        return Kind.SWITCH
    if isinstance(value, int):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else Kind.TEXTS


def _options(kind: type, prefix: str) -> Iterator[Option]:
    for item in fields(kind):
        about = item.metadata.get(ABOUT)
        if isinstance(about, About):
            default = cast("Value", item.default)
            key = prefix + kebab(item.name)
            of = Kind.CHOICE if about.choices else kind_of(default)
            bounds = (about.minimum, about.maximum)
            yield Option(key, of, default, about.scope, about.description, about.choices, *bounds)
        elif PREFIX in item.metadata:
            yield from _options(cast("type", item.type), _below(item.name, item.metadata, prefix))


def _values(group: object, prefix: str) -> Iterator[tuple[str, Value]]:
    for item in fields(cast("Any", group)):
        value = getattr(group, item.name)
        if ABOUT in item.metadata:
            yield prefix + kebab(item.name), value
        elif PREFIX in item.metadata:
            yield from _values(value, _below(item.name, item.metadata, prefix))


def _below(name: str, metadata: Mapping[str, object], prefix: str) -> str:
    own = metadata[PREFIX]
    return prefix + (f"{kebab(name)}." if own is None else cast("str", own))


def _build(kind: type, prefix: str, values: Mapping[str, Value], more: Mapping[str, object]) -> object:
    given: dict[str, Any] = dict(more)
    for item in fields(kind):
        if is_dataclass(item.type):
            below = _below(item.name, item.metadata, prefix)
            given[item.name] = _build(cast("type", item.type), below, values, {})
        elif ABOUT in item.metadata and (key := prefix + kebab(item.name)) in values:
            given[item.name] = values[key]
    return kind(**given)
