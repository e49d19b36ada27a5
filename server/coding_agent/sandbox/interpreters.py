"""Which files an interpreter needs, found by reading: nothing of the workspace is run to learn it."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_LINKS = 40
"""As many as the kernel follows."""
_PARTS = ("bin", "include", "share", "etc", "pyvenv.cfg")
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")


def folders(interpreter: Path) -> tuple[Path, ...]:
    """Return what must be readable for ``interpreter`` to start: its file, and the parts of the prefixes it has.

    Never a prefix as a whole, which may be somebody's home. ``/usr`` is not listed: every box has it.
    """
    found = [part for prefix in _prefixes(interpreter) for part in _parts(prefix)]
    root = interpreter.parent.parent
    if interpreter.parent.name == "shims" and (root / "versions").is_dir():
        found.append(root)  # It only says which interpreter is meant; they all stand beside it.
    return _existing([*found, interpreter])


def libraries(interpreter: Path) -> tuple[Path, ...]:
    """Return the folders of the standard library that ``interpreter`` has: nobody keeps secrets in them."""
    return _existing(library for prefix in _prefixes(interpreter) for library in _libraries(prefix))


def named(interpreter: Path) -> tuple[Path, ...]:
    """Return the folders that ``.pth`` files of its environment name, where they are projects: installed in place."""
    return tuple(path for path in _existing(_named(interpreter.parent.parent)) if _is_project(path))


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the symbolic links on the way to where a path really is, and what they say."""
    here, left = Path("/"), [*reversed(path.parts[1:])]
    count = 0
    while left and count < _LINKS:
        part = left.pop()
        here = here.parent if part == ".." else here / part
        try:
            target = here.readlink()
        except OSError:
            continue
        yield here, str(target)
        here = Path("/") if target.is_absolute() else here.parent
        left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
        count += 1


def _existing(found: Iterable[Path]) -> tuple[Path, ...]:
    existing = dict.fromkeys(path for path in found if path.exists() and path.parent != path)
    return tuple(path for path in existing if not _below_system(path))


def _chain(interpreter: Path) -> Iterator[Path]:
    """Yield the files that the link of an interpreter leads to, one after another."""
    for _ in range(_LINKS):
        try:
            target = interpreter.readlink()
        except OSError:
            break
        interpreter = Path(os.path.normpath(interpreter.parent / target))
        yield interpreter
    yield Path(os.path.realpath(interpreter))


def _prefixes(interpreter: Path) -> Iterable[Path]:
    """Return where an interpreter, what its links lead to and the base of its environment may be installed."""
    prefixes = [interpreter.parent.parent, *(link.parent.parent for link in _chain(interpreter))]
    home = _home(interpreter.parent.parent / "pyvenv.cfg")
    if home:
        prefixes += [home.parent, *(link.parent.parent for link in _chain(home / interpreter.name))]
    return dict.fromkeys(path for path in prefixes if path.parent != path and not _below_system(path))


def _parts(prefix: Path) -> Iterator[Path]:
    """Yield what Python has in a prefix; nothing where none was installed."""
    if (prefix / "pyvenv.cfg").is_file() or any(_libraries(prefix)):
        yield from sorted(prefix.glob("lib*"))
        yield from (prefix / name for name in _PARTS)


def _libraries(prefix: Path) -> Iterator[Path]:
    return (mark.parent for mark in prefix.glob("lib*/*/os.py"))


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


def _is_project(folder: Path) -> bool:
    """Return whether a folder is that of a project, or its ``src``; our user's home and what is above are none."""
    real = folder.resolve()
    home = _own_home()
    above = {home, *home.parents} if home else set[Path]()
    return real not in above and any(
        (each / mark).is_file() for each in (real, real.parent) if each not in above for mark in _MARKS
    )


def _own_home() -> Path | None:
    if sys.platform == "win32":
        return None
    import pwd

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir).resolve()
    except KeyError:
        return None


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8", "replace").split("\n")]
    except OSError:
        return []


def _below_system(path: Path) -> bool:
    """Return whether a folder is part of the system's, which every box may read."""
    return path == Path("/usr") or Path("/usr") in path.parents
