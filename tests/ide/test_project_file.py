"""Turning a rule off keeps all else of a project file, whatever way it is spelled; or it is refused."""

import tomllib

import pytest

from coding_agent.errors import Refused
from coding_agent.ide.project_file import turn_off
from coding_agent.text import apply_edits

DONE = [
    ("", '[tool.coding-agent]\nignore = ["r"]\n'),
    ("# ours\n", '# ours\n\n[tool.coding-agent]\nignore = ["r"]\n'),
    ("[project]\nname = 'x'", "[project]\nname = 'x'\n\n[tool.coding-agent]\nignore = [\"r\"]\n"),
    ("[project]\r\nname = 'x'\r\n", "[project]\r\nname = 'x'\r\n\r\n[tool.coding-agent]\r\nignore = [\"r\"]\r\n"),
    ("[tool.coding-agent]", '[tool.coding-agent]\nignore = ["r"]\n'),
    ("[tool.coding-agent]\n", '[tool.coding-agent]\nignore = ["r"]\n'),
    ("[tool.coding-agent]  # ours\nselect = []\n", '[tool.coding-agent]  # ours\nignore = ["r"]\nselect = []\n'),
    ("[tool.coding-agent]\r\n[a]\r\n", '[tool.coding-agent]\r\nignore = ["r"]\r\n[a]\r\n'),
    ("[tool.coding-agent]\nignore = []\n", '[tool.coding-agent]\nignore = ["r"]\n'),
    ("[tool.coding-agent]\nignore=[ ]\n", '[tool.coding-agent]\nignore=["r" ]\n'),
    ("[tool.coding-agent]\nignore = ['a', 'b']\n", "[tool.coding-agent]\nignore = [\"r\", 'a', 'b']\n"),
    ("[tool.coding-agent]\n  ignore = ['a',]  # why\n", "[tool.coding-agent]\n  ignore = [\"r\", 'a',]  # why\n"),
    (
        "[tool.coding-agent]\nignore = [\n    'a',  # one\n    # two\n    'b',\n]\nselect = []\n",
        "[tool.coding-agent]\nignore = [\n    \"r\",\n    'a',  # one\n    # two\n    'b',\n]\nselect = []\n",
    ),
    (
        "[tool.coding-agent]\r\nignore = [ # why\r\n\t'a'\r\n]\r\n",
        "[tool.coding-agent]\r\nignore = [ # why\r\n\t\"r\",\r\n\t'a'\r\n]\r\n",
    ),
    ("[tool.coding-agent]\nignore = [\n]\n", '[tool.coding-agent]\nignore = [\n    "r",\n]\n'),
    ("[tool.coding-agent]\nignore = [\n\n    'a']\n", "[tool.coding-agent]\nignore = [\n\"r\",\n\n    'a']\n"),
    ("[ tool . coding-agent ]\n", '[ tool . coding-agent ]\nignore = ["r"]\n'),
    ("  [tool.\"coding-agent\"]\n'ignore' = ['a']\n", "  [tool.\"coding-agent\"]\n'ignore' = [\"r\", 'a']\n"),
    (
        "[tool.coding-agent.rules.x]\nn = 1\n",
        '[tool.coding-agent.rules.x]\nn = 1\n\n[tool.coding-agent]\nignore = ["r"]\n',
    ),
    (
        "[tool.other]\nignore = ['o']\n[tool.coding-agent]\n[tool.more]\nignore = ['m']\n",
        "[tool.other]\nignore = ['o']\n[tool.coding-agent]\nignore = [\"r\"]\n[tool.more]\nignore = ['m']\n",
    ),
    (
        '[x]\ndoc = """\n[tool.coding-agent.no]\n"""\n[tool.coding-agent]\n',
        '[x]\ndoc = """\n[tool.coding-agent.no]\n"""\n[tool.coding-agent]\nignore = ["r"]\n',
    ),
    ("[tool.coding-agent]\nignore = ['é😀']\n", "[tool.coding-agent]\nignore = [\"r\", 'é😀']\n"),
]

REFUSED = [
    ("[tool", "cannot be read as TOML"),
    ("a = 1\ra = 2", "cannot be read as TOML"),
    ("x = " + "[" * 5000 + "]" * 5000, "cannot be read as TOML"),
    ("tool.coding-agent.ignore = ['a']\n", "by hand"),
    ("tool = {coding-agent = {ignore = []}}\n", "by hand"),
    ("[tool]\ncoding-agent.ignore = ['a']\n", "by hand"),
    ("[tool]\ncoding-agent = {ignore = ['a']}\n", "by hand"),
    ("[tool.coding-agent]\nignore = 'a'\n", "by hand"),
    ("[tool.coding-agent]\nselect = [\n[1],\n]\nignore = ['a']\n", "by hand"),
    ('[x]\ndoc = """\n[tool.coding-agent]\nignore = [\n"""\n[tool.coding-agent]\n', "by hand"),
    ("[tool.coding-agent]\ndoc = '''\nignore = [\n'''\nignore = ['a']\n", "by hand"),
    ("[tool.coding-agent]\nignore = ['r']\n", "already"),
]


@pytest.mark.parametrize(("before", "after"), DONE)
def test_added(before: str, after: str) -> None:
    assert apply_edits(before, (turn_off(before, "r"),)) == after


@pytest.mark.parametrize("before", [before for before, _ in DONE])
def test_nothing_else_changes(before: str) -> None:
    edit = turn_off(before, "r")
    assert edit.span.start == edit.span.stop, "only inserts"
    after = tomllib.loads(apply_edits(before, (edit,)))
    ours = after["tool"]["coding-agent"]
    assert ours["ignore"][0] == "r"
    ours["ignore"].pop(0)
    expected = tomllib.loads(before)
    expected.setdefault("tool", {}).setdefault("coding-agent", {}).setdefault("ignore", [])
    assert after == expected


@pytest.mark.parametrize("before", [before for before, _ in DONE])
def test_one_rule_after_another(before: str) -> None:
    first = apply_edits(before, (turn_off(before, "r"),))
    second = apply_edits(first, (turn_off(first, "s"),))
    assert tomllib.loads(second)["tool"]["coding-agent"]["ignore"][:2] == ["s", "r"]


@pytest.mark.parametrize(("before", "why"), REFUSED)
def test_refused(before: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        turn_off(before, "r")
