"""What the tests of a project cover: in a real sandbox, those that are about the module first."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from coding_agent.sandbox.box import End, Ended, Ran
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.boxes import Boxes, Target
from coding_agent.testgen.existing import Suite, covered_by_tests, suite_of
from support.sandboxes import no_sandbox

LIB = "def f(x):\n    return 1 if x else 2\n"
TEST = "from helpers import ONE\nfrom shop.lib import f\n\n\ndef test_f():\n    assert f(ONE) == 1\n"


def project(root: Path, files: Mapping[str, str]) -> tuple[Target, list[Path]]:
    """The project's target and its files."""
    for name, text in {"shop/__init__.py": "", "shop/lib.py": LIB, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    target = Target(Path(sys.executable), root, "shop.lib", root / "shop/lib.py", (str(root),))
    return target, [root / name for name in files]


def suite(tests: Sequence[Path], target: Target) -> Suite:
    found = suite_of(tests, target)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", [Mode.BUBBLEWRAP, Mode.LANDLOCK])
async def test_tests_run_where_they_are_without_any_configuration(tmp_path: Path, mode: Mode) -> None:
    if why := no_sandbox(mode):
        pytest.skip(why)
    target, files = project(
        tmp_path / "work", {"tests/test_lib.py": TEST, "tests/helpers.py": "ONE = 1\n", ".env": "KEY=1\n"}
    )
    boxes = Boxes(target, mode)
    try:
        arcs, problem = await covered_by_tests(boxes, suite(files[:1], target), target, 60)
    finally:
        await boxes.close()
    assert problem == ""
    assert len(arcs) > 0


class Asked:
    """Stands in for the boxes, and keeps what is to be run."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    async def run(self, seed: int, function: str, given: Mapping[str, Any], *, wall: float) -> Ran:
        self.wanted = [Path(each).name for each in given["wanted"]]
        return Ran((), Ended(End.DONE, {"problems": [], "arcs": []}))


async def test_files_about_the_module_come_first_and_it_is_said_what_was_left_out(tmp_path: Path) -> None:
    named = {f"tests/test_a{number}.py": "# shop, lib\n" for number in range(14)}
    target, files = project(
        tmp_path,
        {**named, "tests/test_none.py": "", "tests/test_lib.py": TEST, "tests/test_z.py": "from shop import lib\n"},
    )
    asked = Asked()
    _, problem = await covered_by_tests(cast("Boxes", asked), suite(files, target), target, 60)
    assert asked.wanted[:2] == ["test_lib.py", "test_z.py"]
    assert len(asked.wanted) == 12
    assert problem == "4 of 16 files that name the module were not run"
