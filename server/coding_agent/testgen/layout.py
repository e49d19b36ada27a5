"""Where a module's tests go: the project's own place for them."""

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from coding_agent.errors import NoPlace
from coding_agent.testgen import reading
from coding_agent.testgen.conventions import (
    folders_of_tests,
    has_pytest_django,
    is_collected,
    patterns_of_tests,
)
from coding_agent.testgen.modules import SKIPPED, Source, own_folders, text_of
from coding_agent.testgen.signatures import definitions

_FOLDERS = ("tests", "test", "testing", "src/tests")
_MOST = 4000
"""Files that are looked at in a project."""


@dataclass(frozen=True, slots=True)
class Place:
    """A test file to be: ``exists`` when tests are added to it. ``why`` says what decided."""

    path: Path
    exists: bool
    why: str


def place_of(source: Source, project: Path, out: Path | None = None, folder: str = "") -> Place:
    """Return where the tests of a module go. ``out`` was asked for; ``folder`` is the settings'.

    Raises: NoPlace - the project's own settings or links lead out of it: it has no say about other folders.
    """
    if out is not None:
        path = out / f"test_{_stem(source)}.py"
        return Place(path, path.is_file(), "the folder that was named")
    place = _own_place(source, project, folder)
    if not place.path.resolve().is_relative_to(project.resolve()):
        raise NoPlace(f"tests would go to {place.path.resolve()}, out of {project}")
    return place


def _own_place(source: Source, project: Path, folder: str) -> Place:
    tests = list(test_files(project))
    django = _django(source, project)
    if django is not None:
        return django
    own = _own_file(source, tests, project)
    if own is not None:
        return Place(own, True, f"{own.relative_to(project).as_posix()} tests this module already")
    if folder:
        return _new(project, project / folder, source, tests, "the setting")
    beside = [path for path in tests if path.parent == source.path.parent]
    if beside and not any(_in_test_folder(path, project) for path in tests):
        return _new(project, source.path.parent, source, tests, "tests stand beside their modules")
    return _mirrored(source, project, tests)


def test_files(project: Path) -> Iterator[Path]:
    """Yield the test files of a project; hidden folders, environments and builds are left out."""
    seen = 0
    for folder, folders, files in os.walk(project):
        folders[:] = own_folders(folder, folders)
        for name in sorted(files):
            seen += 1
            if is_test_name(name):
                yield Path(folder, name)
        if seen > _MOST:
            return


def is_test_name(name: str) -> bool:
    return bool(re.fullmatch(r"test_\w+\.py|\w+_tests?\.py|tests\.py", name))


def _stem(source: Source) -> str:
    return source.parts[-1].lstrip("_") or source.parts[-1]


def _own_file(source: Source, tests: Sequence[Path], project: Path) -> Path | None:
    """The file that is named after the module and imports it."""
    stem = _stem(source)
    names = {f"test_{stem}.py", f"{stem}_test.py", f"test_{'_'.join(source.parts[-2:])}.py", f"test_{stem}s.py"}
    named = [path for path in tests if path.name in names]
    good = [path for path in named if _imports(path, source)]
    if not good:
        return None
    return max(good, key=lambda path: (_likeness(path, source, project), -len(path.parts), path.name))


def _likeness(path: Path, source: Source, project: Path) -> int:
    return len(set(path.relative_to(project).parts[:-1]) & set(source.parts[:-1]))


def _imports(path: Path, source: Source) -> bool:
    """Whether a test file imports the module, or from a package above it what the module defines."""
    text = text_of(path)
    module = re.escape(source.module)
    parent, _, last = source.module.rpartition(".")
    pattern = rf"^\s*(?:from {module} import|import {module}\b"
    if parent:
        pattern += rf"|from {re.escape(parent)} import [^\n]*\b{re.escape(last)}\b"
    if re.search(pattern + ")", text, re.MULTILINE):
        return True
    own = {each.name for each in definitions(text_of(source.path)) if "." not in each.name}
    above = {".".join(source.parts[:count]) for count in range(1, len(source.parts))}
    tree = reading.module(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)] if tree is not None else []
    return any(node.module in above and any(alias.name in own for alias in node.names) for node in imports)


