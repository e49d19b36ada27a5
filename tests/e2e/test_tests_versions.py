"""`coding-agent tests` beside git: what a change does to behaviour, and which changed functions no test calls."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from support.command_line import Ran, World

BEFORE = """\
def size(count: int) -> str:
    if count == 0:
        return "empty"
    return "small" if count < 10 else "large"


def double(count: int) -> int:
    return count * 2
"""


def _no_sandbox() -> str:
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.skipif(bool(_no_sandbox()), reason=f"no sandbox here: {_no_sandbox()}"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here"),
]


def git(world: World, *arguments: str) -> None:
    who = ("-c", "user.name=Me", "-c", "user.email=me@here", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=world.project, check=True, capture_output=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("shop/__init__.py", "")
    made.write("shop/cart.py", BEFORE)
    git(made, "init", "-q")
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "first")
    return made


def compared(world: World, *arguments: str) -> Ran:
    return world.run(
        "tests", "shop/cart.py", "--check-equivalent", "HEAD", "--trust", "--python", sys.executable, "--seconds", "3",
        *arguments,
    )  # fmt: skip


def test_what_changed_is_told_with_the_call(world: World) -> None:
    world.write(
        "shop/cart.py", BEFORE.replace("count < 10", "count <= 10") + "\n\ndef new(x: int) -> int:\n    return x\n"
    )
    ran = compared(world, "--format", "json")
    assert ran.code == 1, ran.out + ran.err
    (report,) = json.loads(ran.out)
    assert {each["function"] for each in report["changed"]} == {"size"}
    first = report["changed"][0]
    assert "size(" in first["call"]
    assert "10" in first["call"]
    assert (first["before"], first["after"]) == ("'large'", "'small'")
    assert not (world.project / "tests").exists()


def test_another_way_to_do_the_same_is_no_change(world: World) -> None:
    world.write("shop/cart.py", BEFORE.replace("count * 2", "count + count"))
    ran = compared(world)
    assert ran.code == 0, ran.out + ran.err
    assert "no change seen" in ran.out


def test_a_file_that_was_not_there_cannot_be_compared(world: World) -> None:
    git(world, "rm", "-q", "--cached", "shop/cart.py")
    git(world, "commit", "-q", "-m", "without")
    ran = compared(world)
    assert ran.code == 3, ran.out + ran.err
    assert "HEAD has no cart.py" in ran.out


def test_a_revision_that_git_does_not_know(world: World) -> None:
    ran = world.run("tests", "shop/cart.py", "--check-equivalent", "none", "--trust", "--python", sys.executable)
    assert ran.code == 2
    assert "no revision 'none'" in ran.err


def changed(world: World, *arguments: str) -> Ran:
    return world.run("tests", "--trust", "--python", sys.executable, "--seconds", "4", *arguments)


@pytest.fixture
def tested(world: World) -> World:
    test = "from shop.cart import size\n\n\ndef test_size():\n    assert size(0) == 'empty'\n"
    world.write("tests/test_cart.py", test)
    git(world, "add", ".")
    git(world, "commit", "-q", "-m", "tested")
    return world


def test_what_changed_and_is_called_is_fine(tested: World) -> None:
    tested.write("shop/cart.py", BEFORE.replace("count < 10", "count <= 10"))
    ran = changed(tested, "--changed")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out == "tests call all that changed (1 function)\n"


def test_what_no_test_calls_is_listed_and_a_patch_tests_it(tested: World) -> None:
    tested.write("shop/cart.py", BEFORE.replace("count * 2", "count * 3"))
    before = {path: path.read_bytes() for path in tested.project.rglob("*.py")}
    ran = changed(tested, "--changed", "--output", "tests.patch", "--seconds", "12")
    assert ran.code == 1, ran.out + ran.err
    assert ran.out == "shop/cart.py:7: double changed and no test calls it\n"
    assert {path: path.read_bytes() for path in tested.project.rglob("*.py")} == before
    git(tested, "apply", "tests.patch")
    text = tested.read("tests/test_cart.py").decode()
    assert "def test_double" in text
    assert "def test_size():\n    assert size(0) == 'empty'\n" in text
    git(tested, "commit", "-q", "-a", "-m", "more")
    assert changed(tested, "--changed=HEAD~1").code == 0


def test_patches_apply_whatever_ends_a_line(tested: World) -> None:
    there = (
        "from shop.cart import size\r\n\x0c\r\n\r\ndef test_size():\r\n    assert size(0) == 'empty'  # \u2028 mine\r\n"
    )
    tested.write("tests/test_cart.py", there)
    tested.write("shop/cart.py", BEFORE.replace("count * 2", "count * 3"))
    assert changed(tested, "--changed", "--output", "tests.patch", "--seconds", "12").code == 1
    git(tested, "apply", "tests.patch")
    text = tested.read("tests/test_cart.py").decode()
    assert there.partition("\r\n")[2] in text
    assert "def test_double" in text


def test_two_modules_with_one_test_file_come_in_one_patch(tested: World) -> None:
    tested.write("shop/sub/__init__.py", "")
    tested.write("shop/sub/cart.py", "def triple(count: int) -> int:\n    return count * 3\n")
    test = tested.read("tests/test_cart.py").decode()
    tested.write("tests/test_cart.py", f"import shop.sub.cart\n{test}")
    tested.write("shop/cart.py", BEFORE.replace("count * 2", "count * 4"))
    ran = changed(tested, "--changed", "--output", "tests.patch", "--seconds", "12")
    assert ran.code == 1, ran.out + ran.err
    assert tested.read("tests.patch").count(b"+++ ") == 1
    git(tested, "apply", "tests.patch")
    text = tested.read("tests/test_cart.py").decode()
    assert "def test_double" in text
    assert "def test_triple" in text


def test_a_link_to_nothing_is_no_change(tested: World) -> None:
    (tested.project / "b.py").symlink_to("nowhere.py")
    assert changed(tested, "--changed").code == 0


def test_nothing_changed(tested: World) -> None:
    ran = changed(tested, "--changed")
    assert (ran.code, ran.out) == (0, "no function changed\n")


def test_a_changed_file_that_cannot_be_imported_is_incomplete(tested: World) -> None:
    tested.write("shop/broken.py", "import nothing_of_this_name\n\n\ndef f(x):\n    return x\n")
    ran = changed(tested, "--changed")
    assert ran.code == 4, ran.out + ran.err
    assert "nothing_of_this_name" in ran.out


def test_something_must_be_named(world: World) -> None:
    ran = changed(world)
    assert ran.code == 2
    assert "say what to test" in ran.err
