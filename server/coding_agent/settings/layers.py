"""Where settings come from, lowest first: defaults, the user's file, the workspace's pyproject.toml, the editor, flags.

Reading never fails: what cannot be used is a `Problem`, and the layer below counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import cast

from coding_agent.errors import SettingError

SECTION = "coding-agent"

FILES = ("pyproject.toml", "ruff.toml", ".ruff.toml", ".gitignore")
"""The files of a folder that say what is looked at in it, and how."""

MARKS = ("pyproject.toml", ".git", ".hg", "setup.py", "setup.cfg")
"""What makes a folder the root of a project."""


class Source(Enum):
    """Who set a value."""

    DEFAULT = "default"
    USER = "your file"
    WORKSPACE = "the workspace's file"
    EDITOR = "your editor's settings"
    FLAGS = "the command line"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from; ``path`` is the file, where it is one."""

    source: Source
    path: Path | None = None

    def __str__(self) -> str:
        return str(self.path) if self.path else self.source.value


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the settings that is not used; ``message`` names key, place and remedy."""

    message: str
    origin: Origin
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of one place, as nested tables from TOML or JSON."""

    origin: Origin
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    problems: tuple[Problem, ...] = ()


def user_layer(path: Path) -> Layer:
    """Read the user's ``config.toml``; it is empty where the file is missing."""
    return _read(path, Origin(Source.USER, path))


def workspace_layer(path: Path) -> Layer:
    """Read ``[tool.coding-agent]`` of a ``pyproject.toml``; it is empty where file or table are missing."""
    layer = _read(path, Origin(Source.WORKSPACE, path))
    return Layer(layer.origin, _table(_table(layer.values, "tool"), SECTION), layer.problems)


def editor_layer(raw: object) -> Layer:
    """Take what an editor sent: initializationOptions, an answer to workspace/configuration, or didChangeConfiguration.

    The values may stand alone or under ``coding-agent`` or ``codingAgent``; null means not set.
    """
    origin = Origin(Source.EDITOR)
    if raw is None:
        return Layer(origin)
    if not isinstance(raw, Mapping):
        return Layer(origin, {}, (Problem(f"the editor's settings are no table but {raw!r:.60}", origin),))
    values = dict(cast("Mapping[str, object]", raw))
    for name in (SECTION, "codingAgent", "coding_agent", "settings"):
        inner = values.get(name)
        if isinstance(inner, Mapping):
            below = editor_layer(cast("object", inner))
            return Layer(origin, below.values, below.problems)
    return Layer(origin, values)


def flags_layer(values: Mapping[str, object]) -> Layer:
    return Layer(Origin(Source.FLAGS), values)


def workspace_file(start: Path, top: Path | None = None) -> Path | None:
    """Return the nearest ``pyproject.toml`` with our table, at or above the folder ``start`` and not above ``top``.

    A file that cannot be parsed is returned where it is the nearest one, so that its reader hears about it.
    """
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            layer = workspace_layer(path)
            if layer.values or layer.problems:
                return path
        if folder == top:
            break
    return None


def project_root(start: Path) -> Path:
    """Return the folder that a project's paths count from: the nearest with settings, else with a project's mark."""
    file = workspace_file(start)
    if file is not None:
        return file.parent
    return next((above for above in (start, *start.parents) if any((above / mark).exists() for mark in MARKS)), start)


def baseline_file(root: Path, name: str) -> Path:
    """Return where the settings of a project have its baseline.

    Raises: SettingError - it is no path, or leads out of the project, whose settings have no say about other files.
    """
    if "\0" in name:
        raise SettingError("the setting baseline is no path: it holds a null character; it takes a file below the root")
    file = root / name
    if not file.resolve().is_relative_to(root.resolve()):
        raise SettingError(f"the setting baseline leads to {file.resolve()}, out of {root}; it takes a file below that")
    return file


def _read(path: Path, origin: Origin) -> Layer:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Layer(origin)
    except OSError as error:
        return _unread(path, f"cannot be read: {error.strerror}", origin)
    # Most folders have no such file, and the start need not wait for a parser of it.
    import tomllib

    try:
        # utf-8-sig: some editors on Windows write a byte order mark, which TOML does not know.
        return Layer(origin, tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        why = "is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        why = f"is not valid TOML: {error}"
    except RecursionError:
        why = "is nested too deeply"
    return _unread(path, why, origin)


def _unread(path: Path, why: str, origin: Origin) -> Layer:
    return Layer(origin, {}, (Problem(f"{path} {why}; its settings are not used", origin),))


def _table(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = values.get(name)
    return cast("Mapping[str, object]", inner) if isinstance(inner, Mapping) else {}
