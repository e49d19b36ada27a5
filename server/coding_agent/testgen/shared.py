"""Lifts what many tests repeat to the top of the file: the answer of a stand-in, the arguments of a call with many.

What is left in each test is what it is about: ``fake_get(status_code=429)``, ``grid(**arguments(line_length=8))``.
"""

import ast
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from coding_agent.testgen.body import BodyWriter
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Arg, Candidate, Patch
from coding_agent.testgen.style import Style
from coding_agent.testgen.tables import Test

_LEAST = 3
"""Tests that must repeat something."""
_MANY = 7
"""Arguments that make a call one of many."""
_FEW = 2
"""Values that a stand-in's answer must have to be worth a function."""

_Pairs = Mapping[str, str]
"""Codes by the name of their keyword."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Tests that call what stands at the top, and the texts that stand there."""

    tests: tuple[Test, ...]
    top: tuple[str, ...]


def shared(tests: Sequence[Test], taken: Collection[str], style: Style) -> Shared:
    """Return the tests with what they repeat lifted. ``taken`` are names that the file binds otherwise."""
    names = {*taken, *(name for test in tests for name in _local(test))}
    found, top = list(tests), list[str]()
    for attribute in dict.fromkeys(patch.attribute for test in tests for patch in test.candidate.patches):
        found = _stand_in(found, attribute, names, top, style)
    found = _arguments(found, names, top, style)
    return Shared(tuple(found), tuple(top))


def _stand_in(tests: list[Test], attribute: str, names: set[str], top: list[str], style: Style) -> list[Test]:
    """Tests whose answers to one function come from ``fake_<function>``."""
    name = f"fake_{attribute}"
    answers = [
        answer
        for test in tests
        for patch in test.candidate.patches
        if patch.attribute == attribute and (answer := _answer(patch)) is not None
    ]
    kinds = Counter((answer.head, answer.callee, frozenset(answer.pairs)) for answer in answers)
    kind, count = kinds.most_common(1)[0] if kinds else (None, 0)
    if kind is None or count < _LEAST or len(kind[2]) < _FEW or name in names or not name.isidentifier():
        return tests
    alike = [answer for answer in answers if (answer.head, answer.callee, frozenset(answer.pairs)) == kind]
    usual = _usual([answer.pairs for answer in alike])
    if len(usual) < len(kind[2]):
        return tests
    names.add(name)
    top.append(_function(name, usual, f"{kind[0]}: {kind[1]}(**{{**given, **changes}})", style))

    def lifted(patch: Patch) -> Patch:
        answer = _answer(patch) if patch.attribute == attribute else None
        if answer is None or (answer.head, answer.callee, frozenset(answer.pairs)) != kind:
            return patch
        return patch._replace(code=f"{name}({_changes(answer.pairs, usual)})")

    return [
        replace(test, candidate=test.candidate._replace(patches=tuple(map(lifted, test.candidate.patches))))
        for test in tests
    ]


def _arguments(tests: list[Test], names: set[str], top: list[str], style: Style) -> list[Test]:
    """Tests whose calls take what is usual from ``arguments``."""
    many = [test for test in tests if _has_many(test.candidate)]
    kinds = Counter(frozenset(arg.name for arg in test.candidate.act.args) for test in many)
    kind, count = kinds.most_common(1)[0] if kinds else (None, 0)
    name = "arguments"
    if kind is None or count < _LEAST or name in names:
        return tests
    usual = _usual([_given(test.candidate) for test in many if kind == frozenset(_given(test.candidate))])
    if len(usual) < len(kind):
        return tests
    names.add(name)
    top.append(_function(name, usual, "{**given, **changes}", style))

    def lifted(test: Test) -> Test:
        given = _given(test.candidate)
        if test not in many or frozenset(given) != kind:
            return test
        code = f"**{name}({_changes(given, usual)})"
        return replace(test, candidate=test.candidate._replace(act=test.candidate.act._replace(args=(Arg("", code),))))

    return [lifted(test) for test in tests]


def _has_many(candidate: Candidate) -> bool:
    return len(candidate.act.args) >= _MANY and all(arg.name for arg in candidate.act.args)


def _given(candidate: Candidate) -> dict[str, str]:
    return {arg.name: arg.code for arg in candidate.act.args}


def _usual(given: Sequence[_Pairs]) -> dict[str, str]:
    """The most frequent value of each keyword that means the same at the top of a file."""
    found: dict[str, str] = {}
    for name in given[0]:
        codes = Counter(pairs[name] for pairs in given if _is_plain(pairs[name]))
        if codes:
            found[name] = codes.most_common(1)[0][0]
    return found


def _changes(given: _Pairs, usual: _Pairs) -> str:
    return ", ".join(f"{name}={code}" for name, code in given.items() if code != usual[name])


def _function(name: str, usual: _Pairs, value: str, style: Style) -> str:
    given = "{" + ", ".join(f"{key!r}: {code}" for key, code in usual.items()) + "}"
    lines = [*BodyWriter(style).assign("given", given).split("\n"), f"return {value}"]
    return "\n".join([f"def {name}(**changes):", *(f"    {line}" for line in lines)])


@dataclass(frozen=True, slots=True)
class _Answer:
    """A stand-in ``head: callee(**pairs)``."""

    head: str
    callee: str
    pairs: _Pairs


def _answer(patch: Patch) -> _Answer | None:
    node = parsing.expression(patch.code) if patch.how == "setattr" else None
    if not isinstance(node, ast.Lambda) or not isinstance(node.body, ast.Call) or node.body.args:
        return None
    pairs = {keyword.arg: ast.unparse(keyword.value) for keyword in node.body.keywords if keyword.arg}
    if len(pairs) < len(node.body.keywords):
        return None
    head = ast.unparse(ast.Lambda(node.args, ast.Constant(None))).removesuffix(": None")
    return _Answer(head, ast.unparse(node.body.func), pairs)


def _is_plain(code: str) -> bool:
    """Whether an expression reads no name but its own parameters."""
    node = parsing.expression(code)
    if node is None:
        return False
    own = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    return own.issuperset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _local(test: Test) -> set[str]:
    """Names that a test binds or reads."""
    candidate = test.candidate
    texts = (*candidate.arrange, candidate.act.callee, *(arg.code.lstrip("*") for arg in candidate.act.args))
    trees = [tree for text in texts if (tree := parsing.module(text)) is not None]
    read = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return {test.name, *test.columns, *candidate.fixtures, *read}
