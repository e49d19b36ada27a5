"""Show, rebuild or remove the index that search keeps on disk: coding-agent index status|rebuild|clear

The index is made by itself where a server runs, and is never needed: without it search reads the code again. It lies in
the cache folder and only you can read it.
What an endpoint of yours said of code is kept beside it, and asked again only once it is cleared.
Exit codes: 0 done, 2 usage or configuration, 3 nothing can be kept here, 4 it could not be written, or the endpoint
does not say what all of it means.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import meant, teller, told, wanted
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
        if (said_by := place.meanings) is not None:
            more = size_of(said_by.parent)
            outside.say(
                f"{place.model}: " + (f"{more / 1e6:.1f} MB in {said_by.parent}" if more else "nothing was said yet")
            )
        return Exit.CLEAN
    return _rebuild(place, outside)


def _clear(place: Wanted, outside: Outside) -> int:
    from shutil import rmtree

    folders = [place.kept, place.meanings and place.meanings.parent]
    there = [folder for folder in folders if folder is not None and folder.is_dir()]
    for folder in there:
        rmtree(folder)
        outside.say(f"removed {folder}")
    if not there:
        outside.say(f"nothing is kept of {place.root}")
    return Exit.CLEAN


def _rebuild(place: Wanted, outside: Outside) -> int:
    async def made() -> Status:
        finder = Finder()
        try:
            search = Search(finder.answer)
            await search.open(place, teller(outside))
            await search.rebuild(teller(outside))
            if place.endpoint is not None:
                await meant(search, place, outside)
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
    if status.model:
        outside.say(f"{status.model} said what {status.meant} of {many(status.meaning, 'chunk')} mean")
    return Exit.INCOMPLETE if status.problem or status.refused else Exit.CLEAN
