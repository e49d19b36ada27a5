"""List every place we read or write for you, with its size, or clear what we wrote.

--clear takes names from the list; without a name it clears all that we write, trust too. Your own settings stay.
"""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.errors import UsageError
from coding_agent.store.folders import Use, clear, uses


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clear", nargs="*", metavar="NAME")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    listed = uses(outside.folders)
    names = cast("list[str] | None", said["clear"])
    if names is not None:
        return _clear(names, listed, outside)
    if said["format"] == "json":
        import json

        rows = [{"name": use.name, "path": str(use.path), "purpose": use.purpose, "bytes": use.size} for use in listed]
        outside.say(json.dumps(rows, indent=1))
        return Exit.CLEAN
    width = max(len(str(use.path)) for use in listed)
    for use in listed:
        outside.say(f"{use.name:7} {use.path!s:{width}}  {readable(use.size):>9}  {use.purpose}")
    return Exit.CLEAN


def readable(size: int) -> str:
    """Return a number of bytes in words."""
    number = float(size)
    for unit in ("bytes", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"


def _clear(names: list[str], listed: tuple[Use, ...], outside: Outside) -> int:
    known = {use.name for use in listed if use.written}
    wanted = frozenset(names) or frozenset(known)
    if unknown := wanted - known:
        raise UsageError(f"{', '.join(sorted(unknown))} cannot be cleared; these can: {', '.join(sorted(known))}")
    try:
        gone = clear(outside.folders, wanted)
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be removed: {error.strerror}") from error
    for use in gone:
        outside.say(f"removed {use.path} ({readable(use.size)})")
    if not gone:
        outside.say("nothing was there")
    return Exit.CLEAN
