"""What git is asked, in repositories whose configuration and contents mean no good."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from coding_agent.errors import UsageError
from coding_agent.vcs.git import Git

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here"),
    pytest.mark.skipif(os.name == "nt", reason="programs here are shell scripts"),
]


class Repository:
    """A repository with one commit; ``ran`` tells whether a program of its own was run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marker = folder / "project", folder / "ran"
        self.folder.mkdir()
        self.git("init", "-q")
        self.write("a.py", "A = 1\n")
        self.write("pkg/b.py", "B = 1\n")

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Me", "-c", "user.email=me@here", "-c", "commit.gpgsign=false")
        ran = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    def commit(self) -> str:
        self.git("add", ".")
        self.git("commit", "-q", "-m", "one")
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    @property
    def evil(self) -> str:
        return f"touch '{self.marker}'; cat"

    @property
    def asked(self) -> Git:
        return Git(self.folder, {"PATH": f"{self.folder}/.venv/bin:/usr/bin:/bin"})


@pytest.fixture
def there(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


async def test_no_filter_of_the_repository_runs(there: Repository, tmp_path: Path) -> None:
    there.write(".gitattributes", "*.py filter=evil diff=evil\n")
    known = there.commit()
    for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv"):
        there.git("config", key, there.evil)
    there.git("config", "diff.external", there.evil)
    there.git("config", "core.fsmonitor", there.evil)
    file = there.write("a.py", "A = 2\n")
    asked = there.asked
    assert await asked.base() == known
    assert await asked.changed_files(known) == [file]
    assert await asked.text_at(known, file) == "A = 1\n"
    assert await asked.blamed(file) == ("A = 1\n", [known])
    into = tmp_path / "into"
    into.mkdir()
    await asked.checked_out(known, into)
    assert (into / "a.py").read_text() == "A = 1\n"
    assert not there.marker.exists()


async def test_what_a_partial_clone_lacks_is_not_fetched(there: Repository) -> None:
    known = there.commit()
    digest = there.git("rev-parse", "HEAD:a.py")
    for key, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", "ssh://nobody.invalid/x"),
        ("remote.origin.promisor", "true"),
        ("protocol.ssh.allow", "always"),
        ("core.sshCommand", there.evil),
    ):
        there.git("config", key, value)
    (there.folder / ".git/objects" / digest[:2] / digest[2:]).unlink()
    with pytest.raises(UsageError, match=r"git cannot give a\.py"):
        await there.asked.text_at(known, there.folder / "a.py")
    assert not there.marker.exists()


async def test_no_git_of_the_project_runs(there: Repository) -> None:
    there.commit()
    git = there.write(".venv/bin/git", f"#!/bin/sh\n{there.evil}\n")
    git.chmod(0o755)
    await there.asked.base()
    assert not there.marker.exists()


async def test_all_files_of_a_commit_and_no_link_out_of_it(there: Repository, tmp_path: Path) -> None:
    there.write(".gitattributes", "pkg export-ignore\na.py export-subst\n")
    there.write("a.py", "A = '$Format:%H$'\n").chmod(0o755)
    for name, target in {
        "inside": "pkg/b.py",
        "pkg/up": "../a.py",
        "absolute": "/etc",
        "out": "../x",
        "winding": "pkg/../../x",
    }.items():
        (there.folder / name).symlink_to(target)
    known = there.commit()
    into = tmp_path / "into"
    into.mkdir()
    await there.asked.checked_out(known, into)
    found = {path.relative_to(into).as_posix() for path in into.rglob("*") if not path.is_dir() or path.is_symlink()}
    assert found == {".gitattributes", "a.py", "pkg/b.py", "inside", "pkg/up"}
    assert (into / "a.py").read_text() == "A = '$Format:%H$'\n"
    assert os.access(into / "a.py", os.X_OK)
    assert (into / "inside").read_text() == "B = 1\n"


async def test_what_changed_is_a_file_with_another_text(there: Repository) -> None:
    there.write("gone.py", "")
    there.write(".gitignore", "ignored.py\n")
    known = there.commit()
    there.write("a.py", "A = 1\r\n")
    there.write("ignored.py", "")
    there.write("notes.txt", "")
    (there.folder / "gone.py").unlink()
    (there.folder / "dangling.py").symlink_to("nowhere.py")
    changed, new = there.write("pkg/b.py", "B = 2\n"), there.write("new.py", "")
    assert await there.asked.changed_files(known) == [new, changed]
    below = Git(there.folder / "pkg", {})
    assert await below.changed_files(known) == [changed]
    assert await below.text_at(known, new) is None


async def test_why_git_cannot_tell(there: Repository, tmp_path: Path) -> None:
    known = there.commit()
    with pytest.raises(UsageError, match="no revision 'none'"):
        await there.asked.commit("none")
    with pytest.raises(UsageError, match="is in no git repository"):
        await Git(tmp_path, {}).commit("HEAD")
    with pytest.raises(UsageError, match="is not in the git repository"):
        await there.asked.text_at(known, tmp_path / "other.py")