def _mirrored(source: Source, project: Path, tests: Sequence[Path]) -> Place:
    """The place that most test files have, seen from the module each is named after."""
    inside = [path for path in tests if _in_test_folder(path, project)]
    if not inside:
        usual = [project / name for name in _FOLDERS if (project / name).is_dir()]
        base = next(iter((*folders_of_tests(project), *usual)), project / "tests")
        return _new(project, base, source, tests, "the project has no tests yet" if not tests else "the usual folder")
    modules = _modules(source.root)
    votes: Counter[tuple[str, int]] = Counter()
    for path in inside:
        for parts in modules.get(_tested(path), ()):
            for dropped in range(len(parts)):
                tail = parts[dropped:-1]
                folder = path.parent.relative_to(project).parts
                if not tail or folder[-len(tail) :] == tail:
                    base = PurePath(*folder[: len(folder) - len(tail)]).as_posix()
                    votes[base, dropped] += 3 if tail else 1
    base, dropped = _elected(votes, inside, project, source)
    folder = project / base
    tail = source.parts[dropped:-1]
    flat = not tail or not (folder / Path(*tail)).is_dir()
    if tail and (not flat or (votes.get((base, dropped), 0) >= 3 and _mirrors(inside, folder))):
        folder = folder / Path(*tail)
    return _new(project, folder, source, tests, "where the project's tests of such modules are")


def _elected(
    votes: "Counter[tuple[str, int]]", inside: Sequence[Path], project: Path, source: Source
) -> tuple[str, int]:
    folders = Counter(path.parent.relative_to(project).as_posix() for path in inside)
    if votes:
        return max(votes, key=lambda vote: (votes[vote] + folders[vote[0]], -vote[1], vote[0]))
    base = max(folders, key=lambda name: (folders[name], -len(name)))
    return base, len(source.parts) - 1


def _mirrors(inside: Sequence[Path], base: Path) -> bool:
    """Whether tests lie in folders below their base, as modules lie in packages."""
    return any(path.is_relative_to(base) and path.parent != base for path in inside)


def _modules(root: Path) -> dict[str, list[tuple[str, ...]]]:
    """The modules below a folder as parts of their names, by their last part."""
    found: dict[str, list[tuple[str, ...]]] = {}
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if each.isidentifier() and each not in SKIPPED)
        for name in files:
            seen += 1
            if name.endswith(".py") and not is_test_name(name):
                parts = (*Path(folder).relative_to(root).parts, name[:-3])
                found.setdefault(name[:-3].lstrip("_"), []).append(parts)
        if seen > _MOST:
            break
    return found


def _tested(path: Path) -> str:
    return re.sub(r"^test_|_tests?$", "", path.stem)


def _new(project: Path, folder: Path, source: Source, tests: Sequence[Path], why: str) -> Place:
    """A file of its own; two test files of one name clash where their folders are no packages."""
    ends = sum(path.stem.endswith("_test") for path in tests)
    style = "{}_test.py" if ends * 2 > len(tests) else "test_{}.py"
    patterns = [pattern for pattern in patterns_of_tests(project) if pattern.count("*") == 1]
    if patterns and not is_collected(style.format("x"), project):
        style = patterns[0].replace("*", "{}")
    for count in range(1, len(source.parts) + 1):
        words = [part.strip("_") for part in source.parts[-count:]]
        path = folder / style.format("_".join(part for part in words if part) or "module")
        taken = any(other.name == path.name for other in tests) and not (folder / "__init__.py").is_file()
        if not path.exists() and not taken:
            return Place(path, False, why)
    path = folder / style.format(_stem(source) + "_more")
    return Place(path, path.is_file(), why)


def _in_test_folder(path: Path, project: Path) -> bool:
    return any(part in ("tests", "test", "testing") for part in path.relative_to(project).parts[:-1])


def _django(source: Source, project: Path) -> Place | None:
    """Inside of a Django app: its ``tests`` package, else its ``tests.py``."""
    if not (project / "manage.py").is_file():
        return None
    for app in source.path.parents:
        if app == project or not app.is_relative_to(project):
            return None
        if (app / "apps.py").is_file() or (app / "models.py").is_file() or (app / "tests.py").is_file():
            if (app / "tests").is_dir():
                path = app / "tests" / f"test_{_stem(source)}.py"
                return Place(path, path.is_file(), f"the tests of the app {app.name}")
            path = app / "tests.py"
            if has_pytest_django(project) and not is_collected(path.name, project):
                path = app / f"test_{_stem(source)}.py"
            return Place(path, path.is_file(), f"the tests of the app {app.name}")
    return None
