"""The real Neovim with the real server: what a person sees and does there."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from editors.nvim import PLUGIN, play
from editors.support import READ, SEND, SIZE, SMILE, Home, need_sandbox, run_tests, tempting, write

pytestmark = pytest.mark.editor

GUARDED = '''"""Someone's module."""


def send(mail, server):
    """Send a mail."""
    if not mail:  # nothing to do otherwise
        return
    # Connect first.
    server.connect()
    server.send(mail)
'''


def ours(shown: dict) -> list[tuple[str, int, str]]:
    """The findings of our server in what was shown: rule, line from 0, the text they stand at."""
    return [
        (each["code"], each["line"], each["text"]) for each in shown["findings"] if each["source"] == "coding-agent"
    ]


def test_a_finding_is_shown_once_and_its_fix_saved_and_undone(nvim: Path, project: Path):
    file = write(project, READ)
    saw = play(nvim, "fix", file, CODE="eval-used", TITLE="literal_eval")
    found = [("eval-used", 6, "eval(text)")]
    column = READ.splitlines()[6].encode().index(b"eval(")
    assert ours(saw["before"]) == found
    assert saw["before"]["underlined"] == [{"line": 6, "column": column, "text": "eval(text)"}]
    assert saw["fixed"] == saw["saved"] == READ.replace("eval(text)", "ast.literal_eval(text)")
    assert saw["after"] == {"findings": [], "underlined": []}
    assert saw["undone"] == READ
    assert ours(saw["again"]) == found
    assert len(saw["again"]["underlined"]) == 1
    assert saw["asked"] == []


def test_a_finding_is_allowed_from_the_editor(nvim: Path, project: Path):
    saw = play(nvim, "fix", write(project, READ), CODE="eval-used", TITLE="allow")
    assert "eval(text)  # coding-agent: allow eval-used\n" in saw["saved"]
    assert saw["after"]["findings"] == []
    assert saw["undone"] == READ


def test_a_refactoring_is_applied_saved_and_undone_in_one_step(nvim: Path, project: Path):
    saw = play(nvim, "refactor", write(project, SEND), AT="if mail", TITLE="guard clause")
    assert saw["text"] == saw["saved"] == GUARDED
    assert saw["undone"] == SEND


def test_an_expression_is_extracted_from_a_selection(nvim: Path, project: Path):
    text = f'def area(width, label="{SMILE}"):\n    print("{SMILE}", width * width)\n    return label\n'
    saw = play(nvim, "refactor", write(project, text), OVER="width * width", TITLE="extract variable")
    head, *rest = saw["saved"].splitlines()[1:]
    name = head.split("=")[0].strip()
    assert head == f"    {name} = width * width"
    assert rest == [f'    print("{SMILE}", {name})', "    return label"]
    assert saw["undone"] == text


def test_hover_says_what_the_function_does_and_the_server_stops_cleanly(nvim: Path, project: Path):
    saw = play(nvim, "hover", write(project, SEND), AT="send")
    assert "send(mail, server)" in saw["window"]
    assert "complexity" in saw["window"]
    assert saw["stopped"]


def test_a_rule_turned_off_is_silent_once_the_project_file_is_saved(nvim: Path, project: Path):
    file = write(project, READ)
    saw = play(nvim, "turn_off", file, CODE="eval-used", TITLE="Turn eval-used off")
    assert ours(saw["before"]) == [("eval-used", 6, "eval(text)")]
    assert saw["after"] == {"findings": [], "underlined": []}
    assert 'ignore = ["eval-used"]' in (project / "pyproject.toml").read_text()
    assert file.read_text() == READ
    assert saw["asked"] == []


def test_settings_come_from_neovim_and_count_at_once(nvim: Path, project: Path):
    settings = json.dumps({"rules": {"eval-used": {"severity": "error"}}})
    saw = play(nvim, "settings", write(project, READ), CODE="eval-used", SETTINGS=settings)
    assert ours(saw["before"]) == ours(saw["after"]) == [("eval-used", 6, "eval(text)")]


def test_a_workspaces_interpreter_is_asked_about_and_not_run(nvim: Path, project: Path):
    left = tempting(project)
    saw = play(nvim, "hover", write(project, "import json\n\nprint(json.dumps([]))\n"), AT="dumps", ASKED="1")
    assert "dumps(" in saw["window"]
    assert len(saw["asked"]) == 1
    assert str(project) in saw["asked"][0]
    assert not left.exists()


def test_tests_of_a_function_come_into_a_buffer(nvim: Path, project: Path, home: Home):
    need_sandbox()
    file = write(project, SIZE)
    home.trust(project)
    settings = json.dumps({"interpreter": sys.executable, "tests": {"seconds": 5}})
    saw = play(nvim, "tests", file, AT="def size", TITLE="Generate tests for size", SETTINGS=settings)
    tests = project / "tests/test_sample.py"
    assert saw["name"] == str(tests)
    assert saw["text"] == saw["saved"] == tests.read_text(encoding="utf-8")
    assert saw["text"].split("\n")[saw["row"] - 1].startswith("def test_size")
    assert saw["asked"] == []
    ran = run_tests(tests, project)
    assert ran.returncode == 0, ran.stdout


def test_the_help_page_opens_at_its_tags(nvim: Path, project: Path):
    pages = project / "plugin/doc"
    pages.parent.mkdir()
    shutil.copytree(PLUGIN / "doc", pages)
    saw = play(nvim, "help", write(project, READ), PAGES=str(pages), TAG="coding_agent-trust")
    assert saw["line"].endswith("*coding_agent-trust*")


MANY = f'''"""Many things that somebody could find."""

