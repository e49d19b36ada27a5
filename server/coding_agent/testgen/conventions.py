"""What a project's configuration says of where its modules and tests are found."""

import configparser
import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeAlias, cast

Table: TypeAlias = Mapping[str, object]
_PYTEST = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
_USUAL = ("test_*.py", "*_test.py")


def import_roots(project: Path) -> tuple[Path, ...]:
    """Return the folders that imports start from, as the configuration of pytest or of the build names them."""
    tools = at(toml(project / "pyproject.toml"), "tool")
    setuptools = at(tools, "setuptools")
    named = [*paths_of_pytest(project), *words(at(setuptools, "packages", "find").get("where"))]
    poetry = cast("list[Table]", at(tools, "poetry").get("packages") or [])
    named += [word for each in poetry if isinstance(each, dict) for word in words(each.get("from"))]
    built = words(at(tools, "hatch", "build", "targets", "wheel").get("packages"))
    named += [Path(each).parent.as_posix() for each in built]
    named += words(at(setuptools, "package-dir").get(""))
    found = ini(project / "setup.cfg", "options.packages.find").get("where", "").split()
    found += re.findall(r"^\s*=\s*(\S+)", ini(project / "setup.cfg", "options").get("package_dir", ""), re.MULTILINE)
    return tuple(dict.fromkeys(project / each for each in [*named, *found] if (project / each).is_dir()))


def paths_of_pytest(project: Path) -> tuple[str, ...]:
    """Return the folders that pytest's configuration puts on the path, as it names them."""
    return (*_pytest(project, "pythonpath"), *_pytest(project, "python_paths"))


def imports_by_folder(project: Path) -> bool:
    """Whether pytest puts the folders of test files and conftests on the path: it does unless it is told otherwise."""
    return "importlib" not in " ".join(_pytest(project, "addopts"))


def folders_of_tests(project: Path) -> tuple[Path, ...]:
    """Return the folders that pytest looks for tests in, where the project says so."""
    return tuple(project / each for each in _pytest(project, "testpaths") if (project / each).is_dir())


def patterns_of_tests(project: Path) -> tuple[str, ...]:
    """Return the patterns of the names that pytest takes for test files."""
    return tuple(_pytest(project, "python_files")) or _USUAL


def is_collected(name: str, project: Path) -> bool:
    """Whether pytest takes a file of this name for a test file."""
    return any(fnmatch(name, pattern) for pattern in patterns_of_tests(project))


def has_pytest_django(project: Path) -> bool:
    """Whether a Django project is tested by pytest."""
    if _pytest(project, "DJANGO_SETTINGS_MODULE"):
        return True
    files = [project / name for name in ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "Pipfile")]
    files += [*project.glob("*requirements*.txt"), *project.glob("requirements/*.txt")]
    return any(re.search(r"pytest[-_]django", _read(path)) for path in files)


def _pytest(project: Path, key: str) -> list[str]:
    """Return an option of pytest as words; none where it is not set."""
    for name, section in _PYTEST[:2]:
        if (project / name).is_file():
            return words(ini(project / name, section).get(key.lower()))
    options = at(toml(project / "pyproject.toml"), "tool", "pytest")
    options = {**at(options, "ini_options"), **options}
    if len(options) > 0:
        return words(options.get(key))
    found = (words(ini(project / name, section).get(key.lower())) for name, section in _PYTEST[2:])
    return next(filter(None, found), list[str]())


def words(value: object) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [each for each in cast("list[object]", value) if isinstance(each, str)] if isinstance(value, list) else []


def toml(path: Path) -> Table:
    """Return a file's tables; empty where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}


def ini(path: Path, section: str) -> Mapping[str, str]:
    """Return a section of a file, its keys in lower case; empty where there is none, or it cannot be read."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(path.read_text("utf-8-sig"))
        return dict(parser.items(section)) if parser.has_section(section) else {}
    except (OSError, ValueError, configparser.Error):
        return {}


def at(table: Table, *keys: str) -> Table:
    """Return the table inside of tables; empty where there is none."""
    for key in keys:
        inner = table.get(key)
        if not isinstance(inner, dict):
            return {}
        table = cast("dict[str, object]", inner)
    return table


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
