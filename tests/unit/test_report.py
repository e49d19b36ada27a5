"""Reports: text, JSON and GitHub commands."""

import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from coding_agent.analysis.finding import Applicability, Diagnostic, Fix, Related, Severity
from coding_agent.report import github
from coding_agent.report import json as as_json
from coding_agent.report import text as as_text
from coding_agent.report.model import FileReport, Report, RuleInfo
from coding_agent.text import Edit, Span, Text

SOURCE = "import os\n\ndef f(x):\n    return eval(x)\n"


def diagnostic(
    text: str, piece: str, path: str = "pkg/a.py", message: str = "runs any code", **more: object
) -> Diagnostic:
    start = text.index(piece)
    lines = Text.of(text)
    return Diagnostic(
        **{
            "path": path,
            "rule": "eval-call",
            "message": message,
            "severity": Severity.WARNING,
            "span": Span(start, start + len(piece)),
            "start": lines.position(start),
            "stop": lines.position(start + len(piece)),
            **more,
        }  # type: ignore[arg-type]
    )


def report(*diagnostics: Diagnostic, text: str = SOURCE, path: str = "pkg/a.py", **more: object) -> Report:
    marks = tuple(f"mark{number}" for number in range(len(diagnostics)))
    file = FileReport(path, text, diagnostics, marks)
    return Report(files=(file,), version="1.2.3", **more)  # type: ignore[arg-type]


def fixed(text: str = SOURCE) -> Diagnostic:
    start = text.index("eval")
    fix = Fix("Use literal_eval", (Edit(Span(start, start + 4), "ast.literal_eval"),), imports=("ast",))
    related = Related(Span(text.index("x"), text.index("x") + 1), "comes from here")
    return diagnostic(text, "eval(x)", fix=fix, related=(related,), cwe=95)


def test_text() -> None:
    assert as_text.render(report(fixed())) == snapshot(
        """\
pkg/a.py:4:12: warning runs any code [eval-call] (fix)
    return eval(x)
           ^^^^^^^

"""
    )


def test_text_names_what_was_not_analysed_and_notes() -> None:
    files = (FileReport("b.py", problem="is not UTF-8"), FileReport("c.py"))
    assert as_text.render(Report(files, notes=("twins are off",))) == (
        "b.py: not analysed: is not UTF-8\nnote: twins are off\n"
    )
    assert as_text.render(Report((FileReport("c.py"),))) == ""


@pytest.mark.parametrize(
    ("line", "piece", "under"),
    [
        ("\tx = eval(y)", "eval(y)", "    ^^^^^^^"),
        ("x = '漢字'; eval(y)", "eval(y)", " " * 12 + "^^^^^^^"),
        ("x = '漢字'", "漢字", "     ^^^^"),
        ("x = 'e\u0301'; eval(y)", "eval(y)", " " * 9 + "^^^^^^^"),
        ("    x", "    x", "^^^^^"),
        ("x ", " ", " ^"),
    ],
)
def test_carets_stand_below_the_finding(line: str, piece: str, under: str) -> None:
    shown = as_text.render(report(diagnostic(line, piece), text=line)).split("\n")
    assert shown[2] == "    " + under
    assert len(shown[1]) >= 4


def test_a_long_line_shows_the_part_around_the_finding() -> None:
    line = "a" * 1_000_000 + "eval(x)" + "b" * 1_000_000
    first, shown, under, *_ = as_text.render(report(diagnostic(line, "eval(x)"), text=line)).split("\n")
    assert first.startswith("pkg/a.py:1:1000001:")
    assert len(shown) < 200
    at = under.index("^")
    assert shown[at : at + 7] == "eval(x)"
    assert under.count("^") == 7


def test_a_finding_over_lines_is_marked_to_the_end_of_its_first() -> None:
    text = "f(\n  1)\n"
    assert as_text.render(report(diagnostic(text, "f(\n  1)"), text=text)).split("\n")[1:3] == ["    f(", "    ^^"]