import hashlib
import os
import random
import subprocess
import tempfile


def collect(item: int, into: list[int] = []) -> list[int]:
    into.append(item)
    return into


def read(text: str, label: str = "{SMILE}") -> object:
    value: object = eval(text)
    if value == None:
        subprocess.call(text, shell=True)
    try:
        return label, value
    except:
        pass
    assert (value, "never fails")


def secrets(password: str) -> tuple[str, str, str]:
    session_token = str(random.getrandbits(64))
    return session_token, tempfile.mktemp(), hashlib.md5(password.encode()).hexdigest()


def grid() -> list[list[int]]:
    rows = [[0] * 3] * 3
    rows[0][1] = 1
    return rows
'''
WAIT_FOR = {"coding_agent": "repeated-mutable", "ruff": "F401", "basedpyright": "reportUnusedImport"}
TWINS = {"eval-used", "random-secret", "weak-hash"}


@pytest.mark.parametrize("select", [None, ["E", "F", "B", "S", "SIM", "PL", "C90"]], ids=["defaults", "much selected"])
def test_no_finding_is_shown_twice_beside_ruff_and_basedpyright(nvim: Path, project: Path, select: list[str] | None):
    if select:
        with (project / "pyproject.toml").open("a") as file:
            file.write(f"[tool.ruff.lint]\nselect = {json.dumps(select)}\n")
    file, servers = write(project, MANY), "ruff basedpyright"
    shown = play(nvim, "neighbours", file, SERVERS=servers, WAIT_FOR=json.dumps(WAIT_FOR))
    assert {each["source"] for each in shown["findings"]} == {"coding-agent", "Ruff", "basedpyright"}
    assert {code for code, _, _ in ours(shown)} == {"repeated-mutable", *(() if select else TWINS)}
    assert twice(shown["findings"]) == []
    assert len(ours(shown)) == len(set(ours(shown)))


DECIDED = f'''"""What others see at the same place, typed so that nothing else is said about it."""

import asyncio
import json
import os
import threading

import yaml


class Sender(threading.Thread):
    def __init__(self) -> None:
        self.sent: int = len("{SMILE}")


def read(text: str) -> object:
    text.strip()
    return yaml.load(text)


def show(path: str) -> int:
    return os.system("less " + path)


async def begin() -> None:
    asyncio.create_task(asyncio.sleep(1))
'''

OVERLAPS = {
    # Theirs speaks of every call whose result is not used, ours only of those where that is a fault.
    ("result-ignored", "reportUnusedCallResult"),
    # Theirs speaks of every __init__, ours only where the base is known to need its own.
    ("base-init-not-called", "reportMissingSuperCall"),
    # Theirs says that the call fails (since PyYAML 6), ours that the document's code runs (before it).
    ("yaml-unsafe-load", "reportCallIssue"),
}


def test_what_overlaps_is_what_was_decided(nvim: Path, project: Path):
    file, servers = write(project, DECIDED), "ruff basedpyright"
    wanted = {"coding_agent": "yaml-unsafe-load", "ruff": "F401", "basedpyright": "reportCallIssue"}
    shown = play(nvim, "neighbours", file, SERVERS=servers, WAIT_FOR=json.dumps(wanted))
    assert {code for code, _, _ in ours(shown)} >= {"shell-injection", "yaml-unsafe-load", "base-init-not-called"}
    # That a type is unknown is said of the stubs that are missing here, not of the fault.
    found = {(mine, other) for _, mine, other in twice(shown["findings"]) if not other.startswith("reportUnknown")}
    assert found == OVERLAPS


def twice(findings: list[dict]) -> list[tuple[str, str, str]]:
    """Ours that stand where another server's finding stands: the text, our code, the other's."""
    return [
        (mine["text"], mine["code"], other["code"])
        for mine in findings
        for other in findings
        if mine["source"] == "coding-agent" != other["source"] and same_place(mine, other)
    ]


def same_place(one: dict, other: dict) -> bool:
    """Whether two findings overlap on one line; a whole function or block that holds the other is another matter."""
    if one["line"] != other["line"] or one["last"] != other["last"]:
        return False
    first, second = sorted([one, other], key=lambda each: each["column"])
    return second["column"] < first["column"] + max(1, len(first["text"].encode()))
