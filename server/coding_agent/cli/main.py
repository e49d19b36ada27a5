"""Finds the command and runs it. Only the module of that command is imported."""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Protocol, cast

from coding_agent import __version__
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.errors import CodingAgentError, UserError

COMMANDS = {
    "serve": "speak the Language Server Protocol over standard input and output",
    "check": "look at files and print the findings",
    "rule": "show the page of one rule",
    "rules": "list the rules",
    "baseline": "note the present findings as known, so that only new ones are shown",
    "metrics": "measure functions and files: complexity, size, maintainability",
    "search": "find code by what it does, in words",
    "similar": "find code that is like a function",
    "explain": "explain a function: what it does, who calls it, what it calls, how it changed",
    "ai": "ask your own model about code",
    "stats": "show what asking models took",
    "index": "show, rebuild or remove the index that search keeps on disk",
    "tests": "generate tests for a module, a class or a function, in a sandbox",
    "trust": "trust a folder: its own code and interpreter may then be run",
    "settings": "show the settings that count and where they come from",
    "paths": "list the folders we write, or clear them",
    "doctor": "look for what is wrong with this installation",
    "tour": "show the main job on real code",
    "scaffold": "start a new rule or refactoring",
}


class Command(Protocol):
    """What a module of ``cli.commands`` offers."""

    def arguments(self, parser: ArgumentParser) -> None: ...
    def run(self, given: Namespace, outside: Outside) -> int: ...


def run(arguments: Sequence[str], outside: Outside) -> int:
    """Run one command line (without the program's name) and return its exit code. Never raises for what users do."""
    try:
        code = _run(arguments, outside)
        outside.out.flush()
        return code
    except UserError as error:
        outside.warn(f"coding-agent: {error}")
        return Exit.USAGE
    except CodingAgentError as error:
        outside.warn(f"coding-agent: {error}")
        return Exit.INCOMPLETE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not complain once more at exit.
        _silence(outside)
        return Exit.CLEAN


def _run(arguments: Sequence[str], outside: Outside) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        outside.say(_help())
        return Exit.CLEAN if arguments else Exit.USAGE
    name, *rest = arguments
    if name in ("-V", "--version", "version"):
        outside.say(f"coding-agent {__version__}")
        return Exit.CLEAN
    if name not in COMMANDS:
        from coding_agent.settings.merge import closest

        kind = "option" if name.startswith("-") else "command"
        outside.warn(f"coding-agent: there is no {kind} {name!r}{closest(name, COMMANDS)} (see coding-agent --help)")
        return Exit.USAGE
    command = cast("Command", import_module(f"coding_agent.cli.commands.{name}"))
    parser = _Parser(
        prog=f"coding-agent {name}", description=command.__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    command.arguments(parser)
    try:
        given = parser.parse_args(rest)
    except _Stop as stop:
        (outside.warn if stop.code else outside.say)(stop.text.rstrip("\n"))
        return stop.code
    return command.run(given, outside)


def _help() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:{width}}  {about}" for name, about in COMMANDS.items())
    return (
        f"coding-agent {__version__}: a Python language server that proves its work\n\n"
        f"usage: coding-agent COMMAND ...\n\n{listed}\n\n"
        "coding-agent COMMAND --help shows the options of a command.\n"
        "Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 nothing useful, 4 incomplete."
    )


class _Stop(Exception):
    """argparse wants to print and leave."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class _Parser(ArgumentParser):
    """An argument parser that neither prints nor exits by itself."""

    def print_help(self, file: object = None) -> None:  # noqa: ARG002 - argparse calls it so
        raise _Stop(Exit.CLEAN, self.format_help())

    def error(self, message: str) -> "None":  # type: ignore[override]
        raise _Stop(Exit.USAGE, f"{self.format_usage()}{self.prog}: {message}")


def _silence(outside: Outside) -> None:
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        if outside.out is sys.stdout:
            os.dup2(nothing, sys.stdout.fileno())
