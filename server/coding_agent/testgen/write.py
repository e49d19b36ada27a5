"""Writes candidates as the text of a test file that people would merge."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coding_agent.testgen import imports
from coding_agent.testgen.body import COLLECT, BodyWriter, fixtures_of
from coding_agent.testgen.imports import Imported
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.shape import Parameters
from coding_agent.testgen.shared import shared
from coding_agent.testgen.style import Coroutines, Style
from coding_agent.testgen.tables import Row, Sorted, Test, sort

_HELPER = f"""\
async def {COLLECT}(items):
    return [item async for item in items]
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A test file: ``imports`` are those its tests need, ``top`` what stands between them and the tests."""

    text: str
    tests: tuple[Test, ...]
    imports: tuple[Imported, ...]
    top: tuple[str, ...]
    functions: tuple[str, ...]
    nameless: tuple[Candidate, ...] = ()


def write(candidates: Sequence[Candidate], parameters: Parameters, style: Style, taken: Iterable[str] = ()) -> Written:
    """Return the file with a test for each candidate. ``taken`` are names of tests that exist already."""
    return written(sort(candidates, parameters, taken), style)


def written(found: Sorted, style: Style) -> Written:
    """Return the file of tests that were sorted and named."""
    lifted = shared(found.tests, found.taken, style)
    if style.unittest:
        from coding_agent.testgen.cases import case_class

        functions = [case_class(_class_name(found.tests), lifted.tests, style)] if found.tests else []
    else:
        functions = [function(test, style) for test in lifted.tests]
    body = "\n\n\n".join(functions)
    lines = [line for test in found.tests for line in test.imports]
    top = [line for line in dict.fromkeys(lines) if not line.startswith(("import ", "from "))]
    used = imports.used_names("\n".join((body, *top)))
    top = [line for line in top if _bound(line) in used]
    used = imports.used_names("\n".join((body, *top)))
    helper = [_HELPER.rstrip()] if COLLECT in used else []
    helper += [BodyWriter(style, 0).statement(text).rstrip() for text in found.helpers.texts(used)]
    helper += lifted.top
    used |= imports.used_names("\n".join(helper))
    needed = imports.needed([*imports.parsed(lines), *_OURS], used)
    head = imports.block(needed, style)
    text = "\n\n".join(part for part in (head, "\n".join(top)) if part)
    whole = "\n\n\n".join(part for part in (text, *helper, body) if part) + "\n"
    return Written(whole, tuple(found.tests), tuple(needed), (*top, *helper), tuple(functions), tuple(found.nameless))


_OURS = (
    Imported("asyncio", "", "asyncio"),
    Imported("pytest", "", "pytest"),
    Imported("itertools", "islice", "islice"),
    Imported("unittest", "", "unittest"),
    Imported("unittest", "mock", "mock"),
    Imported("os", "", "os"),
    Imported("pathlib", "", "pathlib"),
    Imported("tempfile", "", "tempfile"),
    Imported("django.test", "SimpleTestCase", "SimpleTestCase"),
)


def function(test: Test, style: Style) -> str:
    """Return the text of one test function."""
    body = BodyWriter(style, columns=frozenset(test.raw)).body(test.candidate)
    lines = [*_marks(body.asynchronous, style), *(_table(test, style) if test.rows else [])]
    given = ", ".join((*fixtures_of(test.candidate), *test.columns))
    word = "async def" if body.asynchronous else "def"
    head = f"{word} {test.name}({given}):"
    if len(head) > style.width:
        only = "," if "," not in given else ""
        head = f"{word} {test.name}(\n    {given}{only}\n):"
        if len(given) + 4 > style.width:
            spread = "".join(f"    {name},\n" for name in given.split(", "))
            head = f"{word} {test.name}(\n{spread}):"
    lines.append(head)
    lines += [f"    {line}" if line else "" for line in body.lines()]
    return "\n".join(lines)


def _class_name(tests: Sequence[Test]) -> str:
    """After the class that all tests are about, else after the module."""
    owners = {test.candidate.target.partition(".")[0] for test in tests}
    imported = imports.parsed(line for test in tests for line in test.imports)
    modules = [each.module for each in imported if not each.module.startswith("django.")]
    word = owners.pop() if len(owners) == 1 else max(modules, default="views" if imported else "module")
    return "Test" + "".join(part[:1].upper() + part[1:] for part in word.rpartition(".")[2].split("_") if part)


def _marks(asynchronous: bool, style: Style) -> list[str]:
    if not asynchronous or style.coroutines is Coroutines.AUTO:
        return []
    return ["@pytest.mark.anyio" if style.coroutines is Coroutines.ANYIO else "@pytest.mark.asyncio"]


def _table(test: Test, style: Style) -> list[str]:
    printer = style.printer
    if len(test.columns) == 1:
        names = printer.string(test.columns[0])
    else:
        names = "(" + ", ".join(printer.string(name) for name in test.columns) + ")"
    if len(names) + 5 > style.width:
        names = printer.expression(names, 4, 0, 1)
    rows = [line for row in test.rows for line in _row(row, test, style).split("\n")]
    return ["@pytest.mark.parametrize(", f"    {names},", "    [", *rows, "    ],", ")"]


def _row(row: Row, test: Test, style: Style) -> str:
    printer = style.printer
    codes = [
        printer.pattern(code) if column in test.raw else printer.flat(code)
        for code, column in zip(row.codes, test.columns, strict=True)
    ]
    identity = f"id={printer.string(row.id)}"
    line = f"        pytest.param({', '.join((*codes, identity))}),"
    if len(line) <= style.width:
        return line
    return " " * 8 + printer.exploded("pytest.param(", [*codes, identity], ")", 8) + ","


def _bound(line: str) -> str:
    node = parsing.statement(line)
    if node is None:
        return ""
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
