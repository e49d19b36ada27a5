"""Tests that a model writes, from the command line: run in a real sandbox, kept where they show more."""

# ruff: noqa: E501 - a case is a line.

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

pytest.importorskip("openai")

from support.command_line import Ran, World
from support.sandboxes import no_sandbox
from support.scripted import Case, Say, Scripted

pytestmark = pytest.mark.skipif(bool(no_sandbox()), reason=no_sandbox() or "-")
soak = pytest.mark.soak  # Each of them takes some seconds in boxes.

CART = '''"""What a shop needs."""

import os
import random
import time


def total(prices, discount=0.0):
    """Add up."""
    result = 0
    for price in prices:
        if price is not None:
            result += price
    if discount > 1:
        raise ValueError("too much")
    return result * (1 - discount)


def drawn(names, often=1):
    if often < 1:
        return ["none"]
    return [random.choice(names) for _ in range(often)]


def kinds(names, upper=False):
    if upper:
        names = [name.upper() for name in names]
    return list(set(names))


def aged(since, now=None):
    if now is None:
        now = time.time()
    return int(now - since)


def clean(path):
    if path:
        os.remove(path)


def alone(handle, often):
    if handle.fileno().as_integer_ratio()[0] > often:
        return "many"
    return "few"
'''
TESTS = '''"""Our tests."""

from shop.cart import aged, clean, drawn, kinds, total


def test_total():
    # By hand.
    assert total([1, 2]) == 3


def test_others():
    assert drawn(["a"]) == ["a"]
    assert kinds(["a"]) == ["a"]
    assert aged(1, 2) == 1
    clean("")
'''
NONE = "def test_prices_that_are_not_known():\n    assert total([None, 2]) == 2\n"
MUCH = 'def test_too_much():\n    with pytest.raises(ValueError, match="too much"):\n        total([1], 2)\n'
RED = "def test_red():\n    assert total([None, 2]) == 3\n"
SAME = "def test_the_same():\n    assert total([1, 2]) == 3\n"
IDLE = "def test_nothing():\n    total([None])\n    assert True\n"
USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}


def answer(*tests: str, imports: Sequence[str] = ("import pytest", "from shop.cart import total")) -> Say:
    code = "\n".join(imports) + "\n\n\n" + "\n\n".join(tests)
    return Say(json.dumps({"code": code, "why": "what was left"}), usage=USAGE)


def of(name: str, test: str) -> Say:
    return answer(test, imports=[f"from shop.cart import {name}"])


