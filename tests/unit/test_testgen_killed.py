"""Which mutants the tests that there are kill, and which cannot be told."""

from pathlib import Path
from typing import Any

from support.inside import run_inside

# A busy machine may take its time for what has none.
KILLED = """
inside("existing").LONGEST = 60
result = inside("existing").killed(print, "m", [str(folder / "test_m.py")], str(folder), seconds={seconds})
what = lambda numbers: sorted(result["mutants"][number]["what"] for number in numbers)
dead, tried = set(result["killed"]), set(result["tried"])
tell([what(dead), what(tried - dead), what(set(result["reached"]) - tried)])
"""
FEW = "def f(x):\n    if x < 3:\n        return 'few'\n    return 'many'\n"
BORDER = ["3 becomes 4", "< becomes <="]


def killed(folder: Path, source: str, tests: str, seconds: float = 60) -> Any:
    """What the tests kill, what survives them, and what cannot be told."""
    files = {"m.py": source, "test_m.py": f"import pytest, m\nfrom m import f\n\n{tests}"}
    return run_inside(folder, files, KILLED.format(seconds=seconds))


def test_kills_and_survivors(tmp_path: Path) -> None:
    tests = "@pytest.mark.parametrize('x', [0, 1])\ndef test_few(x):\n    assert f(x) == 'few'\n"
    assert killed(tmp_path, FEW, tests) == [["'few' becomes 'fewXX'", "returns None"], BORDER, []]


def test_what_fails_kills_nothing(tmp_path: Path) -> None:
    tests = "def test_red():\n    assert f(0) == 'lots'\n\ndef test_green():\n    assert f(9) == 'many'\n"
    assert killed(tmp_path, FEW, tests) == [["'many' becomes 'manyXX'", "returns None"], BORDER, []]


def test_what_passes_only_once_leaves_open_what_it_reaches(tmp_path: Path) -> None:
    tests = "import os\nHERE = os.getpid()\n\ndef test_once():\n    assert f(0) == 'few' and os.getpid() == HERE\n"
    assert killed(tmp_path, FEW, tests) == [[], [], ["'few' becomes 'fewXX'", *BORDER, "returns None"]]


def test_mutant_that_hangs_is_killed(tmp_path: Path) -> None:
    source = "def f(x):\n    while x > 0:\n        x -= 1\n    return x\n"
    assert "assignment left out" in killed(tmp_path, source, "def test_f():\n    assert f(2) == 0\n")[0]


def test_fixtures_are_made_for_each_run(tmp_path: Path) -> None:
    source = "seen = []\n\ndef f(x):\n    seen.append(x)\n    return len(seen)\n"
    tests = (
        "@pytest.fixture(scope='module')\ndef empty():\n    m.seen.clear()\n\n"
        "def test_one(empty):\n    assert f(1) == 1\n\ndef test_two(empty):\n    assert f(2) == 1\n"
    )
    assert killed(tmp_path, source, tests) == [["call left out", "returns None"], [], []]


def test_code_that_runs_at_import(tmp_path: Path) -> None:
    source = "LIMIT = 3\nUNUSED = 4\nSIZES = [1, 2]\nFIRST = SIZES[0 + 1]\n\ndef f(x, y=2):\n    return x < LIMIT, y\n"
    dead, alive, unclear = killed(tmp_path, source, "def test_f():\n    assert f(3) == (False, 2)\n")

    # Behind the end of a list nothing can be imported.
    assert dead == ["0 becomes 1", "1 becomes 2", "2 becomes 3", "3 becomes 4", "< becomes <=", "returns None"]
    assert alive == ["+ becomes -", "1 becomes 2", "2 becomes 3", "4 becomes 5"]
    assert unclear == []


def test_without_time_nothing_is_told(tmp_path: Path) -> None:
    dead, alive, unclear = killed(tmp_path, FEW, "def test_f():\n    assert f(0) == 'few'\n", seconds=0)
    assert (dead, alive, len(unclear)) == ([], [], 6)
