"""Ids of the rows of a table: the values that tell a row from the others, in words where they do not read well."""

import ast
from collections.abc import Iterator, Sequence

from coding_agent.testgen import clients
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.shape import Shape
from coding_agent.testgen.words import describe, label, moment

_LONGEST = 60


def ids_of(part: Sequence[Shape], varying: Sequence[int], columns: Sequence[str]) -> list[str]:
    """Return an id for each row, none twice; ``varying`` are the slots of the columns."""
    slots = part[0].slots
    given = [(index, column) for index, column in zip(varying, columns, strict=True) if slots[index].role == "given"]
    told = given or list(zip(varying, columns, strict=True))
    found = _joined(_telling([[_word(shape.slots[index].code, column) for shape in part] for index, column in told]))
    if len(set(found)) == len(found):
        return found
    found = _with_difference(found, [[shape.slots[index].code for index, _ in told] for shape in part])
    outcomes = [describe(shape.slots[varying[-1]].code) for shape in part]
    repeated = _repeated(found)
    found = [
        f"{each} gives {word}" if each in repeated and word else each
        for each, word in zip(found, outcomes, strict=True)
    ]
    return _numberless(found)


def _word(code: str, column: str) -> str:
    return clients.label(code, column) or label(code, column) or column


def _telling(words: list[list[str]]) -> list[list[str]]:
    """The columns, given by their words, that tell as many rows apart as all of them: the last are left out first."""
    kept = list(words)
    for column in reversed(words):
        less = [each for each in kept if each is not column]
        if len(less) > 1 and len(set(_joined(less))) == len(set(_joined(words))):
            kept = less
    return kept


def _joined(words: list[list[str]]) -> list[str]:
    return [_fitting(parts) for parts in zip(*words, strict=True)]


def _fitting(parts: Sequence[str]) -> str:
    """As many of the first parts as fit, whole ones; only a first one that is too long loses words."""
    found = list(parts)
    while len(found) > 1 and len(", ".join(found)) > _LONGEST:
        found.pop()
    text = ", ".join(found)
    return text if len(text) <= _LONGEST else text[: _LONGEST + 1].rpartition(" ")[0].strip(", ")


def _repeated(ids: Sequence[str]) -> set[str]:
    return {each for each in ids if ids.count(each) > 1}


def _with_difference(ids: list[str], codes: Sequence[list[str]]) -> list[str]:
    """Ids with the first of the values inside that tells rows of one id apart: "two items, 2024-01-15 12:30"."""
    found = list(ids)
    for name in _repeated(ids):
        rows = [row for row, each in enumerate(ids) if each == name]
        leaves = [list(_leaves(codes[row])) for row in rows]
        if len({len(each) for each in leaves}) > 1:
            continue
        words = next((each for each in zip(*leaves, strict=True) if len(set(each)) == len(each)), None)
        if words is not None and all(words):
            for row, word in zip(rows, words, strict=True):
                found[row] = f"{name}, {word}"
    return found


def _leaves(codes: Sequence[str]) -> Iterator[str]:
    """Yield the values that expressions are made of, as labels, in the order they stand; a moment is one."""
    trees = [parsing.expression(code) for code in codes]
    todo: list[ast.AST] = [each for each in reversed(trees) if each is not None]
    while todo:
        node = todo.pop()
        children = [each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.expr, ast.keyword))]
        if isinstance(node, ast.expr):
            told = moment(node)
            if told or not children:
                yield told or label(ast.unparse(node))
                continue
        todo += reversed(children)


def _numberless(ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for each in ids:
        name = each
        while name in found:
            name += " again"
        found.append(name)
    return found
