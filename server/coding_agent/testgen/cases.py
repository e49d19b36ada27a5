"""Tests as methods of a ``unittest.TestCase``, for projects that write them so."""

from collections.abc import Sequence
from dataclasses import replace

from coding_agent.testgen.body import Body, BodyWriter
from coding_agent.testgen.inside.model import Candidate, Check, Patch
from coding_agent.testgen.style import Coroutines, Style
from coding_agent.testgen.tables import Test

FIXTURES = frozenset({"monkeypatch", "tmp_path"})
"""What stands in for the world here as well; other fixtures are pytest's alone."""
_FOLDER = (
    "folder = tempfile.TemporaryDirectory()",
    "self.addCleanup(folder.cleanup)",
    "tmp_path = pathlib.Path(folder.name)",
)
_LOOKING = frozenset({"capsys", "caplog"})
"""Fixtures that only checks need."""


def as_case(candidate: Candidate) -> Candidate | None:
    """Return a candidate without what only pytest has; None where nothing is left of it.

    What it prints and logs is not looked at, but what it returns and does is.
    """
    checks = tuple(check for check in candidate.checks if _can_be_asked(check))
    fixtures = tuple(each for each in candidate.fixtures if each not in _LOOKING)
    if not checks or not FIXTURES.issuperset(fixtures):
        return None
    return candidate._replace(checks=checks, fixtures=fixtures)


def _can_be_asked(check: Check) -> bool:
    if "capsys." in check.subject:
        return False
    return check.kind not in ("prints", "logs") and (check.kind != "approx" or _is_number(check.value))


def case_class(name: str, tests: Sequence[Test], style: Style) -> str:
    """Return the text of a class with one method for each test; each runs its coroutines itself."""
    style = replace(style, coroutines=Coroutines.RUN)
    methods = "\n\n".join(_method(test, style) for test in tests)
    base = "SimpleTestCase" if style.django else "unittest.TestCase"
    return f"class {name}({base}):\n{methods}"


def _method(test: Test, style: Style) -> str:
    writer = CaseWriter(style, 16 if test.rows else 8, frozenset(test.raw))
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

    def body(self, candidate: Candidate) -> Body:
        made = super().body(candidate)
        # What runs in a coroutine has its folder there.
        if "tmp_path" not in candidate.fixtures or self._scenario(candidate):
            return made
        return replace(made, arrange=(*_FOLDER, *made.arrange))

    def check(self, check: Check, subject: str) -> str:
        left = subject if subject.startswith("(") else self.printer.flat(subject)
        value = self.printer.flat(check.value)
        match check.kind:
            case "is":
                call = f"assertIsNone({left})" if value == "None" else f"assertIs({left}, {value})"
            case "approx":
                call = f"assertAlmostEqual({left}, {value}, delta={_delta(value)})"
            case "true":
                call = f"assertTrue({left})"
            case "false":
                call = f"assertFalse({left})"
            case "contains":
                call = f"assertIn({value}, {left})"
            case "type":
                call = f"assertIsInstance({left}, {value})"
            case _:
                call = f"assertEqual({left}, {value})"
        return f"self.{call}"

    def split(self, check: Check, subject: str) -> list[str]:
        return [self.spread(self.check(check, subject))]

    def under(self, manager: str, check: Check, inner: str) -> list[str]:
        name = {"pytest.raises": "assertRaises", "pytest.warns": "assertWarns"}[manager]
        pattern = check.match if check.match in self.columns else self.printer.pattern(check.match)
        call = f"self.{name}Regex({check.value}, {pattern})" if check.match else f"self.{name}({check.value})"
        lines = inner.replace("\n", "\n    ").split("\n")
        head = f"with {call}:"
        if len(head) + self.indent > self.style.width and check.match:
            head = f"with self.{name}Regex(\n    {check.value},\n    {pattern},\n):"
        return [*head.split("\n"), f"    {lines[0]}", *lines[1:]]

    def patch(self, patch: Patch) -> str:
        name = self.printer.string(patch.attribute)
        if patch.how == "chdir":
            return f"self.addCleanup(os.chdir, os.getcwd())\nos.chdir({patch.code})"
        if patch.how in ("setenv", "delenv"):
            values = f", {{{name}: {patch.code}}}" if patch.how == "setenv" else ""
            made = f"mock.patch.dict(os.environ{values})"
        elif patch.owner:
            made = f"mock.patch.object({patch.owner}, {name}, {patch.code})"
        else:
            made = f"mock.patch({name}, {patch.code})"
        lines = [self.assign("patcher", made), "patcher.start()", "self.addCleanup(patcher.stop)"]
        if patch.how == "delenv":
            lines.append(f"os.environ.pop({name}, None)")
        return "\n".join(lines)


def _delta(value: str) -> str:
    """How far ``pytest.approx`` lets a number be from another."""
    try:
        return f"{max(abs(float(value)) * 1e-6, 1e-12):.0e}"
    except ValueError:  # A column of a table: its numbers differ.
        return f"abs({value}) * 1e-6"


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return True
