"""Which files count, and why the others stay silent.

Findings in code that somebody else maintains, or that a program wrote, help nobody.
A `FileFilter` remembers what it learned about folders; make a new one when a ``.gitignore``
or an option changed.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from coding_agent.workspace.option import option

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".pyi", ".pyw")
IGNORE_FILE = ".codingagentignore"
"""What is neither indexed nor sent, written as .gitignore is."""
FIRST_LINES = 5
"""How many lines from the top can say that a program wrote the file."""

_VENDORED = frozenset(
    {"_vendor", "vendor", "vendored", "_vendored", "third_party", "thirdparty", "node_modules", "extern"}
)
_ENVIRONMENT = frozenset({"site-packages", "dist-packages", "__pypackages__"})
_BUILT = frozenset(
    {".tox", ".nox", "build", "dist", "__pycache__", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)
_HISTORY = frozenset({".git", ".hg", ".svn", ".jj"})
_GENERATED_NAME = re.compile(r".*_pb2(_grpc)?\.pyi?|_version\.py")
_GENERATED_LINE = re.compile(r"\s*(#|\"\"\"|'''|[rR]?\"|[rR]?')")
_GENERATED = re.compile(
    r"@generated\b|\bauto-?\s?generated\b|\bgenerated (automatically|by|from|with|using)\b"
    r"|\bdo(n't| not) (edit|modify|change)\b",
    re.IGNORECASE,
)
_PYTHON_SHEBANG = re.compile(rb"#!\s*\S*(/|env\s+(-S\s+)?)(python|pypy)[\d.]*\b")


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Which files of a workspace count."""

    include: tuple[str, ...] = field(
        default=(),
        metadata=option("Patterns, written as in .gitignore, of the only files to look at; empty means all."),
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata=option("Patterns, written as in .gitignore, of files and folders to stay silent about.")
    )
    gitignore: bool = field(default=True, metadata=option("Stay silent about what .gitignore files ignore."))
    vendored: bool = field(
        default=False, metadata=option("Look also at folders of copied code (_vendor, third_party, node_modules ...).")
    )
    generated: bool = field(default=False, metadata=option("Look also at files that say that a program wrote them."))
    scripts: bool = field(
        default=False, metadata=option("Look also at files without a suffix that begin with a Python shebang.")
    )


class Reason(Enum):
    """Why a file is silent, as the user reads it."""

    NOT_INCLUDED = "not among the included files"
    EXCLUDED = "excluded by the settings"
    IGNORED = "ignored by a .gitignore"
    VENDORED = "copied code of others"
    GENERATED = "written by a program"
    ENVIRONMENT = "part of an installed environment"
    BUILT = "made by a build or a tool"
    HISTORY = "part of version control"


class Found(NamedTuple):
    """A Python file and its size in bytes."""

    path: Path
    size: int


class Stop(Protocol):
    """The part of a `Token` that is asked here."""

    def check(self) -> None: ...


