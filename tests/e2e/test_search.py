"""Search over the wire: names as they are typed, and what is meant."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import Client, Refusal

pytest.importorskip("numpy")

CART = '''"""What a customer buys."""


class Cart:
    def total(self, rate):
        """The price of all items with tax."""
        return sum(item.price for item in self.items) * (1 + rate)


def check_out(cart):
    charge(cart.total(0.2))
'''


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/cart.py").write_text(CART)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_cart.py").write_text("def test_total():\n    assert total() == 1\n")
    with Client.start(tmp_path) as client:
        client.initialize()
        yield client


def names(client: Client, text: str) -> list[str]:
    return [each["name"] for each in client.call("workspace/symbol", {"query": text})]


def test_what_is_typed_of_a_name_comes_first(client: Client) -> None:
    (first, *_) = client.call("workspace/symbol", {"query": "tot"})
    assert first == {
        "name": "total",
        "kind": 6,
        "containerName": "Cart",
        "location": {
            "uri": (client.root / "shop/cart.py").as_uri(),
            "range": {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 0}},
        },
    }
    assert names(client, "Cart.tot")[0] == "total"
    assert names(client, "check")[0] == "check_out"
    assert names(client, "ckot")[0] == "check_out"
    assert names(client, "test_")[0] == "test_total"


def test_what_is_meant_is_found(client: Client) -> None:
    assert names(client, "price of all items")[0] == "total"
    assert names(client, "pay for what is in the cart kind:function test:no")[0] == "check_out"


def test_nothing_is_asked(client: Client) -> None:
    assert names(client, "") == names(client, "  ") == []
    assert client.call("workspace/symbol", {}) == []


def test_a_filter_that_cannot_be_is_said(client: Client) -> None:
    with pytest.raises(Refusal, match="there is no kind 'lambda'"):
        names(client, "kind:lambda")


def test_files_that_change_are_found_as_they_are(client: Client) -> None:
    assert "wrap_present" not in names(client, "wrap_present")
    new = client.root / "shop/gift.py"
    new.write_text("def wrap_present(paper):\n    return paper\n")
    change: Any = {"changes": [{"uri": new.as_uri(), "type": 1}]}
    client.notify("workspace/didChangeWatchedFiles", change)
    assert names(client, "wrap_present")[0] == "wrap_present"
    new.unlink()
    client.notify("workspace/didChangeWatchedFiles", change)
    assert "wrap_present" not in names(client, "wrap_present")


def test_without_a_folder_there_is_nothing_to_search(tmp_path: Path) -> None:
    with Client.start(tmp_path) as client:
        client.initialize(workspaceFolders=[], rootUri=None)
        assert names(client, "x") == []


def test_an_index_that_cannot_be_kept_is_told_in_the_editor(tmp_path: Path) -> None:
    """It is written behind the first answers, and told when that fails."""
    pytest.importorskip("lancedb")
    root, cache = tmp_path / "w", tmp_path / "cache"
    root.mkdir()
    (root / "cart.py").write_text(CART)
    (cache / "coding-agent").mkdir(parents=True)
    (cache / "coding-agent" / "search").write_text("in the way")
    with Client.start(root, env={"XDG_CACHE_HOME": str(cache)}) as client:
        client.initialize()
        assert names(client, "Cart.tot")[0] == "total"
        said = client.notified("window/showMessage")["message"]
        assert "cannot be kept" in said
        assert "a file is in the way: remove it" in said
        assert names(client, "price of all items")[0] == "total"
