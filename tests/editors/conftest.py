"""A project and a home folder for each test of an editor; one VS Code for all tests that share it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from editors.code_server import CodeServer, browser, build_extension, driver, find, usual
from editors.install import find_neovim
from editors.support import Home, here

ALONE = "test_vscode_setup.py"
"""Its tests have a VS Code each, and share a package."""


class Scheduling(LoadScopeScheduling):
    """What shares a VS Code is one worker's, and begun first; all else is given to whoever has time."""

    def _split_scope(self, nodeid: str) -> str:
        if ALONE in nodeid:
            return ALONE
        return "VS Code" if "test_vscode" in nodeid else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that looks like someone's project."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "someones"\nversion = "0"\n')
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def nvim() -> Path:
    return here(find_neovim)


@pytest.fixture(scope="session")
def home_of_all(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("vscode") / "home")


@pytest.fixture(scope="session")
def code(home_of_all: Home) -> Iterator[CodeServer]:
    here(find)
    with CodeServer([here(build_extension)], home_of_all.variables) as server:
        yield server


@pytest.fixture(scope="session")
def driven() -> Iterator[Any]:
    here(find)
    with driver() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory, driven: Any) -> Iterator[Any]:
    """One for all windows: what it has loaded and compiled of the workbench once, the next need not."""
    with browser(driven, tmp_path_factory.mktemp("chromium")) as context:
        page = context.new_page()
        # Who leaves a window with text that is not saved is asked.
        page.on("dialog", lambda dialog: dialog.accept())
        yield page


@pytest.fixture
def window(page: Any, code: CodeServer, home_of_all: Home, request: pytest.FixtureRequest) -> Iterator[Any]:
    from editors.window import PICTURES, Window

    code.set(usual(home_of_all))
    shown = Window(page, PICTURES)
    shown.set = code.set
    yield shown
    # What it looked like at the end tells why a test fell.
    shown.shot(f"last-{request.node.name}")
    page.goto("about:blank")
