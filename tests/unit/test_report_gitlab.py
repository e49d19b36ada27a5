"""GitLab's Code Quality report: the fields that its manual lists, and fingerprints that are never alike."""

import json

import pytest
from jsonschema import Draft202012Validator

from coding_agent.analysis.finding import Severity
from coding_agent.report import gitlab
from coding_agent.report.model import FileReport, Report
from unit.test_report import SOURCE, diagnostic, fixed, report

# Written by hand from the table in the manual "Code Quality"; it knows the names that GitLab reads and no others.
DOCUMENTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./).+"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}
REPORTS = {
    "empty": Report(()),
    "one finding": report(fixed(), notes=("a note",)),
    "odd text and path": report(
        diagnostic("x = '\ud800漢'", "'\ud800漢'", path="ü\ud800.py"), text="x = '\ud800漢'", path="ü\ud800.py"
    ),
    "not analysed": Report((FileReport("a.py", problem="is not UTF-8"), FileReport("b.py"))),
    "without fingerprints": Report((FileReport("a.py", SOURCE, (fixed(), fixed())),)),
}


@pytest.mark.parametrize("name", REPORTS)
def test_only_documented_fields(name: str) -> None:
    rendered = gitlab.render(REPORTS[name])
    assert rendered.isascii()
    items = json.loads(rendered)
    assert [error.message for error in Draft202012Validator(DOCUMENTED).iter_errors(items)] == []
    marks = [item["fingerprint"] for item in items]
    assert len(set(marks)) == len(marks)


def test_a_finding() -> None:
    assert json.loads(gitlab.render(report(fixed()))) == [
        {
            "description": "runs any code",
            "check_name": "eval-call",
            "fingerprint": "mark0",
            "severity": "major",
            "location": {"path": "pkg/a.py", "lines": {"begin": 4, "end": 4}},
        }
    ]


def test_severities() -> None:
    marked = report(*(diagnostic(SOURCE, "os", severity=severity) for severity in Severity))
    assert [item["severity"] for item in json.loads(gitlab.render(marked))] == ["critical", "major", "minor", "info"]


def test_a_file_that_was_not_analysed_is_named() -> None:
    (item,) = json.loads(gitlab.render(REPORTS["not analysed"]))
    assert (item["location"]["path"], item["severity"]) == ("a.py", "blocker")
    assert item["description"] == "not analysed: is not UTF-8"


def test_files_of_two_projects_keep_apart_and_stay_the_same() -> None:
    """Each project knows its file as src/a.py, so the baseline knows both findings by one fingerprint."""
    files = tuple(FileReport(f"{name}/src/a.py", SOURCE, (fixed(),), ("alike",)) for name in ("one", "two"))
    first, second = (item["fingerprint"] for item in json.loads(gitlab.render(Report(files))))
    assert first == "alike" != second
    assert [item["fingerprint"] for item in json.loads(gitlab.render(Report(files)))] == [first, second]
