"""Classes that declare their fields, of attrs and pydantic: as inputs, as targets, and what they refuse."""

from pathlib import Path

from support.frameworks import needs
from support.inside import run_inside

EXPLORE = """
said = []
result = inside("jobs").explore(said.append, "m", seconds=4, random_seed=1)
tell([result["problems"], [one["candidate"] for one in said if "candidate" in one]])
"""


def checked(folder: Path, source: str) -> dict[str, list[str]]:
    """What is checked, by what is arranged and the call."""
    problems, candidates = run_inside(folder, {"m.py": source}, EXPLORE)
    assert problems == []
    found: dict[str, list[str]] = {}
    for one in candidates:
        args = ", ".join(f"{arg['name']}={arg['code']}" if arg["name"] else arg["code"] for arg in one["act"]["args"])
        call = "; ".join([*one["arrange"], f"{one['act']['callee']}({args})"])
        found[call] = [
            " ".join((each["kind"], each["subject"], each["value"] + each["match"])) for each in one["checks"]
        ]
    return found


MODEL = """
from enum import Enum
from pydantic import BaseModel, Field, field_validator

class Level(Enum):
    LOW = "low"
    HIGH = "high"

class Order(BaseModel):
    code: str = Field(pattern="^[A-Z]{3}$")
    count: int = Field(default=1, ge=1, le=90)
    level: Level = Level.LOW

    @field_validator("level")
    @classmethod
    def not_high(cls, value):
        if value is Level.HIGH:
            raise ValueError("too high")
        return value

    def price(self):
        return 5 if self.count > 50 else 7
"""


@needs("pydantic")
def test_a_model_is_made_within_its_limits_and_refuses_what_is_beyond(tmp_path: Path) -> None:
    found = checked(tmp_path, MODEL)

    made = [checks for call, checks in found.items() if call.startswith("Order(code='")]
    assert any("equal result.count 1" in checks and "equal result.level Level.LOW" in checks for checks in made)
    assert ["raises  ValidationErrortoo high"] in made
    assert {"equal result 5", "equal result 7"} <= {check for checks in found.values() for check in checks}
    # A validator is called by what it belongs to.
    assert not any("not_high(" in call for call in found)


ATTRS = """
import attr
from attrs import define, field, validators

@define
class Point:
    x: int = field(converter=int)
    y: int = field(default=0, converter=int)

@define
class Person:
    name: str = field(validator=validators.instance_of(str))
    role: str = field(default="user", validator=validators.in_(["user", "admin"]))
    age = field(default=20, validator=validators.ge(18))
    tags: list = field(factory=list)

    def greeting(self):
        if self.role == "admin":
            return "Dear " + self.name
        return "Hi " + self.name

def double(person: Person):
    return attr.evolve(person, age=person.age * 2)
"""


@needs("attrs")
def test_what_attrs_converts_and_refuses_is_tried(tmp_path: Path) -> None:
    found = checked(tmp_path, ATTRS)
    checks = {check for row in found.values() for check in row}

    assert found["Point(3)"] == ["equal result.x 3", "equal result.y 0"]
    # What int() itself refuses is nobody's purpose.
    assert not any("'abc'" in call for call in found if call.startswith("Point("))
    assert any(check.startswith("raises  ValueError'role' must be in") for check in checks)
    assert any(check.startswith("raises  TypeError'name' must be <class 'str'>") for check in checks)
    assert any(check.startswith("equal result 'Dear ") for check in checks)
    assert "equal result Person(name='abc', age=40)" in checks
