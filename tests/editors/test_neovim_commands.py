"""What the real Neovim has of ours beyond the protocol: its command, lenses, review of tests, restart, health."""

import json
import sys
from pathlib import Path

import pytest

from coding_agent.lsp.table import ROWS
from editors.install import find_tmux
from editors.nvim import PLUGIN, play, started
from editors.support import BILL, CHARGE, MIXED, READ, SIZE, SMILE, Home, here, need_sandbox, run_tests, tempting, write
from editors.terminal import Terminal

pytestmark = pytest.mark.editor

WORDS = [row.word for row in ROWS]
BRANCHES = '''"""Someone's module."""


def easy(count: int) -> int:
    return 1 if count else 0


def hard(count: int, label: str) -> int:
    for each in label:
        if each == "a":
            if count:
                return 1
    return 0
'''
QUICK = json.dumps({"interpreter": sys.executable, "tests": {"seconds": 5}})


@pytest.fixture
def runnable(project: Path, home: Home) -> Path:
    """A trusted project with a function."""
    need_sandbox()
    home.trust(project)
    return write(project, SIZE)


def test_the_command_is_completed_listed_and_shows_lists_and_sentences(nvim: Path, project: Path):
    saw = play(nvim, "commands", write(project, BRANCHES))
    assert saw["complete"] == [*WORDS, "report", "stop", "restart"]
    assert saw["filtered"] == ["status", "stop"]
    assert saw["behind"] == []
    assert [(each["lnum"], each["text"].split(":")[0]) for each in saw["metrics"]["items"]] == [
        (9, "hard"),
        (5, "easy"),
    ]
    assert saw["metrics"]["title"] == "Show Metrics"
    assert saw["jumped"].startswith("def hard")
    assert saw["asked"] == ["Coding Agent: "]
    assert saw["status"].startswith("Coding Agent 0.")
    assert "1 file" in saw["scanned"]
    assert saw["nothing"] == "Coding Agent: nothing runs"
    assert all(word in saw["unknown"] for word in WORDS)
    assert saw["elsewhere"] == (
        "Coding Agent: not attached to this buffer: it is no Python file; see :checkhealth coding_agent"
    )


GAPPED = f'''{SIZE}

def other(count: int, label: str) -> int:
    return 1 if label == "{SMILE}" and count else 0
'''


def test_tests_are_shown_accepted_and_the_gaps_listed(nvim: Path, runnable: Path, project: Path):
    runnable.write_text(GAPPED, "utf-8")
    given = {"AT": "def size", "TOLD": "test_sample.py", "SETTINGS": QUICK}
    saw = play(nvim, "generate", runnable, KEYS="a", GAPS="sample.py", **given)
    written = GAPPED.replace("\n", "  # typed\n", 1)
    assert saw["saved"] == runnable.read_text("utf-8") == written
    (shown,) = saw["shown"]
    tests = project / "tests/test_sample.py"
    assert shown["title"].startswith("tests/test_sample.py (new), ")
    assert shown["title"].endswith("green in three isolated runs: a accepts, d discards")
    assert shown["text"] == tests.read_text("utf-8")
    assert saw["name"] == str(tests)
    assert saw["tabs"] == 1
    assert any(each.startswith("  0%: Generating tests for sample.py") for each in saw["status"])
    assert saw["told"].startswith("Coding Agent: tests/test_sample.py: ")
    assert saw["asked"] == []
    assert saw["gaps"]["title"].startswith("Show Test Gaps: sample.py: 1 of 2 functions")
    places = {each["text"]: (each["lnum"], each["col"]) for each in saw["gaps"]["items"]}
    line = written.splitlines()[10].encode()
    assert places["other: called"] == (10, 0)
    assert places["other: true: count"] == (11, line.index(b"count else") + 1)
    assert "plan      about " in saw["report"]
    ran = run_tests(tests, project)
    assert ran.returncode == 0, ran.stdout


def test_tests_come_into_a_file_that_there_is_beside_what_it_was(nvim: Path, runnable: Path, project: Path):
    tests = project / "tests/test_sample.py"
    tests.parent.mkdir()
    there = 'from sample import size\n\n\ndef test_nothing():\n    assert size(0, "a 100 %") == "a 100 %"\n'
    tests.write_text(there, "utf-8")
    saw = play(nvim, "generate", runnable, AT="def size", KEYS="a", TOLD="test_sample.py", SETTINGS=QUICK)
    before, after = saw["shown"]
    assert (before["title"], before["text"], before["diff"]) == ("tests/test_sample.py", there, True)
    assert after["diff"]
    # Neovim 0.11 adds an empty line where an edit ends behind the last one.
    assert saw["text"].rstrip("\n") == after["text"].rstrip("\n")
    assert 'assert size(0, "a 100 %")' in after["text"]
    assert tests.read_text("utf-8") == there


@pytest.mark.parametrize("keys", ["d", ":tabclose<CR>", ":close<CR>"])
def test_tests_that_are_not_wanted_leave_the_project_as_it_is(nvim: Path, runnable: Path, project: Path, keys: str):
    saw = play(nvim, "generate", runnable, AT="def size", KEYS=keys, TOLD="not taken", SETTINGS=QUICK)
    assert saw["told"].startswith("Coding Agent: not taken")
    left = Path(saw["report"].splitlines()[-1].removeprefix("not taken; the tests are in "))
    assert left.read_text("utf-8") == saw["shown"][-1]["text"]
    assert not (project / "tests").exists()
    assert saw["name"] == str(runnable)
    assert saw["tabs"] == 1


def test_nothing_waits_for_enter_or_takes_keys_from_who_types_on_a_screen_of_80_columns(
    nvim: Path, runnable: Path, home: Home
):
    here(find_tmux)
    runnable.write_text(f"{SIZE}\n\ndef read(text):\n    return eval(text)\n", "utf-8")
    command, variables = started(nvim, runnable, home, SETTINGS=QUICK)
    command.remove("--headless")
    with Terminal(command, runnable.parent, variables, size=(80, 24)) as screen:
        screen.wait("eval() runs")
        screen.type("4G:CodingAgent tests")
        screen.keys("Enter")
        screen.type(":new")
        screen.keys("Enter", "i")
        screen.type("# typed")
        made = home.folder / ".cache/coding-agent/tests"
        screen.until(lambda: [*made.glob("*/test_sample.py")], "generated tests")
        # Whoever types keeps typing.
        screen.type(" add")
        screen.wait("# typed add")
        screen.keys("Escape")
        screen.wait("a accepts, d discards")
        screen.keys("a")
        shown = screen.wait("(:CodingAgent report)")
    assert "Press ENTER" not in shown
    assert "from sample import size" in shown


def test_a_range_says_what_is_tested(nvim: Path, runnable: Path, project: Path):
    runnable.write_text(f"{SIZE}\n\ndef other(count: int) -> int:\n    return count + 1\n", "utf-8")
    saw = play(
        nvim,
        "generate",
        runnable,
        AT="def size",
        RANGE="/def other/,$",
        KEYS="a",
        TOLD="test_sample.py",
        SETTINGS=QUICK,
    )
    text = (project / "tests/test_sample.py").read_text("utf-8")
    assert "def test_other" in text
    assert "size" not in text
    assert saw["asked"] == []


def test_work_that_is_stopped_ends_and_says_so(nvim: Path, runnable: Path):
    runnable.write_text("\n\n".join(SIZE.replace("def size", f"def size_{n}") for n in range(60)), "utf-8")
    settings = json.dumps({"interpreter": sys.executable, "tests": {"seconds": 120}})
    saw = play(nvim, "stop", runnable, SETTINGS=settings)
    assert saw["ended"] == "stopped"
    assert saw["told"].startswith("Coding Agent: stopping")


def test_nothing_of_a_project_runs_that_is_not_trusted(nvim: Path, project: Path, home: Home):
    left = tempting(project)
    saw = play(nvim, "generate", write(project, SIZE), AT="def size", TOLD="Generate Tests: ")
    assert str(project) in saw["asked"][-1]
    assert "trust" in saw["told"]
    assert not left.exists()
    assert not (project / "tests").exists()
    assert home.trusts(project) is None


def test_lenses_are_drawn_and_tell_more(nvim: Path, project: Path):
    saw = play(nvim, "lens", write(project, BRANCHES), AT="def hard")
    assert {each["line"]: each["text"].strip() for each in saw["lenses"]} == {
        3: "complexity 1 | Generate tests",
        7: "complexity 6 | Generate tests",
    }
    assert saw["told"].startswith("Coding Agent: hard: cognitive complexity 6")


def test_questions_about_the_code_are_answered_with_lists_and_a_page(nvim: Path, project: Path):
    saw = play(nvim, "ask", write(project, f"{CHARGE}\n\n{BILL}"), AT="def charge_card")
    assert saw["search"]["title"] == "Search the Code: money from a card"
    first = saw["search"]["items"][0]
    assert (first["lnum"], first["text"]) == (1, "charge_card: Take money from a card.")
    assert saw["opened"].endswith("sample.py")
    assert saw["similar"]["title"] == "Show Similar Code: charge_card"
    (alike,) = saw["similar"]["items"]
    assert alike["lnum"] == 11
    assert alike["text"].startswith("bill: ")
    assert "% alike, " in alike["text"]
    assert saw["nothing"].startswith("Coding Agent: Nothing answers 'kind:class xyzzy'")
    assert saw["page"][0] == "# charge_card (sample.py:1)"
    assert "Take money from a card." in saw["page"]
    assert saw["back"] == "python"


TYPED = (
    f"import ast  # {SMILE}\r\n" + MIXED.replace(", eval(text)", f', "{SMILE}", ast.literal_eval(text)') +
    f'last = "{SMILE}"\r\n'
)  # fmt: skip


def test_what_is_typed_is_what_the_server_reads(nvim: Path, project: Path):
    saw = play(nvim, "typed", write(project, MIXED), SMILE=SMILE)
    assert saw["saved"] == TYPED
    assert not saw["anew"]
    assert saw["servers"] == 1


def test_a_server_that_is_killed_comes_back_and_the_text_is_intact(nvim: Path, project: Path):
    saw = play(nvim, "typed", write(project, MIXED), SMILE=SMILE, LOSE="2")
    assert saw["saved"] == "kept = 1\r\n" * 2 + TYPED
    assert saw["anew"]
    assert saw["servers"] == 3


def test_a_server_that_dies_again_and_again_is_left_alone_until_it_is_wanted(nvim: Path, project: Path):
    saw = play(nvim, "typed", write(project, MIXED), SMILE=SMILE, LOSE="5", WANTS="left alone")
    assert ":CodingAgent restart" in saw["gone"]
    assert saw["clients"] == 0
    assert saw["saved"] == "kept = 2\r\n" + "kept = 1\r\n" * 5 + TYPED
    assert saw["servers"] == 6


@pytest.mark.parametrize("command", ["CodingAgent restart", "lsp restart coding_agent"])
def test_the_server_is_restarted_with_the_text_as_it_is(nvim: Path, project: Path, command: str):
    saw = play(nvim, "restart", write(project, READ), COMMAND=command)
    if "missing" in saw:
        pytest.skip(f"this Neovim has no :{saw['missing']}")
    assert saw["text"] == f"# typed and not saved\n{READ}# typed afterwards\n"
    assert len(set(saw["servers"])) == 2
    assert [each for each in saw["told"] if "quit" in each] == []


def test_an_interpreter_that_cannot_be_run_is_told_with_what_to_do(nvim: Path, project: Path):
    settings = json.dumps({"interpreter": "/nowhere/bin/python"})
    saw = play(nvim, "told", write(project, READ), SETTINGS=settings, TOLD="/nowhere/bin/python")
    assert "in your editor's settings set `interpreter` to a Python" in saw["told"]


def test_the_health_page_tells_what_is_there(nvim: Path, project: Path):
    page = play(nvim, "health", write(project, READ), SERVERS="ruff")["page"]
    for line in ("0.1.0 at ", f"0.1.0 serves {project}", "sample.py", "ruff runs", "coding-agent: 0.1.0", "sandbox"):
        assert line in page
    assert "ERROR" not in page


def test_the_health_page_says_what_to_do(nvim: Path, project: Path):
    (project / "pyproject.toml").write_text("[tool.coding-agent]\nno-such-option = 1\n")
    page = play(nvim, "health", write(project, READ))["page"]
    assert "WARNING settings: " in page
    assert "no-such-option" in page
    assert "coding-agent settings --origin" in page


def test_the_health_page_finds_that_the_program_is_missing(nvim: Path, project: Path):
    setup = "vim.lsp.config('coding_agent', { cmd = { 'no-such-agent', 'serve' } })\n"
    page = play(nvim, "health", write(project, READ), SERVERS="nobody", BEFORE=setup)["page"]
    assert "ERROR no-such-agent is no program on PATH" in page
    assert "uv tool install" in page
    assert "not attached to " in page


def test_every_file_loads_and_nothing_is_loaded_before_it_is_needed(nvim: Path, project: Path):
    saw = play(nvim, "load", write(project, READ))
    ours = {path.name for part in ("lsp", "plugin", "lua/coding_agent") for path in (PLUGIN / part).glob("*.lua")}
    assert set(saw["files"]) == ours
    assert saw["loaded"] == ["coding_agent.table"]
    assert saw["globals"] == []
