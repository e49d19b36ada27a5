"""The real Helix with the real server: what a person types there, and what the screen shows."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from editors.install import find_helix, find_tmux, version
from editors.model import KEY, OLLAMA, TOLD, mending
from editors.support import (
    FIXED,
    IMPORTING,
    LOAD,
    MIXED,
    READ,
    SHOWN,
    SIZES,
    SMILE,
    Home,
    blocks,
    here,
    is_shown,
    need_sandbox,
    run_tests,
    runs,
    shows,
    tempting,
    write,
)
from editors.terminal import Terminal

pytestmark = pytest.mark.editor

PAGE = "docs/editors/helix.md"
FOUND = "eval() runs whatever its text says"
CHOSEN = "2;255;255;255"
"""The colour behind what a menu has chosen, in Helix's own theme."""
FIX = "Use ast.literal_eval() (changes behaviour)"

Helix = Callable[..., Terminal]


@pytest.fixture(scope="session")
def hx() -> Path:
    here(find_tmux)
    return here(find_helix)


@pytest.fixture
def helix(hx: Path, home: Home) -> Iterator[Helix]:
    """Opens a file in Helix, set up as our page says; with a Python or an endpoint also its settings, where they name
    it.
    """
    with ExitStack() as stack:

        def opened(file: Path, python: str = "", size: tuple[int, int] = (120, 36), asks: str = "") -> Terminal:
            snippet, settings, model, *_ = blocks(PAGE)
            folder = home.folder / ".config/helix"
            folder.mkdir(parents=True)
            more = settings.replace("/path/to/python", python) if python else ""
            more += model.replace(OLLAMA, asks) if asks else ""
            (folder / "languages.toml").write_text(f"{snippet}\n{more}")
            variables = {**home.variables, "CODING_AGENT_API_KEY": KEY}
            return stack.enter_context(Terminal([hx, file.name], file.parent, variables, size))

        yield opened


def command(terminal: Terminal, text: str) -> None:
    terminal.type(f":{text}")
    terminal.keys("Enter")


def typed(terminal: Terminal, *keys: str, text: str) -> None:
    """Type a text where keys lead to, and go back to where keys are commands."""
    terminal.keys(*keys)
    terminal.wait(" INS ")
    terminal.type(text)
    close(terminal, " INS ")


def close(terminal: Terminal, shown: str) -> None:
    """Press Escape and wait for what that ends: another key right behind it would be read as one with Alt."""
    terminal.keys("Escape")
    terminal.wait_gone(shown)


def save(terminal: Terminal) -> None:
    command(terminal, "write-all")
    terminal.wait("written")


def take(terminal: Terminal, title: str) -> None:
    """Choose an action at the cursor. Which one comes first is decided by the server that answers first."""
    terminal.keys("Space", "a")
    # A long list shows its first ten rows, and a bar beside them.
    terminal.until(lambda: title in terminal.screen() or "▐" in terminal.screen(), f"{title!r} in a list")
    while terminal.background(title) != CHOSEN:
        before = terminal.screen_in_colour()
        terminal.keys("C-n")
        terminal.until(lambda seen=before: terminal.screen_in_colour() != seen, "another action is chosen")
    terminal.keys("Enter")


def fix(terminal: Terminal) -> None:
    """Go to the next finding and take its fix."""
    terminal.keys("]", "d")
    take(terminal, FIX)
    terminal.wait("ast.literal_eval")


def marked(terminal: Terminal) -> list[tuple[str, str]]:
    """What is underlined, and the code before it in its line."""
    return [(run.before.partition("  ")[2].lstrip(" 0123456789"), run.text) for run in terminal.underlined()]


def test_a_finding_is_shown_fixed_and_saved(helix: Helix, project: Path):
    file = write(project, READ)
    terminal = helix(file)
    line = next(line for line in terminal.wait(FOUND).split("\n") if FOUND in line)
    assert line.split() == f'● 7 label, value = "{SMILE}", eval(text) {FOUND}'.split()
    assert marked(terminal) == [(f'label, value = "{SMILE}", ', "eval(text)")]
    fix(terminal)
    save(terminal)
    terminal.wait_gone(FOUND)
    assert file.read_text(encoding="utf-8") == FIXED
    assert marked(terminal) == []
    terminal.wait_gone("●")


def test_hover_shows_our_page(helix: Helix, project: Path):
    terminal = helix(write(project, LOAD))
    terminal.wait(FOUND)
    terminal.type("/load")
    terminal.keys("Enter", "Space", "k")
    shown = terminal.wait("Cognitive complexity 1")
    assert "def load(text)" in shown
    assert "Read a value that somebody wrote." in shown
    assert "2 paths" in shown


def test_tests_of_a_function_come_into_a_buffer(helix: Helix, project: Path, home: Home):
    need_sandbox()
    home.trust(project)
    terminal = helix(write(project, SIZES), sys.executable)
    terminal.wait(FOUND)
    terminal.keys("4", "G")
    take(terminal, "Generate tests for size")
    shown = terminal.wait("def test_size")
    assert "tests/test_sample.py [+]" in shown
    assert "2 tests with 3 cases" in terminal.wait("branches  4 of 4")
    tests = project / "tests/test_sample.py"
    assert tests.read_text() == "", "Helix makes the file; what is in it, a person looks at before it is saved"
    save(terminal)
    ran = run_tests(tests, project)
    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout


