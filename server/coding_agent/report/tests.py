"""The result of generating tests, as text, JSON and one self-contained page."""

import html as markup
import json as jsonlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from coding_agent.testgen.report import Gap, Kind, Reason, Report, percent, seconds_for

Shown: TypeAlias = Callable[[Path], str]
"""How a file is named to the user."""
_LISTED = 12
_LONGEST = 60
"""Characters of code in a line."""


def text(reports: Sequence[Report], shown: Shown, gaps: bool = False) -> str:
    """Return the report for people."""
    lines = [line for report in reports for line in (_gaps(report, shown) if gaps else _text(report, shown))]
    return "\n".join(lines) + "\n"


def json(reports: Sequence[Report], shown: Shown, gaps: bool = False) -> str:  # noqa: ARG001 - one shape for all formats
    """Return the report for programs; shares in per cent, times in seconds."""
    return jsonlib.dumps([_data(report, shown) for report in reports], indent=1) + "\n"


def html(reports: Sequence[Report], shown: Shown, gaps: bool = False) -> str:
    """Return the report as a page that needs nothing else."""
    title = "Gaps" if gaps else "Generated tests"
    body = "\n".join(_section(report, shown) for report in reports)
    return _PAGE.format(title=title, body=body)


def killed(report: Report) -> str:
    """``kills 23 of 34 mutants (before 9), 26 of them in code that the tests run; the 3 survivors: line 8 ...``"""
    if not report.mutants:
        return "no mutant was tried"
    said = f"kills {report.killed} of {report.mutants} mutants"
    if report.killed_before:
        said += f" (before {report.killed_before})"
    if report.reached < report.mutants:
        said += f", {report.reached} of them in code that the tests run"
    if report.tried < report.reached:
        said += f" ({report.tried} were tried in the time)"
    left = report.survivors
    if not left:
        return said
    listed = "; ".join(f"line {each.line} {each.what}" for each in left[:_LISTED])
    more = f"; and {len(left) - _LISTED} more" if len(left) > _LISTED else ""
    return f"{said}; the {len(left)} survivor{'s' if len(left) > 1 else ''}: {listed}{more}"


def _text(report: Report, shown: Shown) -> Iterator[str]:
    if report.file is None:
        yield f"{report.module}: no useful test: {report.why}"
    else:
        many = f"{_many(report.tests, 'test')} with {_many(report.cases, 'case')}"
        yield f"{shown(report.file)}: {many} ({report.place})"
    if report.file is not None or report.functions_before:
        yield f"  functions {_functions(report)}"
        yield f"  branches  {_coverage(report)}"
        yield f"  mutants   {killed(report)}"
    first = f", the first file after {report.first:.1f} s" if report.first is not None else ""
    held = report.isolation or "none"
    yield f"  time      {report.seconds:.1f} s{first}; {report.executions} runs; isolation: {held}"
    for bug in report.bugs[:_LISTED]:
        yield f"  looks wrong, line {bug.line}: {bug.call}: {bug.why}"
    for each in report.dropped[:_LISTED]:
        yield f"  dropped   {each.what}: {each.why}" + (f" ({each.count} times)" if each.count > 1 else "")
    yield from (f"  note      {problem}" for problem in report.problems)
    if report.file is not None and (names := _untested(report)):
        yield f"  not tested: {names}"


def _gaps(report: Report, shown: Shown) -> Iterator[str]:
    name = shown(report.source)
    if report.why:
        yield f"{name}: which branches are tested cannot be told: {report.why}"
        return
    if not report.gaps:
        yield f"{name}: all {_many(report.functions, 'function')} and {_many(report.branches, 'branch')} are tested"
        return
    yield f"{name}: {_missing(report)} are not tested"
    for gap in report.gaps:
        column = f":{gap.column}" if gap.column else ""
        yield f"  {name}:{gap.line}{column}: {gap.function}: {_outcome(gap)}"
    yield from (f"  risk      {each.function}: {_reason(each)}" for each in report.risks)
    yield f"  plan      about {seconds_for(report.gaps)} s for tests of these; isolation: {report.isolation or 'none'}"
    yield from (f"  note      {problem}" for problem in report.problems)


def _outcome(gap: Gap) -> str:
    """``true: name is None``"""
    if not gap.part:
        return gap.outcome
    part = gap.part if len(gap.part) <= _LONGEST else f"{gap.part[: _LONGEST - 3]}..."
    return f"{gap.outcome}: {part}"


