"""Speak the Language Server Protocol over standard input and output. Editors start this; people do not."""

from argparse import ArgumentParser, Namespace

from coding_agent.cli.outside import Outside
from coding_agent.errors import UsageError


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="what it does anyway; some editors add it")


def run(_given: Namespace, _outside: Outside) -> int:
    # The server is started by `__main__` before any argument is parsed; only its help is shown from here.
    raise UsageError("serve must be the first word of the command line")
