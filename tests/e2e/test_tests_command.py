"""`coding-agent tests` on a small project: in a real sandbox, with a real Python."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from support.command_line import Ran, World

CART = '''\
"""What is bought."""


class Full(Exception):
    """No place left."""


class Cart:
    def __init__(self, owner: str, limit: int = 2) -> None:
        self.owner = owner
        self.limit = limit
        self.items: list[str] = []

    def add(self, name: str) -> int:
        """Add something and return how many there are.

        >>> Cart("me").add("pen")
        1
        """
        if not name:
            raise ValueError("a thing needs a name")
        if len(self.items) >= self.limit:
            raise Full(f"no place for {name}")
        self.items.append(name)
        return len(self.items)


def size(count: int) -> str:
    if count < 0:
        raise ValueError("less than nothing")
    if count == 0:
        return "empty"
    return "small" if count < 10 else "large"
'''
MARKED = "open({!r}, 'w').write('ran')\n\n\ndef f(x: int) -> int:\n    return x + 1\n"


def _no_sandbox() -> str:
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        return str(error)
    return ""


pytestmark = pytest.mark.skipif(bool(_no_sandbox()), reason=f"no sandbox here: {_no_sandbox()}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("shop/__init__.py", "")
    made.write("shop/cart.py", CART)
    return made


def generated(world: World, *arguments: str) -> Ran:
    return world.run("tests", *arguments, "--python", sys.executable, "--seconds", "8")


def passes(world: World, file: str) -> bool:
    """Whether the file is green for anybody who runs it."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        cwd=world.project, env={"PYTHONPATH": str(world.project), "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
    )  # fmt: skip
    return ran.returncode == 0


def test_nothing_runs_before_the_folder_is_trusted(world: World) -> None:
    marker = world.project.parent / "marker"
    world.write("shop/cart.py", MARKED.format(str(marker)))
    ran = generated(world, "shop/cart.py")
    assert ran.code == 2
    assert f"coding-agent trust {world.project}" in ran.err
    assert not (world.project / "tests").exists()


def test_tests_are_written_where_they_belong(world: World) -> None:
    world.write("tests/test_other.py", "def test_other():\n    pass\n")
    before = {path: path.read_bytes() for path in world.project.rglob("*") if path.is_file()}
    world.run("trust")
    ran = generated(world, "shop/cart.py", "--format", "json")
    assert ran.code == 0, ran.err + ran.out
    (report,) = json.loads(ran.out)
    assert report["file"] == "tests/test_cart.py"
    assert report["coverage"]["after"] == 100.0
    assert report["isolation"] in ("bubblewrap", "landlock")
    text = world.read("tests/test_cart.py").decode()
    for part in ("def test_add", "def test_size", "pytest.raises(ValueError", "Full"):
        assert part in text
    assert passes(world, "tests/test_cart.py")
    assert {path: path.read_bytes() for path in before} == before


def test_one_function_only(world: World) -> None:
    ran = generated(world, "shop/cart.py::size", "--trust")
    assert ran.code == 0, ran.err + ran.out
    text = world.read("tests/test_cart.py").decode()
    assert "size" in text
    assert "Cart" not in text
    assert "branches" in ran.out


def test_a_file_that_exists_is_added_to(world: World) -> None:
    there = "from shop.cart import size\n\n\ndef test_size( ):\n    assert size(0) == 'empty'   # mine\n"
    world.write("tests/test_cart.py", there)
    ran = generated(world, "shop/cart.py", "--trust")
    assert ran.code == 0, ran.err + ran.out
    text = world.read("tests/test_cart.py").decode()
    assert "def test_size( ):\n    assert size(0) == 'empty'   # mine\n" in text
    assert len(text) > len(there)
    assert passes(world, "tests/test_cart.py")


def test_second_run_adds_nothing(world: World) -> None:
    assert generated(world, "shop/cart.py", "--trust").code == 0
    first = world.read("tests/test_cart.py")
    ran = generated(world, "shop/cart.py", "--trust")
    assert ran.code == 3, ran.err + ran.out
    assert "no useful test: the tests there are take 10 of 10 branches and kill " in ran.out
    assert "no case was found that does more" in ran.out
    assert re.search(r"  mutants   kills (\d+) of \d+ mutants \(before \1\)", ran.out)
    assert world.read("tests/test_cart.py") == first


