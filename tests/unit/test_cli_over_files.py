"""Rules over files on the command line: once per run, at their places, and allowed like all others."""

import json
from pathlib import Path

import pytest

from support.command_line import Ran, World

CART = "import os\nfrom shop.user import User\n\n\nclass Cart:\n    owner: User\n"
USER = "import shop.cart\n\n\nclass User:\n    cart: shop.cart.Cart\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("src/shop/__init__.py", "")
    made.write("src/shop/cart.py", CART)
    made.write("src/shop/user.py", USER)
    return made


def found(ran: Ran) -> list[tuple[str, int, str]]:
    return [(each["path"], each["start"]["line"], each["rule"]) for each in json.loads(ran.out)["diagnostics"]]


def check(world: World, *arguments: str) -> list[tuple[str, int, str]]:
    return found(world.run("check", "--format", "json", *arguments))


CYCLE = ("src/shop/cart.py", 2, "import-cycle")


def test_a_folder_is_looked_at_as_a_whole(world: World) -> None:
    assert check(world) == [CYCLE]
    assert check(world, "src") == [CYCLE]


def test_files_that_are_named_together_are_looked_at_together(world: World) -> None:
    world.write("a.py", "from b import one\n")
    world.write("b.py", "import a\none = a.two\n")
    assert check(world, "a.py", "b.py") == [("a.py", 1, "import-cycle")]


def test_one_file_and_standard_input_say_nothing(world: World) -> None:
    assert check(world, "src/shop/cart.py") == []
    ran = world.run("check", "--format", "json", "-", "--stdin-filename", "src/shop/cart.py", stdin=CART.encode())
    assert (ran.code, found(ran)) == (0, [])


def test_text_says_the_place_and_the_code(world: World) -> None:
    ran = world.run("check")
    assert ran.code == 1
    assert "src/shop/cart.py:2:1" in ran.out
    assert "import cycle: 'User' may not be there yet (shop.cart -> shop.user -> shop.cart)" in ran.out


def test_findings_of_both_kinds_stand_in_the_order_of_the_text(world: World) -> None:
    world.write("src/shop/cart.py", "print(eval(input()))\n" + CART + "print(eval(input()))\n")
    assert check(world) == [
        ("src/shop/cart.py", 1, "eval-used"),
        ("src/shop/cart.py", 3, "import-cycle"),
        ("src/shop/cart.py", 8, "eval-used"),
    ]


@pytest.mark.parametrize("arguments", [("--ignore", "import-cycle"), ("--ignore", "design"), ("--select", "eval-used")])
def test_rules_that_do_not_run_find_nothing(world: World, arguments: tuple[str, ...]) -> None:
    assert check(world, *arguments) == []
    assert check(world, "--select", "import-cycle") == [CYCLE]


def test_comments_allow_it(world: World) -> None:
    world.write("src/shop/cart.py", CART.replace("import User", "import User  # coding-agent: allow import-cycle"))
    assert check(world) == []
    world.write("src/shop/cart.py", "# coding-agent: allow-file import-cycle\n" + CART)
    assert check(world) == []


def test_the_baseline_knows_it(world: World) -> None:
    assert world.run("baseline").code == 0
    assert check(world) == []
    assert check(world, "--no-baseline") == [CYCLE]
    world.write("src/shop/cart.py", "\n\n" + CART)
    assert check(world) == []
    world.write("a.py", "from b import one\n")
    world.write("b.py", "import a\none = a.two\n")
    assert check(world) == [("a.py", 1, "import-cycle")]


def test_what_was_fixed_is_what_counts(world: World) -> None:
    world.write("src/shop/cart.py", "print(3)  # coding-agent: allow eval-used\n" + CART)
    assert check(world, "--fix") == [("src/shop/cart.py", 3, "import-cycle")]
    world.write("src/shop/cart.py", "print(3)  # coding-agent: allow eval-used\n" + CART)
    ran = world.run("check", "--diff")
    assert "-print(3)  # coding-agent: allow eval-used" in ran.out


def test_a_rule_that_raises_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(graph: dict[str, object]) -> None:
        raise LookupError(len(graph))

    monkeypatch.setattr("coding_agent.analysis.rules.design.import_cycle._knots", broken)
    ran = world.run("check", "--format", "json")
    assert ran.code == 4
    (problem,) = json.loads(ran.out)["problems"]
    assert "rules failed: import-cycle: LookupError(3)" in json.dumps(problem)