def _untested(report: Report) -> str:
    """``create, remove; and 3 more``: the functions that no test calls."""
    names = list(dict.fromkeys(gap.function for gap in report.gaps if gap.kind is Kind.FUNCTION))
    more = f"; and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _reason(reason: Reason) -> str:
    """``eval-used found, lines of 4 commits``"""
    parts = [f"{', '.join(reason.findings)} found"] if reason.findings else []
    parts += [f"lines of {reason.changes} commits"] if reason.changes > 1 else []
    return ", ".join(parts)


def _missing(report: Report) -> str:
    """``1 of 4 functions, 6 of 10 branches and the ends of 2 blocks``"""
    counts = Counter(gap.kind for gap in report.gaps)
    parts = [
        f"{counts[kind]} of {_many(total, kind.value)}"
        for kind, total in ((Kind.FUNCTION, report.functions), (Kind.BRANCH, report.branches))
        if counts[kind]
    ]
    if counts[Kind.END]:
        parts.append(f"the ends of {_many(counts[Kind.END], 'block')}")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _functions(report: Report) -> str:
    return _share(report.functions_before, report.functions_after, report.functions)


def _coverage(report: Report) -> str:
    return _share(report.before, report.after, report.branches)


def _share(before: int, after: int, total: int) -> str:
    if not total:
        return "none"
    said = f"{after} of {total} ({percent(after, total)} %)"
    return f"{said}, before {before} ({percent(before, total)} %)" if before else said


def _many(count: int, what: str) -> str:
    plural = f"{what}es" if what.endswith("ch") else f"{what}s"
    return f"{count} {what if count == 1 else plural}"


def _data(report: Report, shown: Shown) -> dict[str, object]:
    data = asdict(report)
    del data["text"]
    data["source"] = shown(report.source)
    data["file"] = shown(report.file) if report.file else None
    data["coverage"] = {
        "before": percent(report.before, report.branches),
        "after": percent(report.after, report.branches),
    }
    data["summary"] = killed(report)
    data["seconds_for_gaps"] = seconds_for(report.gaps) if report.gaps else 0
    return data


def _section(report: Report, shown: Shown) -> str:
    facts = [
        ("File", shown(report.file) if report.file else f"none: {report.why}"),
        ("Tests", f"{_many(report.tests, 'test')} with {_many(report.cases, 'case')}"),
        ("Functions", _functions(report)),
        ("Branches", _coverage(report)),
        ("Mutants", killed(report)),
        ("Time", f"{report.seconds:.1f} s, {report.executions} runs"),
        ("Isolation", report.isolation or "none"),
    ]
    rows = "".join(f"<tr><th>{name}</th><td>{markup.escape(value)}</td></tr>" for name, value in facts)
    lists = [
        ("Not tested", [f"line {gap.line}, {gap.function}: {_outcome(gap)}" for gap in report.gaps]),
        ("Looks wrong", [f"line {bug.line}: {bug.call}: {bug.why}" for bug in report.bugs]),
        ("Dropped", [f"{each.what}: {each.why} ({each.count})" for each in report.dropped]),
        ("Survivors", [f"line {each.line}, {each.function}: {each.what}" for each in report.survivors]),
        ("Notes", list(report.problems)),
    ]
    details = "".join(
        f"<details><summary>{name} ({len(items)})</summary><ul>"
        + "".join(f"<li><code>{markup.escape(item)}</code></li>" for item in items)
        + "</ul></details>"
        for name, items in lists
        if items
    )
    share = percent(report.after, report.branches)
    bar = f'<div class="bar"><span style="width:{share}%"></span></div>'
    code = (
        f"<details><summary>The file</summary><pre>{markup.escape(report.text)}</pre></details>" if report.text else ""
    )
    return f"<section><h2>{markup.escape(report.module)}</h2>{bar}<table>{rows}</table>{details}{code}</section>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse }} th {{ text-align: left; padding-right: 1.5rem; vertical-align: top }}
pre {{ overflow: auto; padding: 1rem; border: 1px solid #8884 }} summary {{ cursor: pointer }}
.bar {{ height: .5rem; background: #8884 }} .bar span {{ display: block; height: 100%; background: #2a7 }}
</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""
