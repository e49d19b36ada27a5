"""What a command may know of the world outside: all of it is an argument, made by `app.py`."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from coding_agent.store.folders import Folders


@dataclass(frozen=True, slots=True)
class Outside:
    """Where a command runs and whom it talks to."""

    directory: Path
    """The current directory, absolute."""
    folders: Folders
    input: BinaryIO
    out: TextIO
    err: TextIO
    clock: Callable[[], float]
    """Seconds since 1970."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """The environment's variables."""

    def say(self, text: str = "") -> None:
        """Write a line of the answer."""
        self.out.write(text + "\n")

    def pour(self, content: bytes) -> None:
        """Write bytes of the answer as they are."""
        self.out.flush()
        self.out.buffer.write(content)
        self.out.buffer.flush()

    def warn(self, text: str) -> None:
        """Write a line beside the answer."""
        self.err.write(text + "\n")

    def colour(self, stream: TextIO) -> bool:
        """Whether a stream wants colour: a terminal does, unless NO_COLOR or TERM=dumb; FORCE_COLOR always does."""
        if self.variables.get("NO_COLOR"):
            return False
        if self.variables.get("FORCE_COLOR"):
            return True
        return is_terminal(stream) and self.variables.get("TERM") != "dumb"

    def absolute(self, path: str | Path) -> Path:
        """Return a path as given on the command line, from the current directory, without ``.`` and ``..``."""
        import os

        return Path(os.path.normpath(self.directory / path))

    def shown(self, path: Path) -> str:
        """Return how a file is shown: from the current directory where it is below, with slashes."""
        return (path.relative_to(self.directory) if path.is_relative_to(self.directory) else path).as_posix()


def is_terminal(stream: TextIO) -> bool:
    with suppress(ValueError):  # A closed stream is none.
        return stream.isatty()
    return False


def tolerant(stream: TextIO) -> TextIO:
    """Make a stream write what its encoding lacks (lone surrogates too) as backslash escapes, instead of failing.

    Line ends are written as they are, so that a fixed text comes out with its own.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if callable(reconfigure):
        reconfigure(errors="backslashreplace", newline="\n")
    return stream


def standard(directory: Path, folders: Folders, variables: Mapping[str, str], clock: Callable[[], float]) -> Outside:
    """Return the world of a process with the usual three streams."""
    streams = sys.stdin.buffer, tolerant(sys.stdout), tolerant(sys.stderr)
    return Outside(directory, folders, *streams, clock, variables)
