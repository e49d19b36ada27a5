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
_PARTS = re.compile(r"\x1b\[[\d;:]*m|\n|[^\x1b\n]+|\x1b")
_STYLE = re.compile(r"\x1b\[([\d;:]*)m")
_CODES = re.compile(r"[345]8;(?:5;\d+|2;\d+;\d+;\d+)|[\d:]+")
"""A colour takes the numbers behind it with it."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one line of the screen that look alike, and what stands before them in that line.

    ``background`` is a colour as the terminal was told it (``2;R;G;B``), empty for the terminal's own.
    """

    text: str
    before: str
    underlined: bool
    background: str


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
        return [run for run in self._runs() if run.underlined]

    def background(self, text: str) -> str | None:
        """Return the colour behind a text, by which a menu shows what is chosen; None where it is not to be seen."""
        return next((run.background for run in self._runs() if text in run.text), None)

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

    def screen_in_colour(self) -> str:
        """Return what the screen shows with the styles, as the terminal was told them."""
        return self._tmux("capture-pane", "-p", "-e")

    def _runs(self) -> list[Run]:
        return list(_runs(self.screen_in_colour()))

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._socket, *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        return done.stdout.decode("utf-8", "replace")


def _runs(screen: str) -> Iterator[Run]:
    """Yield what looks alike in what tmux tells of the screen; a style lasts until another is told, over lines too."""
    before, text, look = "", "", (False, "")
    for part in _PARTS.findall(screen):
        style = _STYLE.fullmatch(part)
        after = _look(style[1], look) if style else look
        if text and (part == "\n" or after != look):
            yield Run(text, before, *look)
            before, text = before + text, ""
        if part == "\n":
            before = ""
        elif not part.startswith("\x1b"):
            text += part
        look = after


def _look(codes: str, before: tuple[bool, str]) -> tuple[bool, str]:
    """Whether text is underlined behind a sequence of styles, and the colour behind it."""
    underlined, background = before
    for code in _CODES.findall(codes) or ["0"]:
        match code.partition(";")[0]:
            case "" | "0":
                underlined, background = False, ""
            case "24" | "4:0":
                underlined = False
            case "48":
                background = code.partition(";")[2]
            case "49":
                background = ""
            case first if first.partition(":")[0] == "4":
                underlined = True
            case _:
                pass
    return underlined, background
