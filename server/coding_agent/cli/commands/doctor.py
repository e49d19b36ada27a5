"""Look for what is wrong with this installation, and say what to do about it.

PATH is a folder or file of yours, by default the current folder; of a file it is said whether it is looked at.
Nothing of a project is run and nothing is written; of editors and of git on PATH, the version is asked.
What is marked LOOK should be mended, what is marked note matters only to who uses it. The word in brackets is
where docs/trouble.md tells more. Exit codes: 0 nothing to mend, 1 something should be done.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import cast

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.health import editors, machine, workspace
from coding_agent.cli.health.check import Check
from coding_agent.cli.outside import Outside
from coding_agent.errors import UsageError


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="a folder or file of yours; by default the current folder"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, str | None]", vars(given))
    checks = list(_checks(said["path"] or ".", outside))
    if said["format"] == "json":
        outside.say(json.dumps([asdict(check) for check in checks], indent=1))
    else:
        for check in checks:
            where = f" [{check.trouble}]" if check.trouble else ""
            outside.say(f"{check.label:4}  {check.name}: {check.found}{where}")
            if check.remedy:
                outside.say(f"      -> {check.remedy}")
    return Exit.CLEAN if all(check.ok for check in checks) else Exit.FINDINGS


def _checks(path: str, outside: Outside) -> Iterator[Check]:
    """Raises: UsageError - there is no such file or folder."""
    start = outside.absolute(path)
    if not start.exists():
        raise UsageError(f"there is no file or folder {path}")
    project = project_for(start, outside)
    yield from machine.checks(project, outside)
    yield from workspace.checks(project, start, outside)
    yield from editors.checks(project, outside)
