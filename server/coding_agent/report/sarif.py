"""Findings as SARIF 2.1.0, for code scanning services.

Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS Standard.
Columns count code points, and the run says so; a lone carriage return ends a line, and the run says that too.
"""

import json
from collections.abc import Sequence
from urllib.parse import quote

from coding_agent.analysis.finding import Applicability, Diagnostic, Fix, Severity
from coding_agent.report.model import FileReport, Report, RuleInfo
from coding_agent.text import Span, Text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_FINGERPRINT = "codingAgentFingerprint/v1"
_ROOT = "%SRCROOT%"
_Json = dict[str, object]


def render(report: Report) -> str:
    """Return a SARIF log with one run, in ASCII."""
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=1) + "\n"


def _run(report: Report) -> _Json:
    used = {item.rule for item in report.diagnostics()}
    rules = [info for name, info in sorted(report.rules.items()) if name in used]
    rules += [RuleInfo(name, "", name) for name in sorted(used - report.rules.keys())]
    index = {info.name: number for number, info in enumerate(rules)}
    weaknesses = sorted({info.cwe for info in rules if info.cwe} | {d.cwe for d in report.diagnostics() if d.cwe})
    driver: _Json = {
        "name": "Coding Agent",
        "version": report.version or "0",
        "rules": [_rule(info, weaknesses) for info in rules],
    }
    run: _Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "invocations": [_invocation(report)],
        "results": [item for file in report.files for item in _file(file, index, weaknesses)],
    }
    if weaknesses:
        driver["supportedTaxonomies"] = [{"name": "CWE", "index": 0}]
        run["taxonomies"] = [_taxonomy(weaknesses)]
    return run


def _rule(info: RuleInfo, weaknesses: Sequence[int]) -> _Json:
    tags = [info.family] if info.family else []
    rule: _Json = {
        "id": info.name,
        "name": info.name.title().replace("-", ""),
        "shortDescription": {"text": info.summary or info.name},
        "defaultConfiguration": {"level": _level(info.severity), "enabled": info.on},
    }
    if info.help_text:
        rule["fullDescription"] = {"text": info.summary or info.name}
        rule["help"] = {"text": info.help_text, "markdown": info.help_text}
    if info.cwe:
        tags.append(f"external/cwe/cwe-{info.cwe:03}")
        target = {
            "id": str(info.cwe),
            "index": weaknesses.index(info.cwe),
            "toolComponent": {"name": "CWE", "index": 0},
        }
        rule["relationships"] = [{"target": target, "kinds": ["relevant"]}]
    rule["properties"] = {"tags": [*tags, *(f"twin/{twin}" for twin in info.twins)]}
    return rule


def _taxonomy(weaknesses: Sequence[int]) -> _Json:
    return {
        "name": "CWE",
        "organization": "MITRE",
        "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
        "informationUri": "https://cwe.mitre.org/",
        "isComprehensive": False,
        "taxa": [
            {"id": str(cwe), "helpUri": f"https://cwe.mitre.org/data/definitions/{cwe}.html"} for cwe in weaknesses
        ],
    }


def _invocation(report: Report) -> _Json:
    problems = [
        {"level": "error", "message": {"text": problem}, "locations": [{"physicalLocation": _artifact(path)}]}
        for path, problem in report.problems()
    ]
    notes: list[_Json] = [{"level": "note", "message": {"text": note}} for note in report.notes]
    return {"executionSuccessful": not problems, "toolExecutionNotifications": [*problems, *notes]}


def _file(file: FileReport, index: dict[str, int], weaknesses: Sequence[int]) -> list[_Json]:
    if not file.diagnostics:
        return []
    text = Text.of(file.text or "")
    results = [_result(file.path, item, text, index, weaknesses) for item in file.diagnostics]
    for result, mark in zip(results, file.fingerprints, strict=False):
        result["partialFingerprints"] = {_FINGERPRINT: mark}
    return results


def _result(path: str, item: Diagnostic, text: Text, index: dict[str, int], weaknesses: Sequence[int]) -> _Json:
    result: _Json = {
        "ruleId": item.rule,
        "ruleIndex": index[item.rule],
        "level": _level(item.severity),
        "message": {"text": item.message},
        "locations": [{"physicalLocation": {**_artifact(path), "region": _region(item.start, item.stop)}}],
    }
    if item.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": other.message},
                "physicalLocation": {**_artifact(path), "region": _span(other.span, text)},
            }
            for number, other in enumerate(item.related)
        ]
    if item.cwe:
        result["taxa"] = [
            {"id": str(item.cwe), "index": weaknesses.index(item.cwe), "toolComponent": {"name": "CWE", "index": 0}}
        ]
    if item.fix and item.fix.edits and item.fix.applicability is not Applicability.DISPLAY:
        result["fixes"] = [_fix(path, item.fix, text)]
    return result


def _fix(path: str, fix: Fix, text: Text) -> _Json:
    replacements = [
        {"deletedRegion": _span(span, text), "insertedContent": {"text": new}} for span, new in sorted(fix.edits)
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{**_artifact(path), "replacements": replacements}],
    }


def _artifact(path: str) -> _Json:
    uri = quote(path.encode("utf-8", "surrogatepass"))
    if path.startswith("/"):
        return {"artifactLocation": {"uri": "file://" + uri}}
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}}


def _span(span: Span, text: Text) -> _Json:
    return _region(text.position(span.start), text.position(span.stop))


def _region(start: tuple[int, int], stop: tuple[int, int]) -> _Json:
    return {
        "startLine": start[0] + 1,
        "startColumn": start[1] + 1,
        "endLine": stop[0] + 1,
        "endColumn": stop[1] + 1,
    }


def _level(severity: Severity) -> str:
    return _LEVELS.get(severity, "note")