class Asking:
    """A project on disk, and a model that answers what is written down."""

    def __init__(self, world: World) -> None:
        self.world = world

    def ask(self, *replies: Say, of: str = "total", options: Sequence[str] = ("--trust",), line: int = 0) -> Ran:
        line = line or 1 + CART[: CART.index(f"def {of}(")].count("\n")
        with Scripted([Case("", *replies)]) as scripted:
            self.world.folders.config.mkdir(parents=True, exist_ok=True)
            text = f'interpreter = "{sys.executable}"\n[ai]\nbase-url = "{scripted.url}"\nmodel = "{scripted.model}"\n'
            self.world.folders.user_file.write_text(text)
            place, key = f"shop/cart.py:{line}", {"CODING_AGENT_API_KEY": scripted.key}
            ran = self.world.run("ai", "tests", place, *options, variables=key)
            self.asked = scripted.asked
        return ran

    @property
    def tests(self) -> str:
        return self.world.read("tests/test_cart.py").decode()


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    world = World(tmp_path)
    files = {"pyproject.toml": "", "shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TESTS}
    for name, text in files.items():
        world.write(name, text)
    yield Asking(world)
    left = sorted(path.name for path in (tmp_path / "project").rglob("*.py"))
    assert left == ["__init__.py", "cart.py", "test_cart.py"]
    assert world.read("shop/cart.py").decode() == CART


def test_what_shows_more_is_added_and_all_else_is_left_out(asking: Asking) -> None:
    made = asking.ask(answer(NONE, SAME, RED, IDLE, MUCH), options=("--trust", "--apply"))
    assert made.code == 0, made.err
    assert asking.tests == TESTS.replace("from shop", "import pytest\n\nfrom shop", 1) + f"\n\n{NONE}\n\n{MUCH}"
    assert made.out.startswith("--- a/tests/test_cart.py\n+++ b/tests/test_cart.py\n")
    assert "what was left (verified: green in 8 runs; takes 2 branches that no test took" in made.err
    reasons = dict(
        line.partition("left out ")[2].split(": ", 1) for line in made.err.splitlines() if "left out" in line
    )
    assert sorted(reasons) == ["test_nothing", "test_red", "test_the_same"]
    assert "failed" in reasons["test_red"]
    assert reasons["test_the_same"] == "it takes no branch and kills no mutant that other tests do not"
    assert "(20 + 5 tokens)" in made.err
    (asked,) = asking.asked
    assert "only for these lines, which no test reaches yet: 12, 14." in asked.last
    assert "Import what you need from shop.cart" in asked.last


def test_nothing_runs_and_nothing_is_asked_without_trust(asking: Asking) -> None:
    made = asking.ask(answer(NONE), options=())
    assert (made.code, "this folder is not trusted" in made.err, asking.asked) == (2, True, [])


def test_of_what_removes_files_no_model_is_asked_for_tests(asking: Asking) -> None:
    made = asking.ask(answer(NONE), of="clean")
    assert (made.code, asking.asked) == (2, [])
    assert "clean leads to `os.remove`, and a test that runs on your machine should not do that" in made.err


def test_where_tests_are_those_of_unittest_no_model_is_asked(asking: Asking) -> None:
    case = "class TestTotal(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total([1]), 1)\n"
    asking.world.write("tests/test_cart.py", f"import unittest\n\nfrom shop.cart import total\n\n\n{case}")
    made = asking.ask(answer(NONE))
    assert (made.code, asking.asked) == (2, [])
    assert "the project's tests are cases of unittest" in made.err


@soak
def test_who_misses_nothing_asks_nobody(asking: Asking) -> None:
    asking.world.write("tests/test_cart.py", f"import pytest\n{TESTS}\n\n{NONE}\n\n{MUCH}")
    made = asking.ask(answer(NONE))
    assert (made.code, asking.asked) == (2, [])
    assert "the tests there are get everywhere in total, so no model was asked" in made.err


@soak
def test_what_no_test_calls_is_the_generators_first(asking: Asking) -> None:
    asking.world.write("tests/test_cart.py", TESTS.replace("assert total([1, 2]) == 3", "pass"))
    made = asking.ask(answer(NONE))
    assert (made.code, asking.asked) == (2, [])
    assert "generate tests for it first, for which no model is needed" in made.err


@soak
def test_what_the_generator_makes_nothing_of_a_model_is_asked_for(asking: Asking) -> None:
    test = (
        "class Handle:\n    def fileno(self):\n        return 3\n\n\n"
        'def test_many():\n    assert alone(Handle(), 2) == "many"\n\n\ndef test_few():\n    assert alone(Handle(), 3) == "few"\n'
    )
    made = asking.ask(of("alone", test), of="alone", options=("--trust", "--apply"))
    assert made.code == 0, made.err
    assert asking.tests.endswith(f"\n\n\n{test}")
    assert "from shop.cart import aged, alone, clean, drawn, kinds, total\n" in asking.tests


@soak
@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("drawn", 'def test_it():\n    assert drawn(["a", "b"], 9) != drawn(["a"], 0) and drawn(["a", "b"])[0] == "a"\n'),
        ("kinds", 'def test_it():\n    assert kinds(["a", "b", "c", "d"], upper=True) == ["A", "B", "C", "D"]\n'),
        ("aged", "def test_it():\n    assert aged(0) < 1_790_000_000\n"),
        ("total", "def test_it():\n    assert repr(total).count(' at 0x7') + total([None]) == 5\n"),
    ],
    ids=["random", "hash seed", "time", "address"],
)  # fmt: skip
def test_what_is_green_only_now_and_then_is_not_taken(asking: Asking, name: str, test: str) -> None:
    made = asking.ask(of(name, test), of=name, options=("--trust", "--apply"))
    assert made.code == 3, made.err
    assert "FAILED: green: test_it: failed" in made.out
    assert (asking.tests, len(asking.asked)) == (TESTS, 2)


@soak
def test_what_fails_is_asked_for_once_more(asking: Asking) -> None:
    made = asking.ask(answer(RED), answer(NONE), options=("--trust", "--format", "json"))
    assert made.code == 0, made.err
    turns = asking.asked[1].messages
    assert [role for role, _ in turns] == ["system", "user", "assistant", "user"]
    assert turns[3][1].startswith("That cannot be used: green: test_red: failed in file order")
    assert "assert 2 == 3" in turns[3][1].replace("2.0", "2")
    table = json.loads(made.out)
    assert (table["taken"], table["tests"], table["applied"]) == (True, 1, False)
    assert "+def test_prices_that_are_not_known():" in table["patch"]
    assert asking.tests == TESTS
    assert "(40 + 10 tokens)" in made.err


