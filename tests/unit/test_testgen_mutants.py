"""Which mutants there are, and which candidates kill them."""

import ast
from pathlib import Path
from typing import Any

import pytest

from coding_agent.testgen.inside.mutate import Mutants
from support.inside import run_inside

KILLS = """
observer = inside("observe").Observer(engine_of("m"))
found = [observer.checked(candidate(target, *codes)) for target, *codes in {calls!r}]
given = [model.to_json(one) for one in found]
work = os.fork()
if work == 0:
    del sys.modules["m"]
    kills = inside("kills")
    result = kills.kills(lambda said: None, "m", [], given, 60{more})
    said = [sorted(result["mutants"][number]["what"] for number in one) for one in result["kills"]]
    tell([said, sorted(one["what"] for one in kills.survivors(result))])
    os._exit(0)
os.waitpid(work, 0)
"""


def kills(folder: Path, source: str, *calls: tuple[str, ...], more: str = "") -> Any:
    """What each call kills, and what survives among what was tried."""
    return run_inside(folder, {"m.py": source}, KILLS.format(calls=calls, more=more))


def table(source: str) -> list[str]:
    mutants = Mutants()
    mutants.make(source.encode(), "m.py")
    return [one.what for one in mutants.table]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b <= c", ["< becomes <=", "<= becomes <"]),
        ("a + b", ["+ becomes -"]),
        ("'%s' % b", ["'%s' becomes '%sXX'"]),
        ("a += 2", ["2 becomes 3", "+ becomes -", "assignment left out"]),
        ("a and b", ["and becomes or"]),
        ("not a", ["not left out"]),
        ("-a", ["minus left out"]),
        ("a = True", ["True becomes False"]),
        ("a.b = c", ["assignment left out"]),
        ("a = c", []),
        ("a()", ["call left out"]),
        ("del a", ["del left out"]),
        ("if a: pass", ["condition negated"]),
        ("def f(): 'doc'; return a", ["returns None"]),
        ("def f(): return None", []),
        ("while a:\n break", ["break becomes continue", "condition negated"]),
        ("def f(x: 'int' = 1) -> 'str': pass", ["1 becomes 2"]),
        ("@a(1)\ndef f(): pass", []),
        ("__version__ = '1'", []),
        ("import a\nfrom b import c", []),
        ("if TYPE_CHECKING:\n a = 1", []),
        ("if __name__ == '__main__':\n a = 1", []),
        ("f'a{b + 1}'", ["1 becomes 2", "+ becomes -"]),
    ],
)
def test_mutants_of(source: str, expected: list[str]) -> None:
    assert sorted(table(source)) == sorted(expected)


def test_numbers_do_not_depend_on_what_is_wanted() -> None:
    source = b"def f(a):\n    return a + 1 if a < 2 else -a\n"
    everything, one = Mutants(), Mutants(lambda number, _: number == 3)
    everything.make(source, "m.py")
    one.make(source, "m.py")

    assert one.table == everything.table


def test_switch_does_not_move_lines() -> None:
    source = "def f(a):\n    if a:\n        a.b = 1\n        return a\n    raise ValueError\n"
    lines = {line for _, _, line in Mutants().make(source.encode(), "m.py").co_consts[0].co_lines() if line}

    assert lines == {node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)}


def test_kills_and_survivors(tmp_path: Path) -> None:
    source = "def f(x):\n    if x < 3:\n        return 'few'\n    return 'many'\n"

    assert kills(tmp_path, source, ("f", "0"), ("f", "9")) == [
        [["'few' becomes 'fewXX'", "returns None"], ["'many' becomes 'manyXX'", "returns None"]],
        ["3 becomes 4", "< becomes <="],
    ]


def test_border_kills_the_rest(tmp_path: Path) -> None:
    source = "def f(x):\n    if x < 3:\n        return 'few'\n    return 'many'\n"

    assert kills(tmp_path, source, ("f", "0"), ("f", "3"))[1] == []


