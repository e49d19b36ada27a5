"""Adds tests to a file that exists, touching no line of it but its imports: the one door to LibCST."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import libcst as cst

from coding_agent.testgen import imports as importing
from coding_agent.testgen import reading
from coding_agent.testgen.imports import Imported, binds
from coding_agent.testgen.style import Style
from coding_agent.text import split_lines


@dataclass(frozen=True, slots=True)
class Existing:
    """What a test file has: names at its top, tests, and imports by the name they bind."""

    text: str
    names: frozenset[str]
    imports: tuple[Imported, ...]


def readable(text: str) -> bool:
    """Whether tests can be added to a text: LibCST knows most of what is newer than the Python we run on."""
    try:
        cst.parse_module(text)
    except (cst.ParserSyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return reading.module(text) is not None


def existing(text: str) -> Existing | None:
    """Return what a test file binds at its top; None where it is no Python."""
    tree = reading.module(text)
    if tree is None:
        return None
    names: set[str] = set()
    lines: list[str] = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            lines.append(ast.unparse(node))
        else:
            names.update(_inside(node))
    return Existing(text, frozenset(names), tuple(importing.parsed(lines)))


def _inside(node: ast.AST) -> Iterator[str]:
    """Names that a statement of the top binds, in the blocks of an ``if`` or ``try`` too."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield each.name
        elif isinstance(each, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in each.names)


def clashes(there: Existing, wanted: Iterable[Imported]) -> list[Imported]:
    """Return the imports whose name means something else in the file."""
    bound = {each.bound: each for each in there.imports}
    return [
        each
        for each in wanted
        if each.bound in there.names or (each.bound in bound and not _same(bound[each.bound], each))
    ]


def merged(
    there: Existing, wanted: Sequence[Imported], top: Sequence[str], functions: Sequence[str], style: Style
) -> str:
    """Return the file with imports and tests added; its line ends are kept.

    Invariant: without the lines that were added, and with its import statements as they were, it is the text before but
    for blank lines at its end.
    """
    module = cst.parse_module(there.text)
    have = set(there.imports)
    missing = [each for each in wanted if each not in have and not any(_same(each, other) for other in have)]
    body = list(module.body)
    for each in missing:
        body = _with_import(body, each, style)
    text = module.with_changes(body=body).code
    end = module.default_newline
    present = set(there.names)
    blocks = [block for block in top if binds(block) not in present]
    added = "\n\n\n".join((*blocks, *functions)).replace("\n", end)
    text, guard = _without_guard(text)
    parts = [part for part in (text.rstrip(), added, guard.rstrip()) if part]
    return (end * 3).join(parts) + end


def _without_guard(text: str) -> tuple[str, str]:
    """Cut the text before ``if __name__ == "__main__":`` at its end, behind which nothing is run."""
    tree = reading.module(text)
    last = tree.body[-1:] if tree is not None else []
    if not last or not isinstance(last[0], ast.If) or "__name__" not in ast.unparse(last[0].test):
        return text, ""
    lines = split_lines(text)
    at = last[0].lineno - 1
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return "".join(lines[:at]), "".join(lines[at:])


def _same(one: Imported, other: Imported) -> bool:
    if not one.name and not other.name and one.bound == other.bound:
        return one.module.partition(".")[0] == other.module.partition(".")[0] and one.module == other.module
    return one == other


def _with_import(
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement], new: Imported, style: Style
) -> list[cst.SimpleStatementLine | cst.BaseCompoundStatement]:
    everywhere = [index for index, line in enumerate(body) if _import(line) is not None]
    if new.name:
        for index in everywhere:
            extended = _extended(body[index], new, style)
            if extended is not None:
                return [*body[:index], extended, *body[index + 1 :]]
    start, places = _block(body)
    clause = importing.members_line(new.module, [new.clause], style) if new.name else f"import {new.clause}"
    line = cst.parse_module(clause + "\n").body[0]
    before = [index for index in places if _key(body[index], style) <= _new_key(new, style)]
    if before:
        index = before[-1] + 1
        apart = _key(body[index - 1], style)[0] != _new_key(new, style)[0]
        rest = body[index:]
        if apart and index in places and _key(rest[0], style)[0] == _new_key(new, style)[0]:
            # The blank lines that began the section stand above its new first import.
            rest[0] = _closed_up(rest[0])
        return [*body[:index], _spaced(line) if apart else line, *rest]
    if places:
        index = places[0]
        first = body[index]
        leading = list(getattr(first, "leading_lines", ()))
        same = _key(first, style)[0] == _new_key(new, style)[0]
        # What stands above the first import stays above it.
        line = line.with_changes(leading_lines=leading)
        first = first.with_changes(leading_lines=[] if same else [cst.EmptyLine(indent=False)])
        return [*body[:index], line, first, *body[index + 1 :]]
    rest = body[start:]
    if rest:
        rest[0] = _spaced(rest[0], 2)
    return [*body[:start], _spaced(line) if start else line, *rest]


