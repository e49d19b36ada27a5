"""A project and a home folder for each test of an editor; a VS Code for each file of tests that asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer, browser, build_extension, driver, find, usual
from editors.install import find_neovim
from editors.support import Home, here


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
def pages(tmp_path_factory: pytest.TempPathFactory, driven: Any) -> Iterator[Any]:
    with browser(driven, tmp_path_factory.mktemp("chromium")) as context:
        yield context


@pytest.fixture
def window(pages: Any, code: CodeServer, home_of_all: Home, request: pytest.FixtureRequest) -> Iterator[Any]:
    from editors.window import PICTURES, Window

    code.set(usual(home_of_all))
    shown = Window(pages.new_page(), PICTURES)
    shown.set = code.set
    yield shown
    # What it looked like at the end tells why a test fell.
    shown.shot(f"last-{request.node.name}")
    shown.page.close()
