"""When boxes of the last generation are used again, and when not. A box is started only where its rung matters."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from coding_agent.sandbox import rungs
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


async def test_a_secret_that_is_saved_anew_is_hidden_from_the_next_boxes(environment: Path) -> None:
    """What covers a file in a box is gone when another file takes its name."""
    warm = Warm()
    wanted = target(environment)
    (wanted.project / ".env").write_text("TOKEN=1\n")
    first = await warm.take(wanted, Mode.AUTO)
    assert same(first, await warm.take(wanted, Mode.AUTO))
    save(wanted.project / ".env", "TOKEN=2\n")
    assert not same(first, await warm.take(wanted, Mode.AUTO))


@pytest.mark.parametrize("mode", [Mode.BUBBLEWRAP, Mode.LANDLOCK])
async def test_files_beside_a_secret_may_change(environment: Path, mode: Mode) -> None:
    """On the second rung each has a rule of its own, so a new one cannot be read in a box that is open."""
    if sys.platform != "linux" or not any(each.ok and each.rung == mode.value for each in rungs.ladder()):
        pytest.skip(f"{mode} does not work here")
    warm = Warm()
    wanted = replace(target(environment), interpreter=Path(sys.executable))
    for name in (".env", "cart.py", "deep/bill.py"):
        save(wanted.project / name, "before\n")
    first = await warm.take(wanted, mode)
    await first.of(0)
    save(wanted.project / "deep" / "bill.py", "after\n")
    assert same(first, await warm.take(wanted, mode))
    save(wanted.project / "cart.py", "after\n")
    second = await warm.take(wanted, mode)
    assert same(first, second) is (mode is Mode.BUBBLEWRAP)
    await warm.close()


def save(path: Path, text: str) -> None:
    """Save as many editors do: another file takes the name."""
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


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
