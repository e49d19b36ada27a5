"""Answers that are JSON: asked for in four ways, from the surest to the one that every model takes, and checked in all.

The checks are pydantic's. Every text and list of a shape should be bounded: a server that follows the schema letter by
letter writes until its limit where nothing ends a text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from coding_agent.ai.model import Asked, Json, Structure

Shape = TypeVar("Shape", bound=BaseModel)
_FENCE = re.compile(r"```(?:json|JSON)?[ \t]*\r?\n(.*?)(?:\r?\n[ \t]*```|\Z)", re.DOTALL)
_BOUNDS = frozenset({"maxLength", "minLength", "pattern", "maximum", "minimum", "maxItems", "minItems"})
_SAID = 600
_NEXT = {
    Structure.BOUNDED: Structure.SCHEMA,
    Structure.SCHEMA: Structure.OBJECT,
    Structure.OBJECT: Structure.FENCED,
}


class Unfit(Exception):
    """An answer that is not of its shape; ``str(error)`` says where, so that a model can mend it."""


def schema_of(shape: type[BaseModel]) -> Json:
    """The schema of a shape as all endpoints read it: no references, no further keys, each key required."""
    whole = cast("Json", shape.model_json_schema())
    return cast("Json", _plain(whole, cast("Json", whole.get("$defs", {}))))


def lower(structure: Structure) -> Structure | None:
    """The next way to ask, for an endpoint that does not take this one; None behind the last."""
    return _NEXT.get(structure)


def worded(asked: Asked, structure: Structure) -> Asked:
    """The question as it is sent: where the endpoint does not hold the model to the schema, the text has to."""
    if asked.schema is None or structure is Structure.BOUNDED:
        return asked
    if structure is Structure.SCHEMA:
        return replace(asked, schema=cast("Json", _unbounded(asked.schema)))
    fence = "in one ```json block and nothing else" if structure is Structure.FENCED else "and nothing else"
    text = f"Answer with JSON {fence}, of this schema:\n{json.dumps(asked.schema, ensure_ascii=False)}"
    # Some templates take no two turns of one role.
    last = asked.messages[-1]
    return replace(asked, messages=(*asked.messages[:-1], replace(last, text=f"{last.text}\n\n{text}")))


def read(text: str, shape: type[Shape]) -> Shape:
    """The answer as its shape. Raises: Unfit."""
    block = _FENCE.search(text)
    first, last = text.find("{"), text.rfind("}")
    tries = [text.strip(), block[1].strip() if block else "", text[first : last + 1] if 0 <= first < last else ""]
    problem = "it is no JSON"
    for each in filter(None, tries):
        try:
            return shape.model_validate(json.loads(each))
        except ValidationError as error:
            problem = _said(error)
        except RecursionError:
            problem = "it is nested too deeply"
        except ValueError as error:
            problem = problem if problem != "it is no JSON" else f"it is no JSON ({error})"
    raise Unfit(problem)


def _said(error: ValidationError) -> str:
    rows = (f"{'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}" for each in error.errors())
    return "; ".join(rows)[:_SAID]


def _plain(node: object, known: Mapping[str, object]) -> object:
    if isinstance(node, list):
        return [_plain(each, known) for each in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    table = cast("Json", node)
    if isinstance(name := table.get("$ref"), str):
        return _plain(known[name.rpartition("/")[2]], known)
    made: Json = {}
    for key, value in table.items():
        if key == "properties":
            made[key] = {name: _plain(each, known) for name, each in cast("Json", value).items()}
        elif key not in ("$defs", "title", "default"):
            made[key] = _plain(value, known)
    if made.get("type") == "object":
        made["required"] = [*cast("Mapping[str, Any]", made.get("properties", {}))]
        made["additionalProperties"] = False
    return made


def _unbounded(node: object) -> object:
    """A schema without bounds, which some endpoints refuse."""
    if isinstance(node, list):
        return [_unbounded(each) for each in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    kept: Json = {}
    for key, value in cast("Json", node).items():
        if key == "properties":
            kept[key] = {name: _unbounded(each) for name, each in cast("Json", value).items()}
        elif key not in _BOUNDS:
            kept[key] = _unbounded(value)
    return kept
