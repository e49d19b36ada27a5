"""Which of some expressions say the same: few are compared in pairs, many by what they say."""

import ast

import pytest

from coding_agent.analysis.shapes import repeats, same

TEXTS = ["x", "x.a", "x == 1", "x == 1.0", "x == True", "f(x, *y, k=1)", "[x, y]", "(x, y)", "'a'", "u'a'", "b'a'"]


@pytest.mark.parametrize("more", [0, 50], ids=["few", "many"])
def test_repeats_are_those_that_are_the_same_as_an_earlier_one(more: int) -> None:
    texts = [*TEXTS[:7], "x == 1", "[x,  y]", "x == 1", *TEXTS[7:11], *(f"other_{each}" for each in range(more))]
    nodes = [ast.parse(each, mode="eval").body for each in texts]
    expected = []
    for index, node in enumerate(nodes):
        first = next((each for each in nodes[:index] if same(each, node)), None)
        expected += [(node, first)] if first is not None else []
    assert list(repeats(nodes)) == expected
    said = [(ast.unparse(node), nodes.index(first)) for node, first in expected]
    assert said == [("x == 1", 2), ("[x, y]", 6), ("x == 1", 2), ("u'a'", 11)]
