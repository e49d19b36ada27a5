"""What a run reaches of the machine is seen, and a test gets folders of its own instead."""

from pathlib import Path
from typing import Any

import pytest

from support.inside import interpreters, run_inside

RUN = """
os.environ["HOME"] = str(folder) + "-home"
engine = engine_of("m")
outcome = engine.run_apart(candidate("f", {args}))
patches = [[one.owner, one.attribute, one.code, one.how] for one in outcome.candidate.patches]
tell([outcome.kind, outcome.strays, patches, sorted(outcome.candidate.fixtures), list(outcome.touched.sought)])
"""
FOLDER = ["", "", "tmp_path", "chdir"]


def reached(folder: Path, source: str, args: str = "", python: str = "") -> Any:
    chosen = {"python": python} if python else {}
    return run_inside(
        folder, {"m.py": f"import os\nfrom pathlib import Path\n{source}"}, RUN.format(args=args), **chosen
    )


@pytest.mark.parametrize("python", interpreters().values(), ids=interpreters())
@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Path('state.json').exists()", id="a look"),
        pytest.param("os.path.isfile('state.json')", id="a look by os.path"),
        pytest.param("os.access('state.json', os.R_OK)", id="whether it may be read"),
        pytest.param("Path('state.json').unlink(missing_ok=True)", id="a deletion"),
        pytest.param("open('state.json', 'w').close()", id="a file that is written"),
        pytest.param("list(Path('.').glob('*.log'))", id="a search"),
        pytest.param("os.listdir()", id="a list"),
        pytest.param("Path(os.getcwd(), 'state.json').exists()", id="a path in full"),
    ],
)
def test_working_directory_becomes_one_of_the_test(tmp_path: Path, body: str, python: str) -> None:
    kind, strays, patches, fixtures, _ = reached(tmp_path, f"def f():\n    {body}\n", python=python)

    assert (kind, strays, patches, fixtures) == ("value", False, [FOLDER], ["tmp_path"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("return 3", id="nothing"),
        pytest.param("return os.path.join('a', 'b')", id="a path that is only made"),
        pytest.param(
            "import tempfile\n    with tempfile.TemporaryFile() as file:\n        file.write(b'x')", id="temporary"
        ),
        pytest.param("import colorsys", id="an import"),
        pytest.param("return Path(os.__file__).exists()", id="the library"),
        pytest.param("open(os.devnull, 'w').close()", id="a device"),
    ],
)
def test_what_nobody_owns_is_left(tmp_path: Path, body: str) -> None:
    assert reached(tmp_path, f"def f():\n    {body}\n")[:4] == ["value", False, [], []]


def test_folder_that_is_given_is_the_tests_own(tmp_path: Path) -> None:
    found = reached(tmp_path, "def f(path):\n    path.write_text('x')\n", "'tmp_path / \"a\"', fixtures=('tmp_path',)")

    assert found[:4] == ["value", False, [], ["tmp_path"]]


@pytest.mark.parametrize("python", interpreters().values(), ids=interpreters())
def test_home_becomes_one_of_the_test(tmp_path: Path, python: str) -> None:
    _, strays, patches, _, _ = reached(tmp_path, "def f():\n    (Path.home() / '.rc').exists()\n", python=python)

    assert (strays, patches) == (False, [["os.environ", "HOME", "str(tmp_path)", "setenv"]])


@pytest.mark.parametrize(("made", "code"), [("Path({})", "tmp_path / 'rc'"), ("{}", "str(tmp_path / 'rc')")])
def test_constant_that_names_a_place_is_replaced(tmp_path: Path, made: str, code: str) -> None:
    constant = made.format("os.path.expanduser('~/rc')")
    found = reached(tmp_path, f"RC = {constant}\n\ndef f():\n    return os.path.exists(RC)\n")

    assert found[:3] == ["value", False, [["m", "RC", code, "setattr"]]]


def test_file_elsewhere_that_is_deleted_is_no_test(tmp_path: Path) -> None:
    source = "def f():\n    try:\n        os.remove('/srv/nothing/here')\n    except OSError:\n        return 3\n"

    assert reached(tmp_path, source)[1] is True


def test_variable_that_the_project_reads_is_unset(tmp_path: Path) -> None:
    found = reached(tmp_path, "def f():\n    return os.environ.get('APP_TOKEN') or os.getenv('APP_KEY')\n")

    assert found[2] == [["os.environ", "APP_KEY", "", "delenv"], ["os.environ", "APP_TOKEN", "", "delenv"]]


def test_variable_that_only_a_library_reads_is_left(tmp_path: Path) -> None:
    source = "import shutil\n\ndef f():\n    shutil.get_terminal_size()\n"

    assert reached(tmp_path, source)[2] == []


def test_names_that_were_looked_for(tmp_path: Path) -> None:
    found = reached(
        tmp_path, "def f():\n    return [Path(one).exists() for one in ('a.json', 'conf/b', '../c', '/d')]\n"
    )

    assert found[4] == ["a.json", "conf/b"]
