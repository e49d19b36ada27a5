"""What the search reaches in small modules of the families that matter, in an interpreter of its own."""

from pathlib import Path
from typing import Any

import pytest

from support.inside import interpreters, run_inside

EXPLORE = """
result = inside("jobs").explore(said.append, "m", seconds=40, random_seed=1{more})
table = next(one["survey"]["table"] for one in said if "survey" in one)
rows = [table[number] for number in result["open"]]
result["table"] = table
result["open"] = [(row["function"], row["line"], row["outcome"]) for row in rows]
result["candidates"] = [one["candidate"] for one in said if "candidate" in one]
tell(result)
"""


def explored(folder: Path, source: str, more: str = "", **options: Any) -> dict[str, Any]:
    return run_inside(folder, {"m.py": source}, "said = []\n" + EXPLORE.format(more=more), **options)


def calls(result: dict[str, Any]) -> list[str]:
    return [
        f"{one['act']['callee']}({', '.join(arg['code'] for arg in one['act']['args'])})"
        for one in result["candidates"]
    ]


COMPARED = """
import re
NAMES = {"alpha": 1, "beta": 2}
NUMBER = re.compile(r"^v(\\d+)-[a-f]{3}$")

def classify(text, size=0):
    if text == "magic word":
        return 1
    if text.startswith("http://") and len(text) > 12:
        return 2
    if NUMBER.match(text):
        return 3
    if text in NAMES:
        return 4
    if size > 41997:
        return 5
    raise ValueError("unknown " + text)
"""


def test_comparisons_tell_what_the_input_must_be(tmp_path: Path) -> None:
    result = explored(tmp_path, COMPARED)
    assert result["open"] == []
    assert "classify('magic word')" in calls(result)


STATEFUL = """
class Stack:
    def __init__(self, limit: int = 2):
        self.limit = limit
        self.items = []
    def push(self, item: int) -> None:
        if len(self.items) >= self.limit:
            raise OverflowError("full")
        self.items.append(item)
    def pop(self) -> int:
        if not self.items:
            raise IndexError("empty")
        return self.items.pop()
    def __len__(self):
        return len(self.items)
    def __contains__(self, item):
        for other in self.items:
            if other == item:
                return True
        return False
    @property
    def full(self) -> bool:
        return len(self.items) == self.limit
"""


def test_states_are_reached_by_earlier_calls(tmp_path: Path) -> None:
    result = explored(tmp_path, STATEFUL)
    assert result["open"] == []
    assert any(one["arrange"][1:] for one in result["candidates"])
    assert all("var_" not in line for one in result["candidates"] for line in one["arrange"])


REGISTERED = """
MODES = {}

def interface(line: str, width: int, comma: bool) -> str:
    return ""

def mode(function):
    MODES[function.__name__] = function
    return function

@mode
def grid(**options):
    if len(options["line"]) > options["width"]:
        return options["line"][: options["width"]]
    return options["line"] + ("," if options["comma"] else "")
"""


def test_keys_of_keywords_are_given_by_name(tmp_path: Path) -> None:
    result = explored(tmp_path, REGISTERED)
    assert not [probe for probe in result["open"] if probe[0] == "grid"]


DECORATED = """
import functools

def memoize(function):
    cache = {}
    def wrapper(*args):
        if args in cache:
            return cache[args]
        cache[args] = function(*args)
        return cache[args]
    return wrapper

def repeat(times: int):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return [function(*args, **kwargs) for _ in range(times)]
        return wrapper
    return decorate
"""


def test_what_a_decorator_makes_is_called_also_twice(tmp_path: Path) -> None:
    assert explored(tmp_path, DECORATED)["open"] == []


ASYNCHRONOUS = """
from typing import AsyncIterable, Awaitable, Callable

async def total(numbers: AsyncIterable[int]) -> int:
    found = 0
    async for number in numbers:
        if number > 2:
            found += number
    return found

async def evens(limit: int):
    for number in range(limit):
        if number % 2 == 0:
            yield number

class Door:
    def __init__(self):
        self.open = False
    async def __aenter__(self):
        self.open = True
        return self
    async def __aexit__(self, kind, error, trace):
        self.open = False
        return kind is ValueError
"""


def test_asynchronous_code_is_awaited_and_fed(tmp_path: Path) -> None:
    result = explored(tmp_path, ASYNCHRONOUS)
    assert result["open"] == []
    assert {"await", "alist"} <= {one["act"]["kind"] for one in result["candidates"]}


