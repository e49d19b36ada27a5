"""Whoever asks for the results of a document gets those of its newest text, whatever was stopped on the way."""

import asyncio
import random
from pathlib import Path

from coding_agent.analysis.file import Analyser, FileState
from coding_agent.ide.check import whole
from coding_agent.ide.facade import Ide, View
from coding_agent.ide.options import FolderOptions
from coding_agent.settings.folder import folder_options
from coding_agent.text import Text, Units
from coding_agent.workspace.document import Change

URI = "untitled:Untitled-1"
LONG = "".join(f"def f{n}(a):\n    if a:\n        return eval(a)\n    return None\n\n\n" for n in range(800))


def options(folder: Path | None) -> FolderOptions:
    found, problems = folder_options(Path("/nowhere/config.toml"), folder, None)
    assert not problems
    return found


def new_ide() -> Ide:
    return Ide(options, Units.UTF16, windows=False)


def found(state: FileState) -> list[tuple[int, str]]:
    return [(placed.offset + each.span.start, each.rule) for placed in state.placed() for each in placed.findings]


class FromScratch:
    """The results of whole texts, cut anew each time."""

    def __init__(self) -> None:
        self._analyser = Analyser(options(None).rules)

    def __call__(self, text: str) -> list[tuple[int, str]]:
        return found(whole(Text.of(text), self._analyser, URI))


async def test_stopped_work_neither_answers_nor_lingers() -> None:
    """Texts follow each other while their predecessors are still looked at; who asked always gets the newest."""
    ide, rng, from_scratch = new_ide(), random.Random(7), FromScratch()
    ide.open(URI, 0, LONG, "python")
    waiting: list[asyncio.Task[View | None]] = []
    for version in range(1, 60):
        waiting.append(asyncio.create_task(ide.view(URI)))
        for _ in range(rng.randrange(3)):
            await asyncio.sleep(0)
        lines = len(ide.workspace.documents[URI].text.lines)
        line = rng.randrange(lines)
        place = (line, 0), (min(line + rng.randrange(3), lines - 1), 0)
        ide.change(URI, version, [Change(rng.choice(("", "x = eval(y)\n", "(\n", ")\n")), *place)])
    views = await asyncio.gather(*waiting)
    view = await ide.view(URI)
    assert view is not None
    assert view.document.version == 59
    assert found(view.state) == from_scratch(str(view.document.text))
    for each in views:
        assert each is not None
        assert found(each.state) == from_scratch(str(each.document.text))


async def test_view_of_a_closed_document() -> None:
    ide = new_ide()
    ide.open(URI, 0, LONG, "python")
    asked = asyncio.create_task(ide.view(URI))
    await asyncio.sleep(0)
    ide.close(URI)
    assert await asked is None
    assert await ide.view(URI) is None


async def test_one_who_gives_up_stops_nobody_else() -> None:
    ide = new_ide()
    ide.open(URI, 0, LONG, "python")
    first, second = asyncio.create_task(ide.view(URI)), asyncio.create_task(ide.view(URI))
    await asyncio.sleep(0)
    first.cancel()
    view = await second
    assert view is not None
    assert len(found(view.state)) == 800
    assert first.cancelled()
