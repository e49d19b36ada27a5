"""Whether a pytest of the user's finds what is tested: only our runs put the folder of its imports on the path."""

from collections.abc import Sequence
from pathlib import Path

from coding_agent.testgen.boxes import Boxes, result
from coding_agent.testgen.conventions import imports_by_folder, ini, paths_of_pytest, toml
from coding_agent.testgen.layout import Place
from coding_agent.testgen.modules import Source, text_of

_WALL = 2.0
"""Seconds that looking for an installed module may take."""


def advice(source: Source, place: Place, project: Path, tests: Sequence[Path]) -> str:
    """Return what to do where the module is not installed; empty where pytest finds it anyway.

    Where there are tests, somebody knows how to run what starts at the project's root.
    """
    if not source.root.is_relative_to(project) or _is_on_path(source.root, place.path, project):
        return ""
    if source.root == project:
        return (
            "" if tests else f"run it as `python -m pytest` in {project}: plain `pytest` does not find {source.module}"
        )
    setting = f'set pythonpath = ["{source.root.relative_to(project).as_posix()}"] in the configuration of pytest'
    install = "install the project (`python -m pip install -e .`) or " if _is_built(project) else ""
    return f"a pytest of your own does not find {source.parts[0]} yet: {install}{setting}"


async def is_installed(boxes: Boxes) -> bool:
    """Whether the interpreter finds the module without the folders that we put on the path.

    Raises: NoSandbox, WorkerLost.
    """
    given = {"module": boxes.target.module, "ours": list(boxes.target.paths)}
    return bool(result(await boxes.run(1, "finding:finds", given, wall=_WALL)).get("found"))


def _is_on_path(root: Path, test: Path, project: Path) -> bool:
    """Whether plain ``pytest`` in the project's folder has a folder on the path when it runs a test file."""
    if root in [project / each for each in paths_of_pytest(project)]:
        return True
    conftests = [folder / "conftest.py" for folder in test.parents if folder.is_relative_to(project)]
    there = [path for path in conftests if path.is_file()]
    # A conftest that changes the path itself knows what is to be found.
    if any("sys.path" in text_of(path) for path in there):
        return True
    return imports_by_folder(project) and root in map(_base, (test, *there))


def _base(path: Path) -> Path:
    """The folder that pytest puts on the path for a file: the first without ``__init__.py``."""
    return next(folder for folder in path.parents if not (folder / "__init__.py").is_file())


def _is_built(project: Path) -> bool:
    """Whether there is something to install."""
    tables = toml(project / "pyproject.toml")
    if "project" in tables or "build-system" in tables or (project / "setup.py").is_file():
        return True
    return bool(ini(project / "setup.cfg", "metadata") or ini(project / "setup.cfg", "options"))
