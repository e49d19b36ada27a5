"""Branches as git's own files tell them, on the real git."""

import subprocess
from pathlib import Path

from coding_agent.vcs.branch import branch_of, branches_of, commit_of


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_branches(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert branch_of(inner) == ""
    assert branches_of(inner) == {""}
    git(tmp_path, "init")
    assert branch_of(inner) == "main"
    assert branches_of(inner) == {"", "main"}
    git(tmp_path, "commit", "--allow-empty", "-m", "one")
    git(tmp_path, "checkout", "-b", "feature/é")
    git(tmp_path, "branch", "old")
    git(tmp_path, "pack-refs", "--all")
    git(tmp_path, "branch", "new")
    assert branch_of(inner) == "feature/é"
    assert branches_of(inner) == {"", "main", "feature/é", "old", "new"}
    git(tmp_path, "worktree", "add", "tree", "new")
    assert branch_of(tmp_path / "tree") == "new"
    assert branches_of(tmp_path / "tree") == branches_of(tmp_path)
    git(tmp_path, "checkout", "--detach")
    assert branch_of(tmp_path) == ""


def test_the_last_commit(tmp_path: Path) -> None:
    def said(folder: Path) -> str:
        ran = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    assert commit_of(tmp_path) == ""
    git(tmp_path, "init")
    assert commit_of(tmp_path) == ""
    git(tmp_path, "commit", "--allow-empty", "-m", "one")
    assert commit_of(tmp_path) == said(tmp_path)
    git(tmp_path, "worktree", "add", "tree", "-b", "other")
    git(tmp_path / "tree", "commit", "--allow-empty", "-m", "two")
    assert commit_of(tmp_path / "tree") == said(tmp_path / "tree") != commit_of(tmp_path)
    git(tmp_path, "pack-refs", "--all")
    assert commit_of(tmp_path) == said(tmp_path)
    git(tmp_path, "checkout", "--detach")
    assert commit_of(tmp_path) == said(tmp_path)
