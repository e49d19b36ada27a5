"""What is said where only our runs put the folder of the imports on the path."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.advice import advice, is_installed
from coding_agent.testgen.boxes import Boxes, Target
from coding_agent.testgen.layout import Place
from coding_agent.testgen.modules import source_at
from support.sandboxes import no_sandbox

SRC = {"src/parcel/__init__.py": "", "src/parcel/rates.py": ""}
FLAT = {"shop/__init__.py": "", "shop/cart.py": ""}
BUILT = {"pyproject.toml": '[project]\nname = "parcel"\nversion = "1"\n'}
PLAIN = "python -m pytest"
SET = 'set pythonpath = ["src"]'


def advised(root: Path, files: Mapping[str, str], module: str, tests: int = 0) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    place = Place(root / "tests/test_it.py", False, "")
    return advice(source_at(root / module, root), place, root, [root / "tests/test_other.py"] * tests)


@pytest.mark.parametrize(
    ("files", "module", "said"),
    [
        (SRC, "src/parcel/rates.py", SET),
        ({**SRC, **BUILT}, "src/parcel/rates.py", f"python -m pip install -e .`) or {SET}"),
        ({**SRC, "pytest.ini": "[pytest]\ntestpaths = tests\n"}, "src/parcel/rates.py", SET),
        ({**SRC, "pytest.ini": "[pytest]\npythonpath = src\n"}, "src/parcel/rates.py", ""),
        ({**SRC, "tests/conftest.py": "import sys\n\nsys.path.insert(0, 'src')\n"}, "src/parcel/rates.py", ""),
        ({**SRC, "conftest.py": ""}, "src/parcel/rates.py", SET),
        (FLAT, "shop/cart.py", PLAIN),
        ({**FLAT, **BUILT}, "shop/cart.py", PLAIN),
        ({**FLAT, "conftest.py": ""}, "shop/cart.py", ""),
        ({**FLAT, "tests/conftest.py": ""}, "shop/cart.py", PLAIN),
        ({**FLAT, "tests/__init__.py": ""}, "shop/cart.py", ""),
        ({**FLAT, "pytest.ini": "[pytest]\npythonpath = .\n"}, "shop/cart.py", ""),
        (
            {**FLAT, "conftest.py": "", "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n"},
            "shop/cart.py", PLAIN,
        ),
    ],
    ids=["src", "src of a project", "src with a configuration", "pythonpath", "a conftest's path",
         "a conftest at the root", "flat", "flat project", "flat with a conftest at the root", "flat with one in tests",
         "tests as a package", "pythonpath of the root", "importlib"],
)  # fmt: skip
def test_what_pytest_does_not_find_is_said(tmp_path: Path, files: dict[str, str], module: str, said: str) -> None:
    found = advised(tmp_path, files, module)
    assert said in found
    assert bool(found) == bool(said)


def test_who_has_tests_knows_how_to_run_them(tmp_path: Path) -> None:
    assert advised(tmp_path / "flat", FLAT, "shop/cart.py", tests=1) == ""
    assert SET in advised(tmp_path / "src", SRC, "src/parcel/rates.py", tests=1)


@pytest.mark.skipif(bool(no_sandbox()), reason=f"no sandbox here: {no_sandbox()}")
@pytest.mark.parametrize(
    ("module", "found"),
    [("pytest", True), ("_pytest.mark.structures", True), ("shop.cart", False), ("_pytest.nothing", False)],
)
async def test_what_is_installed_is_found_without_our_folders(tmp_path: Path, module: str, found: bool) -> None:
    project = tmp_path / "work"
    (project / "shop").mkdir(parents=True)
    (project / "shop/cart.py").write_text("")
    boxes = Boxes(Target(Path(sys.executable), project, module, project / "shop/cart.py", (str(project),)), Mode.AUTO)
    try:
        assert await is_installed(boxes) is found
    finally:
        await boxes.close()
