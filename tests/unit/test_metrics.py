"""Metrics of functions: cyclomatic complexity beside radon's, cognitive complexity beside its specification."""

import ast
import random
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from radon.visitors import Class, ComplexityVisitor, Function

from coding_agent.analysis.metrics import Metrics
from coding_agent.analysis.walk import Walk

STDLIB = Path(sysconfig.get_path("stdlib"))
_COST = re.compile(r"# \+(\d+)")


def _metrics(source: str) -> dict[tuple[str, int], Metrics]:
    """The metrics of all functions by name and line."""
    walk = Walk(ast.parse(source).body, False)
    return {(each.name, node.lineno): each for node, each in walk.metrics.items()}  # type: ignore[attr-defined]


def _only(source: str) -> Metrics:
    return next(iter(_metrics(source).values()))


# Cyclomatic complexity: radon is the oracle.


def _radon(source: str) -> Iterator[tuple[tuple[str, int], int]]:
    """What radon says of every function it sees, those in functions and classes of classes included."""
    visitor = ComplexityVisitor.from_code(source)
    todo: list[Function | Class] = [*visitor.functions, *visitor.classes]
    while todo:
        each = todo.pop()
        if isinstance(each, Class):
            todo += [*each.methods, *each.inner_classes]
        else:
            yield (each.name, each.lineno), each.complexity
            todo += each.closures


def _modules() -> list[Path]:
    return sorted(
        path
        for path in STDLIB.rglob("*.py")
        if not {"site-packages", "lib2to3", "test", "tests"} & set(path.relative_to(STDLIB).parts)
    )


def _agrees_with_radon(path: Path) -> int:
    """Compare all functions of a module; how many there were."""
    try:
        source = path.read_text(encoding="utf-8")
        expected = dict(_radon(source))
    except (SyntaxError, UnicodeDecodeError):
        return 0
    found = {key: each.cyclomatic for key, each in _metrics(source).items()}
    assert {key: found[key] for key in expected} == expected, path
    return len(expected)


def test_cyclomatic_complexity_is_radons() -> None:
    sample = random.Random(20240501).sample(_modules(), 60)
    assert sum(map(_agrees_with_radon, sample)) > 500


@pytest.mark.soak
def test_cyclomatic_complexity_is_radons_everywhere() -> None:
    assert sum(map(_agrees_with_radon, _modules())) > 10_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return 1", 1),
        ("if a:\n        pass\n    elif b:\n        pass\n    else:\n        pass", 3),
        ("for x in a:\n        pass\n    else:\n        pass", 3),
        ("while a and b or c:\n        pass", 4),
        ("try:\n        pass\n    except A:\n        pass\n    except B:\n        pass\n    else:\n        pass", 4),
        ("return [x for x in a if x if not x]", 4),
        ("return 1 if a else 2", 2),
        ("assert a and b", 2),
        (
            (
                "match a:\n        case 1:\n            pass\n        case 2:\n            pass\n"
                "        case _:\n            pass"
            ),
            3,
        ),
        ("with a:\n        pass", 1),
        ("return lambda: 1 if a else 2", 2),
    ],
)
def test_cyclomatic_complexity_by_hand(body: str, expected: int) -> None:
    source = f"def f(a, b, c):\n    {body}\n"
    assert _only(source).cyclomatic == expected
    assert dict(_radon(source)) == {("f", 1): expected}


# Cognitive complexity: the comments say what each line costs.

