"""What one run of a candidate is said to have done."""

from pathlib import Path
from typing import Any

import pytest

from support.inside import interpreters, run_inside

RUN = """
engine = engine_of("m")
outcome = engine.run(candidate({how}))
tell({ask})
"""


def ask(folder: Path, source: str, how: str, what: str) -> Any:
    """Run one candidate of a module; ``what`` is asked of the ``outcome``."""
    return run_inside(folder, {"m.py": source}, RUN.format(how=how, ask=what))


def test_value(tmp_path: Path) -> None:
    source = "def f(x, *, y):\n    return x + y\n"

    assert ask(tmp_path, source, "'f', '1', ('y', '2')", "[outcome.kind, outcome.value]") == ["value", 3]


def test_exception_and_where_it_was_raised(tmp_path: Path) -> None:
    source = "def f(x):\n    check(x)\n\ndef check(x):\n    raise ValueError(\n        'bad'\n    )\n"

    assert ask(tmp_path, source, "'f', '1'", "[outcome.kind, str(outcome.error), *outcome.raised]") == [
        "raises", "bad", "m", "check", 5, True, True,
    ]  # fmt: skip


def test_exception_that_nobody_raised(tmp_path: Path) -> None:
    source = "def f(x):\n    return x.missing\n"

    assert ask(tmp_path, source, "'f', '1'", "list(outcome.raised)") == ["m", "f", 2, False, True]


def test_exception_of_a_library_is_not_the_projects(tmp_path: Path) -> None:
    source = "import json\ndef f(x):\n    return json.loads(x)\n"

    assert ask(tmp_path, source, "'f', '1', callee='f', origin='x'", "outcome.kind") == "raises"
    assert ask(tmp_path / "b", source, "'f', repr('nope')", "[outcome.raised.explicit, outcome.raised.project]") == [
        True, False,
    ]  # fmt: skip


def test_endless_loop_is_stopped(tmp_path: Path) -> None:
    source = "def f():\n    while True:\n        try:\n            1 / 0\n        except Exception:\n            pass\n"

    assert ask(tmp_path, source, "'f'", "outcome.kind") == "timeout"


def test_an_import_by_the_first_call_is_no_hang(tmp_path: Path) -> None:
    heavy = "import time\nuntil = time.process_time() + 0.6\nwhile time.process_time() < until:\n    pass\n"
    source = "def f(x):\n    import heavy\n    while x:\n        pass\n    return 'done'\n"
    script = """
engine = engine_of("m")
first, second = engine.run(candidate("f", "0")), engine.run(candidate("f", "1"))
tell([first.value, second.kind, engine.guard.imported])
"""
    files = {"m.py": source, "heavy.py": heavy}

    assert run_inside(tmp_path, files, script) == ["done", "timeout", 0]
    # What hangs behind its import hangs.
    hangs = 'engine = engine_of("m")\ntell([engine.run(candidate("f", "1")).kind, engine.guard.imported > 0.3])\n'
    assert run_inside(tmp_path / "b", files, hangs) == ["timeout", True]


def test_failure_before_the_act(tmp_path: Path) -> None:
    source = "def f(x):\n    return x\n"

    assert ask(tmp_path, source, "'f', 'y', arrange=('y = 1 / 0',)", "outcome.kind") == "arrange"
    assert ask(tmp_path / "b", source, "'f', '1 +'", "outcome.kind") == "broken"
    assert ask(tmp_path / "c", source, "'f', '1', fixtures=('client',)", "outcome.kind") == "broken"


def test_lazy_results_become_definite(tmp_path: Path) -> None:
    source = """
import contextlib, itertools
async def waits(): return 1
def items(): yield from "ab"
def endless(): return itertools.count()
async def slow():
    yield 1
@contextlib.contextmanager
def entered(): yield "in"
class Pages:
    def __iter__(self): return self
    def __next__(self): raise StopIteration
"""
    script = """
engine = engine_of("m")
outcomes = [engine.run(candidate(name)) for name in ("waits", "items", "endless", "slow", "entered")]
pages = engine.run(candidate("Pages"))
told = [[one.candidate.act.kind, one.value] for one in outcomes]
tell([*told, [pages.candidate.act.kind, type(pages.value).__name__]])
"""

    assert run_inside(tmp_path, {"m.py": source}, script) == [
        ["await", 1],
        ["list", ["a", "b"]],
        ["islice", list(range(12))],
        ["alist", [1]],
        ["with", "in"],
        ["call", "Pages"],
    ]


def test_what_was_printed_logged_and_warned(tmp_path: Path) -> None:
    source = """
import logging, sys, warnings
def f():
    print("out"); print("err", file=sys.stderr)
    logging.getLogger("a").warning("careful %s", 1); logging.getLogger("a").info("unheard")
    warnings.warn("old", DeprecationWarning)
"""
    what = """[list(outcome.printed), [one.getMessage() for one in outcome.logs],
      [[one.category.__name__, one.message] for one in outcome.warned]]"""

    assert ask(tmp_path, source, "'f'", what) == [
        ["out\n", "err\n"],
        ["careful 1"],
        [["DeprecationWarning", "old"]],
    ]


