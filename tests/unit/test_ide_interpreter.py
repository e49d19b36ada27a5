"""Whose Python is a project's: hover, generated tests and doctor ask in one place."""

import os
from pathlib import Path

import pytest

from coding_agent.errors import UsageError
from coding_agent.ide.interpreter import Chosen, Step, chosen


def python(*parts: str | Path) -> Path:
    path = Path(*parts)
    path.parent.mkdir(parents=True)
    path.touch(0o755)
    return path


def test_the_first_that_is_there_counts(tmp_path: Path) -> None:
    project, active = tmp_path / "project", tmp_path / "active"

    def now(said: str = "") -> Chosen:
        return chosen(project, said, active, os.pathsep.join(["", str(tmp_path / "gone"), str(tmp_path / "usr")]))

    with pytest.raises(UsageError, match="no Python was found"):
        now()
    for place, step in (
        (("usr", "python3"), Step.PATH),
        (("project", "env", "bin", "python"), Step.PROJECT),
        (("project", ".venv", "Scripts", "python.exe"), Step.PROJECT),
        (("active", "bin", "python"), Step.ACTIVE),
    ):
        made = python(tmp_path, *place)
        assert now() == Chosen(made, step)
    assert now("env/bin/python") == Chosen(project / "env/bin/python", Step.SETTING), "relative to the project"
    assert now(str(tmp_path / "usr/python3")) == Chosen(tmp_path / "usr/python3", Step.SETTING)


def test_a_setting_that_names_none_is_never_replaced(tmp_path: Path) -> None:
    python(tmp_path, ".venv", "bin", "python")
    with pytest.raises(UsageError, match=r"wrong/python is no Python that can be run"):
        chosen(tmp_path, "wrong/python", None, "")


def test_without_a_path_nobody_elses_python_is_taken(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        chosen(tmp_path, "", None, "")
