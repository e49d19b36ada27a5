"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

Source: the manual "Workflow commands for GitHub Actions". Percent and line ends are escaped, in properties also
colon and comma.
"""

from collections.abc import Iterator

from coding_agent.analysis.finding import Diagnostic, Severity
from coding_agent.report.model import Report

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def render(report: Report) -> str:
    """Return one command per finding, problem and note."""
    return "".join(f"{line}\n" for line in _commands(report))


def _commands(report: Report) -> Iterator[str]:
    for file in report.files:
        yield from (_finding(file.path, item) for item in file.diagnostics)
    for path, problem in report.problems():
        yield f"::error file={_property(path)},title=not analysed::{_data(problem)}"
    yield from (f"::notice::{_data(note)}" for note in report.notes)


def _finding(path: str, item: Diagnostic) -> str:
    properties = {
        "file": path,
        "line": item.start[0] + 1,
        "endLine": item.stop[0] + 1,
        "col": item.start[1] + 1,
        "endColumn": item.stop[1] + 1,
        "title": item.rule,
    }
    # The columns of a finding over several lines would be taken for columns of its first line.
    if item.start[0] != item.stop[0]:
        del properties["col"], properties["endColumn"]
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_LEVELS.get(item.severity, 'notice')} {listed}::{_data(item.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
