"""What a module is called in a test: where its imports start, as the project itself says and does."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from keyword import iskeyword
from pathlib import Path

from coding_agent.testgen.conventions import import_roots

SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist", "venv", "env"})
"""Folders that hold nothing of the project's own."""
_STARTS = ("src", "lib", "python")
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "manage.py")
_LOOKED_AT = 300
"""Files whose imports are read."""
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))", re.MULTILINE
)
_WORD = re.compile(r"(?:^|[,(])\s*([\w.]+)")
_DEFINED = re.compile(r"^(?:(?:async[ \t]+def|def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A module: its file, its dotted name, and the folder that its imports start from."""

    path: Path
    module: str
    root: Path

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.module.split("."))


def source_at(path: Path, project: Path, said: Path | None = None) -> Source:
    """Return the module of a file. ``said`` is where the dotted name starts that somebody called it by.

    Packages are named with all above them that have an ``__init__.py``. Whether folders without one count as namespace
    packages is told, in this order, by: the name that was said, the dotted name that other files import it by, what the
    module itself imports, what others import by names that start at the same folder. Where nothing tells it, imports
    start at the innermost of: a folder that the project's configuration names, one called ``src`` or ``lib``, one with
    a project's own files in it, the project.
    """
    top = path.parent
    while (top / "__init__.py").is_file() and top not in (project, top.parent):
        top = top.parent
    root = _root(path, top, project, said) if top.is_relative_to(project) else top
    return Source(path, _dotted(path, root), root)


def text_of(path: Path) -> str:
    """Return the text of a file; empty where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _dotted(path: Path, root: Path) -> str:
    relative = path.with_suffix("").relative_to(root)
    return ".".join(relative.parts[:-1] if relative.name == "__init__" else relative.parts)


def _root(path: Path, top: Path, project: Path, said: Path | None) -> Path:
    inside = top.relative_to(project).parts
    roots = [project.joinpath(*inside[:count]) for count in range(len(inside) + 1)]
    # From the longest name to the shortest.
    roots = [root for root in roots if root == top or _may_hold(root, top)]
    if said in roots:
        return said
    start = _start(top, project)
    usual = start if start in roots else top
    if len(roots) == 1:
        return usual
    own = _Importer(path, text_of(path))
    others = [_Importer(file, text_of(file)) for file in islice(_files(project), _LOOKED_AT) if file != path]
    names = {name for each in others for name in each.names if "." in name}
    for found in (
        [root for root in roots if _dotted(path, root) in names],
        [root for root in reversed(roots) if root.is_relative_to(usual) and own.needs(root, usual)],
        [root for root in roots if any(each.starts_at(root, path) for each in (own, *others))],
    ):
        if found:
            return usual if usual in found else found[0]
    return usual


def _may_hold(root: Path, top: Path) -> bool:
    """Whether folders from ``root`` down to ``top`` can be namespace packages: a regular module of the name wins."""
    parts = top.relative_to(root).parts
    named = all(part.isidentifier() and not iskeyword(part) for part in parts)
    return named and parts[0] not in sys.stdlib_module_names


def _start(top: Path, project: Path) -> Path:
    """The folder that imports of what is in ``top`` start from, where nobody imports it."""
    for folder in (top, *top.parents):
        named = folder.name in _STARTS and (folder.parent == project or _is_marked(folder.parent))
        if folder == project or folder.name == "src" or named:
            return folder
        if _is_marked(folder):
            return next((root for root in import_roots(folder) if top.is_relative_to(root)), folder)
        if folder in import_roots(project):
            return folder
    return project


def _is_marked(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _MARKS)


class _Importer:
    """A file, and the absolute names of what may be modules in its imports."""

    def __init__(self, file: Path, text: str) -> None:
        self.file, self._text = file, text
        self.names: set[str] = set()
        for module, names, plain in _IMPORT.findall(text):
            inner = _WORD.findall(plain or names)
            self.names.update([module, *(f"{module}.{each}" for each in inner)] if module else inner)
        self.names = {name for name in self.names if all(part.isidentifier() for part in name.split("."))}

    def needs(self, root: Path, usual: Path) -> bool:
        """Whether it imports what is found from one folder and not from another."""
        return any(self._finds(name, root) and not self._finds(name, usual) for name in self.names)

    def starts_at(self, root: Path, path: Path) -> bool:
        """Whether it imports a module's package by names that start at ``root``, or from beside it what lies there."""
        package, _, inner = _dotted(path, root).partition(".")
        near = not inner and self.file.is_relative_to(root)
        return any(self._finds(name, root) for name in self.names if near or name.partition(".")[0] == package)

    def _finds(self, name: str, root: Path) -> bool:
        """Whether a name is one of what is below a folder."""
        first = name.partition(".")[0]
        if first in sys.stdlib_module_names:
            return False
        place = root.joinpath(*name.split("."))
        if (root / first / "__init__.py").is_file() or (place != root / first and place.with_suffix(".py").is_file()):
            return True
        file = place.with_suffix(".py")
        return file != self.file and file.is_file() and self._uses(name, text_of(file))

    def _uses(self, name: str, text: str) -> bool:
        """Whether the file uses something of a module that the text defines: the name may be a library's as well."""
        used = {each.rpartition(".")[2] for each in self.names if each.startswith(name + ".")}
        used.update(re.findall(rf"\b{re.escape(name)}\.(\w+)", self._text))
        return not used.isdisjoint(one or other for one, other in _DEFINED.findall(text))


def _files(project: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        folders[:] = own_folders(folder, folders)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))


def own_folders(folder: str, names: Sequence[str]) -> list[str]:
    """Return which of the folders in one may hold files of the project's: none hidden, no environment, no build."""
    return sorted(
        each
        for each in names
        if not each.startswith(".") and each not in SKIPPED and not Path(folder, each, "pyvenv.cfg").exists()
    )
