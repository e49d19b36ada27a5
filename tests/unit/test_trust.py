"""Trust: the decision and its file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from threading import Barrier

import pytest

from coding_agent.errors import UserError
from coding_agent.store.trust import TrustStore
from coding_agent.workspace.trust import Trust

A, AB, ABC = PurePosixPath("/a"), PurePosixPath("/a/b"), PurePosixPath("/a/b/c")


def test_nobody_is_trusted_at_first() -> None:
    assert Trust().answer(A) is None
    assert not Trust().is_trusted(A)


def test_a_trusted_parent_counts() -> None:
    trust = Trust().trusting(A)
    assert trust.is_trusted(ABC)
    assert not trust.is_trusted(PurePosixPath("/ab"))


def test_the_nearest_answer_decides() -> None:
    trust = Trust().trusting(A).refusing(AB)
    assert trust.is_trusted(A)
    assert trust.answer(ABC) is False
    assert trust.trusting(A).is_trusted(ABC), "trusting a folder again forgets refusals below it"


def test_refusing_takes_back_what_is_below() -> None:
    assert Trust().trusting(ABC).refusing(A).answer(ABC) is False
    assert Trust().trusting(A).forgetting(A).answer(A) is None


def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "state" / "trust.json")


def project(tmp_path: Path, name: str = "project") -> Path:
    folder = tmp_path / name / "src"
    folder.mkdir(parents=True)
    return folder.parent


def test_trust_is_kept(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert store(tmp_path).answer(root) is None
    store(tmp_path).trust(root)
    assert store(tmp_path).is_trusted(root / "src")
    store(tmp_path).distrust(root / "src")
    assert store(tmp_path).answer(root / "src") is False
    store(tmp_path).forget(root / "src")
    assert store(tmp_path).is_trusted(root / "src"), "the parent's answer counts again"
    assert store(tmp_path).load().problem is None


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_file_is_private(tmp_path: Path) -> None:
    trusted = store(tmp_path)
    trusted.trust(project(tmp_path))
    assert stat.S_IMODE(trusted.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(trusted.path.parent.stat().st_mode) == 0o700
    assert [item.name for item in trusted.path.parent.iterdir()] == ["trust.json"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_real_paths_count(tmp_path: Path) -> None:
    trusted, other = project(tmp_path), project(tmp_path, "other")
    (tmp_path / "link").symlink_to(trusted)
    (trusted / "escape").symlink_to(other)
    store(tmp_path).trust(tmp_path / "link")
    assert store(tmp_path).is_trusted(trusted)
    assert not store(tmp_path).is_trusted(trusted / "escape"), "a link out of a trusted folder is not trusted"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": 2, "trusted": ["/"], "refused": []}',
        b'{"version": 1, "trusted": ["relative"], "refused": []}',
        b'{"version": 1, "trusted": [1], "refused": []}',
    ],
)
def test_a_broken_file_trusts_nobody_and_says_so(tmp_path: Path, content: bytes) -> None:
    root = project(tmp_path)
    trusted = store(tmp_path)
    trusted.trust(root)
    trusted.path.write_bytes(content)
    assert trusted.answer(root) is None
    problem = trusted.load().problem
    assert problem is not None
    assert "no folder is trusted" in problem
    assert str(trusted.path) in problem
    with pytest.raises(UserError, match="is broken"):
        trusted.trust(root)
    assert trusted.path.read_bytes() == content, "what cannot be read is not overwritten"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_file_that_others_can_write_trusts_nobody(tmp_path: Path) -> None:
    root = project(tmp_path)
    trusted = store(tmp_path)
    trusted.trust(root)
    trusted.path.chmod(0o620)
    assert not trusted.is_trusted(root)
    assert "other users" in (trusted.load().problem or "")


def test_more_than_a_project_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "users" / "me")
    root = project(tmp_path, "users/me/project")
    everybodys = project(tmp_path, "everybodys")
    everybodys.chmod(0o1777)
    for folder, why in (
        (root.parent, "your home folder"),
        (root.parent.parent, "holds your home"),
        (everybodys, "everybody writes to"),
    ):
        with pytest.raises(UserError, match=why):
            store(tmp_path).trust(folder)
    store(tmp_path).trust(root)
    store(tmp_path).trust(everybodys / "src")


def test_no_answer_is_lost(tmp_path: Path) -> None:
    roots = [project(tmp_path, f"project{number}") for number in range(8)]
    begin = Barrier(len(roots))

    def answer(root: Path) -> None:
        begin.wait()
        store(tmp_path).trust(root)

    with ThreadPoolExecutor(len(roots)) as threads:
        list(threads.map(answer, roots))
    assert store(tmp_path).load().trust.roots == frozenset(roots)


def test_a_state_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UserError, match="cannot be"):
        store(tmp_path).trust(project(tmp_path))


def test_what_cannot_be_trusted(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a folder"):
        store(tmp_path).trust(tmp_path / "nowhere")
    with pytest.raises(UserError, match="whole file system"):
        store(tmp_path).trust(Path(tmp_path.anchor))
    assert not store(tmp_path).path.exists()