def test_one_run_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    source = """
import os, sys, time
def spoil():
    os.environ["SPOILT"] = "yes"; os.environ.pop("HOME", None)
    os.mkdir("sub"); os.chdir("sub"); sys.stdout.close(); print("x", file=sys.stderr)
    time.sleep = None
def look():
    print("seen")
    return ["SPOILT" in os.environ, "HOME" in os.environ, os.listdir(), time.sleep is None]
"""
    script = """
os.environ["HOME"] = "/"
engine = engine_of("m")
patch = model.Patch("time", "sleep", "print", "setattr")
spoilt = engine.run(candidate("spoil", imports=("import time",), patches=(patch,)))
outcome = engine.run(candidate("look"))
tell([spoilt.strays, outcome.value, list(outcome.printed)])
"""

    assert run_inside(tmp_path, {"m.py": source}, script) == [True, [False, True, [], False], ["seen\n", ""]]


def test_patches_hold_while_it_runs(tmp_path: Path) -> None:
    source = "import os\nLIMIT = 3\ndef f():\n    return [LIMIT, os.environ.get('MODE'), os.getcwd().endswith('tmp')]\n"
    script = """
engine = engine_of("m")
patches = (model.Patch("m", "LIMIT", "7"), model.Patch("os.environ", "MODE", "'fast'", "setenv"),
    model.Patch("", "", "tmp_path", "chdir"))
under = candidate("f", patches=patches, fixtures=("monkeypatch", "tmp_path"))
tell([engine.run(one).value for one in (under, candidate("f"))])
"""

    assert run_inside(tmp_path, {"m.py": source}, script) == [[7, "fast", True], [3, None, False]]


def test_unknown_names_are_qualified(tmp_path: Path) -> None:
    modules = {"p/__init__.py": "", "p/tools.py": "def all(x): return 'ours'\ndef _hidden(): pass\ndef plain(): pass\n"}
    script = """
names = inside("names").names_of(importlib.import_module("p.tools"))
spelled = [names.spell(one) for one in ("all", "_hidden", "plain", "plain.attribute")]
tell([*spelled, *names.imports([*spelled, "math.inf"], ["import math"])])
"""

    assert run_inside(tmp_path, modules, script) == [
        "tools.all", "tools._hidden", "plain", "plain.attribute", "from p import tools", "from p.tools import plain",
    ]  # fmt: skip


def test_module_behind_a_function_of_its_name(tmp_path: Path) -> None:
    modules = {
        "p/__init__.py": "from p.parse import parse\n",
        "p/parse.py": "def parse(): return 1\ndef _own(): return 2\n",
    }
    script = """
engine = engine_of("p.parse")
spelled = [engine.names.spell(one) for one in ("parse", "_own")]
tell([*spelled, *engine.names.imports(spelled), *(engine.run(candidate("f", callee=one)).value for one in spelled)])
"""

    assert run_inside(tmp_path, modules, script) == [
        "parse", "parse_own", "from p.parse import _own as parse_own", "from p.parse import parse", 1, 2,
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.12", "3.13", "3.14"])
def test_a_raise_is_told_from_what_goes_wrong_in_it_on_every_python(tmp_path: Path, version: str) -> None:
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here")
    source = "def f(x):\n    if x:\n        raise ValueError('bad')\n    raise ValueError(int('a'))\n"
    script = """
engine = engine_of("m")
tell([engine.run(candidate("f", code)).raised.explicit for code in ("1", "0")])
"""
    assert run_inside(tmp_path, {"m.py": source}, script, python) == [True, False]


LINES = """
class Line:
    def __init__(self, count):
        if count < 1:
            raise ValueError("count must be positive")
        self.count = count

    @property
    def half(self):
        if self.count % 2:
            raise ValueError("odd")
        return self.count // 2

    def __or__(self, other):
        raise ValueError("never")

def total(line, *more, **options):
    if line.count > 9:
        raise ValueError("too many")
    return line.count
"""


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("'total', 'Line(0)', callee='total'", "arrange"),
        ("'total', 'Line(10)', callee='total'", "raises"),
        ("'total', 'Line(3)', ('more', 'Line(0)'), callee='total'", "arrange"),
        ("'total', 'Line(3)', callee='total'", "value"),
        ("'Line.half', callee='Line(0).half', kind='get'", "arrange"),
        ("'Line.half', callee='Line(1).half', kind='get'", "raises"),
        ("'Line.__or__', callee='Line(1) | Line(0)', kind='expr'", "arrange"),
        ("'Line.__or__', callee='Line(1) | Line(1)', kind='expr'", "raises"),
        ("'Line', '0', callee='Line'", "raises"),
        ("'Line', 'total(Line(10))', callee='Line'", "arrange"),
    ],
)
def test_what_an_argument_raises_while_it_is_made_is_not_the_targets(tmp_path: Path, how: str, kind: str) -> None:
    assert ask(tmp_path, LINES, how, "outcome.kind") == kind
