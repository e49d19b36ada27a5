"""Texts that an author shows as input: in docstrings, comments, patterns, date formats; and objects a class accepts."""

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from coding_agent.testgen.inside import pools
from coding_agent.testgen.inside.told import matched, shown, texts_of
from coding_agent.testgen.inside.world import World
from support.inside import run_inside

EXPLORE = """
said = []
found = inside("jobs").explore(said.append, "m", seconds=30, random_seed=1)
table = next(one["survey"]["table"] for one in said if "survey" in one)
acts = [one["candidate"]["act"] for one in said if "candidate" in one]
tell({
    "open": [[table[number]["function"], table[number]["line"]] for number in found["open"]],
    "inputs": [[act["callee"], *(arg["code"] for arg in act["args"])] for act in acts],
})
"""


def explored(folder: Path, source: str) -> dict[str, list[list[str]]]:
    return run_inside(folder, {"m.py": source}, EXPLORE)


def world(source: str) -> World:
    module = ModuleType("told_values")
    module.__file__ = "told_values.py"
    sys.modules["told_values"] = module
    exec(compile(source, "told_values.py", "exec"), module.__dict__)
    return World(module, ast.parse(source))


def pool(source: str) -> list[str]:
    made = world(source)
    (row,) = pools.for_callable(made.member("f"), "f", made)
    return [value.code for value in row.pool]


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("One per line: 'circle 0 0 5' or 'box 1'.", ["circle 0 0 5", "box 1"]),
        ('Seconds of "1h30m", "45s".', ["1h30m", "45s"]),
        ("Rows like: EU;2.5;12,90", ["EU;2.5;12,90"]),
        ("Accepts 2024-03-01, 01.03.2024 and 03/01/2024.", ["2024-03-01", "01.03.2024", "03/01/2024"]),
        ("SAVE10 -> 10 percent; FREE-<n> is refused.", ["SAVE10"]),
        ('Parse text such as "[server]\nport = 80".', ["[server]\nport = 80"]),
        ("Read lines, e.g. key = value.", ["key = value"]),
        ("Takes ``a=1&b=2``, never `None`, `text` or `f(x)`.", ["a=1&b=2"]),
        ("A file like::\n\n    [a]\n    b = 1\n\nand so on.", ["[a]\nb = 1"]),
        ("Don't touch the user's files in 3 days.", []),
        (">>> parse('x1')\n'y2'\n\nSee :class:`~a.B2`.", []),
    ],
)
def test_inputs_shown_in_a_docstring(text: str, inputs: list[str]) -> None:
    assert shown(text) == inputs


def test_shown_texts_come_first() -> None:
    source = "def f(value{hint}):\n    '''Like \"a:1\".'''\n    return value.split(':')\n"
    assert pool(source.format(hint=": str"))[:2] == ["'a:1'", "'abc'"]
    assert pool(source.format(hint=""))[0] == "'a:1'"


def test_shown_texts_are_no_numbers() -> None:
    assert "'a:1'" not in pool("def f(value: int):\n    '''Like \"a:1\".'''\n    return value\n")


def test_texts_of_the_class_and_of_the_module_follow_the_methods_own() -> None:
    made = world(
        "'''Reads \"m 1\".'''\nclass A:\n    '''Of \"c 1\".'''\n    def f(self, text):\n        '''A \"f 1\".'''\n"
    )
    assert [value.code for value in texts_of("A.f", made)] == ["'f 1'", "'c 1'", "'m 1'"]


def test_a_comment_beside_the_pattern_that_it_shows(tmp_path: Path) -> None:
    source = r"""
import re
# 10.0.0.1 [2024-05-06] GET
LINE = re.compile(r"^(\S+) \[(\d+-\d+-\d+)\] ([A-Z]+)$")  # or "::1 [2024-05-07] PUT"
def read(line: str):
    found = LINE.match(line)
    return found.groups() if found else None
"""
    assert ["read", "'10.0.0.1 [2024-05-06] GET'"] in explored(tmp_path, source)["inputs"]


def test_a_date_format_shows_a_date() -> None:
    made = world("def f(text):\n    return strptime(text, '%d.%m.%Y')\n")
    assert matched(["f"], made) == ["15.01.2024"]


def test_a_pattern_handed_to_re_shows_what_it_matches() -> None:
    made = world("import re\ndef f(text):\n    return re.findall(r'id=\\d', text)\n")
    assert any(text.startswith("id=") for text in matched(["f"], made))


REFUSED = r"""
import re
from datetime import datetime
LINE = re.compile(r"^(\w+) <([^>]+)>$")
class Bad(Exception): ...
def when(line: str):
    found = LINE.match(line)
    if not found:
        raise Bad("no line")
    try:
        moment = datetime.fromisoformat(found[2])
    except ValueError:
        raise Bad("no date")
    return moment.year
"""


def test_what_a_conversion_refuses_tells_what_it_takes(tmp_path: Path) -> None:
    assert explored(tmp_path, REFUSED)["open"] == []


ORDERS = """
from dataclasses import dataclass, field
from typing import List
RATES = {"XK": 3, "QZ": 5}

@dataclass(frozen=True)
class Line:
    code: str
    count: int
    def __post_init__(self):
        if not self.code.startswith("L-"):
            raise ValueError("no code")
        if self.count not in (70, 71):
            raise ValueError("no count")

@dataclass
class Order:
    country: str
    lines: List[Line] = field(default_factory=list)

class Basket:
    def __init__(self, name, rows=()):
        self.name, self.rows = name, list(rows)
    def sum(self):
        return sum(row.code for row in self.rows)

def total(order: Order) -> int:
    if order.country not in RATES:
        raise ValueError("no rate")
    if not order.lines:
        raise ValueError("empty")
    return sum(line.count for line in order.lines) * RATES[order.country]
"""


def test_containers_hold_objects_that_their_class_accepts(tmp_path: Path) -> None:
    source = ORDERS.replace('not self.code.startswith("L-")', 'self.code == "abc"').replace("(70, 71)", "(10, 2)")
    result = explored(tmp_path, source)
    assert [row for row in result["open"] if row[0] == "total"] == []


def test_objects_have_what_functions_of_the_module_look_for(tmp_path: Path) -> None:
    script = """
world = inside("jobs").opened("m", [folder])[2]
values = inside("recipes").instances(world.module.Order, world, 3)
tell([value.code for value in values[:1]])
"""
    assert run_inside(tmp_path, {"m.py": ORDERS}, script) == ["Order('XK')"]
