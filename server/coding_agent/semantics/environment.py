"""Where a project's imports come from: read from its files, or said by its interpreter where that may run."""

from collections.abc import Iterator
from pathlib import Path

from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import run
from coding_agent.semantics.symbol import Project

_USUAL = (".venv", "venv", "env", ".env")
_ASK = "import sys; sys.stdout.buffer.write('\\0'.join(sys.path).encode('utf-8', 'surrogateescape'))"


def project_at(root: Path, interpreter: Path | None = None) -> Project:
    """Return the project at ``root`` without running anything of it: the workspace need not be trusted.

    Its own folders come first, then the site-packages of ``interpreter``'s virtual environment, or of the one
    that lies in ``root``, as `pyvenv.cfg` and the `.pth` files name them.
    """
    found = [root / "src", root]
    for environment in _environments(root, interpreter):
        found += _site_packages(environment)
        break
    return Project(str(root), tuple(dict.fromkeys(str(path) for path in found if _is_folder(path))))


async def trusted_project_at(root: Path, interpreter: Path, *, timeout: float = 5.0) -> Project:
    """The same, but ask the interpreter: only for a trusted workspace, it runs what lies in its environment."""
    ran = await run([str(interpreter), "-I", "-c", _ASK], cwd=root, timeout=timeout)
    if not ran.ok:
        event("interpreter-failed", level=Level.WARNING, code=ran.code, problem=ran.problem)
        return project_at(root, interpreter)
    said = ran.out.decode("utf-8", "surrogateescape").split("\0")
    # Its standard library is left out: jedi's stubs fit the one of our own interpreter.
    packages = [path for path in said if "-packages" in Path(path).name]
    others = [path for path in said if path and Path(path).is_relative_to(root)]
    return Project(str(root), tuple(dict.fromkeys((*project_at(root).paths[:2], *others, *packages))))


def _environments(root: Path, interpreter: Path | None) -> Iterator[Path]:
    candidates = [interpreter.parent.parent] if interpreter else []
    candidates += [root / name for name in _USUAL]
    for folder in candidates:
        if _is_file(folder / "pyvenv.cfg"):
            yield folder


def _site_packages(environment: Path) -> Iterator[Path]:
    prefixes = [environment]
    settings = dict(_settings(environment / "pyvenv.cfg"))
    if settings.get("include-system-site-packages") == "true" and settings.get("home"):
        prefixes.append(Path(settings["home"]).parent)
    for prefix in prefixes:
        for folder in (*sorted(prefix.glob("lib/python3*/site-packages")), prefix / "Lib/site-packages"):
            if _is_folder(folder):
                yield folder
                yield from _linked(folder)


def _settings(path: Path) -> Iterator[tuple[str, str]]:
    for line in _lines(path):
        key, found, value = line.partition("=")
        if found:
            yield key.strip().lower(), value.strip()


def _linked(folder: Path) -> Iterator[Path]:
    """Yield the folders that `.pth` files name (editable installations); their `import` lines are not run."""
    for file in sorted(folder.glob("*.pth")):
        for line in _lines(file):
            if line and not line.startswith(("#", "import ", "import\t")):
                yield folder / line


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text("utf-8", "replace").split("\n")]
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # A null byte in a .pth file.
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
