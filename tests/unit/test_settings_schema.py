"""The JSON schema and the pydantic model say the same as the table that start-up reads by."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from coding_agent.settings.merge import load
from coding_agent.settings.rules import KnownRule
from coding_agent.settings.schema import complaints, json_schema
from coding_agent.settings.table import Option, table

RULES = (KnownRule("magic-number", "style", False, {"limit": 3, "allow": ("x",)}),)
RAW = st.one_of(
    st.booleans(),
    st.integers(-3, 2_000_000),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["off", "messages", "verbose"]),
    st.lists(st.one_of(st.text(max_size=3), st.integers()), max_size=2),
    st.dictionaries(st.text("ab", max_size=2), st.integers(), max_size=1),
)


def nested(key: str, raw: object) -> dict[str, object]:
    for name in reversed(key.split(".")):
        raw = {name: raw}
    return cast("dict[str, object]", raw)


def test_the_schema_is_a_schema_and_takes_the_defaults() -> None:
    schema = json_schema(RULES)
    Draft202012Validator.check_schema(schema)
    for option in table():
        default = list(option.default) if isinstance(option.default, tuple) else option.default
        assert Draft202012Validator(schema).is_valid(nested(option.key, default)), option.key
    assert not Draft202012Validator(schema).is_valid({"slect": []})


@given(st.sampled_from(table()), RAW)
def test_table_model_and_schema_agree(option: Option, raw: object) -> None:
    values = nested(option.key, raw)
    ours = not load(None, None, {"coding-agent": values}).problems
    assert ours == (complaints(values) == ())
    # JSON Schema, unlike TOML and Python, takes 1.0 for a whole number.
    if not isinstance(raw, float):
        assert ours == Draft202012Validator(json_schema()).is_valid(values)


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ({"limit": 4}, True),
        ({"limit": "4"}, False),
        ({"allow": ["a"]}, True),
        ({"allow": "a"}, False),
        ({"none": 1}, False),
    ],
)
def test_options_of_rules_are_in_the_schema(values: dict[str, object], right: bool) -> None:
    given = {"rules": {"magic-number": values}}
    assert Draft202012Validator(json_schema(RULES)).is_valid(given) is right
    assert (complaints(given, RULES) == ()) is right


def test_descriptions_and_scopes_are_in_the_schema() -> None:
    schema = cast("dict[str, dict[str, dict[str, object]]]", json_schema())
    assert schema["properties"]["interpreter"]["x-scope"] == "user"
    for option in table():
        *above, name = option.key.split(".")
        place = schema["$defs"][above[-1]]["properties"] if above else schema["properties"]
        assert cast("dict[str, object]", place[name])["description"] == option.description


def test_every_option_is_described() -> None:
    for option in table():
        assert option.description.endswith("."), option.key
        assert option.read(list(option.default) if isinstance(option.default, tuple) else option.default) is not None
