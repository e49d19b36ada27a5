"""The real VS Code (as code-server) with our extension as users get it, and the real server."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coding_agent.lsp.table import ROWS
from editors.code_server import CodeServer, browser, build_extension, find
from editors.support import (
    FIXED,
    MIXED,
    READ,
    SIZE,
    SMILE,
    Home,
    eventually,
    here,
    need_sandbox,
    run_tests,
    tempting,
    write,
)

pytestmark = pytest.mark.editor


@pytest.fixture(scope="session")
def home_of_all(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("vscode") / "home")


@pytest.fixture(scope="session")
def code(home_of_all: Home) -> Iterator[CodeServer]:
    here(find)
    with CodeServer([here(build_extension)], home_of_all.variables) as server:
        yield server


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, code: CodeServer) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("chromium")) as context:
        yield context


@pytest.fixture
def window(pages: Any, code: CodeServer, home_of_all: Home, request: pytest.FixtureRequest) -> Iterator[Any]:
    from editors.window import PICTURES, Window

    code.set(usual(home_of_all))
    shown = Window(pages.new_page(), PICTURES)
    yield shown
    # What it looked like at the end tells why a test fell.
    shown.shot(f"last-{request.node.name}")
    shown.page.close()


def usual(home: Home, **more: Any) -> dict[str, Any]:
    """The user's settings: the server under test, and Workspace Trust off, so that the server asks by itself."""
    return {
        "codingAgent.command": [str(home.folder / "bin/coding-agent")],
        "codingAgent.interpreter": sys.executable,
        "codingAgent.tests.seconds": 5,
        "security.workspace.trust.enabled": False,
        **more,
    }


def test_a_finding_is_seen_fixed_and_saved(window: Any, code: CodeServer, project: Path):
    file = write(project, READ)
    window.go(code.url(project, file))
    window.sees(".squiggly-warning")
    assert aligned(window, "eval(text)")
    assert "eval-used" in window.problems("eval")
    window.shot("problems")
    window.go_to(7, 31)
    titles = window.fixes()
    assert any("literal_eval" in title for title in titles), titles
    assert any("Allow eval-used" in title for title in titles), titles
    window.shot("quick-fix")
    window.take("literal_eval")
    window.shows("ast.literal_eval(text)")
    window.save()
    assert file.read_text(encoding="utf-8") == FIXED
    window.sees_none(".squiggly-warning")


def test_hover_says_what_ours_alone_knows(window: Any, code: CodeServer, project: Path):
    window.go(code.url(project, write(project, SIZE)))
    window.sees(".codelens-decoration a", "Generate tests")
    page = window.hover(4, 6, "complexity")
    assert "size(count: int" in page
    window.shot("hover")


