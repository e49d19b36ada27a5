"""What probes tell, and that code under probes, or full of switched-off mutants, does what it did."""

from pathlib import Path

import pytest

from support.inside import VERSIONS, interpreters, run_inside

FOUND = interpreters()

HIT = """
engine = engine_of("m")
outcome = engine.run(candidate({target!r}, {args}))
tell([list(engine.loaded.probes[arc][1:3]) for arc in outcome.arcs])
"""


def hit(folder: Path, source: str, target: str, args: str = "") -> list[tuple[int, str]]:
    """Line and outcome of each probe that one call passes."""
    return [tuple(one) for one in run_inside(folder, {"m.py": source}, HIT.format(target=target, args=args))]


def test_both_ways_of_an_if(tmp_path: Path) -> None:
    source = "def f(x):\n    if x > 1:\n        return 'big'\n    return 'small'\n"

    assert hit(tmp_path, source, "f", "'2'") == [(1, "called"), (2, "if true"), (2, "border")]


def test_the_way_without_else(tmp_path: Path) -> None:
    source = "def f(x):\n    if x > 1:\n        return 'big'\n    return 'small'\n"

    assert hit(tmp_path, source, "f", "'1'") == [
        (1, "called"), (2, "if false"), (2, "border"), (4, "reached"),
    ]  # fmt: skip


def test_loop_left_by_break_was_not_exhausted(tmp_path: Path) -> None:
    source = "def f(x):\n    for each in x:\n        break\n"

    assert hit(tmp_path, source, "f", "'[1]'") == [(1, "called"), (2, "loop entered")]


def test_loop_that_ends_by_itself(tmp_path: Path) -> None:
    source = "def f(x):\n    for each in x:\n        pass\n"

    assert hit(tmp_path, source, "f", "'[]'") == [(1, "called"), (2, "loop exhausted")]


def test_operands_of_a_condition(tmp_path: Path) -> None:
    source = "def f(x, y):\n    if x and not y:\n        return 1\n"

    assert hit(tmp_path, source, "f", "'1', '0'") == [(1, "called"), (2, "if true"), (2, "true"), (2, "false")]


def test_operands_of_a_line_are_told_by_column_and_code(tmp_path: Path) -> None:
    source = (
        "def f(x, y):\n    if (x is None or 'ä' in x) and (\n        y\n        > 1\n    ):\n        return 1\n"
        "    try:\n        return x or y\n    except (KeyError, TypeError):\n        return 2\n"
    )
    script = """
loaded = inside("instrument").load_probed("m")
tell([[probe.line, probe.outcome, *part] for probe, part in zip(loaded.probes, loaded.parts()) if part[0]])
"""
    assert run_inside(tmp_path, {"m.py": source}, script) == [
        [2, "true", 9, "x is None"], [2, "false", 9, "x is None"],
        [2, "true", 22, "'ä' in x"], [2, "false", 22, "'ä' in x"],
        [3, "true", 9, "y > 1"], [3, "false", 9, "y > 1"],
        [8, "or operand 2", 21, "y"], [9, "except", 12, "(KeyError, TypeError)"],
    ]  # fmt: skip


def test_operands_of_a_value_keep_it(tmp_path: Path) -> None:
    source = "def f(x):\n    return x or 'none'\n"
    script = "engine = engine_of('m')\ntell([engine.run(candidate('f', code)).value for code in ('0', '[5]')])"

    assert run_inside(tmp_path, {"m.py": source}, script) == ["none", [5]]


def test_condition_of_a_comprehension(tmp_path: Path) -> None:
    source = "def f(x):\n    return [each for each in x if each]\n"

    assert hit(tmp_path, source, "f", "'[1]'") == [(1, "called"), (2, "true")]


