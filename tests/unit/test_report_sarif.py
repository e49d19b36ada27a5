"""SARIF: valid, and with what code scanning services read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sarif_om
from jsonschema.validators import validator_for

from coding_agent.analysis.finding import Applicability, Fix, Severity
from coding_agent.report import sarif
from coding_agent.report.model import FileReport, Report, RuleInfo
from coding_agent.text import Edit, Span
from official_schema import OFFICIAL
from unit.test_report import SOURCE, diagnostic, fixed, report

RULES = {
    "eval-call": RuleInfo("eval-call", "security", "Runs any code.", "# eval-call", cwe=95, twins=("ruff:S307",)),
    "unused": RuleInfo("unused", "style", "Not in use."),
}
ODD = "x = '\ud800漢'\r\ny = 1\r"

REPORTS = {
    "empty": Report(()),
    "one finding": report(fixed(), rules=RULES, notes=("a note",)),
    "unknown rule": report(diagnostic(SOURCE, "os", rule="odd-rule", severity=Severity.HINT)),
    "odd text and path": report(
        diagnostic(ODD, "'\ud800漢'", path="a b/ü#\ud800.py"), text=ODD, path="a b/ü#\ud800.py"
    ),
    "absolute path": report(fixed(), path="/tmp/a b.py"),
    "not analysed": Report((FileReport("a.py", problem="is not UTF-8"),), RULES),
    "several": Report((FileReport("a.py", SOURCE, (fixed(), fixed())), FileReport("b.py", SOURCE, (fixed(),))), RULES),
    "unsafe and display-only": report(
        diagnostic(SOURCE, "os", fix=Fix("u", (Edit(Span(0, 1), ""),), Applicability.UNSAFE)),
        diagnostic(SOURCE, "os", fix=Fix("d", (Edit(Span(0, 1), ""),), Applicability.DISPLAY)),
        diagnostic(SOURCE, "os", fix=Fix("none", ())),
    ),
}

# Which class of the standard's object model stands where; `sarif_om` is generated from the official schema.
PLACES = {
    "runs": sarif_om.Run,
    "tool": sarif_om.Tool,
    "driver": sarif_om.ToolComponent,
    "rules": sarif_om.ReportingDescriptor,
    "taxa": sarif_om.ReportingDescriptor,
    "shortDescription": sarif_om.MultiformatMessageString,
    "fullDescription": sarif_om.MultiformatMessageString,
    "help": sarif_om.MultiformatMessageString,
    "defaultConfiguration": sarif_om.ReportingConfiguration,
    "relationships": sarif_om.ReportingDescriptorRelationship,
    "target": sarif_om.ReportingDescriptorReference,
    "toolComponent": sarif_om.ToolComponentReference,
    "supportedTaxonomies": sarif_om.ToolComponentReference,
    "taxonomies": sarif_om.ToolComponent,
    "properties": sarif_om.PropertyBag,
    "invocations": sarif_om.Invocation,
    "toolExecutionNotifications": sarif_om.Notification,
    "results": sarif_om.Result,
    "message": sarif_om.Message,
    "description": sarif_om.Message,
    "locations": sarif_om.Location,
    "relatedLocations": sarif_om.Location,
    "physicalLocation": sarif_om.PhysicalLocation,
    "artifactLocation": sarif_om.ArtifactLocation,
    "region": sarif_om.Region,
    "deletedRegion": sarif_om.Region,
    "fixes": sarif_om.Fix,
    "artifactChanges": sarif_om.ArtifactChange,
    "replacements": sarif_om.Replacement,
    "insertedContent": sarif_om.ArtifactContent,
}


def log(given: Report) -> dict[str, Any]:
    rendered = sarif.render(given)
    assert rendered.isascii()
    return json.loads(rendered)


def run_of(given: Report) -> dict[str, Any]:
    (run,) = log(given)["runs"]
    return run


def foreign(kind: type, data: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield the names in ``data`` that the object model does not know, and the required ones that are missing."""
    known = {item.metadata["schema_property_name"]: item.default for item in kind.__attrs_attrs__}  # type: ignore[attr-defined]
    yield from (f"{place}.{name}" for name in data if name not in known)
    yield from (
        f"{place} lacks {name}" for name, default in known.items() if repr(default) == "NOTHING" and name not in data
    )
    for name, value in data.items():
        below = PLACES.get(name)
        # References to taxa stand in results, descriptions of taxa in taxonomies.
        if kind is sarif_om.Result and name == "taxa":
            below = sarif_om.ReportingDescriptorReference
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and below is not None and below is not sarif_om.PropertyBag:
                yield from foreign(below, item, f"{place}.{name}")
            elif isinstance(item, dict) and name not in ("partialFingerprints", "properties"):
                yield f"{place}.{name} is of no known kind"


@pytest.mark.parametrize("name", REPORTS)
def test_every_object_is_one_of_the_standard(name: str) -> None:
    assert list(foreign(sarif_om.SarifLog, log(REPORTS[name]), "log")) == []


@pytest.mark.parametrize("name", REPORTS)
def test_valid_by_the_official_schema(name: str) -> None:
    if not OFFICIAL.is_file():
        pytest.skip("the official SARIF schema is not in the cache (tests/official_schema.py tries to fetch it)")
    schema = json.loads(OFFICIAL.read_text())
    assert [error.message for error in validator_for(schema)(schema).iter_errors(log(REPORTS[name]))] == []


def test_places_count_code_points_and_say_so() -> None:
    run = run_of(REPORTS["odd text and path"])
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 9}
    assert place["artifactLocation"] == {"uri": "a%20b/%C3%BC%23%ED%A0%80.py", "uriBaseId": "%SRCROOT%"}


def test_rules_fingerprints_fixes_and_weaknesses() -> None:
    run = run_of(REPORTS["one finding"])
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "eval-call"
    assert rule["help"]["markdown"] == "# eval-call"
    assert rule["properties"]["tags"] == ["security", "external/cwe/cwe-095", "twin/ruff:S307"]
    assert rule["relationships"][0]["target"]["id"] == "95"
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("eval-call", 0, "warning")
    assert result["partialFingerprints"] == {"codingAgentFingerprint/v1": "mark0"}
    assert result["taxa"][0] == {"id": "95", "index": 0, "toolComponent": {"name": "CWE", "index": 0}}
    assert run["taxonomies"][0]["taxa"][0]["id"] == "95"
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": "ast.literal_eval"}
    assert replacement["deletedRegion"] == {"startLine": 4, "startColumn": 12, "endLine": 4, "endColumn": 16}
    assert result["relatedLocations"][0]["message"]["text"] == "comes from here"


def test_levels() -> None:
    marked = [diagnostic(SOURCE, "os", severity=severity) for severity in Severity]
    assert [result["level"] for result in run_of(report(*marked))["results"]] == ["error", "warning", "note", "note"]


def test_an_incomplete_run_says_so() -> None:
    (invocation,) = run_of(REPORTS["not analysed"])["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "is not UTF-8"
    assert run_of(REPORTS["one finding"])["invocations"][0]["executionSuccessful"] is True


def test_fixes_to_look_at_are_not_offered() -> None:
    results = run_of(REPORTS["unsafe and display-only"])["results"]
    assert ["fixes" in result for result in results] == [True, False, False]