def test_findings_come_from_a_restarted_server(helix: Helix, project: Path, home: Home):
    """Not by ``:lsp-restart`` alone: Helix 25.07 keeps what the old server found, whichever server that is."""
    terminal = helix(write(project, READ))
    terminal.wait(FOUND)
    command(terminal, "lsp-stop")
    terminal.wait_gone(FOUND)
    command(terminal, "lsp-restart")
    terminal.wait(FOUND)
    terminal.until(lambda: [runs(pid) for pid in home.servers] == [False, True], "one server instead of the other")
    typed(terminal, "g", "e", "o", text="print(eval(input()))")
    one, other = (f'label, value = "{SMILE}", ', "eval(text)"), ("print(", "eval(input())")
    terminal.until(lambda: marked(terminal) == [one, other], "both findings")
    terminal.wait("● 2 ")
    terminal.keys("g", "g")
    fix(terminal)
    terminal.until(lambda: marked(terminal) == [other], "one finding")


def test_a_server_that_was_killed_comes_back_to_what_was_typed(helix: Helix, project: Path, home: Home):
    file = write(project, READ)
    terminal = helix(file)
    terminal.wait(FOUND)
    home.kill()
    terminal.wait("Language server exited: coding-agent")
    terminal.wait_gone(FOUND)
    typed(terminal, "g", "g", "O", text=f"# {SMILE} meanwhile")
    command(terminal, "lsp-restart")
    terminal.wait(FOUND)
    assert marked(terminal) == [(f'label, value = "{SMILE}", ', "eval(text)")]
    fix(terminal)
    save(terminal)
    assert file.read_text(encoding="utf-8") == f"# {SMILE} meanwhile\n{FIXED}"
    assert [runs(pid) for pid in home.servers] == [False, True]


def test_odd_characters_and_lines_are_the_same_in_editor_and_server(helix: Helix, project: Path):
    file = write(project, MIXED)
    terminal = helix(file)
    terminal.wait(FOUND)
    assert marked(terminal) == [(f'return "{SMILE}", ', "eval(text)")]
    typed(terminal, "]", "d", "i", text=f'"{SMILE}", ')
    typed(terminal, "g", "g", "o", text=f'b = "{SMILE}"')
    terminal.until(lambda: marked(terminal) == [(f'return "{SMILE}", "{SMILE}", ', "eval(text)")], "the finding moved")
    fix(terminal)
    save(terminal)
    edited = MIXED.replace("\r\n", f'\r\nb = "{SMILE}"\r\n', 1)
    wanted = edited.replace("eval(text)", f'"{SMILE}", ast.literal_eval(text)')
    assert file.read_bytes().decode() == f"import ast\r\n\r\n{wanted}"


def test_an_untrusted_workspace_is_asked_about_and_not_run(helix: Helix, project: Path, home: Home):
    def shown(terminal: Terminal) -> int:
        screen = terminal.screen()
        return ("Do not trust" in screen) + (screen.count("json.dumps") > 1)

    left = tempting(project)
    terminal = helix(write(project, IMPORTING))
    terminal.wait(FOUND)
    terminal.type("/dumps")
    terminal.keys("Enter", "Space", "k")
    # Question and hover come in any order, and the one that came last is closed first.
    terminal.until(lambda: shown(terminal) == 2, "the question and what jedi says")
    terminal.keys("Escape")
    terminal.until(lambda: shown(terminal) == 1, "one of them")
    terminal.keys("Escape")
    terminal.until(lambda: shown(terminal) == 0, "none of them")
    assert home.trusts(project) is None
    terminal.keys("4", "G")
    take(terminal, "Generate tests for shown")
    terminal.wait("Generating")
    terminal.keys("Enter")
    terminal.wait("Coding Agent: this folder is not trusted, and generating tests runs its code")
    assert home.trusts(project) is False
    assert not left.exists()
    assert not (project / "tests").exists()


def test_a_broken_interpreter_is_told_with_what_to_do(helix: Helix, project: Path, home: Home):
    terminal = helix(write(project, READ), "/nowhere/python")
    said = "Coding Agent: interpreter /nowhere/python does not exist; in your editor's settings set `interpreter`"
    terminal.wait(said)
    terminal.wait(FOUND)
    log = home.folder / ".cache/helix/helix.log"
    assert f"{said} to a Python, or leave it empty to have one found" in log.read_text()


def test_a_model_mends_and_explains(helix: Helix, project: Path):
    pytest.importorskip("openai")
    file = write(project, SHOWN)
    with mending() as scripted:
        terminal = helix(file, asks=scripted.url)
        terminal.wait(FOUND)
        terminal.keys("]", "d")
        take(terminal, f"Fix with AI: {FOUND}")
        terminal.wait("return int(text)")
        terminal.wait_gone(FOUND)
        terminal.keys("u")
        terminal.wait(FOUND)
        take(terminal, "Explain read with AI")
        shown = terminal.wait(TOLD.removesuffix(" (sample.py:6)."))
    assert "# read (sample.py:4)" in shown
    assert file.read_text() == SHOWN


def test_our_page_shows_the_real_screen(hx: Path, helix: Helix, project: Path):
    is_shown(PAGE, "Helix", version(hx))
    terminal = helix(write(project, SHOWN), size=(80, 12))
    shows(PAGE, terminal.wait(FOUND))


def test_the_readme_has_the_set_up_of_our_page():
    assert blocks(PAGE)[0] in blocks("README.md")
