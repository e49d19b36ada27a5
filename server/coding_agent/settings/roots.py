"""Which project a file belongs to, for its tests: also where nothing but its own files says so."""

from pathlib import Path

from coding_agent.settings.layers import MARKS, workspace_file
from coding_agent.store.trust import too_much

_MARKS = (*MARKS, "tox.ini", "pytest.ini", ".pytest.ini")
_SIGNS = ("tests", "test", "conftest.py", ".venv", "venv", "manage.py", "requirements.txt", "Pipfile")
"""What stands in a project's root, and now and then elsewhere: it counts where no mark does."""


def root_for_tests(start: Path, around: Path) -> Path:
    """Return the project of what is in a folder; ``around`` is the current directory, or the editor's folder.

    It is the nearest folder with settings of ours, else with a project's mark. Without one it is the nearest that has
    tests, a conftest or an environment, at or above the packages the folder is in and not above ``around``; else
    ``around``, where the folder is below it and it is no home and the like; else where the packages stand.
    """
    file = workspace_file(start)
    if file is not None:
        return file.parent
    marked = next((above for above in (start, *start.parents) if _has(above, _MARKS)), None)
    if marked is not None:
        return marked
    base = start
    while (base / "__init__.py").is_file() and base.parent != base:
        base = base.parent
    for folder in (base, *base.parents):
        if too_much(folder):
            break
        if folder == around or _has(folder, _SIGNS):
            return folder
    return base


def _has(folder: Path, names: tuple[str, ...]) -> bool:
    return any((folder / name).exists() for name in names)
