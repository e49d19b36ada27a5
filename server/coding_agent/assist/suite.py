"""The tests that a model wrote, taken apart: imports, what the tests share, and each test, so that some may be left."""

import ast
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from coding_agent.assist.holding import DEFINITIONS
from coding_agent.assist.layout import hides, named, plain_comments
from coding_agent.assist.meant import Failing
from coding_agent.assist.placing import read
from coding_agent.proof.source import FUNCTIONS
from coding_agent.testgen.imports import Imported, needed, parsed, used_names
from coding_agent.text import split_lines

_MOST, _WIDEST, _ROWS, _LONGEST = 16_000, 200, 60, 60
"""Characters of an answer, columns of a line, rows of a table, lines of what tests share."""
_HOOK = re.compile(r"pytest|__|(?:setup|teardown)(?:_|$|Module)|(?:setUp|tearDown)Module|load_tests|collect_ignore")
"""Names by which a file changes how its other tests run."""
_MARKS = frozenset({"pytest.mark.asyncio", "pytest.mark.anyio"})
_TABLE, _FIXTURES = "pytest.mark.parametrize", frozenset({"pytest.fixture", "pytest.fixture()"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Test:
    """One test by the name that pytest's plugin of ours gives it: a method has its class in front."""

    __test__ = False  # No test of ours.

    name: str
    node: Function
    rows: range
    """The rows of its table; one without a table has one."""


@dataclass(frozen=True, slots=True)
class Block:
    """A statement of an answer that is no import, with the comments above it; ``first`` is its line, from 1."""

    node: ast.stmt
    first: int
    lines: tuple[str, ...]

    def text(self, without: Sequence[Function] = ()) -> str:
        gone = {line for node in without for line in range(_first(node), (node.end_lineno or node.lineno) + 1)}
        kept = [line for number, line in enumerate(self.lines, self.first) if number not in gone]
        text = re.sub(r"\n{3,}(?=[ \t])", "\n\n", "".join(kept)).strip("\n")
        return re.sub(r"\n[ \t]*\n+(?=[ \t]*\Z)", "\n", text)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is added to a test file: imports, what stands at the top, tests, and what these are called."""

    imports: tuple[Imported, ...]
    top: tuple[str, ...]
    functions: tuple[str, ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """An answer. ``body`` is all of it; ``shared`` are constants, fixtures and helpers."""

    body: list[ast.stmt]
    imports: tuple[Imported, ...]
    shared: tuple[Block, ...]
    holding: tuple[Block, ...]
    tests: tuple[Test, ...]

    def only(self, names: Container[str]) -> Chosen:
        """What is left with some of the tests, and without what only the others need."""
        tests = tuple(each for each in self.tests if each.name in names)
        gone = [each.node for each in self.tests if each.name not in names]
        functions: list[str] = []
        for block in self.holding:
            inside = [each.node for each in self.tests if each.node in _tests_in(block.node)]
            if any(node not in gone for node in inside):
                functions.append(block.text([node for node in inside if node in gone]))
        used = _used(functions)
        top: list[str] = []
        for block in reversed(self.shared):
            if bound(block.node) in used:
                top.insert(0, block.text())
                used |= _used([block.text()])
        return Chosen(tuple(needed(self.imports, used)), tuple(top), tuple(functions), tests)


def written(code: str) -> Written:
    """Take an answer apart. Raises: Failing - it is no Python, or is more than tests and what they need."""
    if len(code) > _MOST:
        raise Failing(f"it has {len(code)} characters; {_MOST} are the most")
    found = read(code)
    if found.indented:
        raise Failing("it has to stand at the left margin")
    body, lines = found.body, split_lines(found.text)
    for one, other in pairwise(body):
        if (one.end_lineno or one.lineno) >= _first(other):
            raise Failing(f"line {other.lineno}: one statement on each line")
    imports, blocks = list(_imports(body)), list(_blocks(body, lines))
    holding = [each for each in blocks if _tests_in(each.node)]
    shared = [each for each in blocks if each not in holding]
    for block in shared:
        _shareable(block)
    tests = [test for block in holding for test in _tests(block.node)]
    names = [bound(each.node) for each in blocks]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), "") or _twice(tests)
    if twice:
        raise Failing(f"`{twice}` is there twice")
    if not tests:
        raise Failing("there is no test in it: a function whose name begins with test_")
    return Written(body, tuple(imports), tuple(shared), tuple(holding), tuple(tests))


def looks(code: str) -> None:
    """Raises: Failing - something in it is not what it looks like, cannot be seen, or speaks to tools."""
    for line in split_lines(code):
        hidden = next(filter(hides, line), "")
        if hidden:
            raise Failing(f"it has a character that nobody sees: {named(hidden)}")
        if len(line.rstrip("\n")) > _WIDEST or re.search(r"\S[ \t]{30,}[^\s#]", line):
            raise Failing("a line is so wide that not all of it is seen")
    plain_comments(code)


def bound(node: ast.stmt) -> str:
    """The one name that a statement binds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
        case _:
            return ""


def is_fixture(node: ast.stmt) -> bool:
    return isinstance(node, FUNCTIONS) and any(ast.unparse(each) in _FIXTURES for each in node.decorator_list)


def _imports(body: list[ast.stmt]) -> Iterator[Imported]:
    for node in body:
        if isinstance(node, ast.ImportFrom) and (node.level or node.module == "__future__"):
            raise Failing(f"`{ast.unparse(node)}`: tests import by whole names, and nothing of the future")
        if isinstance(node, ast.Import | ast.ImportFrom):
            if any(each.name == "*" for each in node.names):
                raise Failing(f"`{ast.unparse(node)}`: name what is imported")
            yield from parsed([ast.unparse(node)])


def _blocks(body: list[ast.stmt], lines: list[str]) -> Iterator[Block]:
    for at, node in enumerate(body):
        if isinstance(node, ast.Import | ast.ImportFrom) or (at == 0 and _is_text(node)):
            continue
        name = bound(node)
        if not name:
            raise Failing(f"`{_head(node)}` is neither an import, a test, nor something small that tests share")
        if _HOOK.match(name):
            raise Failing(f"`{name}` changes how other tests of the file run")
        first = _first(node)
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        yield Block(node, first, tuple(lines[first - 1 : node.end_lineno]))


def _shareable(block: Block) -> None:
    node, name = block.node, bound(block.node)
    if len(block.lines) > _LONGEST:
        raise Failing(f"`{name}` is too long for something that tests share")
    if name.startswith(("test", "Test")):
        raise Failing(f"`{name}` is called like a test and is none")
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    odd = next((each for each in decorators if "fixture" in ast.unparse(each) and not is_fixture(node)), None)
    if odd is not None:
        raise Failing(f"`@{ast.unparse(odd)}`: fixtures are plain, as other tests of the file go on without them")


def _tests(node: ast.stmt) -> Iterator[Test]:
    owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
    for test in _tests_in(node):
        counts: list[int] = []
        for decorator in test.decorator_list:
            text = ast.unparse(decorator)
            if text.startswith(f"{_TABLE}("):
                counts.append(_rows(decorator, test.name))
            elif text not in _MARKS:
                raise Failing(f"`@{text}` of {test.name}: a test has no decorators but tables")
        if prod(counts) > _ROWS:
            raise Failing(f"{test.name} has {prod(counts)} rows; {_ROWS} are the most")
        yield Test(f"{owner}{test.name}", test, range(prod(counts)))


def _tests_in(node: ast.stmt) -> list[Function]:
    """The tests of a statement: itself, or those of its class. Raises: Failing - the class is more than tests."""
    if isinstance(node, FUNCTIONS):
        return [node] if node.name.startswith("test") and not is_fixture(node) else []
    if not isinstance(node, ast.ClassDef) or not node.name.startswith("Test"):
        return []
    if node.bases or node.keywords or node.decorator_list:
        raise Failing(f"class {node.name}: a class of tests has no base and no decorator")
    odd = next((each for each in node.body if not (_is_text(each) or isinstance(each, FUNCTIONS) or bound(each))), None)
    if odd is not None:
        raise Failing(f"`{_head(odd)}` in class {node.name} is no test")
    return [each for each in node.body if isinstance(each, FUNCTIONS) and each.name.startswith("test")]


def _rows(table: ast.expr, name: str) -> int:
    """The rows of a table. Raises: Failing - they are not written out, so nobody can tell."""
    match table:
        case ast.Call(args=[_, ast.List(elts=rows) | ast.Tuple(elts=rows)], keywords=keywords) if rows and all(
            each.arg == "ids" for each in keywords
        ):
            if not any(isinstance(each, ast.Starred) for each in rows):
                return len(rows)
        case _:
            pass
    raise Failing(f"the rows of {name} have to be written out as a list")


def _twice(tests: Sequence[Test]) -> str:
    names = [each.name for each in tests]
    return next((name for at, name in enumerate(names) if name in names[:at]), "")


def _used(texts: Sequence[str]) -> set[str]:
    """The names that code reads, and those of fixtures that it is given."""
    code = "\n\n".join(texts)
    return used_names(code) | {node.arg for node in ast.walk(ast.parse(code)) if isinstance(node, ast.arg)}


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _first(node: ast.stmt) -> int:
    """The first line of a statement, decorators included."""
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _head(node: ast.stmt) -> str:
    text = ast.unparse(node).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