def test_border_of_an_order(tmp_path: Path) -> None:
    source = "def f(x):\n    return x > 5\n"

    assert hit(tmp_path / "below", source, "f", "'4'") == [(1, "called")]
    assert hit(tmp_path / "equal", source, "f", "'5'") == [(1, "called"), (2, "border")]
    assert hit(tmp_path / "above", source, "f", "'6'") == [(1, "called"), (2, "border")]
    assert hit(tmp_path / "far", source, "f", "'7'") == [(1, "called")]


def test_handler_that_was_needed(tmp_path: Path) -> None:
    source = "def f(x):\n    try:\n        return int(x)\n    except ValueError:\n        return 0\n"

    assert hit(tmp_path, source, "f", "repr('a')") == [(1, "called"), (4, "except")]


@pytest.mark.skipif(not hasattr(__import__("ast"), "Match"), reason="no match statement here")
def test_no_case_of_a_match(tmp_path: Path) -> None:
    source = (
        "def f(x):\n    match x:\n        case 1:\n            return 1\n        case [a, *_]:\n            return a\n"
    )

    assert hit(tmp_path, source, "f", "'2'") == [(1, "called"), (2, "no case")]


def test_probes_are_by_function(tmp_path: Path) -> None:
    source = "class A:\n    def m(self):\n        def inner():\n            return 1\n        return inner()\n"
    script = "tell(sorted(inside('instrument').load_probed('m').by_function()))"

    assert run_inside(tmp_path, {"m.py": source}, script) == ["A.m", "A.m.<locals>.inner"]


def test_module_that_its_package_imports_first(tmp_path: Path) -> None:
    modules = {"p/__init__.py": "from p.m import f\n", "p/m.py": "def f():\n    return 1\n"}
    script = """
loaded = inside("instrument").load_probed("p.m")
import p
p.f()
tell([len(loaded.probes), sum(loaded.hits)])
"""

    assert run_inside(tmp_path, modules, script) == [1, 1]


def test_module_shows_nothing_of_ours(tmp_path: Path) -> None:
    script = """
import inspect
loaded = inside("instrument").load_probed("m")
tell([sorted(name for name in vars(loaded.module) if not name.startswith("__")), inspect.getsource(loaded.module.f)])
"""
    source = "def f(x):\n    return x == 1\n"

    assert run_inside(tmp_path, {"m.py": source}, script) == [["f"], source]


def test_what_comparisons_saw(tmp_path: Path) -> None:
    source = """import re
def f(text, table):
    text == 'magic'
    len(text) > 7
    text.startswith('http')
    re.match('[0-9]+', text)
    text in ('a', 'b')
    isinstance(text, bytes)
    table.get(text)
"""
    script = """
engine = engine_of("m")
outcome = engine.run(candidate("f", "'abc'", "{'k': 1}"))
tell([[one.kind, str(one.left), str(one.right)] for one in outcome.notes])
"""

    assert run_inside(tmp_path, {"m.py": source}, script) == [
        ["==", "abc", "magic"],
        ["len", "abc", "3"],
        [">", "3", "7"],
        ["startswith", "abc", "http"],
        ["match", "abc", "[0-9]+"],
        ["in", "abc", "('a', 'b')"],
        ["isinstance", "abc", "<class 'bytes'>"],
        ["key", "abc", "('k',)"],
    ]


EVERYTHING = '''
"""Doc."""
from __future__ import annotations
import asyncio, contextlib, functools
X: int = 5
class Base:
    """Doc of Base."""
    limit = 3
    def __init__(self, *values, scale=2, **extra):
        self.values = list(values); self.__secret = scale; self.extra = extra
    def __len__(self): return len(self.values)
    def __getitem__(self, key): return self.values[key]
    @property
    def secret(self): return self.__secret
    @classmethod
    def make(cls, n): return cls(*range(n))
class Child(Base):
    def __init__(self, n):
        super().__init__(n, n + 1, scale=n)
    def total(self):
        global X
        X += 1
        return sum(v for v in self if v % 2 == 0 or v > self.limit)
def loops(n):
    """Doc."""
    found = []
    for i in range(n):
        if i == 3:
            continue
        if i > 6:
            break
        found.append(i)
    else:
        found.append("all")
    while n:
        n -= 1
        if n < 2 and not n == 1:
            break
    else:
        found.append("never")
    return found
def handlers(text):
    trace = []
    try:
        value = int(text)
    except (ValueError, TypeError) as error:
        trace.append(type(error).__name__)
    else:
        trace.append(value)
    finally:
        trace.append("end")
    return trace
def chained(a, b): return 0 <= a < b, a if b else -a, a and b or "none", not a
def walrus(items): return [y for x in items if (y := x * 2) > 2]
def closure(n):
    def inner(m=n):
        nonlocal n
        n += m
        return lambda k: n + k if k else None
    return inner()(1)
def generator(n):
    got = yield n
    while got is not None:
        got = yield got + 1
    yield from (i for i in range(n) if i)
    return "done"
@contextlib.contextmanager
def manager(log):
    log.append("in")
    try:
        yield len(log)
    finally:
        log.append("out")
@functools.lru_cache(maxsize=None)
def cached(n): return n if n < 2 else cached(n - 1) + cached(n - 2)
async def numbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
async def gather(n): return [i async for i in numbers(n) if i != 1]
def deleting(d):
    d["x"] = 1
    del d["y"]
    d.pop("z", None)
    assert d, "empty"
    return d, f"{d['x']:>{3}}|{X!r}", b"a" + b"b", "%s-%s" % (1, 2)
def errors(kind):
    if kind == "raise":
        raise KeyError(kind)
    return {"a": 1}[kind]
'''

ASK = """
import asyncio, traceback
def all_of(m):
    told = []
    def ask(function, *args):
        try:
            told.append(repr(function(*args)))
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            places = [(frame.name, frame.lineno) for frame in frames if frame.filename == m.__file__]
            told.append([type(error).__name__, str(error), places])
    child = m.Child(4)
    ask(child.total); ask(lambda: child.secret); ask(len, m.Base.make(3))
    ask(lambda: m.Base(1, 2)[1]); ask(lambda: m.Base(1)[4])
    for n in range(10): ask(m.loops, n)
    for text in ("5", "x", None): ask(m.handlers, text)
    for a, b in ((1, 2), (0, 0), (5, 2), (-1, 3), ("a", 1)): ask(m.chained, a, b)
    ask(m.walrus, [1, 2, 3]); ask(m.closure, 4); ask(m.cached, 15)
    stream = m.generator(2)
    ask(next, stream); ask(stream.send, 4); ask(lambda: list(stream))
    def under():
        log = []
        with m.manager(log) as size:
            log.append(size)
        return log
    ask(under); ask(lambda: asyncio.run(m.gather(4)))
    ask(m.deleting, {"y": 1, "z": 2}); ask(m.deleting, {})
    for kind in ("a", "b", "raise"): ask(m.errors, kind)
    told.append([m.__doc__, m.Base.__doc__, m.loops.__doc__, sorted(vars(m))[:3], m.X, m.loops.__code__.co_firstlineno])
    return told
import importlib
plain = all_of(importlib.import_module("m"))
del sys.modules["m"]
probed = all_of(inside("instrument").load_probed("m").module)
del sys.modules["m"]
mutants = inside("mutate").Mutants()
switched = all_of(inside("loading").load("m", mutants.make))
tell([len(plain), *([(a, b) for a, b in zip(plain, other) if a != b] for other in (probed, switched))])
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_code_under_probes_and_switches_does_the_same(version: str, tmp_path: Path) -> None:
    if version not in FOUND:
        pytest.skip(f"no Python {version} on this machine")
    told = run_inside(tmp_path, {"m.py": EVERYTHING}, ASK, FOUND[version])

    assert told == [37, [], []]