class FileFilter:
    """Decides for the files of one root. All paths are absolute and in the root's own spelling.

    The root itself always counts, wherever it is. Outside the root only installed environments are silent.
    ``also`` names files that are read as .gitignore files are, whatever the options say of those.
    """

    def __init__(self, root: Path, options: FileOptions, also: str = "") -> None:
        self.root = root
        self.options = options
        self._sources = (*((".gitignore",) if options.gitignore else ()), *((also,) if also else ()))
        self._top = _repository(root) if self._sources else root
        self._folders: dict[Path, Reason | None] = {root: None}
        self._ignores: dict[Path, GitIgnoreSpec | None] = {}
        self._include = _spec(options.include)
        self._exclude = _spec(options.exclude)
        if self._top != root and self._ignored(root, folder=True):
            # Who opens a folder that the repository around it ignores wants to see it.
            self._top = root

    def silent(self, path: Path, first_lines: Sequence[str] = ()) -> Reason | None:
        """Return why nothing is said about a file, None where it counts.

        ``first_lines`` are the first lines of its text (`FIRST_LINES` are enough); without them
        a generated file is known by its name only.
        """
        if not path.is_relative_to(self.root):
            return Reason.ENVIRONMENT if _installed(path) else self._generated(path, first_lines)
        return self.folder(path.parent) or self._listed(path, folder=False) or self._generated(path, first_lines)

    def folder(self, folder: Path) -> Reason | None:
        """Return why nothing is said about all that is below a folder of the root."""
        if folder in self._folders:
            return self._folders[folder]
        reason = self.folder(folder.parent) or self._named(folder) or self._listed(folder, folder=True)
        self._folders[folder] = reason
        return reason

    def _named(self, folder: Path) -> Reason | None:
        name = folder.name
        if name in _HISTORY:
            return Reason.HISTORY
        if name in _BUILT or name.endswith(".egg-info"):
            # A package may well be called ``build`` or ``dist``; it then has an ``__init__.py``.
            return None if name in {"build", "dist"} and (folder / "__init__.py").is_file() else Reason.BUILT
        if name in _ENVIRONMENT or (folder / "pyvenv.cfg").is_file():
            return Reason.ENVIRONMENT
        return Reason.VENDORED if name in _VENDORED and not self.options.vendored else None

    def _listed(self, path: Path, *, folder: bool) -> Reason | None:
        if self._exclude is not None and self._exclude.match_file(_relative(path, self.root, folder=folder)):
            return Reason.EXCLUDED
        if self._sources and self._ignored(path, folder=folder):
            return Reason.IGNORED
        if not folder and self._include is not None and not self._include.match_file(_relative(path, self.root)):
            return Reason.NOT_INCLUDED
        return None

    def _ignored(self, path: Path, *, folder: bool) -> bool:
        # The nearest .gitignore that says anything decides, as git does.
        for above in path.parents:
            spec = self._ignore(above)
            if spec is not None:
                said = spec.check_file(_relative(path, above, folder=folder)).include
                if said is not None:
                    return said
            if above == self._top:
                break
        return False

    def _ignore(self, folder: Path) -> "GitIgnoreSpec | None":
        if folder not in self._ignores:
            self._ignores[folder] = _spec([line for name in self._sources for line in _lines(folder / name)])
        return self._ignores[folder]

    def _generated(self, path: Path, first_lines: Sequence[str]) -> Reason | None:
        if self.options.generated:
            return None
        if _GENERATED_NAME.fullmatch(path.name):
            return Reason.GENERATED
        said = any(_GENERATED_LINE.match(line) and _GENERATED.search(line) for line in first_lines[:FIRST_LINES])
        return Reason.GENERATED if said else None


def walk(files: FileFilter, starts: Iterable[Path], token: Stop) -> Iterator[Found]:
    """Yield the Python files that count below ``starts`` (folders of the filter's root), in a fixed order.

    Links to folders are not followed, so no file comes twice and no loop is entered. Folders that cannot be
    read hold nothing. Texts are not read, so generated files known only by their first lines are among them.
    """
    for start in starts:
        waiting = [start]
        while waiting:
            token.check()
            folder = waiting.pop()
            if folder != start and files.folder(folder):
                continue
            below: list[Path] = []
            for entry in _entries(folder):
                path = Path(entry.path)
                if _is_folder(entry):
                    below.append(path)
                elif _is_python(entry, scripts=files.options.scripts) and files.silent(path) is None:
                    yield Found(path, _size(entry))
            waiting += reversed(below)


def is_python(path: Path, *, scripts: bool = False) -> bool:
    """Whether a file is Python by its name, or, with ``scripts``, by the shebang it begins with."""
    return path.suffix in SUFFIXES or (scripts and not path.suffix and _has_shebang(path))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_python(entry: "os.DirEntry[str]", *, scripts: bool) -> bool:
    named = entry.name.endswith(SUFFIXES)
    if not named and not (scripts and "." not in entry.name):
        return False
    try:
        return entry.is_file() and (named or _has_shebang(Path(entry.path)))
    except OSError:
        return False


def _has_shebang(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _PYTHON_SHEBANG.match(file.readline(128)) is not None
    except OSError:
        return False


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0


def _installed(path: Path) -> bool:
    return any(part in _ENVIRONMENT for part in path.parts)


def _repository(root: Path) -> Path:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _relative(path: Path, base: Path, *, folder: bool = False) -> str:
    return path.relative_to(base).as_posix() + ("/" if folder else "")


def _lines(path: Path) -> tuple[str, ...]:
    try:
        # Bytes, unlike texts, split at line ends only.
        return tuple(line.decode("utf-8", "surrogateescape") for line in path.read_bytes().splitlines())
    except OSError:
        return ()


def _spec(patterns: Sequence[str]) -> "GitIgnoreSpec | None":
    if not any(line.strip() and not line.startswith("#") for line in patterns):
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except (ValueError, re.error):
        # One pattern that git itself would pass over must not silence the others.
        return GitIgnoreSpec.from_lines(line for line in patterns if _readable(line))


def _readable(pattern: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines((pattern,))
    except (ValueError, re.error):
        return False
    return True
