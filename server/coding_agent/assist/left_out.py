"""Whether an answer is whole: nothing put off, nothing left out, nothing in place of code."""

import ast
import re
from collections.abc import Iterator

from coding_agent.assist.form import without_docstring
from coding_agent.assist.holding import DEFINITIONS, Definition
from coding_agent.assist.meant import Failing, Purpose

_INSTEAD = re.compile(
    r"\.\.\.|…|\b(?:rest|remaining|remainder|existing|previous|original|other|old|same|more|your)\b.{0,40}"
    r"\b(?:code|logic|body|implementation|function|method|lines|unchanged|same|here|above|below|before|follows?|omitted)\b"
    r"|\b(?:unchanged|omitted|elided|truncated|snip(?:ped)?)\b|\bas before\b",
    re.IGNORECASE,
)
"""What comments say that stand in place of code."""
_LEAST = {Purpose.FIX: 0.5, Purpose.DOCSTRING: 1.0, Purpose.REFACTOR: 0.0, Purpose.OPTIMISE: 0.0}
"""The share of the statements that has to be left; a sum may stand for a whole loop."""
_FEW = 3
"""So many statements may go whatever their share is."""


def nothing_left_out(old: Definition, new: Definition, comments: list[str], purpose: Purpose) -> None:
    """``comments`` are those that only the answer has. Raises: Failing - something stands in place of code."""
    for comment in comments:
        if _INSTEAD.search(comment):
            raise Failing(f"a comment stands in place of code: {comment}; give the whole code")
    if _ellipses(new) > _ellipses(old):
        raise Failing("`...` stands in place of code; give the whole code")
    if _unwritten(new) > _unwritten(old):
        raise Failing("`NotImplementedError` stands in place of code; give the whole code")
    emptied = [node.name for node in _definitions(new) if _empty(node)]
    if len(emptied) > sum(map(_empty, _definitions(old))):
        raise Failing(f"the body of `{emptied[-1]}` is gone; give the whole code")
    before, after = _statements(old), _statements(new)
    if after < _LEAST[purpose] * before and before - after > _FEW:
        raise Failing(f"most of the code is gone ({after} of {before} statements are left); change only what is needed")


def _definitions(node: Definition) -> Iterator[Definition]:
    return (each for each in ast.walk(node) if isinstance(each, DEFINITIONS))


def _empty(node: Definition) -> bool:
    """Whether a body does nothing at all."""
    return all(isinstance(each, ast.Pass) or _is_ellipsis(each) for each in without_docstring(node))


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def _ellipses(node: Definition) -> int:
    return sum(map(_is_ellipsis, ast.walk(node)))


def _unwritten(node: Definition) -> int:
    return sum(isinstance(each, ast.Name) and each.id == "NotImplementedError" for each in ast.walk(node))


def _statements(node: Definition) -> int:
    return sum(isinstance(each, ast.stmt) for each in ast.walk(node))
