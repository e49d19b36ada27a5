"""Make the files that latency is measured on: real code of this interpreter's standard library.

    python bench/inputs.py WORKSPACE

About 200, 1 000, 5 000 and 20 000 lines. A size that a module has is that module; a larger one is several
modules in one file. Functions with a known finding stand between the statements, so that every file has at
least 50 findings of ours (real code alone has some too, but how many depends on the rules).
"""

import ast
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SIZES = (200, 1000, 5000, 20000)
FINDINGS = 50
EACH = 5
"""Findings in one added function."""

# Modules that most interpreters have, well kept, with the usual mix of classes, functions and tables.
MODULES = (
    *(
        "reprlib",
        "getopt",
        "py_compile",
        "traceback",
        "functools",
        "ftplib",
        "socket",
        "typing",
        "inspect",
        "tarfile",
        "pydoc",
    ),
    *(
        "urllib/request",
        "datetime",
        "argparse",
        "zipfile",
        "ipaddress",
        "logging/__init__",
        "subprocess",
        "mailbox",
        "enum",
    ),
    *(
        "http/cookiejar",
        "difflib",
        "asyncio/base_events",
        "pickle",
        "pdb",
        "doctest",
        "optparse",
        "configparser",
        "statistics",
    ),
    *(
        "smtplib",
        "imaplib",
        "http/server",
        "http/client",
        "threading",
        "uuid",
        "shutil",
        "random",
        "locale",
        "codecs",
        "csv",
    ),
)


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the workspace; ``name`` is the size asked for."""

    name: str
    path: Path
    lines: int


def modules() -> dict[str, str]:
    """The text of the modules of ``MODULES`` that this interpreter has."""
    root = Path(sysconfig.get_path("stdlib"))
    paths = {name: root / f"{name}.py" for name in MODULES}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items() if path.is_file()}


def joined(texts: Sequence[str]) -> str:
    """Several modules in one file: what they import from the future comes first, once."""
    future: dict[str, None] = {}
    bodies: list[str] = []
    for text in texts:
        lines = text.replace("\x0c", "").split("\n")
        for node in ast.parse("\n".join(lines)).body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                future |= {alias.name: None for alias in node.names}
                for line in range(node.lineno - 1, node.end_lineno or node.lineno):
                    lines[line] = ""
        bodies.append("\n".join(lines).strip("\n"))
    head = [f"from __future__ import {', '.join(future)}"] if future else []
    return "\n\n\n".join((*head, *bodies)) + "\n"


def companion(number: int) -> str:
    """A function with ``EACH`` findings: evaluated text from outside."""
    calls = "".join(f"    found.append(eval(text[{at}:]))\n" for at in range(EACH))
    return f"def companion_{number}(text):\n    found = []\n{calls}    return found\n\n\n"


def with_findings(text: str, functions: int) -> str:
    """``text`` with so many companions spread between its top-level definitions."""
    lines = text.splitlines(keepends=True)
    starts = [
        min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    for number in reversed(range(functions)):
        lines.insert(starts[number * len(starts) // functions], companion(number))
    return "".join(lines)


def sized(texts: dict[str, str], size: int) -> str:
    """Real code of about ``size`` lines, room left for the companions."""
    room = size - FINDINGS // EACH * companion(0).count("\n")
    counts = {name: text.count("\n") for name, text in texts.items()}
    near = min(counts, key=lambda name: abs(counts[name] - room))
    if abs(counts[near] - room) < size * 0.1 or counts[near] > room:
        return joined([texts[near]])
    chosen: list[str] = []
    for name in sorted(counts, key=counts.__getitem__, reverse=True):
        if counts[name] <= room:
            chosen.append(texts[name])
            room -= counts[name]
    return joined(chosen)


def make(workspace: Path, sizes: Sequence[int] = SIZES) -> Iterator[Input]:
    """Write the files into ``workspace/pkg``, with a project file that configures nothing."""
    folder = workspace / "pkg"
    folder.mkdir(parents=True, exist_ok=True)
    (workspace / "pyproject.toml").write_text('[project]\nname = "measured"\nversion = "1"\n')
    (folder / "__init__.py").write_text("")
    texts = modules()
    for size in sizes:
        text = with_findings(sized(texts, size), FINDINGS // EACH)
        ast.parse(text)
        path = folder / f"lines_{size}.py"
        path.write_text(text, encoding="utf-8")
        yield Input(str(size), path, text.count("\n"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for made in make(Path(sys.argv[1])):
        print(f"{made.lines:>6} lines  {made.path}")
