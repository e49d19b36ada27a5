"""What the house asks of every module, where no other tool watches it."""

import ast
import re
from pathlib import Path

import coding_agent

ROOT = Path(coding_agent.__file__).parent
LONGEST = 400
GRAMMARS = {"proof/statements.py"}
"""Modules with one handler for each kind of node; a grammar may be long."""
LATER = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")


def modules() -> list[Path]:
    found = sorted(ROOT.rglob("*.py"))
    assert len(found) > 100
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def length(path: Path) -> int:
    """Lines without examples: those of a rule or refactoring are its tests and its page, and may be many."""
    source = path.read_text("utf-8")
    examples = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Example"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return len(source.splitlines()) - len(examples)


def test_no_module_is_too_long() -> None:
    long = {name(path): length(path) for path in modules() if length(path) > LONGEST}
    assert long.keys() <= GRAMMARS, long


def test_nothing_is_put_off() -> None:
    found = [
        f"{name(path)}: {line.strip()}"
        for path in modules()
        for line in path.read_text("utf-8").splitlines()
        if LATER.search(line)
    ]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    silent = {name(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))}
    # The families of rules are told by their rules.
    assert {each for each in silent if not re.fullmatch(r"analysis/rules/\w+/__init__\.py", each)} == set()


def test_imports_are_absolute() -> None:
    """But inside of other interpreters, where our folders have names made up for them."""
    relative = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level and path.parent.name != "inside"
    ]
    assert relative == []
