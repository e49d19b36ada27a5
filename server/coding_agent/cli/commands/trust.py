"""Trust a folder: the code and the interpreter of its workspace may then be run.

Nothing of a workspace is run before. A trusted folder counts for all that is below it.
"""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.store.trust import TrustStore


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="a folder; by default the current one")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--list", action="store_true", help="list what you said so far")
    how.add_argument("--show", action="store_true", help="say whether the folder is trusted")
    how.add_argument("--refuse", action="store_true", help="do not trust it, and do not ask again")
    how.add_argument("--forget", action="store_true", help="forget the answer for it")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    store = TrustStore(outside.folders.trust_file)
    folder = outside.absolute(cast("str | None", said["path"]) or ".")
    if said["list"]:
        return _list(store, outside)
    if said["show"]:
        answer = {True: "trusted", False: "refused", None: "not trusted; nobody was asked yet"}[store.answer(folder)]
        outside.say(f"{folder}: {answer}")
        return Exit.CLEAN if store.is_trusted(folder) else Exit.FINDINGS
    if said["refuse"]:
        outside.say(f"{store.distrust(folder)} is not trusted")
    elif said["forget"]:
        outside.say(f"forgot the answer for {store.forget(folder)}")
    else:
        outside.say(f"{store.trust(folder)} is trusted")
    return Exit.CLEAN


def _list(store: TrustStore, outside: Outside) -> int:
    loaded = store.load()
    if loaded.problem:
        outside.warn(f"coding-agent: {loaded.problem}")
        return Exit.USAGE
    for word, folders in (("trusted", loaded.trust.roots), ("refused", loaded.trust.refused)):
        for folder in sorted(folders):
            outside.say(f"{word}  {folder}")
    return Exit.CLEAN
