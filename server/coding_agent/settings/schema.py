"""The one door to pydantic: a model made from the table of options, and its JSON schema.

Never imported on the way to the first answer; `coding-agent settings --schema` and tests use it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from coding_agent.settings.rules import SEVERITIES, SEVERITY, KnownRule
from coding_agent.settings.table import Kind, Option, kebab, kind_of, table
from coding_agent.workspace.option import Scope, Value

_TREE = dict[str, Any]


def json_schema(rules: Iterable[KnownRule] = ()) -> dict[str, object]:
    """Return the JSON schema (draft 2020-12) of ``[tool.coding-agent]``; with ``rules``, of their options too."""
    schema: dict[str, object] = _model(rules).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Coding Agent",
        "description": "Settings of Coding Agent: [tool.coding-agent] in pyproject.toml, or config.toml.",
    }


def complaints(values: Mapping[str, object], rules: Iterable[KnownRule] = ()) -> tuple[str, ...]:
    """Return one sentence for each thing in nested ``values`` that the model does not accept."""
    from pydantic import ValidationError

    try:
        _model(rules).model_validate(values)
    except ValidationError as error:
        return tuple(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return ()


def _model(rules: Iterable[KnownRule]) -> Any:
    tree: _TREE = {}
    for option in table():
        *folders, name = option.key.split(".")
        _folder(tree, folders)[name] = option
    tree["rules"] = {rule.name: _rule(rule) for rule in rules}
    return _make("Settings", tree)


def _rule(rule: KnownRule) -> _TREE:
    about = "How grave its findings are."
    severity = Option(SEVERITY, Kind.CHOICE, rule.severity, Scope.WORKSPACE, about, SEVERITIES)
    return {SEVERITY: severity, **{kebab(name): value for name, value in rule.options.items()}}


def _folder(tree: _TREE, path: list[str]) -> _TREE:
    for name in path:
        tree = cast("_TREE", tree.setdefault(name, {}))
    return tree


def _make(title: str, tree: _TREE) -> Any:
    from pydantic import ConfigDict, Field, create_model

    members: dict[str, Any] = {}
    for key, node in tree.items():
        name = "f_" + key.replace("-", "_")
        if isinstance(node, Option):
            members[name] = _option(key, node)
        elif key == "rules" and not node:
            members[name] = (dict[str, dict[str, bool | int | str | list[str]]], Field(alias=key, default_factory=dict))
        elif isinstance(node, Mapping):
            inner = _make(f"{title}.{key}", cast("_TREE", node))
            members[name] = (inner, Field(alias=key, default_factory=inner))
        else:
            members[name] = (_type(kind_of(cast("Value", node)), ()), Field(alias=key, default=node))
    return create_model(title, __config__=ConfigDict(extra="forbid", strict=True, title=title), **members)


def _option(key: str, option: Option) -> tuple[object, object]:
    from pydantic import Field

    kind = _type(option.kind, option.choices)
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return kind, Field(
        alias=key,
        default=default,
        description=option.description,
        ge=option.minimum,
        le=option.maximum,
        json_schema_extra={"x-scope": option.scope.value},
    )


def _type(kind: Kind, choices: tuple[str, ...]) -> object:
    from typing import Literal

    if kind is Kind.CHOICE:
        return Literal[choices]
    return {Kind.SWITCH: bool, Kind.NUMBER: int, Kind.TEXT: str, Kind.TEXTS: list[str]}[kind]