def _block(body: Sequence[cst.BaseStatement]) -> tuple[int, list[int]]:
    """Return where a new import may stand at the earliest, and the imports that follow there.

    Behind all that the imports of the file may need: what it does before one, as ``sys.path.insert`` or
    ``django.setup()``, and what it calls before its first function or class.
    """
    start = 1 if body and _is_docstring(body[0]) else 0
    places: list[int] = []
    for index, line in enumerate(body[start:], start):
        if isinstance(line, (cst.FunctionDef, cst.ClassDef)):
            break
        if _import(line) is not None:
            if places and places[-1] != index - 1:
                places = []
            start, places = (start, places) if places else (index, [])
            places.append(index)
        elif _prepares(line):
            start, places = index + 1, []
    return start, places


def _prepares(line: cst.BaseStatement) -> bool:
    """Whether a statement may be there for the sake of what is imported behind it."""
    if not isinstance(line, cst.SimpleStatementLine):
        return False
    return any(
        (isinstance(each, cst.Expr) and isinstance(each.value, cst.Call))
        or (isinstance(each, cst.Assign) and "importorskip" in cst.Module([]).code_for_node(each))
        or (isinstance(each, cst.Assign) and isinstance(each.targets[0].target, cst.Subscript))
        for each in line.body
    )


def _import(line: cst.BaseStatement) -> cst.Import | cst.ImportFrom | None:
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        only = line.body[0]
        if isinstance(only, (cst.Import, cst.ImportFrom)):
            return only
    return None


def _extended(line: cst.BaseStatement, new: Imported, style: Style) -> cst.SimpleStatementLine | None:
    """A ``from`` import of the same module with one more name, in order; None where it is another, or has comments."""
    node = _import(line)
    if (
        not isinstance(node, cst.ImportFrom)
        or isinstance(node.names, cst.ImportStar)
        or not isinstance(line, cst.SimpleStatementLine)
    ):
        return None
    code = cst.Module([]).code_for_node(node)
    if "#" in code:
        return None
    found = importing.parsed([code])
    if not found or found[0].module != new.module:
        return None
    text = importing.members_line(new.module, [*(each.clause for each in found), new.clause], style)
    made = cst.parse_module(text + "\n").body[0]
    if not isinstance(made, cst.SimpleStatementLine):
        return None
    return line.with_changes(body=made.body)


def _key(line: cst.BaseStatement, style: Style) -> tuple[int, bool, str]:
    node = _import(line)
    if node is None:
        return (9, False, "")
    found = importing.parsed([cst.Module([]).code_for_node(node)])
    return _new_key(found[0], style) if found else (0, False, "")


def _new_key(new: Imported, style: Style) -> tuple[int, bool, str]:
    return (importing.section(new.module, style.own), bool(new.name), new.module.lower())


def _spaced(line: cst.BaseStatement, blank: int = 1) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    assert isinstance(line, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
    leading = list(getattr(line, "leading_lines", ()))
    missing = blank - sum(1 for each in leading[:blank] if each.comment is None)
    return line.with_changes(leading_lines=[*[cst.EmptyLine(indent=False)] * max(missing, 0), *leading])


def _closed_up(line: cst.BaseStatement) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """A statement without the blank lines above it and above its comments."""
    assert isinstance(line, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
    blank = takewhile(lambda each: each.comment is None, line.leading_lines)
    return line.with_changes(leading_lines=line.leading_lines[len(list(blank)) :])


def _is_docstring(line: cst.BaseStatement) -> bool:
    return (
        isinstance(line, cst.SimpleStatementLine)
        and isinstance(line.body[0], cst.Expr)
        and isinstance(line.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )
