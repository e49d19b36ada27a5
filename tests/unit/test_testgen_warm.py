"""When boxes of the last generation are used again, and when not. No box is started here."""

import os
from pathlib import Path

import pytest

from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.boxes import Boxes, Target
from coding_agent.testgen.warm import Warm


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    packages = tmp_path / "env/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "env/pyvenv.cfg").write_text("version = 3.11\n")
    return tmp_path / "env"


def target(environment: Path, module: str = "shop.cart", project: str = "project") -> Target:
    root = environment.parent / project
    root.mkdir(exist_ok=True)
    return Target(environment / "bin/python", root, module, root / "cart.py", (str(root),))


def same(one: Boxes, other: Boxes) -> bool:
    return one.warmed is other.warmed


async def test_the_next_module_of_a_project_gets_the_same_boxes(environment: Path) -> None:
    warm = Warm()
    first = await warm.take(target(environment), Mode.AUTO)
    second = await warm.take(target(environment, "shop.bill"), Mode.AUTO)
    assert same(first, second)
    assert (first.target.module, second.target.module) == ("shop.cart", "shop.bill")


async def test_files_of_the_project_may_change(environment: Path) -> None:
    warm = Warm()
    wanted = target(environment)
    first = await warm.take(wanted, Mode.AUTO)
    (wanted.project / "cart.py").write_text("x = 1\n")
    assert same(first, await warm.take(wanted, Mode.AUTO))


async def test_installed_packages_may_not(environment: Path) -> None:
    warm = Warm()
    first = await warm.take(target(environment), Mode.AUTO)
    packages = environment / "lib/python3.11/site-packages"
    os.utime(packages, ns=(1, 1))
    assert not same(first, await warm.take(target(environment), Mode.AUTO))


async def test_a_new_secret_is_hidden_from_the_next_boxes(environment: Path) -> None:
    warm = Warm()
    wanted = target(environment)
    first = await warm.take(wanted, Mode.AUTO)
    (wanted.project / ".env").write_text("TOKEN=1\n")
    assert not same(first, await warm.take(wanted, Mode.AUTO))


async def test_a_package_that_boxes_imported_is_tested_in_others(environment: Path) -> None:
    warm = Warm()
    first = await warm.take(target(environment), Mode.AUTO)
    first.warmed.update(("requests", "requests.models"))
    assert same(first, await warm.take(target(environment, "shop.bill"), Mode.AUTO))
    assert not same(first, await warm.take(target(environment, "requests.models"), Mode.AUTO))


async def test_boxes_in_which_an_import_failed_are_not_used_again(environment: Path) -> None:
    warm = Warm()
    first = await warm.take(target(environment), Mode.AUTO)
    first.failed = True
    assert not same(first, await warm.take(target(environment), Mode.AUTO))


async def test_the_last_two_projects_stay_warm(environment: Path) -> None:
    warm = Warm()
    made = {name: await warm.take(target(environment, project=name), Mode.AUTO) for name in ("one", "two")}
    assert same(made["one"], await warm.take(target(environment, project="one"), Mode.AUTO))
    await warm.take(target(environment, project="three"), Mode.AUTO)
    assert same(made["one"], await warm.take(target(environment, project="one"), Mode.AUTO))
    assert not same(made["two"], await warm.take(target(environment, project="two"), Mode.AUTO))
