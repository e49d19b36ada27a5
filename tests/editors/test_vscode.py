"""The real VS Code (as code-server) with our extension as users get it, and the real server."""

from pathlib import Path
from typing import Any

import pytest

from coding_agent.lsp.table import ROWS
from editors.code_server import CodeServer, usual
from editors.support import (
    FIXED,
    MIXED,
    READ,
    SIZE,
    SMILE,
    Home,
    eventually,
    write,
)

pytestmark = pytest.mark.editor


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


def test_hover_says_what_ours_alone_knows(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    window.go(code.url(project, write(project, READ + SIZE)))
    window.sees(".codelens-decoration a", "Generate tests")
    window.sees(".squiggly-warning")
    for theme, its in (("Light", ".vs"), ("Dark", ".vs-dark")):
        code.set(usual(home_of_all, **{"workbench.colorTheme": f"Default {theme} Modern"}))
        window.sees(f".monaco-workbench{its}")
        page = window.hover(15, 6, "complexity")
        assert "size(count: int" in page
        window.shot(f"hover-{theme.lower()}")


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
    assert file.read_bytes().decode("utf-8") == "# \N{FACE WITH TEARS OF JOY}\r\nimport ast\r\n\r\n" + taken


def aligned(window: Any, text: str) -> bool:
    """Whether what is underlined is a text."""
    marks, box = window.underlined(), window.box_of(text)
    return [each for each in marks if abs(each["x"] - box["x"]) < 2 and abs(each["width"] - box["width"]) < 4] == marks


def test_what_there_is_to_do_is_listed(window: Any, code: CodeServer, project: Path):
    """The palette, the item in the status bar with its menu, settings, walkthrough, the page of the extension."""
    window.page.set_viewport_size({"width": 1280, "height": 2400})
    window.go(code.url(project, write(project, READ)))
    window.sees(".squiggly-warning")
    listed = window.palette("Coding Agent: ")
    titles = {each.removeprefix("Coding Agent: ") for each in listed}
    assert titles >= {row.title for row in ROWS}
    assert titles >= {"Restart Server", "Show Logs", "Copy Debug Info", "Select Interpreter"}
    assert "Accept What Is Shown" not in titles
    window.shot("palette")
    window.keys("Escape")
    window.page.set_viewport_size({"width": 1280, "height": 800})
    window.status().hover()
    assert "from the setting codingAgent.command" in window.sees(".monaco-hover:not(.hidden)", "Running ").inner_text()
    window.status().click()
    window.picks("Restart Server")
    window.shot("menu")
    window.keys("Escape")
    window.command("Welcome: Open Walkthrough...")
    window.picks("Get started with Coding Agent").click()
    window.sees(".gettingStartedContainer", "Set up the server")
    window.keys("Control+b")
    window.sees(".gettingStartedContainer .step-expanded, .gettingStartedContainer .getting-started-media")
    window.shot("walkthrough")
    window.keys("Control+Shift+X")
    window.sees(".extension-list-item", "Coding Agent for Python").click()
    window.sees(".extension-editor", "Coding Agent for Python")
    inner = window.page.frame_locator("iframe.webview").frame_locator("#active-frame")
    inner.get_by_text("From nothing to the first finding").wait_for()
    window.shot("extension")
    window.command("Coding Agent: Open Settings")
    window.sees(".settings-editor .setting-item-label", "Baseline")
    window.shot("settings")
