"""Findings for programs; the shape is stable, and grows only by new names.

``{"version": 1, "tool": {"name", "version"}, "diagnostics": [], "problems": [], "notes": [], "summary": {}}``

- a diagnostic has ``path``, ``rule``, ``severity`` (error, warning, information, hint), ``message``, ``start`` and
  ``stop`` (each ``line`` and ``column``, both from 1; columns count code points, ``stop`` is behind the last one),
  ``cwe`` (number or null), ``fingerprint`` (text or null), ``related`` (``message``, ``start``, ``stop`` of other
  places in the file) and ``fix``: null, or ``title``, ``applicability`` (safe, unsafe, display-only), ``edits``
  (``start``, ``stop``, ``new``) and ``imports`` (modules that the result needs);
- a problem has ``path`` and ``message``: a file that was not analysed, or not wholly;
- the summary counts ``files``, ``findings``, ``fixable``, ``not-analysed`` and each severity.
"""

import json

from coding_agent.analysis.finding import Diagnostic, Fix, Severity
from coding_agent.report.model import SEVERITY_NAMES, FileReport, Report
from coding_agent.text import Span, Text

VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON in ASCII, indented by one."""
    data = {
        "version": VERSION,
        "tool": {"name": "coding-agent", "version": report.version},
        "diagnostics": [item for file in report.files for item in _file(file)],
        "problems": [{"path": path, "message": problem} for path, problem in report.problems()],
        "notes": list(report.notes),
        "summary": _summary(report),
    }
    return json.dumps(data, indent=1) + "\n"


def _summary(report: Report) -> dict[str, int]:
    counts = report.counts()
    return {
        "files": len(report.files),
        "findings": counts.total(),
        "fixable": report.fixable(),
        "not-analysed": sum(1 for _ in report.problems()),
        **{SEVERITY_NAMES[severity]: counts[severity] for severity in Severity},
    }


def _file(file: FileReport) -> list[dict[str, object]]:
    if not file.diagnostics:
        return []
    text = Text.of(file.text or "")
    prints = file.fingerprints or (None,) * len(file.diagnostics)
    return [_diagnostic(file.path, item, text, mark) for item, mark in zip(file.diagnostics, prints, strict=True)]


def _diagnostic(path: str, item: Diagnostic, text: Text, fingerprint: str | None) -> dict[str, object]:
    return {
        "path": path,
        "rule": item.rule,
        "severity": SEVERITY_NAMES[item.severity],
        "message": item.message,
        "start": _place(item.start),
        "stop": _place(item.stop),
        "cwe": item.cwe,
        "fingerprint": fingerprint,
        "related": [{"message": other.message, **_span(other.span, text)} for other in item.related],
        "fix": _fix(item.fix, text) if item.fix else None,
    }


def _fix(fix: Fix, text: Text) -> dict[str, object]:
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [{**_span(span, text), "new": new} for span, new in fix.edits],
        "imports": list(fix.imports),
    }


def _span(span: Span, text: Text) -> dict[str, object]:
    return {"start": _place(text.position(span.start)), "stop": _place(text.position(span.stop))}


def _place(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0] + 1, "column": place[1] + 1}
