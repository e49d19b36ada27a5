"""Show the main job on real code: the real server over stdio, findings, a fix, a refactoring and hover.

ON is a file or folder of yours; by default a module of Python's standard library is taken. Nothing is changed.
"""

import sys
from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli import tour
from coding_agent.cli.outside import Outside


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("on", nargs="?", metavar="ON")


def run(given: Namespace, outside: Outside) -> int:
    on = cast("dict[str, str | None]", vars(given))["on"]
    command = (sys.executable, "-m", "coding_agent", "serve")
    return tour.run(outside.absolute(on) if on else None, outside.out, command)
