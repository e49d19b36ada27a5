"""Findings as a Code Quality report, which GitLab shows in a merge request.

Source: the manual "Code Quality", section "Code Quality report format". A report is a list; GitLab shows only the first
of those with the same fingerprint, and takes a path without ``./`` that counts from the top of the repository.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b

from coding_agent.analysis.finding import Diagnostic, Severity
from coding_agent.report.model import FileReport, Report

_LEVELS = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFORMATION: "minor", Severity.HINT: "info"}
_NOT_ANALYSED = "blocker"
"""A file nobody looked at may hold anything."""


def render(report: Report) -> str:
    """Return the report as JSON in ASCII. Notes are about no file, so they have no place in it."""
    used: set[str] = set()
    items = [item for file in report.files for item in _file(file, used)]
    return json.dumps(items, indent=1) + "\n"


def _file(file: FileReport, used: set[str]) -> Iterator[dict[str, object]]:
    for number, item in enumerate(file.diagnostics):
        known = file.fingerprints[number] if number < len(file.fingerprints) else _digest(item.rule, item.message)
        mark = _unlike(known, file.path, used)
        yield _item(file.path, item.rule, item.message, _LEVELS[item.severity], mark, _lines(item))
    if file.problem:
        mark = _unlike(_digest("not-analysed", file.path), file.path, used)
        yield _item(file.path, "not-analysed", f"not analysed: {file.problem}", _NOT_ANALYSED, mark, {"begin": 1})


def _item(path: str, name: str, text: str, severity: str, mark: str, lines: dict[str, int]) -> dict[str, object]:
    return {
        "description": text,
        "check_name": name,
        "fingerprint": mark,
        "severity": severity,
        "location": {"path": path, "lines": lines},
    }


def _lines(item: Diagnostic) -> dict[str, int]:
    return {"begin": item.start[0] + 1, "end": item.stop[0] + 1}


def _unlike(mark: str, path: str, used: set[str]) -> str:
    """Return a fingerprint that no other has: two projects in one repository may each know a file by the same name."""
    while mark in used:
        mark = _digest(mark, path)
    used.add(mark)
    return mark


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).hexdigest()
