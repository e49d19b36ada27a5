"""How a project writes its tests: line length, quotes, pytest or unittest, how coroutines are run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from coding_agent.testgen.conventions import Table, at, has_pytest_django, ini, toml
from coding_agent.testgen.printer import Printer

_CASE = re.compile(r"^class \w+\((?:unittest\.)?\w*TestCase\b", re.MULTILINE)
_FUNCTION = re.compile(r"^(?:async )?def test\w*\(|^class Test\w*:", re.MULTILINE)
_LARGEST = 300_000
_LOOKED_AT = 30


class Coroutines(Enum):
    """Who runs a coroutine in a test."""

    RUN = "asyncio.run"
    AUTO = "pytest-asyncio, every async test"
    ASYNCIO = "pytest-asyncio, by mark"
    ANYIO = "anyio, by mark"


@dataclass(frozen=True, slots=True)
class Style:
    """Everything the writer follows; ``width`` is in columns."""

    width: int = 88
    quote: str = '"'
    unittest: bool = False
    django: bool = False
    """Cases are those of Django, which its own runner makes ready."""
    coroutines: Coroutines = Coroutines.RUN
    own: frozenset[str] = frozenset()
    """Top-level packages of the project: their imports stand in the last section."""

    @property
    def printer(self) -> Printer:
        return Printer(self.width, self.quote)


def style_of(root: Path, tests: Iterable[Path] = (), own: Iterable[str] = ()) -> Style:
    """Return the style of the project at ``root``, read from its configuration and some of its test files.

    A file that cannot be read says nothing.
    """
    project = toml(root / "pyproject.toml")
    ruff = _ruff(root, project)
    texts = [text for path in _first(tests) if (text := _read(path))]
    return Style(
        width=_width(root, project, ruff),
        quote=_quote(project, ruff, texts),
        unittest=_is_unittest(texts, root),
        django=(root / "manage.py").is_file(),
        coroutines=_coroutines(root, project, texts),
        own=frozenset(own),
    )


def _first(tests: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in tests:
        found.append(path)
        if len(found) == _LOOKED_AT:
            break
    return found


def _ruff(root: Path, project: Table) -> Table:
    for name in (".ruff.toml", "ruff.toml"):
        if (root / name).is_file():
            return toml(root / name)
    return at(project, "tool", "ruff")


def _width(root: Path, project: Table, ruff: Table) -> int:
    said = [ruff.get("line-length"), at(project, "tool", "black").get("line-length")]
    said += [
        ini(root / name, section).get(key)
        for name in ("setup.cfg", "tox.ini", ".flake8")
        for section, key in (("flake8", "max-line-length"), ("pycodestyle", "max-line-length"))
    ]
    for value in said:
        number = int(value) if isinstance(value, str) and value.strip().isdigit() else value
        if isinstance(number, int) and 40 <= number <= 320:
            return number
    return 88


def _quote(project: Table, ruff: Table, texts: list[str]) -> str:
    chosen = at(ruff, "format").get("quote-style")
    if chosen in ("single", "double"):
        return "'" if chosen == "single" else '"'
    black = at(project, "tool", "black")
    if chosen == "preserve" or black.get("skip-string-normalization") is True:
        joined = "\n".join(texts)
        return "'" if joined.count("'") > joined.count('"') else '"'
    return '"'


def _is_unittest(texts: list[str], root: Path) -> bool:
    with_tests = [text for text in texts if _CASE.search(text) or _FUNCTION.search(text)]
    if not with_tests:
        # Django's own runner finds nothing but cases.
        return (root / "manage.py").is_file() and not has_pytest_django(root)
    return all(_CASE.search(text) and not _FUNCTION.search(text) for text in with_tests)


def _coroutines(root: Path, project: Table, texts: list[str]) -> Coroutines:
    said = at(project, "tool", "pytest", "ini_options").get("asyncio_mode")
    for name, section in (("pytest.ini", "pytest"), ("setup.cfg", "tool:pytest"), ("tox.ini", "pytest")):
        said = said or ini(root / name, section).get("asyncio_mode")
    if said == "auto":
        return Coroutines.AUTO
    joined = "\n".join(texts)
    if "pytest.mark.asyncio" in joined:
        return Coroutines.ASYNCIO
    if "pytest.mark.anyio" in joined:
        return Coroutines.ANYIO
    return Coroutines.RUN


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.stat().st_size <= _LARGEST else ""
    except (OSError, ValueError):
        return ""