@soak
@pytest.mark.parametrize(
    ("reply", "failed"),
    [
        (answer(SAME), "more: test_the_same: it takes no branch"),
        (answer("def test_a(:\n"), "parses: line "),
        (answer(IDLE), "assertions: test_nothing: it asserts nothing"),
        (answer("def test_a():\n    open('/etc/passwd')\n    assert total([None]) == 0\n"), "effects: it uses `open`"),
        (answer(NONE.replace("assert", "while True: pass\n    assert")), "green: test_prices_that_are_not_known: "),
        (answer("def test_a():\n    import nowhere\n    assert total([None]) == 0\n"), "effects: it imports `nowhere`"),
        (Say("I would rather not."), ""),
    ],
    ids=["adds nothing", "no Python", "asserts nothing", "reads a file", "hangs", "imports nothing", "prose"],
)  # fmt: skip
def test_what_fails_twice_is_shown_and_changes_nothing(asking: Asking, reply: Say, failed: str) -> None:
    made = asking.ask(reply, options=("--trust", "--apply"))
    assert made.code == (3 if failed else 2), made.err
    if failed:
        assert made.out.startswith("# Not taken: tests for total (shop/cart.py:8)\n")
        assert f"- FAILED: {failed}" in made.out
        assert len(asking.asked) == 2
    assert asking.tests == TESTS


@soak
def test_a_test_file_of_other_line_ends_and_names_stays_as_it_is(asking: Asking) -> None:
    before = (
        TESTS.replace("test_others", "test_too_much").replace("\n", "\r\n")
        + "\r\nif __name__ == '__main__':\r\n    test_total()\r\n"
    )
    asking.world.write("tests/test_cart.py", before)
    made = asking.ask(answer(MUCH), options=("--trust", "--apply"))
    assert made.code == 0, made.err
    new = MUCH.replace("test_too_much", "test_too_much_too").replace("\n", "\r\n")
    head, guard = before.split("\r\nif __name__")
    assert asking.tests.replace("import pytest\r\n\r\n", "", 1) == f"{head}\r\n\r\n{new}\r\n\r\nif __name__{guard}"


@soak
def test_a_secret_does_not_come_into_tests(asking: Asking) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9" * 2
    world = asking.world
    text = f'def used(strict=False):\n    if strict:\n        return "{key}"\n    return ""\n'
    cart = world.write("shop/cart.py", text + CART)
    world.write("tests/test_cart.py", TESTS.replace("total\n", "total, used\n", 1) + '    assert used() == ""\n')
    made = asking.ask(of("used", 'def test_used():\n    assert used(True) == "<SECRET_1>"\n'), line=1)
    assert made.code == 3, made.err
    assert "FAILED: green: test_used: failed" in made.out
    assert key not in asking.asked[0].text
    # What pytest said of it goes to the model, too, and is redacted as all is.
    assert key not in asking.asked[1].text
    cart.write_text(CART)


@soak
def test_a_module_without_a_test_file_gets_one(asking: Asking) -> None:
    asking.world.write("shop/more.py", "def kept(handle):\n    return handle.fileno().as_integer_ratio()[0]\n")
    (asking.world.project / "tests/test_cart.py").unlink()
    code = (
        "import pytest\n\nfrom shop.more import kept\n\n\nclass Handle:\n    def fileno(self):\n        return 3\n\n\n"
    )
    test = "def test_kept():\n    assert kept(Handle()) == 3\n"
    with Scripted(Say(json.dumps({"code": code + test, "why": "so"}))) as scripted:
        asking.world.folders.config.mkdir(parents=True, exist_ok=True)
        text = f'interpreter = "{sys.executable}"\n[ai]\nbase-url = "{scripted.url}"\nmodel = "{scripted.model}"\n'
        asking.world.folders.user_file.write_text(text)
        key = {"CODING_AGENT_API_KEY": scripted.key}
        made = asking.world.run("ai", "tests", "shop/more.py:1", "--trust", "--apply", variables=key)
    assert made.code == 0, made.err
    assert "--- /dev/null\n+++ b/tests/test_more.py\n" in made.out
    assert (asking.world.project / "tests/test_more.py").read_text() == code.replace("import pytest\n\n", "") + test
    (asking.world.project / "tests/test_more.py").unlink()
    (asking.world.project / "shop/more.py").unlink()
    asking.world.write("tests/test_cart.py", TESTS)
