"""What installed packages offer to a project that needs them."""

from pathlib import Path

import pytest

from coding_agent.search.chunks import chunks
from coding_agent.search.libraries import is_public, needed, offers


def installed(site: Path, name: str, files: dict[str, str]) -> None:
    """A package as an installer leaves it."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in [*files, f"{info.name}/METADATA"]))
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "environment/lib/python3.11/site-packages"
    installed(folder, "Till_Roll", {"till/__init__.py": "", "till/paper.py": "", "tests/test_till.py": ""})
    installed(folder, "money.tools", {"money/__init__.py": "", "../../../bin/money": "", "rates.py": ""})
    installed(folder, "unasked", {"unasked/__init__.py": ""})
    return folder


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["till-roll>=1", "Money_Tools[all]; python_version > \'3\'"]\n'),
        ("pyproject.toml", '[project.optional-dependencies]\nall = ["till.roll"]\nmore = ["money-tools"]\n'),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "*"\ntill-roll = "*"\nmoney-tools = {version = "*"}\n',
        ),
        ("requirements-dev.txt", "# ours\n-r other.txt\n  till_roll == 1.0 # paper\nmoney-tools\n--hash=x\n"),
    ],
)
def test_what_a_project_says_it_needs(tmp_path: Path, site: Path, file: str, text: str):
    project = tmp_path / "project"
    project.mkdir()
    (project / file).write_text(text)
    assert needed(project, [project, site]) == [site / "money", site / "till"]


@pytest.mark.parametrize("text", ["[project", "project = 3\n", '[project]\ndependencies = "till-roll"\n', "\xff"])
def test_what_cannot_be_read_needs_nothing(tmp_path: Path, site: Path, text: str):
    (tmp_path / "pyproject.toml").write_text(text)
    assert needed(tmp_path, [site]) == []


def test_only_folders_of_installers_are_looked_into(tmp_path: Path, site: Path):
    (tmp_path / "requirements.txt").write_text("till-roll\n")
    assert needed(tmp_path, [site.parent, tmp_path]) == []


def test_public_is_what_has_a_public_name():
    code = "def total(rows): ...\n\ndef _sum(rows): ...\n\nclass Till:\n    def total(self): ...\n\nX = 1\n"
    found = [chunk.name for chunk in chunks(code) if is_public("till/paper.py", chunk)]
    assert found == ["total"]
    assert offers("__init__.py")
    assert not any(map(offers, ("_core/paper.py", "till/_paper.py", "tests/helpers.py", "till/test_paper.py")))
