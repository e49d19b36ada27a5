"""Where lines come from, of a real repository."""

import subprocess
from pathlib import Path

import pytest

from coding_agent.vcs.git import Git
from coding_agent.vcs.history import History

ENV = {
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "HOME": "/nonexistent",
}


def commit(folder: Path, message: str, author: str, day: int) -> str:
    when = f"{1_700_000_000 + 86_400 * day} +0000"
    who = {
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "x",
        "GIT_COMMITTER_EMAIL": "x@b",
    }
    env = {**ENV, **who, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    for command in (["add", "-A"], ["commit", "-q", "-m", message]):
        subprocess.run(["git", *command], cwd=folder, env=env, check=True)
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, env=ENV, check=True)
    return tmp_path


async def history(path: Path) -> History | None:
    return await Git(path.parent, ENV).history(path.resolve())


async def test_the_last_change_of_some_lines(repository: Path) -> None:
    file = repository / "a b.py"
    file.write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    first = commit(repository, "Begin\n\nwith more", "Ann", 0)
    file.write_text("def one():\n    return 1\n\n\ndef two():\n    return 22\n")
    second = commit(repository, "Make two larger", "Bob", 1)
    found = await history(file)
    assert found is not None
    assert found.lines == tuple(file.read_text().splitlines())
    one, two = found.last(["def one():", "    return 1"]), found.last(["def two():", "    return 22"])
    assert one is not None
    assert (one.commit, one.author, one.summary, one.when) == (first, "Ann", "Begin", 1_700_000_000)
    assert two is not None
    assert (two.commit, two.author, two.summary) == (second, "Bob", "Make two larger")
    assert found.last(["def two():", "    return 3"]) is None
    assert found.last([]) is None


async def test_lines_with_other_ends(repository: Path) -> None:
    file = repository / "a.py"
    file.write_bytes(b"def one():\r\n\treturn 1\r\n")
    commit(repository, "Begin", "Ann", 0)
    found = await history(file)
    assert found is not None
    assert found.lines == ("def one():", "\treturn 1")


async def test_there_is_none(tmp_path: Path, repository: Path) -> None:
    file = repository / "new.py"
    file.write_text("x = 1\n")
    assert await history(file) is None  # No commit.
    (repository / "other.py").write_text("")
    subprocess.run(["git", "add", "other.py"], cwd=repository, env=ENV, check=True)
    file.unlink()
    commit(repository, "Begin", "Ann", 0)
    file.write_text("x = 1\n")
    assert await history(file) is None  # Not committed.
