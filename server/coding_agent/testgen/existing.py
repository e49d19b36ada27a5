"""The tests a project has: what they cover, and what must lie beside a new one."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from coding_agent.testgen.boxes import Boxes, Target, result

_MOST = 12
"""Test files that are run for their coverage."""


async def covered_by_tests(
    boxes: Boxes, tests: Sequence[Path], target: Target, wall: float
) -> tuple[tuple[int, ...], str]:
    """Run the tests that name the module, in place and read-only; returns the branches they take, and what went wrong.

    Raises: NoSandbox, WorkerLost.
    """
    wanted = [str(path) for path in tests if _names(path, target)][:_MOST]
    if not wanted:
        return (), ""
    ini = ini_file(target.project)
    plugins = bool(ini) or any((folder / "conftest.py").is_file() for path in tests for folder in path.parents)
    given: dict[str, object] = {"files": dict[str, str](), "wanted": wanted, "autoload": plugins, "ini": ini}
    given["module"] = target.module
    ran = await boxes.run(1, "testing:run", given, wall=wall)
    found = result(ran)
    problems = cast("list[str]", found.get("problems") or [])
    problem = (
        problems[0].strip().split("\n")[-1] if problems else "" if found else ran.ended.why.strip().split("\n")[-1]
    )
    return tuple(cast("list[int]", found.get("arcs") or [])), problem


def beside(path: Path, project: Path) -> dict[str, str]:
    """Return the conftest files from the project's root down to a test file, by their path inside of the project."""
    found: dict[str, str] = {}
    if not path.is_relative_to(project):
        return found
    for folder in reversed([path.parent, *path.parent.parents]):
        conftest = folder / "conftest.py"
        if folder.is_relative_to(project) and conftest.is_file():
            try:
                found[conftest.relative_to(project).as_posix()] = conftest.read_text("utf-8")
            except (OSError, ValueError):
                continue
    return found


def ini_file(project: Path) -> str:
    """Return the file that pytest would read its configuration from; empty where there is none."""
    for name, mark in (
        ("pytest.ini", ""),
        (".pytest.ini", ""),
        ("pyproject.toml", "[tool.pytest"),
        ("tox.ini", "[pytest]"),
        ("setup.cfg", "[tool:pytest]"),
    ):
        try:
            if mark in (project / name).read_text("utf-8"):
                return str(project / name)
        except (OSError, ValueError):
            continue
    return ""


def _names(path: Path, target: Target) -> bool:
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return False
    top, _, last = target.module.partition(".")[0], "", target.module.rpartition(".")[2]
    return bool(re.search(rf"\b{re.escape(top)}\b", text) and re.search(rf"\b{re.escape(last)}\b", text))
