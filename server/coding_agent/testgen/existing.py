"""The tests a project has: what they cover, and how they are configured."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.testgen.boxes import Boxes, Target, result

_MOST = 12
"""Test files that are run for their coverage."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of a project that name a module: ``files`` are run, ``more`` of them are not."""

    files: tuple[Path, ...]
    more: int
    ini: str
    plugins: bool
    """Other people's plugins are loaded."""

    def given(self, target: Target) -> dict[str, object]:
        """Return what a job of the inside takes to run them, in place and read-only."""
        wanted, project = list(map(str, self.files)), str(target.project)
        return {"wanted": wanted, "project": project, "autoload": self.plugins, "ini": self.ini}


def suite_of(tests: Sequence[Path], target: Target) -> Suite | None:
    """Return the tests that name the module, those that are about it first; None where none does."""
    naming = sorted((path for path in tests if _nearness(path, target)), key=lambda path: -_nearness(path, target))
    if not naming:
        return None
    ini = ini_file(target.project)
    plugins = bool(ini) or any(has_conftest(path, target.project) for path in tests)
    return Suite(tuple(naming[:_MOST]), len(naming[_MOST:]), ini, plugins)


async def covered_by_tests(boxes: Boxes, suite: Suite, target: Target, wall: float) -> tuple[tuple[int, ...], str]:
    """Run tests; returns the branches they take, and what went wrong.

    Branches of tests that are not green do not count. Raises: NoSandbox, WorkerLost.
    """
    given = {**suite.given(target), "files": dict[str, str](), "module": target.module}
    ran = await boxes.run(1, "testing:run", given, wall=wall)
    found = result(ran)
    problems = cast("list[str]", found.get("problems") or [])
    problem = (
        problems[0].strip().split("\n")[-1] if problems else "" if found else ran.ended.why.strip().split("\n")[-1]
    )
    if not problem and suite.more:
        problem = f"{suite.more} of {len(suite.files) + suite.more} files that name the module were not run"
    return tuple(cast("list[int]", found.get("arcs") or [])), problem


def has_conftest(path: Path, project: Path) -> bool:
    """Whether a conftest file of the project is read for a test file."""
    return any((folder / "conftest.py").is_file() for folder in path.parents if folder.is_relative_to(project))


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


def _nearness(path: Path, target: Target) -> int:
    """How surely a test file is about a module; 0 where it does not name it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return 0
    package, _, last = target.module.rpartition(".")
    top = target.module.partition(".")[0]
    if not all(re.search(rf"\b{re.escape(word)}\b", text) for word in (top, last)):
        return 0
    named = last.strip("_") in path.stem
    imports = re.search(rf"^\s*(?:from|import) {re.escape(target.module)}\b", text, re.MULTILINE) or (
        package and re.search(rf"^\s*from {re.escape(package)} import [^\n]*\b{re.escape(last)}\b", text, re.MULTILINE)
    )
    return 1 + 2 * named + 4 * bool(imports)
