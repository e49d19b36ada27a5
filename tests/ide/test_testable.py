"""What "generate tests" is offered for."""

from pathlib import Path

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.ide.check import whole
from coding_agent.ide.testable import may_have_tests, target_at
from coding_agent.text import Text
from support.marks import span_of

CODE = """\
class Outer:
    class Inner:
        def deep(self):
            return 1

    @property
    def name(self):
        return "x"

    def __repr__(self):
        return "outer"


async def top(a,
              b):
    def nested():
        return a
    return nested

VALUE = 3
"""


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("class Ou$0ter", "Outer"),
        ("class Inn$0er", "Outer.Inner"),
        ("def de$0ep", "Outer.Inner.deep"),
        ("def na$0me", "Outer.name"),
        ("    @pro$0perty", None),
        ("def __re$0pr__", None),
        ("async def to$0p", "top"),
        ("    $0def nested():\n        return a\n$0    return", "top"),
        ("return$0 nested", None),
        ("VAL$0UE", None),
    ],
)
def test_what_stands_at_a_place(at: str, name: str | None) -> None:
    assert name_at(at, inside=False) == name


@pytest.mark.parametrize(
    ("at", "name"),
    [("return$0 nested", "top"), ("async def to$0p", "top"), ("VAL$0UE", None)],
)
def test_what_holds_a_place(at: str, name: str | None) -> None:
    assert name_at(at, inside=True) == name


def name_at(at: str, *, inside: bool) -> str | None:
    text, span = span_of(CODE.replace(at.replace("$0", ""), at, 1))
    found = target_at(whole(Text.of(text), Analyser(RuleSet(())), "a.py"), span, inside=inside)
    return found.name if found else None


@pytest.mark.parametrize(
    ("name", "yes"),
    [
        ("cart.py", True),
        ("testing.py", True),
        ("test_cart.py", False),
        ("cart_test.py", False),
        ("tests.py", False),
        ("conftest.py", False),
        ("cart.pyi", False),
        ("cart.toml", False),
    ],
)
def test_which_files(name: str, yes: bool) -> None:
    assert may_have_tests(Path("/w") / name) is yes
