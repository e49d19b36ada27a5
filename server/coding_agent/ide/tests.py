"""Tests for code: what every face asks, in plain data."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.ide.interpreter import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.advice import advice
from coding_agent.testgen.boxes import Target
from coding_agent.testgen.delivery import original
from coding_agent.testgen.layout import place_of, test_files
from coding_agent.testgen.plan import Wanted, wanted
from coding_agent.testgen.request import Request
from coding_agent.testgen.style import style_of

_PACKAGES = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Asked:
    """Tests for ``target`` (``file.py``, ``file.py::qualname``, a dotted module).

    ``directory`` is what relative files count from; ``out`` a folder for new files, ``folder`` the setting's.
    """

    target: str
    project: Path
    directory: Path
    interpreter: Path
    seconds: float
    mode: Mode = Mode.AUTO
    out: Path | None = None
    folder: str = ""
    gaps: bool = False
    """Only say which branches no test takes, and write nothing."""


def found_interpreter(project: Path, said: str, active: Path | None, path: str) -> Path:
    """Return whose Python runs. Raises: UsageError - there is none."""
    return chosen(project, said, active, path).path


def meant(asked: Asked) -> Wanted:
    """Return the module, or the part of it, that is asked for.

    Raises: UsageError - there is none, or it is not in the project, which is all that was trusted.
    """
    what = wanted(asked.target, asked.project, asked.directory)
    path = Path(os.path.normpath(what.source.path))
    if not path.is_relative_to(asked.project) and not path.resolve().is_relative_to(asked.project.resolve()):
        raise UsageError(f"{path} is not in {asked.project}")
    return what


def request_of(asked: Asked, what: Wanted) -> Request:
    """Return what is to be generated: where its tests go, in which style, with what around.

    Raises: NoPlace - nothing can be added to the test file that is there, or it is not in the project.
    """
    project, source = asked.project, what.source
    installed = project.name in _PACKAGES
    around = source.root / source.parts[0] if installed else project
    tests = tests_of(asked)
    place = place_of(source, project, asked.out, asked.folder)
    own = _own_packages(project, source.root) if not installed else frozenset[str]()
    return Request(
        target=target_of(asked, what),
        names=what.names,
        place=place,
        style=style_of(project, tests, own | {source.parts[0]} if not installed else own),
        around=around,
        tests=tuple(tests),
        seconds=asked.seconds,
        mode=asked.mode,
        gaps=asked.gaps,
        before=original(place.path) if place.exists and not asked.gaps else None,
        advice=advice(source, place, project, tests) if not installed else "",
    )


def target_of(asked: Asked, what: Wanted) -> Target:
    """Return whose code runs."""
    project, source = asked.project, what.source
    paths = tuple(dict.fromkeys(map(str, (source.root, *_roots(project)))))
    return Target(asked.interpreter, project, source.module, source.path, paths)


def tests_of(asked: Asked) -> Sequence[Path]:
    """Return the test files of the project; installed packages have none."""
    return [] if asked.project.name in _PACKAGES else list(test_files(asked.project))


def _roots(project: Path) -> list[Path]:
    return [folder for folder in (project / "src", project) if folder.is_dir()]


def _own_packages(project: Path, root: Path) -> frozenset[str]:
    """Top-level names that the project defines itself."""
    found: set[str] = set()
    for base in {project, project / "src", root}:
        if base.is_dir():
            for path in base.iterdir():
                if (path / "__init__.py").is_file() or (path.suffix == ".py" and path.stem.isidentifier()):
                    found.add(path.stem)
    return frozenset(found - {"setup", "conftest", "manage"})
