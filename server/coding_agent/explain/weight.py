"""Which part of a function makes it hard to follow."""

import ast
from dataclasses import dataclass

from coding_agent.explain.code import Function

_LOOPS = ast.For | ast.AsyncFor | ast.While


@dataclass(frozen=True, slots=True)
class Part:
    """A statement, in words, with ``ast``'s lines, and its share of the whole (0 to 1)."""

    words: str
    first: int
    last: int
    share: float


@dataclass(slots=True)
class _Weighed:
    """A statement of several lines, how deep it is nested, which one it stands in, and what it costs."""

    node: ast.stmt
    depth: int
    outer: int
    weight: int = 0


def heaviest(node: Function) -> Part | None:
    """Return the smallest statement that carries more than half of ``node``'s cognitive complexity.

    None when no one does: then it is spread, or there is none.
    Source: the increments of Cognitive Complexity (SonarSource): one for each break in the linear flow, one more for
    each level of nesting; recursion and sequences of one boolean operator are left out here.
    """
    weighed, total = _weighed(node)
    # Of two statements with more than half each, one stands in the other, and outer ones come first.
    best = next((each for each in reversed(weighed) if each.weight * 2 > total), None)
    if not best:
        return None
    words = f"the {'nested ' if best.depth else ''}{_words(best.node)}"
    return Part(words, best.node.lineno, best.node.end_lineno or best.node.lineno, best.weight / total)


def _words(node: ast.stmt) -> str:
    if isinstance(node, _LOOPS):
        return "loop"
    return "if" if isinstance(node, ast.If) else "match" if isinstance(node, ast.Match) else "try"


def _weighed(function: Function) -> tuple[list[_Weighed], int]:
    """Return the compound statements, each after the one it stands in, and the weight of the whole."""
    found: list[_Weighed] = []
    total = 0
    # No recursion: a sum of 5 000 terms is 5 000 levels deep.
    waiting: list[tuple[ast.AST, int, int, bool]] = [(each, 0, -1, False) for each in function.body]
    while waiting:
        node, depth, outer, continues = waiting.pop()
        # An "elif" belongs to the statement that begins with "if".
        if isinstance(node, ast.If | _LOOPS | ast.Try | ast.TryStar | ast.Match) and not continues:
            found.append(_Weighed(node, depth, outer))
            outer = len(found) - 1
        weight = _increment(node, depth, continues)
        total += weight
        if outer >= 0:
            found[outer].weight += weight
        elif_here = node.orelse[0] if isinstance(node, ast.If) and _is_elif(node) else None
        for child in ast.iter_child_nodes(node):
            deeper = 0 if child is elif_here else _deepens(node)
            waiting.append((child, depth + deeper, outer, child is elif_here))
    for each in reversed(found):
        if each.outer >= 0:
            found[each.outer].weight += each.weight
    return found, total


def _deepens(node: ast.AST) -> int:
    return isinstance(node, ast.If | _LOOPS | ast.ExceptHandler | ast.Match | ast.FunctionDef | ast.AsyncFunctionDef)


def _increment(node: ast.AST, depth: int, continues: bool) -> int:
    """``continues``: it is the "elif" of the statement before, which costs one however deep it stands."""
    if isinstance(node, ast.If):
        return (1 if continues else 1 + depth) + (bool(node.orelse) and not _is_elif(node))
    if isinstance(node, _LOOPS):
        return 1 + depth + bool(node.orelse)
    if isinstance(node, ast.ExceptHandler | ast.Match | ast.IfExp):
        return 1 + depth
    return int(isinstance(node, ast.BoolOp))


def _is_elif(node: ast.If) -> bool:
    """Whether the "else" of ``node`` is an "elif": the tree says nothing but the column does."""
    if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
        return False
    return node.orelse[0].col_offset == node.col_offset
