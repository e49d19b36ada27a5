"""What is said of a module that cannot be read or imported."""

from pathlib import Path

import pytest

from coding_agent.testgen.problems import told

PYTHON = Path("/venv/bin/python")
FRAMES = """\
Traceback (most recent call last):
  File "/runner/child.py", line 90, in run
  File "{file}", line 3
    match x:
          ^
"""


def said_of(folder: Path, text: str, error: str) -> str:
    file = folder / "shop" / "cart.py"
    file.parent.mkdir()
    file.write_text(text)
    return told(FRAMES.format(file=file) + error, PYTHON, folder)


def test_a_file_that_no_python_reads(tmp_path: Path) -> None:
    assert said_of(tmp_path, "def f(:\n", "SyntaxError: invalid syntax (read by Python 3.9)\n") == (
        "shop/cart.py, line 3: /venv/bin/python cannot read it: invalid syntax (read by Python 3.9)"
    )


@pytest.mark.parametrize("text", ["match x:\n    case 1: pass\n", "class C[T]: pass\n"])
def test_a_file_that_a_newer_python_reads(tmp_path: Path, text: str) -> None:
    assert said_of(tmp_path, text, "SyntaxError: invalid syntax (read by Python 3.9)\n").endswith(
        "(read by Python 3.9); a newer Python reads it: name one with --python"
    )


def test_an_indentation_in_a_file_elsewhere(tmp_path: Path) -> None:
    said = FRAMES.format(file="/lib/other.py") + "IndentationError: unexpected indent (read by Python 3.9)"
    assert told(said, PYTHON, tmp_path).startswith("/lib/other.py, line 3: /venv/bin/python cannot read it")


def test_a_package_that_is_not_installed(tmp_path: Path) -> None:
    said = "Traceback\nModuleNotFoundError: No module named 'pandas.io'\n"
    assert told(said, PYTHON, tmp_path) == (
        "/venv/bin/python has no module 'pandas.io': install it there, or name the Python of the project's own "
        "environment (--python)"
    )


def test_a_module_of_the_project_is_nothing_to_install(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    said = "Traceback\nModuleNotFoundError: No module named 'shop.none'\n"
    assert told(said, PYTHON, tmp_path) == "ModuleNotFoundError: No module named 'shop.none'"


@pytest.mark.parametrize("said", ["Traceback\n  File\nZeroDivisionError: no", "ZeroDivisionError: no\n"])
def test_all_else_is_its_last_line(tmp_path: Path, said: str) -> None:
    assert told(said, PYTHON, tmp_path) == "ZeroDivisionError: no"
