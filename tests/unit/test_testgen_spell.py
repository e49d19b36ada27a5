"""Which values have a spelling, and which."""

from pathlib import Path

import pytest

from support.inside import VERSIONS, interpreters, run_inside

FOUND = interpreters()

MODULE = """
import dataclasses, enum, typing
class Color(enum.Enum):
    RED = 1
class Mode(enum.Flag):
    READ = 1
    WRITE = 2
@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)
class Pair(typing.NamedTuple):
    left: int
    right: str
class Kept:
    class Inner(enum.IntEnum):
        ONE = 1
    def __init__(self, value, more=None): self.value, self.more = value, more
    def __eq__(self, other): return (self.value, self.more) == (other.value, other.more)
class Shown:
    def __init__(self, *parts): self._parts = parts
    def __eq__(self, other): return self._parts == other._parts
    def __repr__(self): return "Shown(%s)" % ", ".join(map(repr, self._parts))
class Alike:
    def __eq__(self, other): return True
class Lone: pass
class Safe(str):
    def __str__(self): return self
class Half(float): pass
class Count(int): pass
class Caseless(str):
    def __eq__(self, other): return self.lower() == other.lower()
    def __repr__(self): return "Caseless()"
def function(): return lambda: None
"""

SPELLED = [
    ("'a\\nb'", "'a\\nb'"),
    ("float('nan')", "float('nan')"),
    ("-float('inf')", "float('-inf')"),
    ("[1, (2,), {'k': {3.5}}, b'x']", "[1, (2,), {'k': {3.5}}, b'x']"),
    ("{'b', 'a', 'c'}", "{'a', 'b', 'c'}"),
    ("frozenset()", "frozenset()"),
    ("m.Color.RED", "Color.RED"),
    ("m.Mode.READ | m.Mode.WRITE", "Mode.READ | Mode.WRITE"),
    ("m.Mode(0)", "Mode(0)"),
    ("m.Point(1)", "Point(x=1)"),
    ("m.Point(1, 0, [m.Point(2)])", "Point(x=1, tags=[Point(x=2)])"),
    ("m.Pair(1, 'b')", "Pair(left=1, right='b')"),
    ("m.Kept(m.Kept.Inner.ONE)", "Kept(value=Kept.Inner.ONE)"),
    ("m.Shown(1, 'a')", "Shown(1, 'a')"),
    ("m.Lone", "Lone"),
    ("m.function", "function"),
    ("len", "len"),
    ("type(None)", "type(None)"),
    ("datetime.timedelta(days=-1)", "datetime.timedelta(days=-1)"),
    ("datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)",) * 2,
    ("datetime.datetime(2020, 1, 2, 0, 0, 5)",) * 2,
    ("decimal.Decimal('1.50')", "Decimal('1.50')"),
    ("collections.deque([1], 3)", "deque([1], maxlen=3)"),
    ("collections.defaultdict(list, {1: [2]})", "defaultdict(list, {1: [2]})"),
    ("re.compile('a+', re.I)", "re.compile('a+', re.IGNORECASE)"),
    ("Path('a/b')", "Path('a/b')"),
    ("tmp / 'a.txt'", "tmp_path / 'a.txt'"),
    ("str(tmp / 'a.txt')", "str(tmp_path / 'a.txt')"),
    ("range(1, 5, 2)", "range(1, 5, 2)"),
    ("[m.Safe('<b>'), m.Half(0.5), m.Count(-3)]", "['<b>', 0.5, -3]"),
]
UNSPELLED = [
    "object()", "m.Lone()", "m.function()", "ValueError('x')", "'see %s here' % tmp", "repr(object())", "around",
    "list(range(2000))", "m.Alike", "m.Alike() if False else m.Kept(m.Lone())", "open",
    "m.Caseless('x')",
]  # fmt: skip

SCRIPT = """
import collections, datetime, decimal, re, m
tmp = folder / "tmp"
speller = inside("spell").Speller(inside("names").names_of(m), tmp)
around = []; around.append(around)
found = [speller.spell(eval(code), True) for code in %r]
tell([one and one.code for one in found])
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_spellings(version: str, tmp_path: Path) -> None:
    if version not in FOUND:
        pytest.skip(f"no Python {version} on this machine")
    found = run_inside(tmp_path, {"m.py": MODULE}, SCRIPT % [code for code, _ in SPELLED], FOUND[version])

    assert [one for one in zip(SPELLED, found, strict=True) if one[0][1] != one[1]] == []


def test_what_has_no_stable_spelling(tmp_path: Path) -> None:
    found = run_inside(tmp_path, {"m.py": MODULE}, SCRIPT % UNSPELLED)

    assert dict(zip(UNSPELLED, found, strict=True)) == {
        **dict.fromkeys(UNSPELLED), "m.Alike": "Alike", "open": "open",
    }  # fmt: skip


def test_imports_that_a_spelling_needs(tmp_path: Path) -> None:
    script = """
import decimal, m
speller = inside("spell").Speller(inside("names").names_of(m))
tell(speller.spell([decimal.Decimal(1), m.Color.RED]).imports)
"""

    assert run_inside(tmp_path, {"m.py": MODULE}, script) == ["from decimal import Decimal", "from m import Color"]


def test_public_place_of_a_class_is_preferred(tmp_path: Path) -> None:
    modules = {"p/__init__.py": "from p._impl import Thing\n", "p/_impl.py": "class Thing: pass\n", "p/m.py": ""}
    script = """
import p, p.m
tell(inside("spell").Speller(inside("names").names_of(p.m)).spell(p.Thing))
"""

    assert run_inside(tmp_path, modules, script) == ["Thing", ["from p import Thing"]]


def test_name_that_the_module_has_itself_is_not_imported_over(tmp_path: Path) -> None:
    script = """
import decimal, m
tell(inside("spell").Speller(inside("names").names_of(m)).spell(decimal.Decimal(1)))
"""

    assert run_inside(tmp_path, {"m.py": "def Decimal(): pass\n"}, script) is None


def test_places_of_this_machine_are_no_expectation(tmp_path: Path) -> None:
    script = """
import os, sys, m
spell = inside("spell")
speller = spell.Speller(inside("names").names_of(m), None, spell.places(m))
root = str(folder)
values = [root, root + "/data", "see %s/data: no" % root, sys.prefix + "/bin/x", os.environ["HOME"] + "/.config",
          root + "-other", "/etc/passwd", "a/b"]
tell([speller.spell(one) is not None for one in values] + [speller.spell(m.ROOT) is not None])
"""
    module = "from pathlib import Path\nROOT = Path(__file__).parent / 'data'\n"

    assert run_inside(tmp_path, {"m.py": module}, script) == [False] * 5 + [True] * 3 + [False]
