"""Who calls whom: by imports, through packages, by inheritance and by what names are said to be."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from coding_agent.ide.slices import at_once
from coding_agent.search.calls import CANDIDATES, Calls, Related
from coding_agent.search.catalogue import Hit
from coding_agent.search.plain import Plain
from coding_agent.search.reading import Reader

SHOP = {
    "shop/__init__.py": "from .money import rounded\nfrom .cart import *\n",
    "shop/money.py": """def rounded(amount):
    return quantize(amount)


def quantize(amount):
    return amount


def unused(amount):
    return rounded(quantize(amount))
""",
    "shop/cart.py": """from __future__ import annotations

from shop import money as m
from .money import (
    quantize,  # by the cent
    rounded as to_cents,
)


class Base:
    def total_price(self):
        return to_cents(1)

    def save(self):
        pass


class Cart(Base):
    def pay(self, card: "Card | None", quantize):
        self.total_price()
        super().save()
        card.charge_all(m.rounded(2))
        quantize(3)

    @staticmethod
    def empty():
        return Cart()


class Card:
    def charge_all(self, amount):
        def inner():
            return quantize(amount)

        return inner()
""",
    "app/till.py": """import shop.cart
import shop
from shop import Cart


def sell(thing):
    cart = Cart()
    cart.pay(None, None)
    shop.rounded(1)
    thing.charge_all(1)
    thing.save()
    print("rounded(2)")


def other():
    cart = shop.cart.Cart.empty()
    return cart
""",
    "tests/test_money.py": "from shop.money import rounded\n\n\ndef test_rounded():\n    assert rounded(1) == 1\n",
    "elsewhere/money.py": "def rounded(amount):\n    return amount\n\n\nrounded(1)\n",
}


def calls_of(folder: Path, files: dict[str, str]) -> Calls:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    index = Plain()
    index.take(*Reader(None).read(folder, 1 << 20, [(path, b"", frozenset()) for path in files]))
    return Calls(index, folder)


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return calls_of(tmp_path, SHOP)


def related(calls: Calls, path: str, name: str) -> Related:
    (first, *_) = calls.index.parts(path, name)
    found = at_once(calls.related(path, first.at))
    assert found is not None
    return found


def names(hits: Iterable[Hit]) -> list[str]:
    return sorted(f"{hit.path.rpartition('/')[2]}:{hit.name}" for hit in hits)


def test_callers_by_every_way_to_import(calls: Calls) -> None:
    found = related(calls, "shop/money.py", "rounded")
    # Through an alias of the module, through the package; not by an alias of its own, and not what a text says.
    assert names(found.callers) == ["cart.py:Cart.pay", "money.py:unused", "till.py:sell"]
    assert names(found.tests) == ["test_money.py:test_rounded"]
    assert names(found.calls) == ["money.py:quantize"]
    assert not found.more


def test_a_function_of_the_same_name_elsewhere_is_another(calls: Calls) -> None:
    assert names(related(calls, "elsewhere/money.py", "rounded").callers) == ["money.py:"]


def test_a_local_hides_what_is_imported_by_another_name(calls: Calls) -> None:
    # Cart.pay has a parameter of that name; it is imported, too, so the import is believed.
    assert "cart.py:Card.charge_all.inner" in names(related(calls, "shop/money.py", "quantize").callers)


def test_what_a_method_calls(calls: Calls) -> None:
    found = related(calls, "shop/cart.py", "Cart.pay")
    assert names(found.calls) == [
        "cart.py:Base.save",
        "cart.py:Base.total_price",
        "cart.py:Card.charge_all",
        "money.py:quantize",
        "money.py:rounded",
    ]
    assert names(found.callers) == ["till.py:sell"]


def test_an_unknown_object_means_the_only_method_of_a_long_name(calls: Calls) -> None:
    assert names(related(calls, "shop/cart.py", "Card.charge_all").callers) == ["cart.py:Cart.pay", "till.py:sell"]
    # Whatever `thing` is, that it has a `save` says nothing.
    assert names(related(calls, "shop/cart.py", "Base.save").callers) == ["cart.py:Cart.pay"]


def test_a_class_is_called_where_it_is_made(calls: Calls) -> None:
    assert names(related(calls, "shop/cart.py", "Cart").callers) == ["cart.py:Cart.empty", "till.py:sell"]
    assert names(related(calls, "shop/cart.py", "Cart.empty").callers) == ["till.py:other"]


def test_those_that_are_called_most_come_first(calls: Calls) -> None:
    found = related(calls, "shop/cart.py", "Cart.pay").calls
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert found[0].name == "rounded"


def test_no_definition_there(calls: Calls) -> None:
    assert at_once(calls.related("elsewhere/money.py", 5)) is None


def test_after_a_change(calls: Calls, tmp_path: Path) -> None:
    (tmp_path / "app/till.py").write_text("from shop.money import unused\n\n\ndef sell():\n    unused(1)\n")
    known = calls.index.digest("app/till.py"), calls.index.keys("app/till.py")
    calls.index.take(*Reader(None).read(tmp_path, 1 << 20, [("app/till.py", *known)]))
    assert names(related(calls, "shop/money.py", "unused").callers) == ["till.py:sell"]
    assert names(related(calls, "shop/money.py", "rounded").callers) == ["cart.py:Cart.pay", "money.py:unused"]


def test_classes_and_imports_that_go_round_end(tmp_path: Path) -> None:
    calls = calls_of(
        tmp_path,
        {
            "a.py": "from b import thing\n\n\nclass A(B):\n    def go_on(self):\n        self.come_back()\n",
            "b.py": "from a import thing\n\n\nclass B(A):\n    def run(self):\n        thing()\n        super().x()\n",
        },
    )
    assert names(related(calls, "a.py", "A.go_on").calls) == names(related(calls, "b.py", "B.run").calls) == []


def test_of_very_many_only_some_are_looked_at(tmp_path: Path) -> None:
    many = "".join(f"def f{number}():\n    target()\n\n\n" for number in range(CANDIDATES + 5))
    found = related(calls_of(tmp_path, {"m.py": f"def target():\n    pass\n\n\n{many}"}), "m.py", "target")
    assert found.more
    assert len(found.callers) == CANDIDATES


def test_broken_code_calls_nothing(tmp_path: Path) -> None:
    calls = calls_of(
        tmp_path, {"m.py": "def one():\n    two(\n\n\ndef two():\n    pass\n\n\ndef three():\n    two()\n"}
    )
    assert names(related(calls, "m.py", "two").callers) == ["m.py:three"]
