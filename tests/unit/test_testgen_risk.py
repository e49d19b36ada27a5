"""What makes a function risky."""

import shutil
import subprocess
from pathlib import Path

import pytest

from coding_agent.testgen.risk import Risks, risks

CODE = """\
def old(x):
    return x


class Cart:
    def pay(self, text):
        return eval(text)
"""


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Me", "-c", "user.email=me@here", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


async def test_findings_count_for_the_function_they_are_in(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(CODE)
    assert await risks(file, CODE.encode(), tmp_path) == Risks({"Cart.pay": ("eval-used",)}, {})
    assert (await risks(file, b"def f(:\n", tmp_path)).findings == {}


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
async def test_changes_are_the_commits_of_the_lines(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    file = tmp_path / "pkg" / "a.py"
    file.parent.mkdir()
    for text in (CODE, CODE.replace("(text)\n", "(text)  # twice\n"), CODE.replace("eval(text)", "eval(text + '')")):
        file.write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", "one")
    # What is not committed does not count, and does not move the others.
    file.write_text("import os\n\n" + text)
    found = await risks(file, file.read_bytes(), tmp_path / "pkg")
    assert found.changes == {"old": 1, "Cart.pay": 2}
    assert found.findings == {"Cart.pay": ("eval-used",)}
    assert (await risks(tmp_path / "new.py", CODE.encode(), tmp_path)).changes == {}
