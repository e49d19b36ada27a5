"""What to test, in which order, and what that would run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.testgen.layout import Source, source_at
from coding_agent.testgen.report import Gap
from coding_agent.testgen.signatures import Definition, definitions


@dataclass(frozen=True, slots=True)
class Wanted:
    """A module and the functions, methods or classes in it that are wanted; none named: all."""

    source: Source
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One target of a plan: how hard it is, and which of its branches no test takes."""

    name: str
    line: int
    risk: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """``runs`` are sentences on what would be executed; ``seconds`` is an estimate."""

    wanted: Wanted
    items: tuple[Item, ...]
    seconds: float
    runs: tuple[str, ...]


def wanted(target: str, project: Path, directory: Path, paths: Sequence[Path] = ()) -> Wanted:
    """Return what a target means: ``file.py``, ``file.py::qualname``, or a dotted module below ``paths``.

    Raises: UsageError - there is no such file, module or name.
    """
    name, _, qualname = target.partition("::")
    path = _file(name, project, directory, paths)
    if path is None:
        raise UsageError(f"there is no file and no module {name!r} in {project}")
    source = source_at(path, project) if path.suffix == ".py" else None
    if source is None:
        raise UsageError(f"{name} is no Python file")
    names: tuple[str, ...] = ()
    if qualname:
        known = definitions(_read(path))
        names = matching(qualname.replace("::", "."), known)
        if not names:
            raise UsageError(f"there is no function, method or class {qualname!r} in {name}")
    if not path.name.endswith(".py") or not source.module:
        raise UsageError(f"{name} cannot be imported as a module")
    return Wanted(source, names)


def matching(qualname: str, known: Iterable[Definition]) -> tuple[str, ...]:
    """Return the targets that a name means: itself, and for a class all that is defined in it."""
    return tuple(each.name for each in known if each.name == qualname or each.name.startswith(qualname + "."))


def at_lines(first: int, last: int, known: Iterable[Definition]) -> tuple[str, ...]:
    """Return the functions and methods that lines touch, counted from one; the innermost ones."""
    return tuple(
        each.name for each in known if not each.is_class and each.line <= last and each.last >= first
    )  # fmt: skip


def by_risk(known: Sequence[Definition], open_branches: Mapping[str, int], churn: Mapping[str, int]) -> list[str]:
    """Return names by how much a test is worth: branches that no test takes, complexity, how often lines changed."""

    def risk(each: Definition) -> float:
        return open_branches.get(each.name, 0) + 0.5 * each.branches + 0.2 * churn.get(each.name, 0)

    return [each.name for each in sorted(known, key=lambda each: (-risk(each), each.line))]


def _file(name: str, project: Path, directory: Path, paths: Sequence[Path]) -> Path | None:
    for base in (directory, project):
        path = base / name
        if path.is_file():
            return path
        if (path / "__init__.py").is_file():
            return path / "__init__.py"
    if name.endswith(".py") or "/" in name:
        return None
    parts = name.split(".")
    for base in (*paths, project / "src", project, project / "lib"):
        path = base.joinpath(*parts)
        if path.with_suffix(".py").is_file():
            return path.with_suffix(".py")
        if (path / "__init__.py").is_file():
            return path / "__init__.py"
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
