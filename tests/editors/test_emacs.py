"""The real Emacs with eglot and the real server: what a person types there, and what comes of it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from editors.install import find_emacs, find_tmux, version
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

PAGE = "docs/editors/emacs.md"
PERSON = Path(__file__).parent / "emacs/person.el"
FOUND = "coding-agent [eval-used]: eval() runs whatever its text says"
FIX = "Use ast.literal_eval() (changes behaviour)"

# Emacs would compile eglot for an hour's use, in a home folder that lives for seconds.
EARLY = "(setq native-comp-deferred-compilation nil native-comp-jit-compilation nil)\n"


class Emacs(Terminal):
    """An Emacs that can also be asked what it holds."""

    def __init__(self, program: Path, file: Path, home: Home, size: tuple[int, int]) -> None:
        variables = {**home.variables, "CODING_AGENT_API_KEY": KEY}
        super().__init__([program, "-nw", "-l", PERSON, file.name], file.parent, variables, size)
        self._home = home

    def command(self, name: str) -> None:
        self.keys("M-x")
        self.type(name)
        self.keys("Enter")

    def ask(self, expression: str) -> Any:
        """Return what an expression of Emacs Lisp gives."""
        socket = self._home.folder / "emacs"
        subprocess.run(
            ["emacsclient", "-s", socket, "-e", f"(person-tell {expression})"],
            env=self._home.variables, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        return json.loads((self._home.folder / "told.json").read_text(encoding="utf-8"))

    def findings(self) -> list[tuple[int, int, str]]:
        """Line and column from 1, in characters, and the text of each finding."""
        return [(line, column, text) for line, column, text, _ in self.ask("(person-findings)")]

    def found(self, *expected: tuple[int, int, str]) -> None:
        """Wait until exactly these are the findings."""
        self.until(lambda: self.findings() == list(expected), f"the findings {expected}")

    def messages(self, text: str) -> None:
        """Open the list of messages, for one below the text is gone soon; wait for a text in it, lines joined."""
        self.keys("C-h", "e")
        self.until(lambda: text in self.screen().replace("\\\n", ""), f"the message {text!r}")

    def connected(self) -> None:
        self.wait("[eglot:")

    def search(self, text: str) -> None:
        """Go to the next place that has a text, to the beginning of its last word."""
        self.keys("C-s")
        self.type(text)
        self.keys("Enter", "M-b")

    def act(self, title: str) -> None:
        """Take an action at point by its title."""
        self.command("eglot-code-actions")
        self.wait("Pick an action")
        self.type(title)
        self.keys("Enter")

    def fix(self) -> None:
        """Go to the next finding and take the action that is proposed first."""
        self.command("flymake-goto-next-error")
        self.until(lambda: self.ask("(person-at-finding-p)") is True, "point on a finding")
        self.command("eglot-code-actions")
        self.wait(f"Pick an action (default {FIX})")
        self.keys("Enter")
        self.until(lambda: "ast.literal_eval" in self.ask("(person-text)"), "the fix")

    def save(self) -> None:
        self.keys("C-x", "C-s")
        self.until(lambda: self.ask("(if (buffer-modified-p (window-buffer)) t :false)") is False, "a saved buffer")


Open = Callable[..., Emacs]


@pytest.fixture(scope="session")
def program() -> Path:
    here(find_tmux)
    return here(find_emacs)


@pytest.fixture
def emacs(program: Path, home: Home) -> Iterator[Open]:
    """Opens a file in Emacs, set up as our page says; with a Python or an endpoint also its settings, where they name
    it.
    """
    with ExitStack() as stack:

        def opened(file: Path, python: str = "", size: tuple[int, int] = (120, 36), asks: str = "") -> Emacs:
            snippet, commands, settings, model, *_ = blocks(PAGE)
            folder = home.folder / ".emacs.d"
            folder.mkdir()
            (folder / "early-init.el").write_text(EARLY)
            more = settings.replace("/path/to/python", python) if python else ""
            more += model.replace(OLLAMA, asks) if asks else ""
            (folder / "init.el").write_text(f"{snippet}\n{commands}\n{more}")
            started = stack.enter_context(Emacs(program, file, home, size))
            started.connected()
            return started

        yield opened


def place(text: str, words: str) -> tuple[int, int, str]:
    """Where words stand in a text, as Emacs counts."""
    lines = text.replace("\r\n", "\n").split("\n")
    return next((row + 1, line.index(words) + 1, words) for row, line in enumerate(lines) if words in line)


def test_a_finding_is_shown_fixed_and_saved(emacs: Open, project: Path):
    file = write(project, READ)
    editor = emacs(file)
    line, column, text = place(READ, "eval(text)")
    editor.found((line, column, text))
    editor.command("flymake-show-buffer-diagnostics")
    shown = editor.wait(FOUND)
    assert [str(line), str(column - 1), "warning"] in [row.split()[:3] for row in shown.split("\n")]
    editor.keys("C-x", "1")
    editor.fix()
    editor.save()
    assert file.read_text(encoding="utf-8") == FIXED
    editor.found()
    editor.wait("Flymake[0 0]")


def test_hover_shows_our_page(emacs: Open, project: Path):
    editor = emacs(write(project, LOAD))
    editor.search("load")
    editor.wait("def load(text)\n")  # Below the text, as long as there is room; the key shows the whole page.
    editor.keys("C-h", ".")
    editor.wait("*eldoc*")
    shown = editor.wait("Cognitive complexity 1")
    assert "def load(text)" in shown
    assert "Read a value that somebody wrote." in shown
    assert "2 paths" in shown


def test_tests_of_a_function_come_to_disk(emacs: Open, project: Path, home: Home):
    need_sandbox()
    home.trust(project)
    editor = emacs(write(project, SIZES), sys.executable)
    editor.search("size")
    editor.act("Generate tests for size")
    tests = project / "tests/test_sample.py"
    editor.until(tests.is_file, "a file of tests")
    editor.messages("tests/test_sample.py: 2 tests with 3 cases")
    editor.keys("C-x", "C-f")
    editor.type("tests/test_sample.py")
    editor.keys("Enter")
    editor.wait("def test_size(")
    assert editor.ask("(person-text)") == tests.read_text(encoding="utf-8")
    ran = run_tests(tests, project)
    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout


def test_findings_come_from_a_restarted_server(emacs: Open, project: Path, home: Home):
    editor = emacs(write(project, READ))
    editor.found(place(READ, "eval(text)"))
    editor.command("eglot-reconnect")
    editor.until(lambda: len(home.servers) == 2 and not runs(home.servers[0]), "another server")
    assert runs(home.servers[1])
    editor.keys("M->")
    editor.type("print(eval(input()))")
    editor.found(place(READ, "eval(text)"), (12, 7, "eval(input())"))


def test_a_server_that_was_killed_comes_back_to_what_was_typed(emacs: Open, project: Path, home: Home):
    file = write(project, READ)
    editor = emacs(file)
    editor.found(place(READ, "eval(text)"))
    editor.until(lambda: editor.ask("(person-reconnects-p)") is True, "eglot would start the server again")
    home.kill()
    editor.type(f"# {SMILE} meanwhile")
    editor.until(lambda: len(home.servers) == 2, "another server")
    editor.until(lambda: editor.ask("(person-text)") == f"# {SMILE} meanwhile{READ}", "what was typed")
    # While eglot waits for the server it takes a key now and then; that is no text.
    editor.connected()
    editor.keys("Enter")
    after = f"# {SMILE} meanwhile\n{READ}"
    editor.until(lambda: editor.ask("(person-text)") == after, "the line that was ended")
    editor.found(place(after, "eval(text)"))
    editor.fix()
    editor.save()
    assert file.read_text(encoding="utf-8") == f"# {SMILE} meanwhile\n{FIXED}"
    assert [runs(pid) for pid in home.servers] == [False, True]


def test_odd_characters_and_lines_are_the_same_in_editor_and_server(emacs: Open, project: Path):
    file = write(project, MIXED)
    editor = emacs(file)
    editor.found(place(MIXED, "eval(text)"))
    editor.search("eval")
    editor.type(f'"{SMILE}", ')
    editor.keys("M-<", "C-e", "Enter")
    editor.type(f'b = "{SMILE}"')
    edited = MIXED.replace("eval(", f'"{SMILE}", eval(').replace("\r\n", f'\r\nb = "{SMILE}"\r\n', 1)
    editor.found(place(edited, "eval(text)"))
    editor.fix()
    editor.save()
    wanted = edited.replace("eval(text)", "ast.literal_eval(text)")
    assert file.read_bytes().decode() == f"import ast\r\n\r\n{wanted}"


def test_an_untrusted_workspace_is_not_run(emacs: Open, project: Path, home: Home):
    """Eglot does not say that it can ask the user, so nobody is asked, and a refusal says what to do."""
    left = tempting(project)
    editor = emacs(write(project, IMPORTING))
    editor.search("json.dumps")
    editor.until(lambda: editor.screen().count("json.dumps") > 1, "what the name means")
    editor.keys("M-<")
    editor.search("shown")
    editor.command("eglot-code-actions")
    editor.wait("Pick an action")
    editor.type("Generate tests for shown")
    editor.keys("Enter")
    editor.messages("this folder is not trusted, and generating tests runs its code")
    editor.messages(f"`coding-agent trust {project}` trusts it")
    assert home.trusts(project) is None
    assert not left.exists()
    assert not (project / "tests").exists()


def test_a_broken_interpreter_is_told_with_what_to_do(emacs: Open, project: Path):
    editor = emacs(write(project, READ), "/nowhere/python")
    editor.found(place(READ, "eval(text)"))
    editor.messages(
        "interpreter /nowhere/python does not exist; in your editor's settings set `interpreter` to a Python"
    )
    editor.messages("or leave it empty to have one found (`coding-agent doctor` shows which)")


def test_commands_are_run_by_name(emacs: Open, project: Path):
    editor = emacs(write(project, SIZES))
    for name, said in (("status", "0 of 1 folders trusted"), ("testGaps", "Coding Agent: this folder is not trusted")):
        editor.command("coding-agent")
        editor.wait("Command: codingAgent.")
        editor.type(name)
        editor.keys("Enter")
        editor.messages(said)


def test_a_model_mends_and_explains(emacs: Open, project: Path):
    pytest.importorskip("openai")
    file = write(project, SHOWN)
    with mending() as scripted:
        editor = emacs(file, asks=scripted.url)
        editor.found(place(SHOWN, "eval(text)"))
        editor.command("flymake-goto-next-error")
        editor.until(lambda: editor.ask("(person-at-finding-p)") is True, "point on a finding")
        editor.act("Fix with AI: eval() runs whatever its text says")
        editor.until(lambda: "return int(text)" in editor.ask("(person-text)"), "the fix")
        editor.found()
        editor.keys("C-/")
        editor.until(lambda: editor.ask("(person-text)") == SHOWN, "the text as it was")
        editor.found(place(SHOWN, "eval(text)"))
        editor.act("Explain read with AI")
        editor.messages("read (sample.py:4) is explained in ")
    said = re.search(r"is explained in (\S+\.md)\.", editor.screen().replace("\\\n", ""))
    assert said is not None
    assert TOLD.removesuffix(" (sample.py:6).") in Path(said[1]).read_text("utf-8")
    assert file.read_text() == SHOWN


def test_our_page_shows_the_real_screen(program: Path, emacs: Open, project: Path):
    is_shown(PAGE, "Emacs", version(program))
    editor = emacs(write(project, SHOWN), size=(100, 20))
    editor.found(place(SHOWN, "eval(text)"))
    editor.command("flymake-show-buffer-diagnostics")
    # The last line is for what Emacs has to say at the moment.
    shows(PAGE, editor.wait(FOUND).rstrip("\n").rpartition("\n")[0])


def test_the_readme_has_the_set_up_of_our_page():
    assert blocks(PAGE)[0] in blocks("README.md")
