"""What is meant to be tested, and which of its gaps count most."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.testgen import reading
from coding_agent.testgen.modules import Source, source_at
from coding_agent.testgen.report import Gap
from coding_agent.testgen.risk import Risks
from coding_agent.testgen.signatures import Definition, definitions

_NONE = Risks()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A module and the functions, methods or classes in it that are wanted; none named: all."""

    source: Source
    names: tuple[str, ...] = ()


def wanted(target: str, project: Path, directory: Path, paths: Sequence[Path] = ()) -> Wanted:
    """Return what a target means: ``file.py``, ``file.py::qualname``, or a dotted module below ``paths``.

    Raises: UsageError - there is no such file, module or name.
    """
    name, _, qualname = target.partition("::")
    path, said = _file(name, project, directory), None
    if path is None:
        path, said = _module(name, project, paths)
    if path is None:
        raise UsageError(f"there is no file and no module {name!r} in {project}")
    source = source_at(path, project, said) if path.suffix == ".py" else None
    if source is None:
        raise UsageError(f"{name} is no Python file")
    names: tuple[str, ...] = ()
    if qualname:
        text, qualname = _read(path), qualname.replace("::", ".")
        names = matching(qualname, definitions(text))
        if not names and reading.module(text) is None:
            # Not to be told from here: the user's Python may read it, or say what is wrong with it.
            names = (qualname,)
        if not names:
            raise UsageError(f"there is no function, method or class {qualname!r} in {name}")
    if not path.name.endswith(".py") or not source.module:
        raise UsageError(f"{name} cannot be imported as a module")
    return Wanted(source, names)


def matching(qualname: str, known: Iterable[Definition]) -> tuple[str, ...]:
    """Return the targets that a name means: itself, and for a class all that is defined in it."""
    return tuple(each.name for each in known if each.name == qualname or each.name.startswith(qualname + "."))


def at_lines(first: int, last: int, known: Iterable[Definition]) -> tuple[str, ...]:
    """Return the functions and methods that lines touch, counted from one, inner ones and those around them."""
    return tuple(
        each.name for each in known if not each.is_class and each.line <= last and each.last >= first
    )  # fmt: skip


def by_risk(gaps: Iterable[Gap], known: Iterable[Definition], risks: Risks = _NONE) -> list[Gap]:
    """Return gaps with those first where a test is worth most: many of them in a function, a complex one, one in which
    something was found or that was changed often.
    """
    found = list(gaps)
    many = Counter(gap.function for gap in found)
    complexity = {each.name: each.branches for each in known}

    def risk(gap: Gap) -> float:
        outer = gap.function.partition(".<locals>")[0]
        return many[gap.function] + 0.5 * complexity.get(outer, 0) + risks.of(outer)

    return sorted(found, key=lambda gap: (-risk(gap), gap.function, gap.line, gap.column))


def _file(name: str, project: Path, directory: Path) -> Path | None:
    for base in (directory, project):
        path = base / name
        if path.is_file():
            return path
        if (path / "__init__.py").is_file():
            return path / "__init__.py"
    return None


def _module(name: str, project: Path, paths: Sequence[Path]) -> tuple[Path | None, Path | None]:
    """The file of a dotted module, and the folder that its name starts from."""
    if name.endswith(".py") or "/" in name:
        return None, None
    parts = name.split(".")
    for base in (*paths, project / "src", project, project / "lib"):
        path = base.joinpath(*parts)
        if path.with_suffix(".py").is_file():
            return path.with_suffix(".py"), base
        if (path / "__init__.py").is_file():
            return path / "__init__.py", base
    return None, None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
