"""The durable store on the real LanceDB: what was written is there, whoever else writes, whatever was lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("lancedb")

from coding_agent.errors import StoreFailed  # noqa: E402
from coding_agent.search.adapters import lance  # noqa: E402
from coding_agent.search.columns import KEY, Columns, File, Place, packed, places  # noqa: E402

DIM = 8


def columns(*numbers: int) -> Columns:
    """One chunk for each number, all of it made from that."""
    words = [np.arange(number % 4, dtype=np.uint64) + number for number in numbers]
    texts = tuple(tuple(f"{name} {number} '\0é" for number in numbers) for name in ("p", "n", "k", "s", "d"))
    vectors = np.array([[number % 1000] * DIM for number in numbers], np.float16)
    ends = np.cumsum([len(each) for each in words]).astype(np.uint32)
    flat = np.concatenate([np.zeros(0, np.uint64), *words])
    return b"".join(map(key, numbers)), texts, vectors.tobytes(), flat.tobytes(), ends.tobytes()


def key(number: int) -> bytes:
    return number.to_bytes(KEY, "big")


def file(path: str, *numbers: int) -> File:
    return path, f"digest of {numbers}".encode(), packed([Place(key(n), n, n + 1, n + 2) for n in numbers])


def read(folder: str) -> dict[bytes, tuple[object, ...]]:
    found, start = dict[bytes, tuple[object, ...]](), 0
    while (got := lance.chunks(folder, DIM, start))[0]:
        keys, texts, vectors, words, ends = got
        rows = np.frombuffer(vectors, np.float16).reshape(-1, DIM)
        stops = np.frombuffer(ends, np.uint32).tolist()
        split = np.split(np.frombuffer(words, np.uint64), stops)[: len(stops)]
        for at, name in enumerate(keys[n : n + KEY] for n in range(0, len(keys), KEY)):
            found[name] = (tuple(each[at] for each in texts), rows[at].tolist(), split[at].tolist())
        start += len(rows)
    return found


def expected(*numbers: int) -> dict[bytes, tuple[object, ...]]:
    return {
        key(n): (
            tuple(f"{name} {n} '\0é" for name in "pnksd"),
            [float(n % 1000)] * DIM,
            [n + at for at in range(n % 4)],
        )
        for n in numbers
    }


def files(folder: str, branch: str) -> tuple[File, ...]:
    return lance.files(folder, DIM, branch)[1]


def put(folder: str, branch: str, changed: tuple[File, ...], fresh: Columns, gone: tuple[str, ...]) -> None:
    assert lance.put(folder, DIM, lance.files(folder, DIM, branch)[0], branch, changed, fresh, gone)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    assert files(folder, "main") == ()
    assert read(folder) == {}
    both = (file("a.py", 1, 2), file("it's/b.py", 3))
    put(folder, "main", both, columns(1, 2, 3), ())
    assert sorted(files(folder, "main")) == sorted(both)
    assert read(folder) == expected(1, 2, 3)
    assert [place.line for place in places(both[0][2])] == [1, 2]


def test_chunks_are_shared_by_branches_and_files_are_not(tmp_path: Path) -> None:
    folder = str(tmp_path)
    put(folder, "main", (file("a.py", 1, 2),), columns(1, 2), ())
    put(folder, "main2", (file("a.py", 2, 7),), columns(2, 7), ())
    put(folder, "main", (file("a.py", 1),), columns(), ())
    assert files(folder, "main") == (file("a.py", 1),)
    assert files(folder, "main2") == (file("a.py", 2, 7),)
    assert read(folder) == expected(1, 2, 7)
    put(folder, "main2", (), columns(), ("a.py",))
    assert files(folder, "main2") == ()


def test_tidying_forgets_what_no_branch_has(tmp_path: Path) -> None:
    folder = str(tmp_path)
    put(folder, "main", (file("a.py", 1, 2),), columns(1, 2), ())
    put(folder, "old", (file("a.py", *range(10, 1500)),), columns(*range(10, 1500)), ())
    assert lance.tidy(folder, DIM, ("main",)) == 2
    assert files(folder, "old") == ()
    assert read(folder) == expected(1, 2)


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "store"
    put(str(folder), "main", (file("a.py", 1),), columns(1), ())
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed):
        files(str(tmp_path / "file"), "main")


def test_a_store_that_is_broken_is_said_and_can_be_made_anew(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    put(folder, "main", (file("a.py", 1),), columns(1), ())
    for each in (tmp_path / "store").rglob("*"):
        if each.is_file():
            each.write_bytes(b"broken")
    with pytest.raises(StoreFailed):
        put(folder, "main", (file("a.py", 2),), columns(2), ())
    lance.remove(folder)
    put(folder, "main", (file("a.py", 2),), columns(2), ())
    assert read(folder) == expected(2)


WRITER = """
import sys
sys.path[:0] = {path!r}
from contextlib import contextmanager
from unit.test_search_store import columns, file, lance, put, DIM
first, count = int(sys.argv[2]), int(sys.argv[3])
if sys.argv[4:]:
    lance.alone = contextmanager(lambda folder, seconds: (sure for sure in [False]))
    lance._TRIES = 14
for number in range(first, first + count):
    put(sys.argv[1], "main", (file(f"{{number}}.py", number),), columns(number), ())
    print(number, flush=True)
    if number % 7 == 0:
        lance.tidy(sys.argv[1], DIM, ("main",))
"""


def writer(folder: str, first: int, count: int, *more: str) -> "subprocess.Popen[str]":
    code = WRITER.format(path=[each for each in sys.path if each])
    command = [sys.executable, "-c", code, folder, str(first), str(count), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("locks", [(), ("without locks",)])
def test_two_that_write_at_once_lose_nothing(tmp_path: Path, locks: tuple[str, ...]) -> None:
    """Where a file system has no locks, whoever comes second tries again."""
    folder = str(tmp_path)
    files(folder, "main")  # Two that make it at once need locks.
    both = [writer(folder, first, 20, *locks) for first in (100, 200)]
    told = [each.communicate(timeout=120) for each in both]
    assert [each.returncode for each in both] == [0, 0], told
    wanted = [*range(100, 120), *range(200, 220)]
    assert {path for path, _, _ in files(folder, "main")} == {f"{number}.py" for number in wanted}
    assert read(folder) == expected(*wanted)


@pytest.mark.parametrize("seed", range(3))
def test_killed_while_writing_it_has_all_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    folder = str(tmp_path)
    process = writer(folder, 0, 10_000)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(4 + 3 * seed)]
    time.sleep(0.003 * seed)
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    known = [int(line) for line in told if line.endswith("\n")]
    rows = {path for path, _, _ in files(folder, "main")}
    found = read(folder)
    assert rows >= {f"{number}.py" for number in known}
    assert {name: found[name] for name in map(key, known)} == expected(*known)
    put(folder, "main", (file("after.py", 77_777),), columns(77_777), ())
    assert key(77_777) in read(folder)