NETWORK = """
import os
import subprocess
import urllib.request
import json

def fetch(name: str):
    if os.environ.get("OFFLINE_MODE") == "1":
        return None
    with urllib.request.urlopen("http://localhost:9/" + name) as response:
        if response.status == 404:
            raise LookupError("no such thing")
        return json.loads(response.read())["name"]

def tool():
    done = subprocess.run(["no-such-tool-here"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("tool failed")
    return done.stdout.strip()

def confirm(question: str) -> bool:
    answer = input(question)
    if answer == "yes":
        return True
    return False
"""


def test_the_world_outside_is_faked_in_the_shape_that_is_read(tmp_path: Path) -> None:
    result = explored(tmp_path, NETWORK)
    assert result["open"] == []
    patched = {(patch["owner"], patch["attribute"]) for one in result["candidates"] for patch in one["patches"]}
    assert ("m.urllib.request", "urlopen") in patched
    assert ("m.subprocess", "run") in patched


SETTINGS = """
import os
from pathlib import Path

def editor() -> str:
    return os.environ.get("EDITOR", "vi")

def name() -> str:
    return Path("settings.toml").read_text() if Path("settings.toml").exists() else "missing"
"""


def test_nothing_around_is_left_as_it_happens_to_be(tmp_path: Path) -> None:
    result = explored(tmp_path, SETTINGS)
    assert result["open"] == []
    found = {(one["target"], tuple(patch["how"] for patch in one["patches"])) for one in result["candidates"]}
    assert {("editor", ("delenv",)), ("editor", ("setenv",)), ("name", ("chdir",))} == found


REFLECTING = """
from dataclasses import fields, is_dataclass

def describe(kind):
    if not is_dataclass(kind):
        raise TypeError("a dataclass is needed")
    return {field.name: getattr(field.type, "__name__", "?") for field in fields(kind) if field.init}
"""


def test_types_are_inputs_where_code_reflects_over_them(tmp_path: Path) -> None:
    result = explored(tmp_path, REFLECTING)
    assert not [probe for probe in result["open"] if probe[2] != "false"]


WEARY = """
import collections
import itertools
import os

def endless(kind: str) -> int:
    if kind == "exit":
        os._exit(3)
    if kind == "abort":
        os.abort()
    return len(kind)
"""


def test_code_that_ends_its_process_costs_only_itself(tmp_path: Path) -> None:
    result = explored(tmp_path, WEARY)
    assert {"endless('abc')"} <= set(calls(result))
    assert ("endless", 11, "reached") not in [tuple(probe) for probe in result["open"]]


def test_calls_in_docstrings_come_first(tmp_path: Path) -> None:
    source = 'def double(text):\n    """Say it twice.\n\n    >>> double("salmon")\n    """\n    return text * 2\n'
    assert calls(explored(tmp_path, source))[0] == "double('salmon')"


def test_call_sites_are_tried_as_they_stand(tmp_path: Path) -> None:
    seed = {"target": "double", "args": ["'trout'"], "arrange": [], "imports": [], "origin": "call site"}
    result = explored(tmp_path, "def double(text):\n    return text * 2\n", f", seeds=[{seed!r}]")
    assert [one["origin"] for one in result["candidates"] if one["act"]["args"][0]["code"] == "'trout'"] == [
        "call site"
    ]


def test_accidents_of_plausible_inputs_are_findings(tmp_path: Path) -> None:
    source = 'def head(rows):\n    """First.\n\n    >>> head([])\n    """\n    return rows[0]\n'
    result = explored(tmp_path, source)
    assert [(found["target"], found["line"]) for found in result["findings"]] == [("head", 6)]
    assert "head([])" not in calls(result)


def test_a_private_helper_is_reached_through_what_calls_it(tmp_path: Path) -> None:
    source = (
        "def _half(x):\n    if x == 77:\n        return 0\n    return x / 2\n\ndef use(x: int):\n    return _half(x)\n"
    )
    result = explored(tmp_path, source)
    assert result["open"] == []
    assert {one["target"] for one in result["candidates"]} == {"use"}


def test_survey_lists_what_the_module_itself_defines(tmp_path: Path) -> None:
    source = (
        "from json import loads\nimport functools\ndef plain(a, *, b=1): return a\nclass Thing:\n"
        "    def method(self): return 1\n    @staticmethod\n    def still(): return 1\n"
        "    @classmethod\n    def made(cls): return cls()\n    def nothing(self):\n        'Told.'\n        ...\n"
        "    @property\n    def size(self): return 1\n    def __len__(self): return 1\n"
        "    def _hidden(self): return 1\nclass Broken(ValueError): ...\nasync def later(): pass\n"
    )
    listed = run_inside(tmp_path, {"m.py": source}, "tell(inside('jobs').survey(print, 'm'))")["targets"]
    assert [(row["name"], row["kind"], row["private"]) for row in listed] == [
        ("plain", "function", False),
        ("Thing", "class", False),
        ("Thing.method", "method", False),
        ("Thing.still", "static", False),
        ("Thing.made", "classmethod", False),
        ("Thing.size", "property", False),
        ("Thing.__len__", "dunder", False),
        ("Thing._hidden", "method", True),
    ]


