"""Note the present findings as known, so that check and the editor show only new ones.

The file (settings: baseline) belongs into version control. Written anew, it forgets what is gone. With PATHS,
what it knows about other files stays.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import cast

from coding_agent.analysis.baseline import Baseline, Entry, collect, read, write
from coding_agent.cli.core import Project
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.session import Session, Wish
from coding_agent.errors import SettingError, UsageError
from coding_agent.report.text import many


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder; by default the current folder")
    parser.add_argument("--output", metavar="FILE", help="write another file than the one of the settings")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    paths = cast("list[str]", said["paths"]) or ["."]
    output = cast("str | None", said["output"])
    session = Session(outside, Wish(baseline=False), {})
    targets = list(session.targets([outside.absolute(path) for path in paths]))
    session.run(targets)
    if not targets:
        outside.warn(session.nothing(paths))
        return Exit.NOTHING
    projects = list(session.known())
    if output and len(projects) > 1:
        raise UsageError("--output takes the findings of one project; these paths belong to several")
    for project, found, checked in projects:
        file = outside.absolute(output) if output else project.baseline_file
        old = _readable(project, outside) if not output else Baseline()
        kept = _kept(old, project, checked)
        new = collect(found)
        try:
            write(file, Baseline({**kept, **new.counts}))
        except OSError as error:
            raise UsageError(f"{outside.shown(file)} cannot be written: {error.strerror}") from error
        others = f", {sum(kept.values())} of other files kept" if kept else ""
        outside.say(f"{outside.shown(file)}: {many(len(found), 'known finding')} noted{others}")
    return _unread(session, outside)


def _unread(session: Session, outside: Outside) -> int:
    for file in session.outcome.files:
        if file.problem:
            outside.warn(f"{file.path}: not analysed: {file.problem}")
    return Exit.INCOMPLETE if session.outcome.incomplete else Exit.CLEAN


def _readable(project: Project, outside: Outside) -> Baseline:
    try:
        return read(project.baseline_file)
    except SettingError as error:
        outside.warn(f"coding-agent: {error}")
        return Baseline()


def _kept(old: Baseline, project: Project, checked: set[str]) -> Mapping[Entry, int]:
    """Return what is known about files that were not looked at now and still exist."""
    return {
        entry: count
        for entry, count in old.counts.items()
        if entry.path not in checked and (project.root / entry.path).is_file()
    }
