"""An interpreter that cannot be run is said with what to do; it is only looked at."""

import os
import sys
from pathlib import Path

import pytest

from coding_agent.settings.folder import folder_options
from coding_agent.settings.interpreter import check_interpreter
from coding_agent.settings.merge import load

EDITOR = "in your editor's settings set `interpreter` to a Python, or leave it empty to have one found"


def said(folder: Path | None, named: str) -> list[str]:
    effective = load(None, None, {"codingAgent": {"interpreter": named}})
    return [problem.message for problem in check_interpreter(effective, folder)]


def test_one_that_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path, "/nowhere/python") == [f"interpreter /nowhere/python does not exist; {EDITOR}"]
    assert said(None, "/nowhere/python") == said(tmp_path, "/nowhere/python")
    assert said(tmp_path, "/nowhere/\0") == [f"interpreter /nowhere/\0 does not exist; {EDITOR}"]


def test_one_whose_base_is_gone(tmp_path: Path) -> None:
    """What an environment leaves when the Python it was made of is removed."""
    link = tmp_path / "python"
    link.symlink_to(tmp_path / "gone")
    assert said(tmp_path, str(link)) == [f"interpreter {link} does not exist; {EDITOR}"]


def test_one_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    assert said(tmp_path, "env") == [f"interpreter {tmp_path / 'env'} is a folder; {EDITOR}"]


@pytest.mark.skipif(sys.platform == "win32", reason="every file may be run there")
def test_one_that_may_not_be_run(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("")
    assert said(tmp_path, "python") == [f"interpreter {tmp_path / 'python'} cannot be run; {EDITOR}"]


def test_one_that_can_be_run_or_is_for_us_to_find(tmp_path: Path) -> None:
    assert said(tmp_path, sys.executable) == []
    assert said(tmp_path, "") == []
    assert said(tmp_path, os.path.relpath(sys.executable, tmp_path)) == []
    assert said(None, "python") == [], "what it counts from is not known"


def test_the_server_hears_of_it_with_the_file_that_says_so(tmp_path: Path) -> None:
    mine = tmp_path / "config.toml"
    mine.write_text('interpreter = "/nowhere/python"\n')
    _, problems = folder_options(mine, tmp_path, None)
    assert problems == (
        f"interpreter /nowhere/python does not exist; in {mine} set `interpreter` to a Python, "
        "or leave it empty to have one found",
    )
    assert folder_options(tmp_path / "none.toml", tmp_path, None)[1] == ()
