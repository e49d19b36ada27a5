"""Find code that is like a function: coding-agent similar FILE:LINE

Exit codes: 0 something was found, 1 nothing was, 2 usage, configuration or no Python files.
"""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import asked_for, count, indexed, place_of, wanted

_TOP = 5


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE:LINE", help="a line of the function, method or class")
    parser.add_argument("--root", metavar="DIR", help="the project's folder; by default the one around the file")
    parser.add_argument("--top", type=count, default=_TOP, metavar="N", help=f"answers shown (default {_TOP})")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    place, top = str(said["place"]), cast("int", said["top"])
    file, line = place_of(place, outside)
    found = indexed(
        wanted(cast("str | None", said["root"]), file.parent, outside),
        outside,
        lambda search: search.similar(file, line, top=top),
    )
    return asked_for(found, str(said["format"]), outside, f"nothing is like what stands at {place}")
