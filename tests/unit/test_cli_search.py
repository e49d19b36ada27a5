"""The commands that search, over a real project and a real index."""

import json
from pathlib import Path

import pytest

from support.command_line import World

pytest.importorskip("numpy")

CART = '''class Cart:
    def total(self, rate):
        """The price of all items with tax."""
        return sum(item.price for item in self.items) * (1 + rate)


def check_out(cart):
    charge(cart.total(0.2))
'''


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def shop(world: World) -> World:
    folder = world.project / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text(CART)
    (folder / "basket.py").write_text(
        CART.replace("Cart", "Basket").replace("item ", "thing ").replace("item.p", "thing.p")
    )
    return world


def test_answers_are_shown_with_why(shop: World) -> None:
    ran = shop.run("search", "price of items", "--path", "cart", "--top", "1")
    assert ran.code == 0
    first, *rest = ran.out.splitlines()
    assert first.startswith("shop/cart.py:2  Cart.total  [price, items; meaning 0.")
    assert rest == [
        "    def total(self, rate)",
        "    The price of all items with tax.",
        '    3: """The price of all items with tax."""',
        "    4: return sum(item.price for item in self.items) * (1 + rate)",
    ]


def test_answers_as_data(shop: World) -> None:
    ran = shop.run("search", "price of items", "--kind", "method", "--format", "json")
    first = json.loads(ran.out)["results"][0]
    assert {name: first[name] for name in ("path", "line", "start", "end", "name", "kind", "words")} == {
        "path": "shop/cart.py", "line": 2, "start": 2, "end": 4, "name": "Cart.total", "kind": "method",
        "words": ["price", "items"],
    }  # fmt: skip
    assert first["lines"][0]["line"] == 3


def test_nothing_is_found(shop: World) -> None:
    ran = shop.run("search", "total path:nowhere")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing answers 'total path:nowhere'" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", " "), "say what you look for"),
        (("search", "kind:lambda"), "there is no kind 'lambda'"),
        (("search", "x", "--root", "nowhere"), "there is no folder"),
        (("search", "x", "--top", "0"), "a whole number from 1"),
        (("similar", "shop/cart.py"), "write FILE:LINE"),
        (("similar", "nowhere.py:1"), "there is no file nowhere.py"),
    ],
)
def test_what_cannot_be_asked(shop: World, arguments: tuple[str, ...], said: str) -> None:
    ran = shop.run(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_folder_without_python(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = world.run("search", "x", "--root", str(tmp_path / "empty"))
    assert ran.code == 2
    assert "there is no Python file in" in ran.err


def test_similar_code(shop: World) -> None:
    ran = shop.run("similar", "shop/cart.py:3", "--top", "1", "--format", "json")
    (found,) = json.loads(ran.out)["results"]
    assert (found["path"], found["name"]) == ("shop/basket.py", "Basket.total")


def test_the_index_on_disk(shop: World) -> None:
    pytest.importorskip("lancedb")
    assert "nothing is kept on disk yet" in shop.run("index", "status").out
    assert "6 chunks of 2 files in " in shop.run("index", "rebuild").out
    assert " MB in " in shop.run("index", "status").out
    assert shop.run("index", "clear").out.startswith("removed ")
    assert shop.run("index", "clear").out.startswith("nothing is kept of ")


def test_without_numpy_words_are_searched_and_it_is_said(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from coding_agent.search import reading

    monkeypatch.setattr(reading, "has_numpy", lambda: False)
    reading.reader.cache_clear()
    try:
        ran = shop.run("search", "price of items", "--top", "1")
        assert ran.out.splitlines()[0] == "shop/cart.py:2  Cart.total  [price, items]"
        assert "pip install 'coding-agent-lsp[search]'" in ran.err
        assert shop.run("index", "rebuild").code == 3
    finally:
        reading.reader.cache_clear()
