"""What is said of a module that cannot be read or imported: where, by which Python, and what helps."""

import re
from pathlib import Path

from coding_agent.testgen import reading

_FRAME = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)
_SYNTAX = re.compile(r"^(?:SyntaxError|IndentationError|TabError): (.*)$", re.MULTILINE)
_MISSING = re.compile(r"^ModuleNotFoundError: No module named '([^']+)'", re.MULTILINE)


def told(said: str, interpreter: Path, project: Path) -> str:
    """Return one line for what a job ended with: its last one, or more where that alone would not help."""
    syntax = list(_SYNTAX.finditer(said))
    frames = list(_FRAME.finditer(said, 0, syntax[-1].start())) if syntax else []
    if frames:
        return _of_syntax(syntax[-1].group(1), Path(frames[-1].group(1)), frames[-1].group(2), interpreter, project)
    missing = _MISSING.findall(said)
    if missing:
        name = missing[-1]
        if _is_ours(name, project):
            return f"ModuleNotFoundError: No module named '{name}'"
        return (
            f"{interpreter} has no module {name!r}: install it there, or name the Python of the project's own "
            "environment (--python)"
        )
    return said.strip().split("\n")[-1]


def _of_syntax(message: str, file: Path, line: str, interpreter: Path, project: Path) -> str:
    shown = file.relative_to(project) if file.is_relative_to(project) else file
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        text = ""
    other = "a newer Python reads it: name one with --python" if text and reading.module(text) is not None else ""
    return "; ".join(part for part in (f"{shown}, line {line}: {interpreter} cannot read it: {message}", other) if part)


def _is_ours(name: str, project: Path) -> bool:
    """Whether the project has a module of the name: nothing to install would help."""
    top = name.partition(".")[0]
    return any((base / top).is_dir() or (base / f"{top}.py").is_file() for base in (project, project / "src"))
