"""Layers on top of each other give the effective settings, each value with its origin."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.settings.layers import (
    Layer,
    Origin,
    Problem,
    Source,
    editor_layer,
    flags_layer,
    user_layer,
    workspace_layer,
)
from coding_agent.settings.options import RuleOption, Settings
from coding_agent.settings.table import Option, build, kebab, table, value_of
from coding_agent.workspace.option import Scope, Value

RULES = "rules."


@dataclass(frozen=True, slots=True)
class Effective:
    """The settings that count, where each comes from, and what was not used.

    ``origins`` has every key of the table, and ``rules.RULE.OPTION`` for those that somebody set.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    problems: tuple[Problem, ...]


def load(
    user_file: Path | None, workspace: Path | None, editor: object = None, flags: Mapping[str, object] | None = None
) -> Effective:
    """Read all places and merge them.

    ``user_file`` is the user's config.toml, ``workspace`` a pyproject.toml (see `layers.workspace_file`),
    ``editor`` what the editor sent, ``flags`` values by key. Never fails; the problems say what was not used.
    """
    layers = [
        user_layer(user_file) if user_file else None,
        workspace_layer(workspace) if workspace else None,
        editor_layer(editor),
        flags_layer(flags or {}),
    ]
    return merge(layer for layer in layers if layer)


def merge(layers: Iterable[Layer]) -> Effective:
    """Merge layers, the lowest first; a later value replaces an earlier one, lists too."""
    options = {option.key: option for option in table()}
    values: dict[str, Value] = {}
    origins = dict.fromkeys(options, Origin(Source.DEFAULT))
    problems: list[Problem] = []
    for layer in layers:
        problems += layer.problems
        for key, raw in _flat(layer.values, options):
            value = _value(key, raw, options, layer.origin)
            if isinstance(value, Problem):
                problems.append(value)
            else:
                values[key] = value
                origins[key] = layer.origin
    rules = tuple(sorted(RuleOption(*_rule_key(key), values.pop(key)) for key in [*values] if key.startswith(RULES)))
    return Effective(build(values, rules), origins, tuple(problems))


def closest(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "..."?`` for a near miss, an empty text where nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), 1, 0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def shown(raw: object) -> str:
    """Return a value of TOML or JSON as a message shows it: short, on one line."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, Mapping):
        return "a table"
    text = f'"{raw}"' if isinstance(raw, str) else repr(raw)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= 60 else text[:57] + "..."


def _flat(
    values: Mapping[str, object], options: Mapping[str, Option], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield dotted keys with their raw values; null is not set."""
    for name, raw in values.items():
        key = prefix + kebab(name)
        if isinstance(raw, Mapping) and key not in options:
            yield from _flat(cast("Mapping[str, object]", raw), options, key + ".")
        elif raw is not None:
            yield key, raw


def _value(key: str, raw: object, options: Mapping[str, Option], origin: Origin) -> Value | Problem:
    if key.startswith(RULES):
        return _rule_value(key, raw, origin)
    option = options.get(key)
    if option is None:
        return _unknown(key, options, origin)
    if option.scope is Scope.USER and origin.source is Source.WORKSPACE:
        remedy = "set it in your own config.toml (`coding-agent paths` shows where) or in your editor's settings"
        return Problem(f'"{key}" in {origin} is not used: only you can set it, not a workspace; {remedy}', origin, key)
    value = option.read(raw)
    if value is None:
        return Problem(f'"{key}" in {origin} is not used: expected {option.expected}, got {shown(raw)}', origin, key)
    return value


def _unknown(key: str, options: Mapping[str, Option], origin: Origin) -> Problem:
    if any(known.startswith(key + ".") for known in (*options, RULES)):
        return Problem(f'"{key}" in {origin} is not used: expected a table of options', origin, key)
    return Problem(f'"{key}" in {origin} is no setting{closest(key, (*options, RULES + "RULE.OPTION"))}', origin, key)


def _rule_value(key: str, raw: object, origin: Origin) -> Value | Problem:
    value = value_of(raw)
    rule, name = _rule_key(key)
    if not (rule and name):
        return Problem(f'"{key}" in {origin} is not used: write rules.RULE.OPTION = value', origin, key)
    if value is None:
        expected = "true or false, a whole number, a text or a list of texts"
        return Problem(f'"{key}" in {origin} is not used: expected {expected}, got {shown(raw)}', origin, key)
    return value


def _rule_key(key: str) -> tuple[str, str]:
    rule, _, name = key.removeprefix(RULES).rpartition(".")
    return rule, name