def test_mutant_that_hangs_is_killed(tmp_path: Path) -> None:
    source = "def f(x):\n    while x > 0:\n        x -= 1\n    return x\n"

    assert "assignment left out" in kills(tmp_path, source, ("f", "2"))[0][0]


def test_mutant_that_ends_the_process_is_killed(tmp_path: Path) -> None:
    source = "import os\ndef f(x):\n    if x != 1:\n        os._exit(1)\n    return x + 5\n"

    assert kills(tmp_path, source, ("f", "1"))[0] == [
        ["!= becomes ==", "+ becomes -", "1 becomes 2", "5 becomes 6", "returns None"],
    ]


def test_mutant_that_spoils_the_process_does_not_kill_the_next(tmp_path: Path) -> None:
    source = """
seen = []
def f(x):
    seen.append(x)
    result = len(seen)
    seen.clear()
    return result

def g(x):
    return x if len(seen) == 0 and x < 9 else None
"""
    told = kills(tmp_path, source, ("f", "1"), ("g", "1"))

    # Were g judged while ``seen`` is as the mutant without ``clear`` left it, it would kill what it does not.
    assert told[1] == ["9 becomes 10", "< becomes <=", "and becomes or", "call left out"]


def test_remembered_results_do_not_hide_mutants(tmp_path: Path) -> None:
    source = "import functools\n@functools.lru_cache\ndef f(x):\n    return x + 1\n"

    assert kills(tmp_path, source, ("f", "2")) == [[["+ becomes -", "1 becomes 2", "returns None"]], []]


def test_code_that_runs_at_import(tmp_path: Path) -> None:
    source = "LIMIT = 3\ndef f(x, y=2): return x < LIMIT, y\nclass A:\n    size = 4\n"

    killed, survivors = kills(tmp_path, source, ("f", "3"), ("f", "1"))

    assert sorted(killed[0] + killed[1]) == ["2 becomes 3", "3 becomes 4", "< becomes <=", "returns None"]
    assert survivors == ["4 becomes 5"]


def test_async_and_generators(tmp_path: Path) -> None:
    source = "async def f(x):\n    return x + 1\ndef g(n):\n    for i in range(n):\n        yield i * 2\n"

    assert kills(tmp_path, source, ("f", "1"), ("g", "3"))[1] == []


def test_what_waits_kills_only_what_it_tells_apart(tmp_path: Path) -> None:
    source = "import time\ndef f(x):\n    unused = x + 1\n    time.sleep(x / 20)\n    return x * 2\n"

    assert kills(tmp_path, source, ("f", "4"))[0] == [["* becomes //", "/ becomes *", "2 becomes 3", "returns None"]]


def test_what_fails_now_and_then_kills_nothing(tmp_path: Path) -> None:
    # It holds in the process that imports the module, and in no other.
    source = "import os\nHERE = os.getpid()\ndef f(x):\n    return x + 5 if os.getpid() in (HERE, None) else HERE\n"

    assert kills(tmp_path, source, ("f", "1"))[0] == [[]]


def test_all_killers_are_counted_where_that_is_wanted(tmp_path: Path) -> None:
    source = "def double(x):\n    return x * 2\n"
    calls = ("double", "1"), ("double", "3")

    first = kills(tmp_path / "first", source, *calls)[0]
    every = kills(tmp_path / "every", source, *calls, more=", only=[0, 1, 2]")[0]

    assert first == [["* becomes //", "2 becomes 3", "returns None"], []]
    assert every == [["* becomes //", "2 becomes 3", "returns None"]] * 2


def test_import_that_fails_is_nobody_s_kill(tmp_path: Path) -> None:
    source = "SIZES = [1, 2]\nFIRST = SIZES[1]\ndef f(x):\n    return x\n"

    killed, survivors = kills(tmp_path, source, ("f", "3"))

    assert killed == [["returns None"]]
    assert survivors == ["1 becomes 2", "2 becomes 3"]
