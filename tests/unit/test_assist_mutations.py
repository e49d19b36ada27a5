"""What code changes in place that it did not make itself."""

import ast

import pytest

from coding_agent.assist.mutations import Mutations
from support.explain_cases import function


def changed(body: str, head: str = "def f(a, b=None, *args):") -> list[str]:
    """The changes of a function, as messages say them."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    node, qualified = function(f"import heapq\nimport collections\n\nKEPT = []\n\n\n{head}\n{lines}")
    assert isinstance(node, ast.FunctionDef)
    return [f"{how} {what}" for what, how in Mutations(node, qualified).found]


@pytest.mark.parametrize(
    "body",
    [
        "x = []\nx.append(a)",
        "x = list(a)\nx.sort()",
        "x = {}\nx.setdefault(a, []).append(b)",
        "x = [[0] * 3 for _ in a]\nx[0][1] = 2",
        "x = [[0] * 3 for _ in a]\nfor row in x:\n    row[0] = 1",
        "x = collections.defaultdict(list)\nx[a].append(b)",
        "x = a.split()\nx.pop()",
        "x = y = []\ny.append(1)\nx = y",
        "x = Thing()\nx.name = a",
        "x = [] if a else {}\nx.clear()",
        "x = [1] + [2]\nx.reverse()",
        "x, y = [], {}\nx.append(y)",
    ],
)
def test_what_the_code_made_is_its_own(body: str) -> None:
    assert changed(body) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a.append(1)", ["puts into a"]),
        ("a.items.pop()", ["takes out of a.items"]),
        ("a.sort()", ["puts in another order a"]),
        ("a.x = 1", ["sets a"]),
        ("a[0] = 1", ["puts into a"]),
        ("del a[0]", ["takes out of a"]),
        ("KEPT.append(a)", ["puts into KEPT"]),
        ("x = a\nx.append(1)", ["puts into what it was given (.append)"]),
        ("x = KEPT\nx[0] = 1", ["puts into what it was given ([])"]),
        ("x = a or []\nx.append(1)", ["puts into what it was given (.append)"]),
        ("x = a.get(1)\nx.append(1)", ["puts into what it was given (.append)"]),
        ("for x in a:\n    x.seen = True", ["sets what it was given (.seen)"]),
        ("for x in list(a):\n    x.clear()", ["takes out of what it was given (.clear)"]),
        ("for i, x in enumerate(a):\n    x.y = i", ["sets what it was given (.y)"]),
        ("x = a * 2\nx[0].y = 1", ["sets what it was given (.y)"]),
        ("x = max(a)\nx.y = 1", ["sets what it was given (.y)"]),
        ("x = helper(a)\nx.y = 1", ["sets what it was given (.y)"]),
        ("with a as x:\n    x.y = 1", ["sets what it was given (.y)"]),
        ("list.append(a, 1)", ["puts into a"]),
        ("heapq.heappush(a, 1)", ["puts into a"]),
        ("list(map(a.append, '12'))", ["puts into a"]),
        ("list(map(list.clear, a))", ["takes out of what `list.clear` is given"]),
        ("type(a).x = 1", ["sets type(a)"]),
        ("(lambda: a.append(1))()", ["puts into a"]),
        ("g = lambda x: x.append(1)\nx = []\ng(a)", ["puts into what it was given (.append)"]),
    ],
)
def test_what_it_was_given_is_not(body: str, said: list[str]) -> None:
    assert changed(body) == said


def test_who_makes_an_object_may_set_it() -> None:
    assert changed("self.x = a\nself.y[0] = 1", "def __init__(self, a):") == ["puts into self.y"]


def test_a_class_is_read_with_all_its_methods() -> None:
    tree = ast.parse("class A:\n    def f(self):\n        self.x.append(1)\n")
    assert list(Mutations(tree.body[0], lambda _: None).found) == [("self.x", "puts into")]
