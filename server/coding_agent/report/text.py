"""Findings for people: ``path:line:column: severity message [rule]``, the source line, carets below it."""

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, east_asian_width

from coding_agent.analysis.finding import Applicability, Diagnostic, Severity
from coding_agent.report.model import SEVERITY_NAMES, FileReport, Report, printable
from coding_agent.text import line_body, split_lines

_WIDTH = 120
_PLURALS = {Severity.INFORMATION: "information"}
_CODES = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "36", Severity.HINT: "2"}


@dataclass(frozen=True, slots=True)
class Style:
    """How the text looks."""

    colour: bool = False
    source: bool = True
    """Whether the source line stands below each finding."""

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text


def render(report: Report, style: Style | None = None) -> str:
    """Return the report as lines; empty where there is nothing to say."""
    style = style or Style()
    return "".join(f"{line}\n" for line in _report(report, style))


def summary(report: Report) -> str:
    """Return the last line in words: how many findings, how grave, how many can be fixed."""
    counts = report.counts()
    total = counts.total()
    files = sum(bool(file.diagnostics) for file in report.files)
    missed = sum(1 for _ in report.problems())
    tail = f"; {many(missed, 'file')} not analysed" if missed else ""
    if not total:
        return f"no findings in {many(len(report.files), 'file')}{tail}"
    kinds = ", ".join(many(counts[kind], SEVERITY_NAMES[kind], _PLURALS.get(kind)) for kind in Severity if counts[kind])
    fixable = report.fixable()
    fix = f"; {fixable} can be fixed with --fix" if fixable else ""
    return f"{many(total, 'finding')} in {many(files, 'file')} ({kinds}){fix}{tail}"


def many(count: int, noun: str, several: str | None = None) -> str:
    """Return a count with its noun; ``several`` is the plural where it is not made by an s."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"


def _report(report: Report, style: Style) -> Iterator[str]:
    for file in report.files:
        if file.diagnostics:
            yield from _file(file, style)
    for path, problem in report.problems():
        yield f"{printable(path)}: {style.paint('not analysed', '31')}: {printable(problem)}"
    for note in report.notes:
        yield f"{style.paint('note', '36')}: {printable(note)}"


def _file(file: FileReport, style: Style) -> Iterator[str]:
    lines = split_lines(file.text) if style.source and file.text else []
    for item in file.diagnostics:
        line, column = item.start
        place = style.paint(f"{printable(file.path)}:{line + 1}:{column + 1}:", "1")
        severity = style.paint(SEVERITY_NAMES[item.severity], _CODES[item.severity])
        fix = " (fix)" if item.fix and item.fix.applicability is Applicability.SAFE else ""
        yield f"{place} {severity} {printable(item.message)} {style.paint(f'[{item.rule}]', '2')}{fix}"
        if line < len(lines):
            yield from _excerpt(item, line_body(lines[line]), style)
    yield ""


def _excerpt(item: Diagnostic, line: str, style: Style) -> Iterator[str]:
    column = min(item.start[1], len(line))
    stop = item.stop[1] if item.stop[0] == item.start[0] else len(line)
    stop = max(min(stop, len(line)), column)
    # A line of a megabyte shows the part around the finding.
    first = 0 if len(line) <= _WIDTH else max(0, min(column - 20, len(line) - _WIDTH))
    last = min(len(line), first + _WIDTH)
    shown = printable(line[first:last].replace("\t", " "))
    indent = len(shown) - len(shown.lstrip(" ")) if first == 0 else 0
    indent = min(indent, column - first)
    before = _columns(shown[indent : column - first])
    under = max(1, _columns(shown[column - first : min(stop, last) - first]))
    yield f"    {shown[indent:]}"
    yield f"    {' ' * before}{style.paint('^' * under, _CODES[item.severity])}"


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text)
