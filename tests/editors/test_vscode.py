"""The real VS Code (as code-server) with our extension as users get it, and the real server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer, build_extension, find
from editors.install import cache
from editors.support import FIXED, MIXED, READ, SIZE, Home, eventually, here, need_sandbox, run_tests, tempting, write

pytestmark = pytest.mark.editor
PICTURES = Path(os.environ.get("EDITORS_PICTURES") or cache() / "pictures")


@pytest.fixture(scope="session")
def home_of_all(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("vscode") / "home")


@pytest.fixture(scope="session")
def code(home_of_all: Home) -> Iterator[CodeServer]:
    here(find)
    with CodeServer([here(build_extension)], home_of_all.variables) as server:
        yield server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory, code: CodeServer) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A profile that is kept has the workbench compiled, and a lock: one for each session.
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"),
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
            viewport={"width": 1280, "height": 800},
        )
        yield context
        context.close()


@pytest.fixture
def window(browser: Any, code: CodeServer, home_of_all: Home) -> Iterator["Any"]:
    from editors.window import Window

    code.set(usual(home_of_all))
    page = browser.new_page()
    yield Window(page, PICTURES)
    page.close()


def usual(home: Home, **more: Any) -> dict[str, Any]:
    """The user's settings: the server under test, and Workspace Trust off, so that the server asks by itself."""
    return {
        "codingAgent.command": [str(home.folder / "bin/coding-agent")],
        "security.workspace.trust.enabled": False,
        **more,
    }


def test_a_finding_is_seen_fixed_and_saved(window: Any, code: CodeServer, project: Path):
    file = write(project, READ)
    window.go(code.url(project, file))
    (mark,) = window.underlined()
    box = window.box_of("eval(text)")
    assert abs(mark["x"] - box["x"]) < 2
    assert abs(mark["width"] - box["width"]) < 4
    row = window.problems("eval")
    assert "eval-used" in row
    window.shot("finding")
    window.go_to(7, 31)
    titles = window.fixes()
    assert any("literal_eval" in title for title in titles), titles
    window.shot("quick-fix")
    window.take("literal_eval")
    window.shows("ast.literal_eval(text)")
    window.save()
    assert file.read_text(encoding="utf-8") == FIXED
    window.sees_none(".squiggly-warning")
