"""What a target means, and the order of gaps."""

from pathlib import Path

import pytest

from coding_agent.errors import UsageError
from coding_agent.testgen.plan import at_lines, by_risk, wanted
from coding_agent.testgen.report import Gap
from coding_agent.testgen.risk import Risks
from coding_agent.testgen.signatures import definitions, parameters_by_name

CODE = """\
from dataclasses import dataclass


def parse(text, /, base=10, *, strict=False):
    if strict and base:
        return 1
    return 2


class Cart:
    def __init__(self, owner):
        self.owner = owner

    @staticmethod
    def made(name):
        return Cart(name)

    async def pay(self, amount):
        return amount


@dataclass
class Point:
    x: int
    y: int = 0
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "__init__.py").write_text("")
    (tmp_path / "src" / "shop" / "cart.py").write_text(CODE)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("src/shop/cart.py", ()),
        ("shop.cart", ()),
        ("src/shop/cart.py::parse", ("parse",)),
        ("shop.cart::Cart.pay", ("Cart.pay",)),
        ("src/shop/cart.py::Cart", ("Cart", "Cart.__init__", "Cart.made", "Cart.pay")),
        ("src/shop/cart.py::Cart::pay", ("Cart.pay",)),
    ],
)
def test_targets(project: Path, target: str, names: tuple[str, ...]) -> None:
    found = wanted(target, project, project)
    assert (found.source.module, found.names) == ("shop.cart", names)


NEWER = """\
type Key = str | int


class Cache[K, V = int]:
    def __init__(self, size: int) -> None:
        self.size = size

    @classmethod
    def of[T](
        cls, size: T
    ) -> T:
        return f"{f"{size}"}"
"""


def test_syntax_that_is_newer_than_our_python_is_read(project: Path) -> None:
    (project / "src" / "shop" / "cache.py").write_text(NEWER)
    found = wanted("src/shop/cache.py::Cache", project, project)
    assert found.names == ("Cache", "Cache.__init__", "Cache.of")
    known = definitions(NEWER)
    assert [(each.name, each.line, each.last) for each in known] == [
        ("Cache", 4, 12),
        ("Cache.__init__", 5, 6),
        ("Cache.of", 9, 12),
    ]
    assert parameters_by_name(known) == {"Cache": ("size",), "Cache.__init__": ("size",), "Cache.of": ("size",)}


def test_a_name_in_a_file_that_we_cannot_read_is_left_to_the_python_of_the_user(project: Path) -> None:
    (project / "src" / "shop" / "broken.py").write_text("def broken(:\n")
    assert wanted("src/shop/broken.py::Cache::of", project, project).names == ("Cache.of",)


@pytest.mark.parametrize("target", ["shop/none.py", "shop.none", "src/shop/cart.py::none", "src"])
def test_targets_that_are_none(project: Path, target: str) -> None:
    with pytest.raises(UsageError):
        wanted(target, project, project)


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (4, 4, ("parse",)),
        (6, 11, ("parse", "Cart.__init__")),
        (22, 24, ()),
        (1, 99, ("parse", "Cart.__init__", "Cart.made", "Cart.pay")),
    ],
)
def test_lines_mean_the_functions_they_touch(first: int, last: int, names: tuple[str, ...]) -> None:
    assert at_lines(first, last, definitions(CODE)) == names


def test_parameters_are_those_of_a_call() -> None:
    found = parameters_by_name(definitions(CODE))
    assert found["parse"] == ("text", "base")
    assert found["Cart"] == ("owner",)
    assert found["Cart.made"] == ("name",)
    assert found["Point"] == ("x", "y")


def test_broken_code_defines_nothing() -> None:
    assert definitions("def (") == []


def test_gaps_where_something_was_found_or_changed_often_come_first() -> None:
    gaps = [Gap("parse", 5, "if"), Gap("Cart.pay", 18, "entry"), Gap("Cart.add", 15, "entry")]
    found = by_risk(gaps, [], Risks({"Cart.pay": ("eval-used",)}, {"Cart.add": 4, "parse": 1}))
    assert [gap.function for gap in found] == ["Cart.pay", "Cart.add", "parse"]


def test_gaps_of_what_is_complex_come_first() -> None:
    gaps = [Gap("Cart.pay", 18, "entry"), Gap("parse", 5, "if"), Gap("parse", 7, "else")]
    assert [gap.function for gap in by_risk(gaps, definitions(CODE))] == ["parse", "parse", "Cart.pay"]
