"""A full-screen program in a terminal of its own: keys go in, the screen that a person would see comes out."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

PATIENCE = 90.0
"""Seconds until something is given up; a loaded machine with one core for everything still gets there."""
_LOOK = 0.05
"""Seconds between two looks at the screen."""
_STYLE = re.compile(r"\x1b\[([\d;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()].|[\x0e\x0f]")
_numbers = count()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one line of the screen that are underlined, and what stands before them in that line."""

    text: str
    before: str


class Terminal:
    """A program in a tmux server that nobody else uses."""

    def __init__(
        self,
        command: Sequence[str | Path],
        folder: Path,
        variables: Mapping[str, str],
        size: tuple[int, int] = (120, 36),
    ) -> None:
        self._socket = f"editors-{os.getpid()}-{next(_numbers)}"
        given = [f"{name}={value}" for name, value in variables.items()]
        width, height = map(str, size)
        began = ["new-session", "-d", "-x", width, "-y", height, "-c", str(folder), "env", *given, *map(str, command)]
        # A program that ends leaves its last screen, and Escape is not held back to see whether more keys follow.
        self._tmux(
            "-f", "/dev/null", *began, ";", "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "escape-time", "0"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def keys(self, *keys: str) -> None:
        """Press keys, named as tmux names them (``Enter``, ``C-x``, ``a``)."""
        self._tmux("send-keys", "--", *keys)

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-l", "--", text)

    def screen(self) -> str:
        """Return what the screen shows, without spaces at the ends of lines."""
        return self._tmux("capture-pane", "-p")

    def underlined(self) -> list[Run]:
        """Return what is underlined on the screen, from top to bottom."""
        return [run for line in self._tmux("capture-pane", "-p", "-e").split("\n") for run in _runs(line)]

    def wait(self, text: str, patience: float = PATIENCE) -> str:
        """Wait until a text is on the screen; return the screen."""
        return self.until(lambda: text in self.screen(), f"{text!r} on the screen", patience)

    def wait_gone(self, text: str, patience: float = PATIENCE) -> str:
        """Wait until a text is no longer on the screen; return the screen."""
        return self.until(lambda: text not in self.screen(), f"no {text!r} on the screen", patience)

    def until(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> str:
        """Wait for something to be true; return the screen. Raises: AssertionError - it never was; shows the screen."""
        end = time.monotonic() + patience
        while not true():
            assert time.monotonic() < end, f"never came: {what}\n{self.screen()}"
            time.sleep(_LOOK)
        return self.screen()

    def close(self) -> None:
        """End the program, whatever it does."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._socket, *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        return done.stdout.decode("utf-8", "replace")


def _runs(line: str) -> Iterator[Run]:
    before, under, on, at = "", "", False, 0
    for style in (*_STYLE.finditer(line), None):
        text = line[at : style.start() if style else None]
        if on:
            under += text
        elif text:
            if under:
                yield Run(under, before)
            before, under = before + under + text, ""
        if style:
            at = style.end()
            on = _underlines(style[1], on) if style[1] is not None else on
    if under:
        yield Run(under, before)


def _underlines(codes: str, before: bool) -> bool:
    """Whether text is underlined behind a sequence of styles."""
    # A colour takes the numbers behind it with it: 5;N or 2;R;G;B, of which none is a style.
    for code in re.sub(r"\b[345]8;(5;\d*|2(;\d*){3})", "", codes).split(";"):
        if code in {"", "0", "24", "4:0"}:
            before = False
        elif code == "4" or code.startswith("4:"):
            before = True
    return before
