"""The forms of answers. Each text and list has a bound: a server that follows a schema writes on where none ends it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field

_CODE = 24_000
Code = Annotated[str, Field(max_length=_CODE, description="Python code, whole lines, nothing left out")]
Why = Annotated[str, Field(max_length=600, description="one or two plain sentences")]


class Rewrite(BaseModel):
    """A definition written anew."""

    code: Code
    why: Why


class Docstring(BaseModel):
    """The text of a docstring, without its quotes."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class Tests(BaseModel):
    """Test functions, with the imports that they need."""

    __test__ = False  # No test of ours.

    code: Code
    why: Why


class Remark(BaseModel):
    """One thing that a reviewer would say of changed lines."""

    path: Annotated[str, Field(max_length=300)]
    line: Annotated[int, Field(ge=1, le=1_000_000)]
    severity: Literal["error", "warning", "information"]
    message: Annotated[str, Field(min_length=1, max_length=400)]


class Review(BaseModel):
    """What there is to say of a change; nothing where it is good."""

    remarks: Annotated[list[Remark], Field(max_length=20)]


class Commit(BaseModel):
    """A message of a commit."""

    subject: Annotated[str, Field(min_length=1, max_length=100)]
    body: Annotated[str, Field(max_length=2_000)]


SHAPES: Mapping[str, type[BaseModel]] = {each.__name__: each for each in (Rewrite, Docstring, Tests, Review, Commit)}
