"""What the commands that search have in common: the index of a project, made in this process for one question."""

import asyncio
import json
from argparse import ArgumentTypeError
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside, is_terminal
from coding_agent.errors import UsageError, UserError
from coding_agent.ide.finder import Finder
from coding_agent.ide.models import embeds
from coding_agent.ide.search import Found, Search, Status, Wanted
from coding_agent.report import search as report
from coding_agent.report.text import Style
from coding_agent.settings.folder import model_options

T = TypeVar("T")

_PATIENCE = 6.0
"""Seconds that a question waits for an endpoint to say what code means."""
_REST = "`coding-agent index rebuild` has it say the rest"
_WITHOUT = "searched by words alone: `pip install 'coding-agent-lsp[search]'` adds the search by meaning"


def wanted(root: str | None, start: Path, outside: Outside) -> Wanted:
    """A root as the settings say it is read: the one that was named, else that of the project around ``start``.

    Raises: UserError - there is no such folder.
    """
    folder = outside.absolute(root) if root else start
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}")
    project = project_for(folder, outside)
    settings = project.settings
    return Wanted(
        folder if root else project.root,
        settings.files,
        settings.analysis.max_file_size,
        outside.folders.search,
        encoder=settings.search.encoder,
        endpoint=embeds(model_options(settings.ai), outside.folders, outside.variables),
    )


def indexed(place: Wanted, outside: Outside, ask: Callable[[Search], Awaitable[T]], *, means: bool = False) -> T:
    """The answer to one question about a project; one that ``means`` something is compared by an endpoint of the user's
    where there is one. Raises: UserError - what is asked cannot be.
    """

    async def answered() -> T:
        finder = Finder()
        try:
            search = Search(finder.answer)
            status = await search.open(place, teller(outside))
            told(status, outside)
            if place.endpoint is not None and means:
                await meant(search, place, outside, _PATIENCE)
            answer = await ask(search)
            for status in await search.status():  # What the disk said meanwhile.
                warned(status, outside)
            return answer
        finally:
            await finder.close()

    return asyncio.run(answered())


async def meant(search: Search, place: Wanted, outside: Outside, seconds: float | None = None) -> Status:
    """Have an endpoint say what code means, for some seconds or until it said all."""
    tell = teller(outside, "asking what {} of {} chunks mean")
    (status,) = await search.meanings(place.root, tell, asyncio.Event(), seconds=seconds)
    warned(status, outside)
    if status.meant < status.meaning and not status.refused:
        outside.warn(
            f"coding-agent: {status.model} said so far what {status.meant} of {status.meaning} chunks mean, {_REST}"
        )
    return status


def told(status: Status, outside: Outside) -> None:
    """Say what the index lacks. Raises: UserError - there is nothing in it."""
    if not status.files:
        raise UserError(f"there is no Python file in {status.root} that counts")
    if not status.encoder:
        outside.warn(f"coding-agent: {_WITHOUT}")
    warned(status, outside)


def warned(status: Status, outside: Outside) -> None:
    for sentence in status.warned:
        outside.warn(f"coding-agent: {sentence}")


def teller(outside: Outside, words: str = "reading {} of {} files") -> Callable[[int, int], None]:
    """Shows on a terminal how far the reading is."""
    shows = is_terminal(outside.err)

    def tell(done: int, total: int) -> None:
        if shows:
            outside.err.write(f"\r\x1b[K{words.format(done, total)}" if done < total else "\r\x1b[K")
            outside.err.flush()

    return tell


def asked_for(found: Sequence[Found], format: str, outside: Outside, nothing: str) -> int:
    """Print answers; the exit code."""
    if format == "json":
        outside.say(json.dumps({"results": report.rows(found, outside.shown)}, indent=1))
    elif found:
        outside.say(report.text(found, outside.shown, Style(colour=outside.colour(outside.out))))
    else:
        outside.warn(f"coding-agent: {nothing}")
    return Exit.CLEAN if found else Exit.FINDINGS


def place_of(said: str, outside: Outside) -> tuple[Path, int]:
    """The file and the line of FILE:LINE. Raises: UsageError - it is none, or there is no such file."""
    name, _, line = said.rpartition(":")
    if not name or not line.isdecimal() or not int(line):
        raise UsageError(f"{said} is no place; write FILE:LINE, for instance shop/cart.py:12")
    file = outside.absolute(name)
    if not file.is_file():
        raise UsageError(f"there is no file {name}")
    return file, int(line)


def count(said: str) -> int:
    if not said.isdecimal() or not int(said):
        raise ArgumentTypeError("a whole number from 1")
    return int(said)