COGNITIVE = {
    "a straight line": """
def f(a):
    with a:
        b = [x for x in a]
    return b
""",
    "if, elif, else": """
def f(a, b):
    if a:  # +1
        return 1
    elif b:  # +1
        return 2
    else:  # +1
        return 3
""",
    "an elif costs one however deep": """
def f(a, b):
    for x in a:  # +1
        if x:  # +2
            pass
        elif b:  # +1
            if a:  # +3
                pass
        elif a:  # +1
            pass
        else:  # +1
            if a:  # +3
                pass
""",
    "an if alone in its else is no elif": """
def f(a, b):
    if a:  # +1
        pass
    else:  # +1
        if b:  # +2
            pass
""",
    "nesting": """
def f(a):
    for x in a:  # +1
        while x:  # +2
            if a:  # +3
                pass
    if a:  # +1
        pass
""",
    "loops with else": """
def f(a, b):
    for x in a:  # +1
        pass
    else:  # +1
        if b:  # +2
            pass
    while a:  # +1
        pass
    else:  # +1
        pass
""",
    "runs of one operator": """
def f(a, b, c, d, e, g):
    if a and b and c:  # +1 # +1
        pass
    if a and b and c or d or e and g:  # +1 # +3
        pass
    if a or b and c or d:  # +1 # +3
        pass
    if a and not (b and c):  # +1 # +2
        pass
    return a or (b or c)  # +1
""",
    "operators cost the same however deep": """
def f(a, b):
    for x in a:  # +1
        if x:  # +2
            return a and b  # +1
""",
    "try, except, else, finally": """
def f(a):
    try:
        if a:  # +1
            pass
    except ValueError:  # +1
        if a:  # +2
            pass
    except TypeError:  # +1
        pass
    else:
        if a:  # +1
            pass
    finally:
        if a:  # +1
            pass
""",
    "match": """
def f(a):
    match a:  # +1
        case 1:
            if a:  # +2
                pass
        case 2:
            pass
        case _:
            pass
""",
    "a ternary": """
def f(a, b):
    x = 1 if a else 2  # +1
    return 1 if a else (2 if b else 3)  # +1 # +2
""",
    "a lambda nests": """
def f(a):
    if a:  # +1
        return lambda x: 1 if x else 2  # +3
    return lambda x: x  # free itself
""",
    "a nested function nests": """
def f(a):
    def inner(x):
        if x:  # +2
            return 1
    if a:  # +1
        return inner
    return None
""",
    "a function in a function in a loop": """
def f(a):
    for x in a:  # +1
        def inner(y):
            for z in y:  # +3
                if z:  # +4
                    return z and y  # +1
        inner(x)
""",
    "a decorator does not nest": """
def f(a):
    def inner(x):
        if x:  # +1
            return a(x)
    return inner
""",
    "a decorator with a docstring": """
def f(a):
    '''Wrap.'''
    def inner(x):
        if x:  # +1
            return a(x)
    return inner
""",
    "a decorator that does more nests": """
def f(a):
    if not a:  # +1
        a = print
    def inner(x):
        if x:  # +2
            return a(x)
    return inner
""",
    "a function that calls itself": """
def f(n):  # +1
    if n < 2:  # +1
        return 1
    return n * f(n - 1) + f(n - 2)
""",
    "a method that calls itself": """
class A:
    def f(self, n):  # +1
        return self.f(n - 1) if n else 0  # +1
""",
    "another object's method of the same name": """
class A:
    def f(self, other):
        return other.f(self)
""",
    "a function of the same name is not the method": """
class A:
    def f(self):
        return f(self)
""",
    "jumps to nowhere in particular": """
def f(a):
    for x in a:  # +1
        if x:  # +2
            continue
        if a:  # +2
            break
    return 1
""",
    "what stands in the head costs nothing here": """
@wraps(1 if x else 2)
def f(a, b=1 if x else 2):
    return a
""",
    "comprehensions are free, conditions in them are not": """
def f(a, b):
    return [x for x in a if x and b]  # +1
""",
    "the example of the specification with the deepest nesting": """
def overridden(kind):
    if kind.unknown:  # +1
        return None
    unknown = False
    for symbol in kind.members:  # +1
        if symbol.method and not symbol.static:  # +2 # +1
            method = symbol.definition
            if may_override(method):  # +3
                overrides = check(method, kind)
                if overrides is None:  # +4
                    if not unknown:  # +5
                        unknown = True
                elif overrides:  # +1
                    return method
    if unknown:  # +1
        return None
    return kind
""",
}


@pytest.mark.parametrize("title", COGNITIVE)
def test_cognitive_complexity(title: str) -> None:
    source = COGNITIVE[title]
    assert _only(source).cognitive == sum(map(int, _COST.findall(source)))


def test_the_example_of_the_specification_costs_19() -> None:
    assert _only(COGNITIVE["the example of the specification with the deepest nesting"]).cognitive == 19


def test_an_inner_function_has_metrics_of_its_own() -> None:
    source = "def f(a):\n    if a:\n        def g(b):\n            if b:\n                pass\n"
    found = _metrics(source)
    assert (found["f", 1].cognitive, found["g", 3].cognitive) == (1 + 3, 1)
    assert (found["f", 1].cyclomatic, found["g", 3].cyclomatic) == (2, 2)


def test_lines_nesting_parameters() -> None:
    source = (
        "@one\n@two\ndef f(self, a, /, b, *c, d=1, **e):\n    for x in a:\n"
        "        if x:\n            pass\n\n    return (\n"
        "        1\n    )\n"
    )
    found = _only(source)
    assert (found.lines, found.nesting, found.parameters) == (8, 2, 5)
    assert _only("def f():\n    pass\n").nesting == 0


@pytest.mark.parametrize("block", ["with a:", "try:", "if a:", "for x in a:", "while a:"])
def test_what_counts_as_nesting(block: str) -> None:
    end = "    finally:\n        pass\n" if block == "try:" else ""
    found = _only(f"def f(a):\n    {block}\n        pass\n{end}")
    assert found.nesting == (0 if block in ("with a:", "try:") else 1)
