"""The verifier is tested by wrong edits: every small change of a correct result must be rejected."""

import ast
import copy
from collections.abc import Iterator

import pytest

from coding_agent.errors import NotProven
from coding_agent.proof import Claim, verify
from coding_agent.proof.source import Source
from coding_agent.refactoring.engine import all_refactorings
from coding_agent.refactoring.refactoring import Example, Refactoring
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span
from support.marks import span_of

CASES = [
    pytest.param(refactoring, example, id=f"{refactoring.name}: {example.title}")
    for refactoring in all_refactorings()
    for example in refactoring.examples
    if example.after is not None
]


def plain(text: str) -> str:
    """The text without comments and in one layout, so that only its meaning is left to judge."""
    return ast.unparse(ast.parse(text)) + "\n"


def claim_of(refactoring: Refactoring, example: Example) -> Claim:
    text, selection = span_of(example.before)
    return refactoring.rewrite(View(Source(text), selection)).claim


def holds(before: str, after: str, claim: Claim) -> bool:
    try:
        verify(before, [Edit(Span(0, len(before)), after)], claim)
    except NotProven:
        return False
    return True


def fields(tree: ast.AST) -> Iterator[tuple[ast.AST, str, object]]:
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            yield node, name, value


def mutants(text: str, free: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """One small mistake each, with what it is; where the names ``free`` are bound does not matter."""
    names = sorted({n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)})
    count = sum(1 for _ in fields(ast.parse(text)))
    for number in range(count):
        for said, change in (
            ("lost a statement", lose),
            ("swapped statements", lambda *at: swap(*at, free)),
            ("another name", lambda *at: rename(*at, names)),
            ("lost an argument or parameter", lose_item),
            ("turned a condition round", turn),
            ("swapped branches", swap_branches),
            ("another value", other_value),
            ("lost a return's value", lose_value),
        ):
            tree = ast.parse(text)
            node, name, value = list(fields(tree))[number]
            if change(node, name, value):
                yield said, ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def statements(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], ast.stmt)


def lose(node: ast.AST, name: str, value: object) -> bool:
    if not statements(value) or isinstance(value[0], ast.Pass):  # type: ignore[index]
        return False
    value[:1] = [] if len(value) > 1 else [ast.Pass()]  # type: ignore[index, arg-type]
    return True


def swap(node: ast.AST, name: str, value: object, free: frozenset[str]) -> bool:
    if not statements(value) or len(value) < 2 or isinstance(node, ast.Module | ast.ClassDef):  # type: ignore[arg-type]
        return False
    if any(isinstance(n, ast.Name) and n.id in free for s in value[:2] for n in ast.walk(s)):  # type: ignore[index]
        return False
    value[0], value[1] = value[1], value[0]  # type: ignore[index]
    return True


def rename(node: ast.AST, name: str, value: object, names: list[str]) -> bool:
    others = [n for n in names if n != value]
    if not isinstance(node, ast.Name) or name != "id" or not others:
        return False
    node.id = others[len(node.id) % len(others)]
    return True


def lose_item(node: ast.AST, name: str, value: object) -> bool:
    if name not in {"args", "elts"} or not isinstance(value, list) or not value:
        return False
    del value[0]
    return True


def turn(node: ast.AST, name: str, value: object) -> bool:
    if name != "test" or not isinstance(value, ast.expr):
        return False
    node.test = ast.UnaryOp(ast.Not(), value)  # type: ignore[attr-defined]
    return True


def swap_branches(node: ast.AST, name: str, value: object) -> bool:
    if name != "orelse" or not statements(value) or not isinstance(node, ast.If):
        return False
    node.body, node.orelse = node.orelse, node.body
    return True


def other_value(node: ast.AST, name: str, value: object) -> bool:
    if not isinstance(node, ast.Constant) or name != "value":
        return False
    node.value = not value if isinstance(value, bool) else 41 if value is None else value * 2 if value else 43  # type: ignore[operator]
    return True


def lose_value(node: ast.AST, name: str, value: object) -> bool:
    if not isinstance(node, ast.Return) or value is None or (isinstance(value, ast.Constant) and not value.value):
        return False
    node.value = None
    return True


@pytest.mark.parametrize(("refactoring", "example"), CASES)
def test_every_mistake_in_a_result_is_rejected(refactoring: Refactoring, example: Example) -> None:
    assert example.after is not None
    before, after = plain(span_of(example.before)[0]), plain(example.after)
    claim = claim_of(refactoring, example)
    assert holds(before, after, claim)
    tried = 0
    for said, text in mutants(after, claim.adds):
        if text in (after, before):
            continue
        tried += 1
        assert not holds(before, text, claim), f"{said}:\n{text}"
    assert tried >= 3


def test_the_mutants_are_mistakes_of_every_kind() -> None:
    text = "def f(a, b):\n    if a:\n        return b\n    else:\n        g(1, b)\n    return a\n"
    assert len({said for said, _ in mutants(text)}) == 8
    assert copy.copy(text) == plain(text)
