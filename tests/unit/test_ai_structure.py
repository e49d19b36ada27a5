"""Answers that are JSON: how they are asked for, and what is taken for one."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_agent.ai.model import Asked, Message, Structure
from coding_agent.ai.structure import Unfit, lower, read, schema_of, worded
from coding_agent.assist.shapes import SHAPES, Commit, Review, Rewrite

GOOD = '{"code": "x = 1\\n", "why": "shorter"}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="nothing else"),
        pytest.param(f"\n {GOOD}\n\n", id="blanks around"),
        pytest.param(f"```json\n{GOOD}\n```", id="a block"),
        pytest.param(f"Sure! Here it is:\n```\n{GOOD}\n```\nAnything else?", id="a block with words around"),
        pytest.param(f"```json\r\n{GOOD}\r\n```", id="other line ends"),
        pytest.param(f"Here: {GOOD} I hope that helps", id="words around"),
        pytest.param(f"```json\n{GOOD}", id="a block that is not closed"),
    ],
)
def test_an_answer_is_found(text: str) -> None:
    assert read(text, Rewrite) == Rewrite(code="x = 1\n", why="shorter")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "it is no JSON", id="nothing"),
        pytest.param("I cannot do that.", "it is no JSON", id="prose"),
        pytest.param(GOOD[:-1], "it is no JSON", id="cut"),
        pytest.param('{"code": "x"}', "why: Field required", id="a key is missing"),
        pytest.param('{"code": 1, "why": "x"}', "code: Input should be a valid string", id="another type"),
        pytest.param('{"code": "x", "why": "' + "y" * 601 + '"}', "why: String should have at most 600", id="too long"),
        pytest.param("[" * 100_000, "it is nested too deeply", id="nested without end"),
        pytest.param("[1, 2]", "Input should be a valid dictionary", id="a list"),
    ],
)
def test_what_is_none_says_why(text: str, why: str) -> None:
    with pytest.raises(Unfit, match=why.replace("(", r"\(")):
        read(text, Rewrite)


@given(st.text())
def test_whatever_comes_is_an_answer_or_unfit(text: str) -> None:
    try:
        found = read(text, Commit)
    except Unfit:
        return
    assert 1 <= len(found.subject) <= 100


@pytest.mark.parametrize("name", SHAPES)
def test_schemas_are_plain_strict_and_bounded(name: str) -> None:
    schema = schema_of(SHAPES[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "$ref" not in text
    assert "$defs" not in text

    def look(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                look(each)
        if isinstance(node, dict):
            kind = node.get("type")
            if kind == "object":
                assert node["additionalProperties"] is False
                assert sorted(node["required"]) == sorted(node["properties"])
                for each in node["properties"].values():
                    look(each)
            assert kind != "string" or "maxLength" in node or "enum" in node
            assert kind != "array" or "maxItems" in node
            assert kind != "integer" or "maximum" in node
            look(node.get("items"))

    look(schema)


def test_the_ladder_goes_from_schema_to_words() -> None:
    asked = Asked((Message("system", "s"), Message("user", "u")), 10, schema_of(Review))
    ways: list[Structure | None] = [Structure.BOUNDED]
    while ways[-1] is not None:
        ways.append(lower(ways[-1]))
    assert ways == [*Structure, None]
    bounded, schema, plain, fenced = (worded(asked, each) for each in Structure)
    assert bounded == asked
    assert "maxItems" not in json.dumps(schema.schema)
    assert "maxItems" in json.dumps(asked.schema)
    assert schema.messages == asked.messages
    assert [each.role for each in plain.messages] == ["system", "user"]
    assert "and nothing else, of this schema:" in plain.messages[1].text
    assert "one ```json block" in fenced.messages[1].text


def test_a_text_is_asked_for_as_it_is() -> None:
    asked = Asked((Message("user", "u"),), 10)
    assert [worded(asked, each) for each in Structure] == [asked] * 4
