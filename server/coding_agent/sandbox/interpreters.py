"""Which folders an interpreter needs, found by reading: nothing of the workspace is run to learn it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_LINKS = 16


def folders(interpreter: Path) -> tuple[Path, ...]:
    """Return what must be readable for ``interpreter`` to start: its prefix, its base, its environment; no doubles.

    ``/usr`` is not listed: every box has it.
    """
    found = [*_chain(interpreter)]
    environment = interpreter.parent.parent
    if (environment / "pyvenv.cfg").is_file():
        home = _home(environment / "pyvenv.cfg")
        if home:
            found += _chain(home / interpreter.name)
            found.append(home.parent)
    return _existing(found)


def named(interpreter: Path) -> tuple[Path, ...]:
    """Return the folders that ``.pth`` files of its environment name: what is installed in place, editable."""
    return _existing(_named(interpreter.parent.parent))


def _existing(found: Iterable[Path]) -> tuple[Path, ...]:
    existing = dict.fromkeys(path for path in found if path.is_dir() and path.parent != path)
    return tuple(path for path in existing if not _below_system(path))


def _chain(interpreter: Path) -> Iterator[Path]:
    """Yield the prefix of an interpreter and of each file its link leads to."""
    for _ in range(_LINKS):
        yield interpreter.parent.parent
        try:
            target = interpreter.readlink()
        except OSError:
            break
        interpreter = Path(os.path.normpath(interpreter.parent / target))
    yield Path(os.path.realpath(interpreter)).parent.parent


def _home(config: Path) -> Path | None:
    for line in _lines(config):
        key, equals, value = line.partition("=")
        if equals and key.strip() == "home" and value.strip():
            return Path(value.strip())
    return None


def _named(environment: Path) -> Iterator[Path]:
    for file in sorted(environment.glob("lib*/python3*/site-packages/*.pth")):
        for line in _lines(file):
            if line and not line.startswith(("#", "import ", "import\t")) and os.path.isabs(line):  # noqa: PTH117
                yield Path(line)


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8", "replace").split("\n")]
    except OSError:
        return []


def _below_system(path: Path) -> bool:
    """Return whether a folder is part of the system's, which every box may read."""
    return path == Path("/usr") or Path("/usr") in path.parents
