"""What is to be generated."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from coding_agent.sandbox.spec import Mode
from coding_agent.testgen import callsites
from coding_agent.testgen.boxes import Target
from coding_agent.testgen.layout import Place
from coding_agent.testgen.style import Style

Calls: TypeAlias = Callable[[Path, Path, str, Iterable[str], callsites.Stop], list[callsites.Seed]]
"""Finds calls in a project, as ``callsites.seeds`` does."""


@dataclass(frozen=True, slots=True)
class Request:
    """Tests of one module. ``names`` are the targets wanted, none: all. Call sites are looked for in ``around``.

    ``before`` is what the test file holds, None where there is none. ``into`` is where the file is written instead of
    its place. ``watched``: somebody waits for the first file. ``advice`` is for where the module is not installed.
    """

    target: Target
    names: tuple[str, ...]
    place: Place
    style: Style
    around: Path
    tests: tuple[Path, ...]
    seconds: float
    mode: Mode = Mode.AUTO
    gaps: bool = False
    before: str | None = None
    into: Path | None = None
    watched: bool = False
    advice: str = ""
    calls: Calls = callsites.seeds
