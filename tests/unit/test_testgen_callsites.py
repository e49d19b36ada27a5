"""Calls that a project has are found as seeds, with arguments that stand alone."""

from pathlib import Path

from coding_agent.testgen import callsites
from coding_agent.testgen.remembered import Calls

CART = """\
def parse(text, strict=False): ...


class Cart:
    def __init__(self, owner): ...
    def add(self, name): ...
"""
TARGETS = ["parse", "Cart", "Cart.__init__", "Cart.add"]


def found(root: Path, **files: str) -> list[tuple[str, list[str], list[str], str]]:
    """(target, arguments, arranged statements, origin) of each seed."""
    (root / "shop").mkdir()
    (root / "shop/__init__.py").write_text("")
    own = root / "shop/cart.py"
    own.write_text(CART)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    seeds = callsites.seeds(root, own, "shop.cart", TARGETS)
    return [
        (str(seed["target"]), [f"{arg['name']}={arg['code']}" if arg["name"] else arg["code"] for arg in seed["args"]],  # type: ignore[attr-defined, index]
         list(seed["arrange"]), str(seed["origin"]))  # type: ignore[call-overload]
        for seed in seeds
    ]  # fmt: skip


def test_calls_in_other_modules(tmp_path: Path) -> None:
    text = (
        "from shop.cart import parse as p\nimport shop.cart\np('1,2', strict=True)\nshop.cart.parse('x')\np(unknown)\n"
    )
    assert found(tmp_path, use__py=text) == [
        ("parse", ["'1,2'", "strict=True"], [], "call site"),
        ("parse", ["'x'"], [], "call site"),
    ]


def test_methods_of_what_was_made(tmp_path: Path) -> None:
    text = "from shop.cart import Cart\n\n\ndef test_it():\n    cart = Cart('me')\n    assert cart.add('pen') == 1\n"
    assert found(tmp_path, test_use__py=text) == [
        ("Cart", ["'me'"], [], "test"),
        ("Cart.add", ["'pen'"], ["cart = Cart('me')"], "test"),
    ]


def test_examples_in_documents(tmp_path: Path) -> None:
    text = (
        "# Shop\n\n```python\n>>> from shop.cart import parse\n>>> parse('7')\n[7]\n```\n\n```python\nparse('8')\n```\n"
    )
    assert [(target, args) for target, args, _, _ in found(tmp_path, README__md=text)] == [
        ("parse", ["'7'"]),
        ("parse", ["'8'"]),
    ]


def test_other_functions_of_that_name_are_not_meant(tmp_path: Path) -> None:
    assert found(tmp_path, use__py="from json import parse\nparse('x')\n") == []


def test_starred_arguments_and_broken_files_are_passed_over(tmp_path: Path) -> None:
    text = "from shop.cart import parse\nparse(*['a'])\nparse(**{})\nparse(lambda: 1)\n"
    assert found(tmp_path, use__py=text, broken__py="from shop.cart import parse\nparse(\n") == []


def test_a_stop_ends_the_search(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text("from shop.cart import parse\nparse('x')\n")
    stop = callsites.Stop(stopped=True)
    assert callsites.seeds(tmp_path, tmp_path / "cart.py", "shop.cart", TARGETS, stop) == []


def arguments(found: list[callsites.Seed]) -> list[list[str]]:
    return [[argument["code"] for argument in each["args"]] for each in found]


def test_calls_are_remembered_until_a_file_of_the_project_changes(tmp_path: Path) -> None:
    (tmp_path / "cart.py").write_text("def size(count): ...\n")
    (tmp_path / "use.py").write_text("from cart import size\n\nsize(3)\n")
    calls = Calls()
    asked = tmp_path, tmp_path / "cart.py", "cart", ["size"]
    found = calls(*asked, callsites.Stop())
    assert arguments(found) == [["3"]]
    assert calls(*asked, callsites.Stop()) is found
    (tmp_path / "use.py").write_text("from cart import size\n\nsize(41)\n")
    assert arguments(calls(*asked, callsites.Stop())) == [["41"]]


def test_calls_of_a_search_that_was_stopped_are_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text("from cart import size\n\nsize(3)\n")
    calls = Calls()
    asked = tmp_path, tmp_path / "cart.py", "cart", ["size"]
    assert calls(*asked, callsites.Stop(stopped=True)) == []
    assert arguments(calls(*asked, callsites.Stop())) == [["3"]]


def test_arguments_count_also_where_the_object_cannot_be_made_alone(tmp_path: Path) -> None:
    text = "from shop.cart import Cart\n\n\ndef cart(tmp_path):\n    it = Cart(tmp_path)\n    it.add('pen')\n"
    assert found(tmp_path, conftest__py=text) == [("Cart.add", ["'pen'"], [], "usage")]