def test_a_finding_can_be_tried_as_it_stands(tmp_path: Path) -> None:
    source = '''
class Shelf:
    """
    >>> shelf = Shelf()
    >>> shelf.add("pen")
    >>> shelf.at(number=7)
    """
    def __init__(self): self.items = []
    def add(self, item): self.items.append(item)
    def at(self, number=0): return self.items[number]
'''
    result = explored(tmp_path, source)
    assert [found["call"] for found in result["findings"]] == ["shelf = Shelf(); shelf.add('pen'); shelf.at(number=7)"]


def test_only_the_input_of_the_author_is_the_author_s(tmp_path: Path) -> None:
    source = 'def fail(text: str):\n    """\n    >>> fail("abc")\n    """\n    return [1][len(text) - 3]\n'
    result = explored(tmp_path, source)
    assert result["findings"] == []
    by_author = {one["act"]["args"][0]["code"] for one in result["candidates"] if one["origin"] == "docstring"}
    assert by_author == {"'abc'"}


def test_what_only_an_arrangement_passed_is_looked_for_as_an_act(tmp_path: Path) -> None:
    result = explored(tmp_path, STATEFUL)
    acted = {arc for one in result["candidates"] for arc in set(one["arcs"]) - set(one["arranged"])}
    assert {row["function"] for number, row in enumerate(result["table"]) if number not in acted} == set()


def test_a_slow_target_leaves_time_for_the_others(tmp_path: Path) -> None:
    source = "import asyncio\nasync def slow(x):\n    await asyncio.sleep(0.3)\n    return x\n" + "".join(
        f"def quick_{name}(x: int):\n    return x > 3\n" for name in "abc"
    )
    script = EXPLORE.replace("seconds=40", "seconds=2.5").format(more="")
    result = run_inside(tmp_path, {"m.py": source}, "said = []\n" + script)
    assert {one["target"] for one in result["candidates"]} == {"slow", "quick_a", "quick_b", "quick_c"}


def test_an_import_longer_than_any_call_may_take_is_waited_for(tmp_path: Path) -> None:
    files = {"m.py": "def f(x: int):\n    import heavy\n    return x > 3\n", "heavy.py": "import time\ntime.sleep(3)\n"}
    script = EXPLORE.replace("seconds=40", "seconds=5").format(more="")
    result = run_inside(tmp_path, files, "said = []\n" + script)
    assert result["problems"] == []
    assert len(result["candidates"]) > 1


def test_what_took_its_process_with_it_is_said(tmp_path: Path) -> None:
    result = explored(tmp_path, WEARY)
    assert "this ended or hung its process: endless('exit')" in result["problems"]


def test_a_path_is_no_number_that_may_be_an_open_file(tmp_path: Path) -> None:
    source = "def save(path, text):\n    with open(path, 'w') as f:\n        f.write(text)\n    return len(text)\n"
    script = EXPLORE.replace("seconds=40", "seconds=4").format(more="")
    result = run_inside(tmp_path, {"m.py": source}, "said = []\n" + script)
    assert result["executions"] > 20
    assert not [call for call in calls(result) if call.startswith(("save(3", "save(1", "save(True"))]


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.12", "3.13", "3.14"])
def test_the_search_runs_on_every_python(tmp_path: Path, version: str) -> None:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here")
    assert explored(tmp_path, COMPARED, python=python)["open"] == []


def test_what_is_open_is_tried_for_a_good_while(tmp_path: Path) -> None:
    source = "def f(a: int, b: int):\n    if a * a + b * b == 3:\n        return 1\n    return 0\n"
    script = """
import time
jobs, search = inside("jobs"), inside("search")
search.PATIENCE, search.RENEWED, search.LONGEST, began = 1, 4, {patient}, time.monotonic()
tell([jobs.explore(lambda said: None, "m", seconds=30)["done"], time.monotonic() - began])
"""
    given_up, soon = run_inside(tmp_path, {"m.py": source}, script.format(patient=0.0))
    done, later = run_inside(tmp_path, {"m.py": source}, script.format(patient=3.0))
    assert given_up
    assert done
    assert later >= 3.0 > soon
