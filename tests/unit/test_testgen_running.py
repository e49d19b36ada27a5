"""How test files are run inside of a box: where they lie, what of them is heard, what of the machine they see."""

from pathlib import Path
from typing import Any

from support.inside import run_inside

RUN = """
import sys
said = []
project = str(folder / "project")
for path in {paths!r}:
    sys.path.insert(0, str(folder / "project" / path))
found = inside("testing").run(said.append, {files!r}, {wanted!r}, project=project, **{options!r})
tell([{{each["test"]: [] for each in said}}, [[each["test"], each["row"], each["outcome"]] for each in said],
      found["problems"], found["arcs"]])
"""


def run(
    tmp_path: Path, project: dict[str, str], files: dict[str, str], *wanted: str, path: str = "", **options: object
) -> Any:
    """Outcomes by test and row, what could not be collected, and arcs."""
    script = RUN.format(files=files, wanted=list(wanted or files), options=options, paths=[path])
    found = run_inside(tmp_path, {f"project/{name}": text for name, text in project.items()}, script)
    return found[1:]


TEST = "from {} import make\n\n\ndef test_it():\n    assert make() == 1\n"
LIB = "def f(x):\n    return 1 if x else 2\n\n\ndef registered():\n    return f(0)\n\n\nregistered()\n"


def test_what_lies_beside_a_test_is_beside_it(tmp_path: Path) -> None:
    there = {"tests/unit/helpers.py": "def make():\n    return 1\n"}
    outcomes, problems, _ = run(tmp_path, there, {"tests/unit/test_a.py": TEST.format("helpers")})
    assert (outcomes, problems) == ([["test_it", 0, "passed"]], [])
    packages = {**there, "tests/__init__.py": "", "tests/unit/__init__.py": ""}
    outcomes, problems, _ = run(tmp_path, packages, {"tests/unit/test_a.py": TEST.format(".helpers")})
    assert (outcomes, problems) == ([["test_it", 0, "passed"]], [])


def test_the_conftest_of_its_own_folder_is_read(tmp_path: Path) -> None:
    there = {
        "conftest.py": "",
        "tests/unit/conftest.py": "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef no():\n    raise OSError\n",
    }
    outcomes, _, _ = run(tmp_path, there, {"tests/unit/test_a.py": "def test_it():\n    pass\n"})
    assert outcomes == [["test_it", 0, "error"]]


def test_the_file_of_the_user_is_not_run_in_the_place_of_ours(tmp_path: Path) -> None:
    there = {"tests/test_a.py": "def test_theirs():\n    pass\n"}
    outcomes, _, _ = run(tmp_path, there, {"tests/test_a.py": "def test_ours():\n    pass\n"})
    assert outcomes == [["test_ours", 0, "passed"]]
    assert (tmp_path / "project/tests/test_a.py").read_text() == there["tests/test_a.py"]


def test_tests_run_in_the_folder_of_the_project(tmp_path: Path) -> None:
    there = {"setup.cfg": "[tool]\n", "beside.py": "def make():\n    return 1\n"}
    text = "import os\n\n\ndef test_it():\n    assert os.path.exists('setup.cfg')\n\n\n" + TEST.format("beside")
    assert run(tmp_path, there, {"tests/test_a.py": text}, from_root=True)[0] == [["test_it", 0, "passed"]]
    assert run(tmp_path, {"setup.cfg": ""}, {"tests/test_a.py": text.partition("from beside")[0]})[0] == [
        ["test_it", 0, "failed"]
    ]


def test_each_row_of_a_case_is_heard(tmp_path: Path) -> None:
    text = (
        "import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_it(self):\n"
        "        for x in (1, 2, 3):\n            with self.subTest(x=x):\n                self.assertNotEqual(x, 2)\n"
    )
    outcomes, _, _ = run(tmp_path, {}, {"test_a.py": text})
    assert outcomes == [["TestA.test_it", 0, "passed"], ["TestA.test_it", 1, "failed"], ["TestA.test_it", 2, "passed"]]


def test_branches_of_tests_that_fail_and_of_the_import_do_not_count(tmp_path: Path) -> None:
    def arcs(body: str) -> Any:
        text = f"from lib import f\n\n\ndef test_it():\n    {body}\n"
        path = tmp_path / "project/tests/test_lib.py"
        return run(tmp_path, {"lib.py": LIB, "tests/test_lib.py": text}, {}, str(path), module="lib")[2]

    assert arcs("pass") == []
    assert arcs("assert f(1) == 3") == []
    assert len(arcs("assert f(1) == 1")) > 0


MACHINE = """
import os, shutil, time, getpass, platform, sys, socket
def asked():
    return [
        os.cpu_count(), getpass.getuser(), time.tzname[0], shutil.get_terminal_size().columns, platform.system(),
        platform.node(), os.getuid(), sys.platform, socket.gethostname(), sys.argv[0], sys.version,
    ]
def held():
    return [sys.version_info >= (3, 9), sys.version_info.major, sys.maxsize > 1]
"""
ASK = """
import os, m
here, held = m.asked(), m.held()
del sys.modules["m"]
machine = inside("machine")
machine.pretend("m")
inside("main_module").as_a_script(True)
import m, platform, tempfile
machine.with_other_system(m)
there = m.asked()
m.sys.stdout = sys.stdout
tell([[at for at, (one, other) in enumerate(zip(here, there)) if one == other], held == m.held(),
      platform.system() == "Darwin", os.getuid() == os.stat(tempfile.mkdtemp()).st_uid, sys.platform])
"""


def test_another_machine_is_seen_by_the_projects_code_alone(tmp_path: Path) -> None:
    assert run_inside(tmp_path, {"m.py": MACHINE}, ASK) == [[], True, False, True, "linux"]
