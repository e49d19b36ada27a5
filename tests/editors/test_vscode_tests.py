"""Generated tests in the real VS Code, and who says that code may be run."""

import re
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer, usual
from editors.support import (
    READ,
    SIZE,
    Home,
    eventually,
    need_sandbox,
    run_tests,
    tempting,
    write,
)

pytestmark = pytest.mark.editor


def test_tests_are_generated_shown_and_taken(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    need_sandbox()
    home_of_all.trust(project)
    file = write(project, SIZE)
    window.go(code.url(project, file))
    assert window.sees(".codelens-decoration a", "complexity").inner_text() == "complexity 2"
    window.sees(".codelens-decoration a", "Generate tests").click()
    window.message("Generate Tests")
    window.message("Take this into tests/test_sample.py?")
    window.shot("review")
    assert not (project / "tests").exists()
    assert window.page.locator(".monaco-diff-editor").is_visible()
    window.answer("Take this", "Accept")
    tests = project / "tests/test_sample.py"
    eventually("the tests on disk", lambda: tests.is_file() and "def test_size" in tests.read_text())
    window.sees(".tab.active", "test_sample.py")
    window.shot("accepted")
    assert run_tests(tests, project).returncode == 0


def test_metrics_and_gaps_lead_there_and_tests_can_be_discarded(
    window: Any, code: CodeServer, project: Path, home_of_all: Home
):
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
    window.go_to(5, 5)
    window.command("Coding Agent: Generate Tests")
    window.message("Take this")
    window.sees(".editor-actions .action-label[aria-label^='Discard What Is Shown']").click()
    window.message("test_sample.py")
    window.sees_none(".monaco-diff-editor")
    assert not (project / "tests").exists()


def test_in_a_restricted_window_nothing_is_run(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    left = tempting(project)
    home_of_all.trust(project)
    code.set(usual(home_of_all, **{"security.workspace.trust.enabled": True, "codingAgent.interpreter": ""}))
    window.go(code.url(project, write(project, READ + SIZE)))
    window.sees(".squiggly-warning")
    window.sees(".statusbar", "Restricted Mode")
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


def test_a_program_that_is_not_there_is_said(window: Any, code: CodeServer, project: Path, home_of_all: Home):
    code.set(usual(home_of_all, **{"codingAgent.interpreter": "/nowhere/python"}))
    window.go(code.url(project, write(project, READ)))
    window.message("/nowhere/python")
    window.shot("broken-interpreter")
    missing = usual(home_of_all, **{"codingAgent.command": ["/nowhere/coding-agent"]})
    window.message_after(missing, "names /nowhere/coding-agent, which does not exist")
    # Nothing is said of a start that was given up for another.
    window.sees_none(".notification-toast", "started anew")
    window.shot("broken-server")
