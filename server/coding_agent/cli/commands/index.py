"""Show, rebuild or remove the index that search keeps on disk: coding-agent index status|rebuild|clear

The index is made by itself where a server runs, and is never needed: without it search reads the code again. It lies in
the cache folder and only you can read it.
Exit codes: 0 done, 2 usage or configuration, 3 nothing can be kept here, 4 it could not be written.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import teller, told, wanted
from coding_agent.ide.finder import Finder
from coding_agent.ide.search import Search, Status, Wanted
from coding_agent.report.text import many
from coding_agent.store.folders import size_of


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("status", "rebuild", "clear"))
    parser.add_argument("--root", metavar="DIR", help="the project's folder; by default the one around this folder")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    place = wanted(cast("str | None", said["root"]), outside.directory, outside)
    kept = place.kept
    assert kept is not None, "the command line knows its folders"
    if said["what"] == "clear":
        return _clear(place, outside)
    if said["what"] == "status":
        size = size_of(kept)
        outside.say(f"{place.root}: " + (f"{size / 1e6:.1f} MB in {kept}" if size else "nothing is kept on disk yet"))
        return Exit.CLEAN
    return _rebuild(place, outside)


def _clear(place: Wanted, outside: Outside) -> int:
    from shutil import rmtree

    assert place.kept is not None
    there = place.kept.is_dir()
    if there:
        rmtree(place.kept)
    outside.say(f"removed {place.kept}" if there else f"nothing is kept of {place.root}")
    return Exit.CLEAN


def _rebuild(place: Wanted, outside: Outside) -> int:
    async def made() -> Status:
        finder = Finder()
        try:
            search = Search(finder.answer)
            await search.open(place, teller(outside))
            await search.rebuild(teller(outside))
            (status,) = await search.settled()
            return status
        finally:
            await finder.close()

    status = asyncio.run(made())
    told(status, outside)
    if not status.kept:
        outside.warn(
            "coding-agent: nothing is kept on disk: `pip install 'coding-agent-lsp[search]'` adds what keeps it"
        )
        return Exit.NOTHING
    outside.say(f"{many(status.chunks, 'chunk')} of {many(status.files, 'file')} in {status.kept}")
    return Exit.INCOMPLETE if status.problem else Exit.CLEAN
