"""A project and a home folder for each test of an editor."""

from pathlib import Path

import pytest

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
