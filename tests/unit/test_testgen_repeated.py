"""Calls that tests make already are found again, whatever their form."""

import pytest

from coding_agent.testgen.inside.model import Act, Arg, Candidate, Patch
from coding_agent.testgen.repeated import call_of, calls_of

TARGETS = ("size", "Cart", "Cart.__init__", "Cart.add", "Cart.total")
IMPORT = "from shop.cart import Cart, size\nimport shop.cart\n"
SIZE_3 = Candidate("size", (), Act("call", "size", (Arg("", "3"),)))
ADD = Candidate("Cart.add", ("cart = Cart('me')",), Act("call", "cart.add", (Arg("name", "'pen'"),)))


def repeats(candidate: Candidate, test: str) -> bool:
    return call_of(candidate) in calls_of(IMPORT + test, "shop.cart", TARGETS)


@pytest.mark.parametrize(
    "test",
    [
        "def test_it():\n    assert size(3) == 'small'\n",
        "def test_it():\n    count = 3\n    assert shop.cart.size(3) == 'small'\n",
        "def test_it():\n    with pytest.raises(ValueError, match='a'):\n        size(3)\n",
        "class TestIt(TestCase):\n    def test_it(self):\n        self.assertEqual(size(3), 'small')\n",
        "THREE = 3\n\ndef test_it():\n    assert size(THREE)\n",
        "@pytest.mark.parametrize('count', [1, 3])\ndef test_it(count):\n    assert size(count)\n",
        "@pytest.mark.parametrize(('count', 'x'), [pytest.param(3, 1, id='a')])\ndef test_it(count, x): size(count)\n",
        "def test_it(self):\n    for count, x in ((1, 2), (3, 4)):\n        with self.subTest(x=x): size(count)\n",
        "@pytest.mark.asyncio\nasync def test_it(tmp_path):\n    assert await size(3)\n",
    ],
)
def test_same_call(test: str) -> None:
    assert repeats(SIZE_3, test)


@pytest.mark.parametrize(
    "test",
    [
        "def test_it():\n    assert size(4) == 'small'\n",
        "def test_it(monkeypatch):\n    assert size(3) == 'small'\n",
        "def test_it():\n    with mock.patch('a.b'):\n        size(3)\n",
        "@mock.patch('a.b')\ndef test_it():\n    size(3)\n",
        "def help_it():\n    size(3)\n",
        "def test_it(:\n",
    ],
)
def test_another_call(test: str) -> None:
    assert not repeats(SIZE_3, test)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("own = Cart('me')\n    assert own.add(name='pen') == 1", True),
        ("own = Cart('me')\n    other = Cart('you')\n    assert own.add(name='pen') == 1", True),
        ("own = Cart('you')\n    assert own.add(name='pen') == 1", False),
        ("own = Cart('me')\n    own.add(name='cap')\n    assert own.add(name='pen') == 2", False),
    ],
)
def test_what_was_done_before_counts(body: str, *, expected: bool) -> None:
    assert repeats(ADD, f"def test_it():\n    {body}\n") is expected


def test_attribute_is_a_call_too() -> None:
    total = Candidate("Cart.total", ("cart = Cart('me')",), Act("get", "cart.total"))
    assert repeats(total, "def test_it():\n    c = Cart('me')\n\n    assert c.total == 0\n")


def test_call_in_surroundings_of_its_own_repeats_nothing() -> None:
    patched = SIZE_3._replace(patches=(Patch("", "A", "'1'", "setenv"),), fixtures=("monkeypatch",))
    assert not repeats(patched, "def test_it():\n    assert size(3) == 'small'\n")
