"""Which installed packages a project says it needs, by its files and by what installers wrote; nothing is run."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import cast

from coding_agent.search.chunks import Chunk, Kind
from coding_agent.search.question import is_test

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_INSTALLED = ("site-packages", "dist-packages")
_LARGEST = 1 << 20
"""Bytes of a file of requirements at most."""

Table = Mapping[str, object]


def needed(root: Path, folders: Iterable[Path]) -> list[Path]:
    """The folders of packages that a project's own files ask for and that are installed in one of some folders."""
    names = {_normal(name) for name in _declared(root)}
    places = [str(folder) for folder in folders if folder.name in _INSTALLED]
    found: dict[Path, None] = {}
    for each in distributions(path=places) if names and places else ():
        if _normal(each.metadata["Name"] or "") in names:
            found.update(dict.fromkeys(_packages(each)))
    return sorted(found)


def is_public(path: str, chunk: Chunk) -> bool:
    """Whether a chunk of a package is a function that others may call, by its name alone."""
    return chunk.kind is Kind.FUNCTION and "." not in chunk.name and not chunk.name.startswith("_") and offers(path)


def offers(path: str) -> bool:
    """Whether a file of a package may have something for others, by its path from the package."""
    parts = path.removesuffix(".py").split("/")
    return not is_test(path) and all(part == "__init__" or not part.startswith("_") for part in parts)


def _declared(root: Path) -> Iterator[str]:
    """The names of what a project needs, as its files say them."""
    table = _toml(root / "pyproject.toml")
    project, poetry = _table(table, "project"), _table(table, "tool", "poetry")
    extras = _table(project, "optional-dependencies").values()
    yield from _names(_texts(project.get("dependencies")))
    for each in extras:
        yield from _names(_texts(each))
    yield from (name for name in _table(poetry, "dependencies") if name.lower() != "python")
    for file in sorted(root.glob("requirements*.txt")):
        yield from _names(_read(file).splitlines())


def _names(lines: Iterable[str]) -> Iterator[str]:
    return (found[1] for line in lines if (found := _NAME.match(line)))


def _packages(installed: Distribution) -> Iterator[Path]:
    """The folders that a distribution can be imported by."""
    tops = {file.parts[0] for file in installed.files or () if file.suffix == ".py" and len(file.parts) > 1}
    for top in sorted(tops):
        folder = Path(str(installed.locate_file(top)))
        if top.isidentifier() and not is_test(f"{top}/x.py") and folder.is_dir():
            yield folder


def _toml(path: Path) -> Table:
    try:
        return tomllib.loads(_read(path))
    except (ValueError, RecursionError):
        return {}


def _read(path: Path) -> str:
    """The text of a file; nothing where it cannot be read, or is too large to be what it is taken for."""
    try:
        return path.read_text("utf-8-sig", "replace") if path.stat().st_size <= _LARGEST else ""
    except OSError:
        return ""


def _table(table: Table, *keys: str) -> Table:
    for key in keys:
        inner = table.get(key)
        table = cast("Table", inner) if isinstance(inner, dict) else {}
    return table


def _texts(value: object) -> Sequence[str]:
    return [each for each in cast("list[object]", value) if isinstance(each, str)] if isinstance(value, list) else []


def _normal(name: str) -> str:
    """As packages are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
