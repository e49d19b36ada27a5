"""Functions changed by what they say."""

import pytest

from coding_agent.testgen.changed import changed

BEFORE = "def f(x):\n    return x\n\n\nclass A:\n    def g(self):\n        return 1\n"


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (BEFORE, ()),
        ("# a comment\n\n" + BEFORE.replace("return 1", "return 1  # one"), ()),
        (BEFORE.replace("return x", "return -x"), ("f",)),
        (BEFORE.replace("return 1", "return 2"), ("A.g",)),
        (BEFORE.replace("def g", "@property\n    def g"), ("A.g",)),
        (BEFORE + "\n\nasync def h():\n    pass\n", ("h",)),
        (BEFORE.replace("def f(x):\n    return x\n", ""), ()),
        ("def (:\n", ()),
    ],
)
def test_changed(now: str, names: tuple[str, ...]) -> None:
    assert changed(BEFORE, now) == names


def test_all_of_a_new_file_is_new() -> None:
    assert changed(None, BEFORE) == ("f", "A.g")


PROPERTY = """
class C:
    @property
    def x(self):
        return self._x

    @x.setter
    def x(self, value):
        self._x = value


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
    return x


if FAST:
    def g():
        return 1
else:
    def g():
        return 2
"""


@pytest.mark.parametrize(
    ("now", "names"),
    [
        ("# a comment\n" + PROPERTY, ()),
        (PROPERTY.replace("= value", "= -value"), ("C.x",)),
        (PROPERTY.replace("return x", "return -x"), ("f",)),
        (PROPERTY.replace("return 2", "return 3"), ("g",)),
    ],
    ids=["comment", "setter", "implementation", "in a branch"],
)
def test_all_of_one_name_count_as_one(now: str, names: tuple[str, ...]) -> None:
    assert changed(PROPERTY, now) == names