def test_no_file_steers_the_terminal() -> None:
    text = "x = '\x1b[31m'; eval(y)\x07\n"
    bad = diagnostic(text, "eval(y)", path="a\x1b[2J\n.py", message="see \x1b]8;;evil\x07 there\nagain")
    shown = as_text.render(report(bad, text=text, path="a\x1b[2J\n.py"))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    lines = shown.split("\n")
    assert len(lines) == 5
    assert lines[1][lines[2].index("^") :].startswith("eval(y)")


def test_colour_only_when_asked() -> None:
    assert "\x1b" not in as_text.render(report(fixed()))
    coloured = as_text.render(report(fixed()), as_text.Style(colour=True))
    assert "\x1b[33mwarning\x1b[0m" in coloured


def test_summary() -> None:
    hint = diagnostic(SOURCE, "os", severity=Severity.HINT)
    assert as_text.summary(report(fixed(), hint)) == snapshot(
        "2 findings in 1 file (1 warning, 1 hint); 1 can be fixed with --fix"
    )
    assert as_text.summary(Report((FileReport("a"), FileReport("b", problem="x")))) == snapshot(
        "no findings in 2 files; 1 file not analysed"
    )


def test_json() -> None:
    data = json.loads(as_json.render(report(fixed(), notes=("n",))))
    assert data == snapshot(
        {
            "version": 1,
            "tool": {"name": "coding-agent", "version": "1.2.3"},
            "diagnostics": [
                {
                    "path": "pkg/a.py",
                    "rule": "eval-call",
                    "severity": "warning",
                    "message": "runs any code",
                    "start": {"line": 4, "column": 12},
                    "stop": {"line": 4, "column": 19},
                    "cwe": 95,
                    "fingerprint": "mark0",
                    "related": [
                        {
                            "message": "comes from here",
                            "start": {"line": 3, "column": 7},
                            "stop": {"line": 3, "column": 8},
                        }
                    ],
                    "fix": {
                        "title": "Use literal_eval",
                        "applicability": "safe",
                        "edits": [
                            {
                                "start": {"line": 4, "column": 12},
                                "stop": {"line": 4, "column": 16},
                                "new": "ast.literal_eval",
                            }
                        ],
                        "imports": ["ast"],
                    },
                }
            ],
            "problems": [],
            "notes": ["n"],
            "summary": {
                "files": 1,
                "findings": 1,
                "fixable": 1,
                "not-analysed": 0,
                "error": 0,
                "warning": 1,
                "information": 0,
                "hint": 0,
            },
        }
    )


def test_json_is_ascii_whatever_the_text_holds() -> None:
    text = "x = '\ud800漢'\n"
    rendered = as_json.render(report(diagnostic(text, "'\ud800漢'", message="\ud800"), text=text))
    assert rendered.isascii()
    assert json.loads(rendered)["diagnostics"][0]["message"] == "\ud800"


def test_github_escapes() -> None:
    odd = diagnostic(SOURCE, "eval(x)", path="a,b:c%.py", message="50% of\r\nlines: a, b", severity=Severity.ERROR)
    wide = diagnostic(SOURCE, "def f(x):\n    return", severity=Severity.HINT)
    files = (
        FileReport("a,b:c%.py", SOURCE, (odd,)),
        FileReport("w.py", SOURCE, (wide,)),
        FileReport("u.py", problem="too\nlarge"),
    )
    assert github.render(Report(files, notes=("n\n",))) == snapshot(
        """\
::error file=a%2Cb%3Ac%25.py,line=4,endLine=4,col=12,endColumn=19,title=eval-call::50%25 of%0D%0Alines: a, b
::notice file=w.py,line=3,endLine=4,title=eval-call::runs any code
::error file=u.py,title=not analysed::too%0Alarge
::notice::n%0A
"""
    )


def test_only_safe_fixes_count_as_fixable() -> None:
    unsafe = diagnostic(SOURCE, "os", fix=Fix("t", (Edit(Span(0, 1), ""),), Applicability.UNSAFE))
    assert report(unsafe, fixed()).fixable() == 1
    assert "(fix)" not in as_text.render(report(unsafe))


def test_rules_are_optional(tmp_path: Path) -> None:
    rules = {"other": RuleInfo("other", "x", "Other.")}
    assert as_text.render(report(fixed(), rules=rules)) == as_text.render(report(fixed()))