def test_what_lives_under_the_tests_there_are_is_killed_by_another(world: World) -> None:
    world.write("shop/less.py", "def less(one: int) -> bool:\n    return one < 3\n")
    there = "from shop.less import less\n\n\ndef test_less():\n    assert less(1) is True\n"
    world.write("tests/test_less.py", there)
    ran = generated(world, "shop/less.py", "--trust", "--format", "json")
    assert ran.code == 0, ran.err + ran.out
    (report,) = json.loads(ran.out)
    assert (report["cases"], report["killed_before"], report["killed"], report["mutants"]) == (1, 1, 3, 3)
    added = world.read("tests/test_less.py").decode().removeprefix(there)
    assert "less(3)" in added
    assert "less(1)" not in added


def test_gaps_are_shown_and_nothing_is_written(world: World) -> None:
    world.write(
        "tests/test_cart.py", "from shop.cart import size\n\n\ndef test_size():\n    assert size(0) == 'empty'\n"
    )
    ran = generated(world, "shop/cart.py", "--trust", "--gaps")
    assert ran.code == 1, ran.err + ran.out
    assert "2 of 3 functions, 8 of 10 branches and the ends of 3 blocks are not tested" in ran.out
    assert "Cart.add" in ran.out
    assert world.read("tests/test_cart.py").count(b"def ") == 1


def test_no_case_is_delivered_that_another_makes_needless(world: World) -> None:
    world.write(
        "shop/twice.py", "def double(value: int) -> int:\n    return value * 2\n\n\ndef unseen(value):\n    return {}\n"
    )
    ran = generated(world, "shop/twice.py::double", "--trust", "--format", "json")
    assert ran.code == 0, ran.err + ran.out
    (report,) = json.loads(ran.out)
    assert (report["cases"], report["killed"], report["mutants"], report["functions"]) == (1, 3, 3, 2)


def test_what_cannot_be_tested_is_said(world: World) -> None:
    world.write("shop/empty.py", "VALUE = 3\n")
    ran = generated(world, "shop/empty.py", "--trust")
    assert ran.code == 3
    assert "no useful test" in ran.out
    assert not (world.project / "tests").exists()


def test_a_module_that_fails_to_import_is_said(world: World) -> None:
    world.write("shop/broken.py", "import nothing_of_this_name\n\n\ndef f(x):\n    return x\n")
    ran = generated(world, "shop/broken.py", "--trust")
    assert ran.code == 3
    assert "nothing_of_this_name" in ran.out


def test_gaps_that_cannot_be_told_are_incomplete(world: World) -> None:
    world.write("shop/broken.py", "import nothing_of_this_name\n\n\ndef f(x):\n    return x\n")
    ran = generated(world, "shop/broken.py", "--trust", "--gaps")
    assert ran.code == 4
    assert "cannot be told" in ran.out
    assert "nothing_of_this_name" in ran.out


def test_each_target_is_of_a_trusted_project(world: World) -> None:
    marker = world.project.parent / "marker"
    world.write("mine/pyproject.toml", "")
    world.write("mine/cart.py", CART)
    world.write("theirs/pyproject.toml", "")
    world.write("theirs/evil.py", MARKED.format(str(marker)))
    world.folders.config.mkdir()
    world.folders.user_file.write_text('[sandbox]\nmode = "unsafe"\n')
    world.run("trust", "mine")
    ran = generated(world, "mine/cart.py", "theirs/evil.py")
    assert ran.code == 2
    assert f"coding-agent trust {world.project / 'theirs'}" in ran.err
    ran = generated(world, "theirs/evil.py", "--project", "mine")
    assert ran.code == 2
    assert f"is not in {world.project / 'mine'}" in ran.err
    assert not marker.exists()
    assert not (world.project / "mine/tests").exists()


def test_what_is_wrong_with_one_target_is_said_before_anything_is_made(world: World) -> None:
    ran = generated(world, "shop/cart.py", "shop/nothere.py", "--trust")
    assert ran.code == 2
    assert not (world.project / "tests").exists()


def test_what_was_made_is_reported_when_a_later_target_fails(world: World) -> None:
    world.write("shop/other.py", "def double(x: int) -> int:\n    return x * 2\n")
    world.write("tests/test_other.py", "from shop.other import double\n\ndef test_mine(:\n")
    ran = generated(world, "shop/cart.py::size", "shop/other.py", "--trust")
    assert ran.code == 2
    assert "tests/test_cart.py" in ran.out
    assert "which is no Python" in ran.err
    assert "--out" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_modes_are_kept_and_new_ones_follow_the_umask(world: World) -> None:
    there = world.write("test_cart.py", "from shop.cart import size\n\n\ndef test_size():\n    assert size(0)\n")
    there.chmod(0o640)
    assert generated(world, "shop/cart.py::size", "--trust").code == 0
    assert stat.S_IMODE(there.stat().st_mode) == 0o640
    there.unlink()
    before = os.umask(0o022)
    try:
        assert generated(world, "shop/cart.py::size", "--trust").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((world.project / "tests").stat().st_mode) == 0o755
    assert stat.S_IMODE((world.project / "tests/test_cart.py").stat().st_mode) == 0o644


def test_the_reason_is_the_time_where_it_is(world: World) -> None:
    world.write("shop/slow.py", "import time\n\ntime.sleep(30)\n\n\ndef f(x: int) -> int:\n    return x\n")
    ran = world.run("tests", "shop/slow.py", "--trust", "--python", sys.executable, "--seconds", "2")
    assert ran.code == 3
    assert "the time was over before" in ran.out
    assert "the file is the last" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shop/none.py",), "no file and no module"),
        (("shop/cart.py::nothing",), "no function, method or class 'nothing'"),
        (("shop.nowhere",), "no file and no module"),
        (("--changed", "shop/cart.py"), "shop/cart.py is a file: write shop/cart.py --changed"),
        (("shop/cart.py", "--project", "nowhere"), "is no folder"),
        (("shop/cart.py", "--out", "x", "--seconds", "0"), "--seconds"),
        (("shop/cart.py", "--out", "x", "--seconds", "-1"), "--seconds takes a number from 1"),
        (("shop/cart.py", "--out", "x", "--seconds", "nan"), "--seconds"),
        (("shop/cart.py", "--out", "x", "--seconds", "inf"), "--seconds"),
        (("shop/cart.py::size", "--out", "/dev/null/x", "--seconds", "20"), "/dev/null"),
    ],
)
def test_usage(world: World, arguments: tuple[str, ...], said: str) -> None:
    ran = world.run("tests", *arguments, "--python", sys.executable, "--trust")
    assert ran.code == 2
    assert said in ran.err


def test_folders_without_init_are_packages(world: World) -> None:
    world.write("acme/billing/invoice.py", CART)
    ran = generated(world, "acme/billing/invoice.py::size", "--trust")
    assert ran.code == 0, ran.err + ran.out
    assert b"from acme.billing.invoice import size" in world.read("tests/test_invoice.py")
    assert passes(world, "tests/test_invoice.py")
    assert "run it as `python -m pytest`" in ran.out


def test_it_is_said_what_a_pytest_of_the_users_does_not_find(world: World) -> None:
    world.write("src/parcel/rates.py", CART)
    ran = generated(world, "src/parcel/rates.py::size", "--trust")
    assert ran.code == 0, ran.err + ran.out
    assert 'set pythonpath = ["src"]' in ran.out


def test_a_root_without_marks_is_found_by_what_stands_in_it(world: World) -> None:
    world.write("opt/pytest.ini", "[pytest]\n")
    world.write("opt/lib/__init__.py", "")
    world.write("opt/lib/cart.py", CART)
    ran = generated(world, "opt/lib/cart.py::size", "--trust")
    assert ran.code == 0, ran.err + ran.out
    assert b"from lib.cart import size" in world.read("opt/tests/test_cart.py")


def test_a_page_needs_nothing_else(world: World) -> None:
    ran = generated(world, "shop/cart.py::size", "--trust", "--format", "html", "--output", "report.html")
    assert ran.code == 0, ran.err
    page = world.read("report.html").decode()
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    assert "shop.cart" in page