def test_tests_are_generated_shown_and_taken(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    need_sandbox()
    home_of_all.trust(project)
    file = write(project, SIZE)
    window.go(code.url(project, file))
    assert window.sees(".codelens-decoration a", "complexity").inner_text() == "complexity 2"
    window.sees(".codelens-decoration a", "Generate tests").click()
    window.message("Generate Tests")
    window.message("Take these tests into tests/test_sample.py?")
    window.shot("review")
    assert not (project / "tests").exists()
    assert window.page.locator(".monaco-diff-editor").is_visible()
    window.answer("Take these tests", "Accept")
    tests = project / "tests/test_sample.py"
    eventually("the tests on disk", lambda: tests.is_file() and "def test_size" in tests.read_text())
    window.sees(".tab.active", "test_sample.py")
    window.shot("accepted")
    assert run_tests(tests, project).returncode == 0


def test_tests_can_be_discarded_and_stopped(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    need_sandbox()
    home_of_all.trust(project)
    window.go(code.url(project, write(project, SIZE)))
    window.sees(".codelens-decoration a", "Generate tests")
    window.go_to(5, 5)
    window.command("Coding Agent: Generate Tests")
    window.message("Take these tests")
    window.sees(".editor-actions .action-label[aria-label^='Discard the Generated Tests']").click()
    window.message("test_sample.py")
    window.sees_none(".monaco-diff-editor")
    assert not (project / "tests").exists()


def test_gaps_and_metrics_are_lists_that_lead_there(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    need_sandbox()
    home_of_all.trust(project)
    window.go(code.url(project, write(project, SIZE)))
    window.sees(".codelens-decoration a", "Generate tests")
    window.command("Coding Agent: Show Metrics")
    assert "cognitive complexity 2" in window.picks("size").inner_text()
    window.shot("metrics")
    window.keys("Enter")
    window.sees(".statusbar", "Ln 4, Col 1")
    window.command("Coding Agent: Show Test Gaps")
    window.picks("Generate tests for these")
    window.shot("gaps")
    window.picks("size, line").click()
    window.sees_none(".quick-input-widget", "Show Test Gaps")


def test_all_commands_are_in_the_palette(window: Any, code: CodeServer, project: Path):
    window.go(code.url(project, write(project, SIZE)))
    window.status("Coding Agent")
    listed = window.palette("Coding Agent: ")
    titles = {each.removeprefix("Coding Agent: ") for each in listed}
    assert titles >= {row.title for row in ROWS}
    assert titles >= {"Restart Server", "Show Logs", "Copy Debug Info", "Select Interpreter"}
    assert "Accept the Generated Tests" not in titles
    window.shot("palette")


def test_restarted_and_killed_the_server_comes_back(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    file = write(project, READ)
    window.go(code.url(project, file))
    window.sees(".squiggly-warning")
    before = len(home_of_all.servers)
    window.command("Coding Agent: Restart Server")
    eventually("another server", lambda: len(home_of_all.servers) > before)
    window.sees(".squiggly-warning")
    window.go_to(11)
    window.keys("End")
    window.type("\nmore = eval(input())")
    eventually("findings of what was typed", lambda: window.page.locator(".squiggly-warning").count() == 2)
    home_of_all.kill()
    window.type(" + eval(input())")
    eventually("a server after the kill", lambda: len(home_of_all.servers) > before + 1)
    eventually("findings of all", lambda: window.page.locator(".squiggly-warning").count() == 3)
    window.save()
    assert file.read_text("utf-8") == READ.rstrip("\n") + "\nmore = eval(input()) + eval(input())\n"


def test_what_is_typed_is_what_the_server_has(window: Any, code: CodeServer, project: Path):
    file = write(project, MIXED)
    window.go(code.url(project, file))
    window.sees(".squiggly-warning")
    window.go_to(1, 1)
    window.type("# \N{FACE WITH TEARS OF JOY}\n")
    before, inside = "    return ", '"\N{FACE WITH TEARS OF JOY}" + '
    window.go_to(6, len(before) + 1)
    window.type(inside)
    eventually("the mark at its place", lambda: aligned(window, "eval(text)"))
    window.go_to(6, len((before + inside + f'"{SMILE}", eval(').encode("utf-16-le")) // 2)
    assert any("literal_eval" in title for title in window.fixes())
    window.take("literal_eval")
    window.shows("literal_eval(text)")
    window.save()
    taken = MIXED.replace("return ", f"return {inside}").replace("eval(text)", "ast.literal_eval(text)")
    assert file.read_bytes().decode("utf-8") == "# \N{FACE WITH TEARS OF JOY}\r\nimport ast\r\n" + taken


def aligned(window: Any, text: str) -> bool:
    """Whether what is underlined is a text."""
    marks, box = window.underlined(), window.box_of(text)
    return [each for each in marks if abs(each["x"] - box["x"]) < 2 and abs(each["width"] - box["width"]) < 4] == marks


def test_in_a_restricted_window_nothing_is_run(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    left = tempting(project)
    home_of_all.trust(project)
    code.set(usual(home_of_all, **{"security.workspace.trust.enabled": True, "codingAgent.interpreter": ""}))
    window.go(code.url(project, write(project, READ + SIZE)))
    window.sees(".squiggly-warning")
    window.sees(".statusbar", "Restricted Mode")
    window.status().hover()
    window.hover(6, 6, "read")
    window.command("Coding Agent: Generate Tests")
    window.message("this window is restricted")
    window.shot("restricted")
    assert not left.exists()
    assert not window.page.locator(".codelens-decoration a", has_text="Generate tests").is_visible()
    window.answer("this window is restricted", "Manage Workspace Trust")
    window.sees(".workspace-trust-editor .monaco-button", re.compile("^Trust$")).click()
    window.sees_none(".statusbar", "Restricted Mode")
    window.keys("Control+W")
    window.sees(".codelens-decoration a", "Generate tests")


def test_without_trust_of_ours_the_user_is_asked(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    left = tempting(project)
    code.set(usual(home_of_all, **{"codingAgent.interpreter": ""}))
    window.go(code.url(project, write(project, SIZE)))
    window.sees(".codelens-decoration a", "Generate tests").click()
    window.answer("do you trust", "Do not trust")
    window.message("this folder is not trusted")
    assert not left.exists()
    assert home_of_all.trusts(project) is False


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"codingAgent.command": ["/nowhere/coding-agent"]}, "names /nowhere/coding-agent, which does not exist"),
        ({"codingAgent.interpreter": "/nowhere/python"}, "/nowhere/python"),
    ],
    ids=["server", "interpreter"],
)
def test_a_program_that_is_not_there_is_said(
    window: Any, code: CodeServer, project: Path, home_of_all: Home, settings: dict[str, Any], said: str
):
    code.set(usual(home_of_all, **settings))
    window.go(code.url(project, write(project, READ)))
    window.message(said)
    window.shot(f"broken-{'server' if 'codingAgent.command' in settings else 'interpreter'}")


def test_the_status_item_tells_and_leads_on(window: Any, code: CodeServer, project: Path):
    window.go(code.url(project, write(project, READ)))
    window.sees(".squiggly-warning")
    window.status().hover()
    assert "from the setting codingAgent.command" in window.sees(".monaco-hover:not(.hidden)", "Running ").inner_text()
    window.status().click()
    window.picks("Restart Server")
    window.shot("menu")
    window.picks("Open Settings").click()
    window.sees(".settings-editor .setting-item-label", "Baseline")
    window.shot("settings")


def test_the_walkthrough_and_the_page_of_the_extension(window: Any, code: CodeServer, project: Path):
    window.go(code.url(project, write(project, READ)))
    window.command("Welcome: Open Walkthrough...")
    window.picks("Get started with Coding Agent").click()
    window.sees(".gettingStartedContainer", "Set up the server")
    window.shot("walkthrough")
    window.keys("Control+Shift+X")
    window.sees(".extension-list-item", "Coding Agent for Python").click()
    window.sees(".extension-editor", "Coding Agent for Python")
    window.shot("extension")


def test_dark(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    code.set(usual(home_of_all, **{"workbench.colorTheme": "Default Dark Modern"}))
    window.go(code.url(project, write(project, READ + SIZE)))
    window.sees(".squiggly-warning")
    window.sees(".codelens-decoration a", "Generate tests")
    window.hover(15, 6, "complexity")
    window.shot("dark")
    assert window.page.locator(".monaco-workbench.vs-dark").count() == 1
