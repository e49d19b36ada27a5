"""Tests as methods of a ``unittest.TestCase``, for projects that write them so."""

from collections.abc import Sequence

from coding_agent.testgen.body import BodyWriter
from coding_agent.testgen.inside.model import Candidate, Check, Patch
from coding_agent.testgen.style import Style
from coding_agent.testgen.tables import Test

FIXTURES = frozenset({"monkeypatch"})
"""What stands in for the world here as well; other fixtures are pytest's alone."""


def can_be_a_case(candidate: Candidate) -> bool:
    """Whether a candidate needs nothing that only pytest has."""
    approx = any(check.kind == "approx" and not _is_number(check.value) for check in candidate.checks)
    return not approx and FIXTURES.issuperset(candidate.fixtures)


def case_class(name: str, tests: Sequence[Test], style: Style) -> str:
    """Return the text of a class with one method for each test."""
    methods = "\n\n".join(_method(test, style) for test in tests)
    return f"class {name}(unittest.TestCase):\n{methods}"


def _method(test: Test, style: Style) -> str:
    writer = CaseWriter(style, 16 if test.rows else 8)
    body = writer.body(test.candidate)
    lines = [f"    def {test.name}(self):"]
    if test.rows:
        return "\n".join([*lines, *_loop(test, writer), *_indented(body.lines(), 16)])
    return "\n".join([*lines, *_indented(body.lines(), 8)])


def _loop(test: Test, writer: BodyWriter) -> list[str]:
    printer = writer.printer
    names = ", ".join(test.columns)
    rows: list[str] = []
    for row in test.rows:
        codes = [
            printer.pattern(code) if column in test.raw else printer.flat(code)
            for code, column in zip(row.codes, test.columns, strict=True)
        ]
        line = " " * 12 + (f"({', '.join(codes)})" if len(codes) > 1 else codes[0]) + ","
        if len(line) > writer.style.width and len(codes) > 1:
            line = " " * 12 + printer.exploded("(", codes, ")", 12) + ","
        rows.append(line)
    told = ", ".join(f"{name}={name}" for name in test.columns if name not in ("expected", "message"))
    return [
        f"        for {names} in (",
        *rows,
        "        ):",
        f"            with self.subTest({told}):",
    ]


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line if line else "" for line in lines]


class CaseWriter(BodyWriter):
    """Writes bodies with the assertions of ``unittest``."""

    def check(self, check: Check, subject: str) -> str:
        left = subject if subject.startswith("(") else self.printer.flat(subject)
        value = self.printer.flat(check.value)
        single = {"None": "assertIsNone", "True": "assertTrue", "False": "assertFalse"}
        match check.kind:
            case "is":
                call = f"{single[value]}({left})" if value in single else f"assertIs({left}, {value})"
            case "approx":
                call = f"assertAlmostEqual({left}, {value})"
            case "true":
                call = f"assertTrue({left})"
            case "false":
                call = f"assertFalse({left})"
            case "type":
                call = f"assertIsInstance({left}, {value})"
            case _:
                call = f"assertEqual({left}, {value})"
        return f"self.{call}"

    def split(self, check: Check, subject: str) -> list[str]:
        return [self.spread(self.check(check, subject))]

    def under(self, manager: str, check: Check, inner: str) -> list[str]:
        name = {"pytest.raises": "assertRaises", "pytest.warns": "assertWarns"}[manager]
        pattern = check.match if check.match == "message" else self.printer.pattern(check.match)
        call = f"self.{name}Regex({check.value}, {pattern})" if check.match else f"self.{name}({check.value})"
        lines = inner.replace("\n", "\n    ").split("\n")
        head = f"with {call}:"
        if len(head) + self.indent > self.style.width and check.match:
            head = f"with self.{name}Regex(\n    {check.value},\n    {pattern},\n):"
        return [*head.split("\n"), f"    {lines[0]}", *lines[1:]]

    def patch(self, patch: Patch) -> str:
        name = self.printer.string(patch.attribute)
        if patch.how in ("setenv", "delenv"):
            values = f"{{{name}: {patch.code}}}" if patch.how == "setenv" else "{}"
            made = f"mock.patch.dict(os.environ, {values})"
        elif patch.owner:
            made = f"mock.patch.object({patch.owner}, {name}, {patch.code})"
        else:
            made = f"mock.patch({name}, {patch.code})"
        return "\n".join((self.assign("patcher", made), "patcher.start()", "self.addCleanup(patcher.stop)"))


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True
