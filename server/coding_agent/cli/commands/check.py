"""Look at files and print the findings.

PATHS are files or folders, by default the current folder; - reads one file from standard input.
Exit codes: 0 nothing found, 1 findings, 2 usage or configuration, 3 no Python files, 4 a file could not be analysed.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, replace
from typing import cast

from coding_agent import __version__
from coding_agent.cli.core import names, rule_infos
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.session import Outcome, Session, Wish
from coding_agent.errors import UsageError
from coding_agent.report.model import Report

FORMATS = ("text", "json", "sarif", "github", "gitlab")


@dataclass(frozen=True, slots=True)
class _Options:
    """What the command line said."""

    paths: tuple[str, ...]
    stdin_filename: str | None
    format: str
    output: str | None
    flags: dict[str, object]
    fix: bool
    diff: bool
    exit_zero: bool
    baseline: str | None
    no_baseline: bool
    force_exclude: bool


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder, or - for standard input")
    parser.add_argument("--stdin-filename", metavar="PATH", help="where the text from standard input belongs")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--output", metavar="FILE", help="write the report to a file")
    parser.add_argument("--select", action="append", metavar="NAMES", help="rules or families that run")
    parser.add_argument("--ignore", action="append", metavar="NAMES", help="rules or families that do not run")
    parser.add_argument("--fix", action="store_true", help="apply safe fixes")
    parser.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 also when there are findings")
    parser.add_argument("--baseline", metavar="FILE", help="file with findings that are known (settings: baseline)")
    parser.add_argument("--no-baseline", action="store_true", help="show known findings, too")
    parser.add_argument("--force-exclude", action="store_true", help="stay silent about named files that do not count")


def run(given: Namespace, outside: Outside) -> int:
    options = _options(given)
    wish = Wish(options.fix or options.diff, options.fix and not options.diff, not options.no_baseline)
    known = outside.absolute(options.baseline) if options.baseline else None
    if known and known.is_dir():
        raise UsageError(f"{options.baseline} is a folder; --baseline takes a file (coding-agent baseline writes one)")
    if known and not known.is_file():
        raise UsageError(f"there is no baseline {options.baseline}; `coding-agent baseline` writes one")
    session = Session(outside, wish, options.flags, known)
    if "-" in options.paths:
        return _stdin(options, session, outside)
    targets = list(
        session.targets([outside.absolute(path) for path in options.paths], force_exclude=options.force_exclude)
    )
    session.run(targets)
    session.finish()
    if not targets and not options.force_exclude:
        outside.warn(session.nothing(options.paths))
        return Exit.NOTHING
    if options.diff:
        _show_diffs(session.outcome, outside)
    else:
        _deliver(options, session.outcome, outside)
    return _exit(options, session.outcome)


def _stdin(options: _Options, session: Session, outside: Outside) -> int:
    if len(options.paths) != 1:
        raise UsageError("- stands for standard input and cannot be mixed with files")
    path = outside.absolute(options.stdin_filename or "stdin.py")
    project = session.project(path)
    if options.force_exclude and project.files.silent(path):
        return Exit.CLEAN
    raw = outside.input.read()
    content = session.text(path, raw, project)
    session.finish()
    if options.diff:
        from coding_agent.cli.patch import patch

        session.outcome.diffs += [patch(raw, content, outside.shown(path))] if content != raw else []
        _show_diffs(session.outcome, outside)
    elif options.fix:
        # Standard output is the text, whatever happened to it, so the report stands beside it.
        outside.pour(content)
        _deliver(options, session.outcome, replace(outside, out=outside.err))
    else:
        _deliver(options, session.outcome, outside)
    return _exit(options, session.outcome)


def _show_diffs(outcome: Outcome, outside: Outside) -> None:
    from coding_agent.report.text import many

    outside.pour(b"".join(outcome.diffs))
    for file in outcome.files:
        if file.problem:
            outside.warn(f"{file.path}: not analysed: {file.problem}")
    left = f"; {many(outcome.findings, 'finding')} without a safe fix left (see check)" if outcome.findings else ""
    outside.warn(f"{many(outcome.fixed, 'fix', 'fixes')} would change {many(len(outcome.diffs), 'file')}{left}")


def _deliver(options: _Options, outcome: Outcome, outside: Outside) -> None:
    rendered, summary = _rendered(options, outcome, outside)
    if options.output:
        from coding_agent.store.atomic import write_atomic

        target = outside.absolute(options.output)
        try:
            write_atomic(target, rendered.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise UsageError(f"the report cannot be written to {options.output}: {error.strerror}") from error
        outside.warn(summary)
    elif options.format == "text":
        outside.out.write(rendered)
        outside.say(summary)
    else:
        outside.out.write(rendered)


def _rendered(options: _Options, outcome: Outcome, outside: Outside) -> tuple[str, str]:
    from coding_agent.report import text

    used = {item.rule for file in outcome.files for item in file.diagnostics}
    report = Report(tuple(outcome.files), rule_infos(sorted(used)), tuple(outcome.notes), __version__)
    summary = text.summary(report) + _more(outcome)
    if options.format == "json":
        from coding_agent.report import json

        return json.render(report), summary
    if options.format == "sarif":
        from coding_agent.report import sarif

        return sarif.render(report), summary
    if options.format == "github":
        from coding_agent.report import github

        return github.render(report), summary
    if options.format == "gitlab":
        from coding_agent.report import gitlab

        return gitlab.render(report), summary
    style = text.Style(colour=not options.output and outside.colour(outside.out))
    return text.render(report, style), summary


def _more(outcome: Outcome) -> str:
    parts = [
        f"{outcome.fixed} fixed" if outcome.fixed else "",
        f"{outcome.known} known by the baseline" if outcome.known else "",
        f"{outcome.stale} in the baseline are gone (coding-agent baseline)" if outcome.stale else "",
    ]
    return "".join(f"; {part}" for part in parts if part)


def _exit(options: _Options, outcome: Outcome) -> int:
    if outcome.incomplete:
        return Exit.INCOMPLETE
    found = outcome.findings or (options.diff and outcome.fixed)
    return Exit.FINDINGS if found and not options.exit_zero else Exit.CLEAN


def _options(given: Namespace) -> _Options:
    said = cast("dict[str, object]", vars(given))
    chosen = {key: names(cast("list[str] | None", said[key])) for key in ("select", "ignore")}
    return _Options(
        paths=tuple(cast("list[str]", said["paths"])) or (".",),
        stdin_filename=cast("str | None", said["stdin_filename"]),
        format=cast("str", said["format"]),
        output=cast("str | None", said["output"]),
        flags={key: value for key, value in chosen.items() if value is not None},
        fix=bool(said["fix"]),
        diff=bool(said["diff"]),
        exit_zero=bool(said["exit_zero"]),
        baseline=cast("str | None", said["baseline"]),
        no_baseline=bool(said["no_baseline"]),
        force_exclude=bool(said["force_exclude"]),
    )
