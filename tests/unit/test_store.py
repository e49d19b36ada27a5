"""Files we write: atomic, private, listed, removable; a broken cache is a miss."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from coding_agent.store.atomic import write_atomic, write_private
from coding_agent.store.cache import FactCache, digest
from coding_agent.store.folders import Folders, clear, uses


def test_write_replaces_and_makes_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in path.parent.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_write_keeps_links_and_modes(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o750)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o750


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_what_is_new_follows_the_umask_and_ours_is_private(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "tests" / "test_a.py", b"")
        write_private(tmp_path / "state" / "trust.json", b"")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"tests": 0o750, "test_a.py": 0o640, "state": 0o700, "trust.json": 0o600}


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        write_atomic(tmp_path / "pipe", b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["pipe"]


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config", tmp_path / "state", tmp_path / "cache")


def test_folders_are_listed_and_cleared(tmp_path: Path) -> None:
    ours = folders(tmp_path)
    write_private(ours.user_file, b"x" * 10)
    write_private(ours.trust_file, b"x" * 20)
    write_private(ours.facts / "deep" / "file", b"x" * 30)
    write_private(ours.pages / "1" / "rule.md", b"x" * 40)
    write_private(ours.jedi / "pickle", b"x" * 50)
    write_private(ours.manifest_file, b"x" * 60)
    write_private(ours.tests / "1" / "test_a.py", b"x" * 70)
    write_private(ours.search / "1" / "chunks", b"x" * 80)
    write_private(ours.explained / "page.md", b"x" * 90)
    sizes = {"config": 10, "trust": 20, "facts": 30, "pages": 40, "jedi": 50, "rules": 60, "tests": 70, "search": 80}
    write_private(ours.consents_file, b"x" * 100)
    write_private(ours.audit_file, b"x" * 110)
    write_private(ours.answers / "cache.db", b"x" * 120)
    write_private(ours.abilities_file, b"x" * 130)
    write_private(ours.budget_file, b"x" * 140)
    sizes |= {"explained": 90, "consent": 100, "audit": 110, "answers": 120, "abilities": 130, "budget": 140}
    # Settings are the user's, and a budget that could be cleared would be none.
    kept = {"config": 10, "budget": 140}
    assert {use.name: use.size for use in uses(ours)} == sizes
    gone = clear(ours, frozenset(sizes))
    assert {use.name for use in gone} == sizes.keys() - kept.keys()
    assert {use.name: use.size for use in uses(ours)} == {**dict.fromkeys(sizes, 0), **kept}
    assert list(ours.cache.iterdir()) == []


def test_clearing_one_name_leaves_the_others_even_in_one_folder(tmp_path: Path) -> None:
    ours = Folders(tmp_path, tmp_path, tmp_path)
    write_private(ours.user_file, b"x")
    write_private(ours.trust_file, b"x")
    write_private(ours.facts / "f", b"x")
    clear(ours, frozenset({"facts"}))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["config.toml", "trust.json"]


def test_keys_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("\ud800") != digest("?")
    assert len(digest()) == 40


def test_facts_are_kept(tmp_path: Path) -> None:
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") is None
        assert cache.set("k", {"a": [1, None, "ü\ud800"]})
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") == {"a": [1, None, "ü\ud800"]}
        cache.drop("k")
        assert cache.get("k") is None


def test_a_broken_database_is_made_again(tmp_path: Path) -> None:
    with FactCache(tmp_path / "facts") as cache:
        cache.set("k", 1)
    for path in (tmp_path / "facts").iterdir():
        path.write_bytes(b"not a database at all" * 100)
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") is None
        assert cache.set("k", 2)
        assert cache.get("k") == 2
        assert cache.problem is None


def test_a_broken_value_is_a_miss(tmp_path: Path) -> None:
    with FactCache(tmp_path / "facts") as cache:
        cache.set("k", 1)
    database = sqlite3.connect(tmp_path / "facts" / "cache.db")
    with database:
        database.execute("UPDATE Cache SET value = ?", (b"junk",))
    database.close()
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") is None
        assert cache.set("k", 3)
        assert cache.get("k") == 3


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


def test_a_pickle_in_the_database_is_never_read(tmp_path: Path) -> None:
    import pickle

    with FactCache(tmp_path / "facts") as cache:
        cache.set("k", 1)
    database = sqlite3.connect(tmp_path / "facts" / "cache.db")
    with database:
        database.execute("UPDATE Cache SET value = ?, mode = 4", (pickle.dumps(Bomb(tmp_path / "boom")),))
    database.close()
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") is None
    assert not (tmp_path / "boom").exists()


def test_where_nothing_can_be_kept_everything_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / "facts").write_text("a file where the folder should be")
    with FactCache(tmp_path / "facts") as cache:
        assert cache.get("k") is None
        assert not cache.set("k", 1)
        assert cache.problem is not None
    assert (tmp_path / "facts").read_text().startswith("a file")


def test_what_is_no_json_is_the_callers_mistake(tmp_path: Path) -> None:
    with FactCache(tmp_path / "facts") as cache, pytest.raises(TypeError):
        cache.set("k", object())  # type: ignore[arg-type]
