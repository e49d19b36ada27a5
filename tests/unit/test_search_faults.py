"""What may happen to the store: a full disk, one that is read-only, damage, a clock that was set back, a lost process.

Each is told in one sentence that says what to do, search goes on from memory, and what can be mended is.
"""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from shutil import which

import pytest

pytest.importorskip("numpy")
pytest.importorskip("lancedb")

from coding_agent.errors import WorkerLost
from coding_agent.search import keeper as keeper_module
from coding_agent.search import root as root_module
from coding_agent.search.adapters import lance
from coding_agent.search.keeper import Keeper
from coding_agent.search.pending import Pending
from coding_agent.search.question import question
from coding_agent.search.reading import reader
from coding_agent.search.root import Root
from unit.test_search_index import written
from unit.test_search_root import Opened, opened
from unit.test_search_store import DIM, columns, expected, file, read
from unit.test_vcs_branch import git

DAY = 86_400


def modules(count: int, version: int = 0) -> dict[str, str]:
    """Modules of ten functions each."""
    return {
        f"shop/part{number}.py": "\n\n".join(
            f'def load_{number}_{n}_{version}(path):\n    """Load part {n} of an order."""\n    return open(path)\n'
            for n in range(10)
        )
        for number in range(count)
    }


def store_first(patch: pytest.MonkeyPatch) -> None:
    """Have all that the store has taken from there, as where it is open before much is read."""
    from_store, read_all = Root._from_store, Root._read_all
    done = dict[Root, asyncio.Event]()

    def event_of(root: Root) -> asyncio.Event:
        return done.setdefault(root, asyncio.Event())

    async def taken(self: Root, keeper: Keeper, pending: Pending) -> None:
        try:
            await from_store(self, keeper, pending)
        finally:
            event_of(self).set()

    async def read(self: Root, pending: Pending, *more: object) -> None:
        if self.keeper is not None:
            await event_of(self).wait()
        await read_all(self, pending, *more)  # type: ignore[arg-type]

    patch.setattr(root_module, "_KEPT", 0)
    patch.setattr(Root, "_from_store", taken)
    patch.setattr(Root, "_read_all", read)


def keeper_of(one: Opened) -> Keeper:
    assert one.root.keeper is not None
    return one.root.keeper


async def rows_of(one: Opened, branch: str = "") -> set[tuple[str, bytes, bytes]]:
    return set(await keeper_of(one).files(branch))


async def check_answers(one: Opened, folder: Path) -> None:
    """They are those of an index that never saw a disk, but for the last bits of sums."""
    async with opened(folder) as other:
        assert set(one.root.index.rows()) == set(other.root.index.rows())
        for name in sorted(set(re.findall(r"def (\w+)", "".join(map(Path.read_text, folder.rglob("*.py")))))):
            hit, same = (each.root.index.search(question(name), 1)[0] for each in (one, other))
            assert hit._replace(score=0.0, meaning=0.0) == same._replace(score=0.0, meaning=0.0)
            assert (hit.name, hit.meaning) == (name, pytest.approx(same.meaning, abs=1e-4))


# Disks that are full or read-only, in a place where they are: these functions run there.


async def on_a_full_disk(folder: Path, disk: Path) -> None:
    kept, filler = disk / "store", disk / "filler"
    keeper_module._LATER = 0.0
    async with opened(folder, kept) as one:
        await one.root.settled()
        before = await rows_of(one)
        assert len(before) == 10
        with filler.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(bytes(4096))
            except OSError:
                pass
        new = modules(20, version=1)
        written(folder, new)
        await one.root.changed([folder / path for path in new])
        await one.root.settled()
        said = f"The search index cannot be kept in {kept} (its disk is full: free some space). "
        assert one.warned == [f"{said}Search works from memory meanwhile."]
        assert one.names("load_15_3_1")[0] == "load_15_3_1"
        assert set(lance.files(str(kept), reader(True).dim, "")[1]) == before
        filler.unlink()
        (folder / "shop/last.py").write_text("def after_all():\n    pass\n")
        await one.root.changed([folder / "shop/last.py"])
        await one.root.settled()
        assert keeper_of(one).problem == ""
        assert await rows_of(one) == set(one.root.index.rows())
        assert len(one.warned) == 1
    async with opened(folder, kept) as one:
        assert one.warned == []
        await check_answers(one, folder)


async def on_a_read_only_disk(folder: Path, disk: Path) -> None:
    store_first(pytest.MonkeyPatch())
    async with opened(folder, disk / "store") as one:
        # What is there is read.
        assert len(await rows_of(one)) == 10
        new = modules(3, version=1)
        written(folder, new)
        await one.root.changed([folder / path for path in new])
        await one.root.settled()
        await check_answers(one, folder)
        (said,) = one.warned
        assert "its disk is read-only: make it writable, or move your cache by XDG_CACHE_HOME" in said
        assert len(set(lance.files(str(disk / "store"), reader(True).dim, "")[1])) == 10


async def where_nothing_may_be_written(folder: Path, disk: Path) -> None:
    async with opened(folder, disk / "new" / "store") as one:
        await one.root.settled()
        (said,) = one.warned
        assert "its disk is read-only" in said
        await check_answers(one, folder)


THERE = """
import sys
sys.path[:0] = {path!r}
import asyncio
from pathlib import Path
from unit import test_search_faults
asyncio.run(getattr(test_search_faults, sys.argv[1])(*map(Path, sys.argv[2:])))
"""


def there(test: str, folder: Path, disk: Path, *mounts: str) -> None:
    """Run a function of this module where a disk is mounted so."""
    bubblewrap = which("bwrap")
    if bubblewrap is None:
        pytest.skip("no bubblewrap, which mounts disks")
    command = [bubblewrap, "--dev-bind", "/", "/", *mounts, "--"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"bubblewrap mounts nothing here: {tried.stderr.strip()[:80]}")
    code = THERE.format(path=[each for each in sys.path if each])
    command += [sys.executable, "-c", code, test, str(folder), str(disk)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr[-4000:]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


def test_a_full_disk_is_told_and_written_to_once_there_is_room(tmp_path: Path, disk: Path) -> None:
    folder = written(tmp_path / "w", modules(10))
    there("on_a_full_disk", folder, disk, "--size", str(12_000_000), "--tmpfs", str(disk))


async def test_a_read_only_disk_is_told_and_read(tmp_path: Path, disk: Path) -> None:
    folder = written(tmp_path / "w", modules(10))
    async with opened(folder, disk / "store") as one:
        await one.root.settled()
    there("on_a_read_only_disk", folder, disk, "--ro-bind", str(disk), str(disk))
    there("where_nothing_may_be_written", folder, disk, "--ro-bind", str(disk), str(disk))
    async with opened(folder, disk / "store") as one:
        await one.root.settled()
        assert await rows_of(one) == set(one.root.index.rows())
        assert one.warned == []


# Damage.


def damage(kept: Path, rng: random.Random) -> list[str]:
    """Do something to some files of a store; returns what."""
    files = sorted(each for each in kept.rglob("*") if each.is_file())
    return [_damaged(each, rng) for each in rng.sample(files, min(len(files), rng.randint(1, 4)))]


def _damaged(file: Path, rng: random.Random) -> str:
    how, raw = rng.choice(["cut", "flip", "flip", "zero", "remove", "grow"]), bytearray(file.read_bytes())
    if how == "cut":
        del raw[rng.randrange(len(raw) + 1) :]
    elif how == "flip":
        for _ in range(rng.choice([1, 8, 64])):
            if raw:
                raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif how == "zero":
        start = rng.randrange(len(raw) + 1)
        raw[start : start + 512] = bytes(len(raw[start : start + 512]))
    elif how == "grow":
        raw += rng.randbytes(300)
    if how == "remove":
        file.unlink()
    else:
        file.write_bytes(raw)
    return f"{how} {file.name}"


async def mends(folder: Path, seed: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage a store, open it, change something, open it again."""
    store_first(monkeypatch)
    monkeypatch.setattr(keeper_module, "_LONG", 60.0)
    rng = random.Random(seed)
    project, kept = written(folder / "w", modules(12)), folder / "kept"
    async with opened(project, kept) as one:
        await one.root.settled()
    told = 0
    for time in range(1, times + 1):
        what = damage(kept, rng)
        async with opened(project, kept) as one:
            await check_answers(one, project)
            new = modules(rng.randrange(12), version=time)
            written(project, new)
            await one.root.changed([project / path for path in new])
            await one.root.settled()
            assert keeper_of(one).problem == "", what
            assert all("was damaged (" in said and "there is nothing to do" in said for said in one.warned), what
            assert len(one.warned) <= 1, what
            told += len(one.warned)
        async with opened(project, kept) as one:
            await one.root.settled()
            await check_answers(one, project)
            assert one.warned == [], what
            assert await rows_of(one) == set(one.root.index.rows()), what
    print(f"seed {seed}: {told} of {times} told")


@pytest.mark.parametrize("seed", range(2))
async def test_damage_is_found_and_mended(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await mends(tmp_path, seed, 2, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1020))
async def test_damage_is_found_and_mended_soak(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await mends(tmp_path, seed, 5, monkeypatch)


def test_rows_that_are_not_as_they_were_written_are_found(tmp_path: Path) -> None:
    """Bytes of a value may change without any of LanceDB's own marks."""
    lance.put(str(tmp_path), DIM, *begun(tmp_path), (file("a.py", 1),), columns(1), ())
    store = lance._stores[str(tmp_path)]
    store.chunks.update(values={"name": "other"})
    with pytest.raises(lance.StoreFailed, match="1 rows are not as they were written"):
        lance.chunks(str(tmp_path), DIM, 0)
    with lance._opened(str(tmp_path), DIM) as (store, _):
        store.files.update(values={"chunks": b"x" * 28})
    for ask in (lambda: lance.files(str(tmp_path), DIM, "main"), lambda: lance.tidy(str(tmp_path), DIM, ("main",))):
        with pytest.raises(lance.StoreFailed, match="1 rows are not as they were written"):
            ask()


def begun(folder: Path, branch: str = "main") -> tuple[str, str]:
    """The name of a store, and a branch."""
    return lance.files(str(folder), DIM, branch)[0], branch


# Clocks.

SHIFTED = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, now);
    if (!failed && id == CLOCK_REALTIME) now->tv_sec += atol(getenv("SHIFT"));
    return failed;
}
"""
WRITES = """
import sys
sys.path[:0] = {path!r}
import time
from pathlib import Path
from unit.test_search_faults import begun
from unit.test_search_store import DIM, columns, file, lance
folder, first = Path(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + 10):
    lance.put(str(folder), DIM, *begun(folder), (file(f"{{number}}.py", number),), columns(number), ())
lance.tidy(str(folder), DIM, ("main",))
print(time.time())
"""


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """A library that has the clock of a process go wrong."""
    compiler = which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler, by whose help a clock goes wrong here")
    source, made = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(SHIFTED)
    tried = subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source, "-ldl"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("the C compiler makes no library here")
    return made


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_is_set_costs_nothing(tmp_path: Path, clock: Path, days: int) -> None:
    """All is written at one time and gone on with at another, as when a clock is set back, or forward."""
    folder, times = tmp_path / "store", list[float]()
    for first, shift in ((0, days * DAY), (10, 0)):
        code = WRITES.format(path=[each for each in sys.path if each])
        environment = {**os.environ, "LD_PRELOAD": str(clock), "SHIFT": str(shift)}
        ran = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(first)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        times.append(float(ran.stdout))
        for each in folder.rglob("*"):
            os.utime(each, (times[0] + shift, times[0] + shift))
    assert abs(times[0] - times[1] - days * DAY) < DAY
    assert {path for path, _, _ in lance.files(str(folder), DIM, "main")[1]} == {f"{n}.py" for n in range(20)}
    assert read(str(folder)) == expected(*range(20))
    # Old versions are gone, but those that LanceDB holds for younger than now: they are no more than they were.
    left = 12 if days > 0 else 2
    for table in ("chunks", "files"):
        assert len(list((folder / f"{table}.lance" / "_versions").iterdir())) <= left


async def test_times_of_files_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_first(monkeypatch)
    folder, kept = written(tmp_path / "w", modules(5)), tmp_path / "kept"
    async with opened(folder, kept) as one:
        await one.root.settled()
    changed = written(folder, {"shop/part1.py": "def other():\n    pass\n"}) / "shop/part1.py"
    for each in (*folder.rglob("*.py"), *kept.rglob("*")):
        os.utime(each, (4e9, 4e9) if each != changed else (1, 1))
    async with opened(folder, kept) as one:
        await one.root.settled()
        await check_answers(one, folder)
        assert await rows_of(one) == set(one.root.index.rows())
        assert one.warned == []


# Processes.


class Kept:
    """A keeper, with what it said."""

    def __init__(self, folder: Path) -> None:
        self.warned: list[str] = []
        self.lost = self.tidied = 0
        self.keeper = Keeper(folder, DIM, self.warned.append, self._lose, self._branches)

    def put(self, number: int) -> None:
        self.keeper.put("main", ((file(f"{number}.py", number),), columns(number), ()))

    def _lose(self) -> None:
        self.lost += 1

    def _branches(self) -> tuple[str, ...]:
        self.tidied += 1
        return ("main",)


@asynccontextmanager
async def keeping(folder: Path) -> AsyncIterator[Kept]:
    one = Kept(folder)
    try:
        yield one
    finally:
        await one.keeper.close()


async def paths(kept: Kept) -> set[str]:
    return {path for path, _, _ in await kept.keeper.files("main")}


async def test_a_lost_process_of_the_store_is_replaced(tmp_path: Path) -> None:
    async with keeping(tmp_path / "store") as one:
        for number in range(3):
            one.put(number)
            if number:
                pid = one.keeper.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
            await one.keeper.settled()
        assert await paths(one) == {"0.py", "1.py", "2.py"}
        assert (one.warned, one.lost) == ([], 0)


async def test_a_store_whose_process_always_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: object, **__: object) -> object:
        calls.append(1)
        raise WorkerLost("index store ended unexpectedly (exit code -6)")

    calls = list[int]()
    async with keeping(tmp_path / "store") as one:
        monkeypatch.setattr(one.keeper._worker, "call", lost)
        one.put(1)
        await one.keeper.settled()
        (said,) = one.warned
        assert "cannot be kept" in said
        assert "(index store ended unexpectedly (exit code -6))" in said
        assert len(calls) == 4


async def test_who_made_the_store_anew_is_noticed(tmp_path: Path) -> None:
    async with keeping(tmp_path / "store") as one, keeping(tmp_path / "store") as other:
        one.put(1)
        await one.keeper.settled()
        other.put(2)
        await other.keeper.settled()
        await other.keeper.remove()
        other.put(3)
        await other.keeper.settled()
        one.put(4)
        await one.keeper.settled()
        # It is to write all again, which is for its index to do; what it had to write goes with that.
        assert (one.lost, other.lost, one.warned, other.warned) == (1, 0, [], [])
        assert await paths(one) == {"3.py"}


async def test_it_is_tidied_first_often_and_when_nobody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_QUIET", 0.3)
    monkeypatch.setattr(keeper_module, "_SOME", 2)
    async with keeping(tmp_path / "store") as one:
        for number in range(4):
            one.put(number)
            await one.keeper.settled()
            assert one.tidied == 1
        async with asyncio.timeout(20):
            while one.tidied < 2:
                await asyncio.sleep(0.02)
        await one.keeper.settled()
        assert await paths(one) == {f"{number}.py" for number in range(4)}
        assert len(list((tmp_path / "store" / "files.lance" / "_versions").iterdir())) <= 2
        monkeypatch.setattr(keeper_module, "_TIDIED", 1)
        one.put(5)
        await one.keeper.settled()
        assert one.tidied == 3


def test_tidying_tries_again_behind_another_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lance.put(str(tmp_path), DIM, *begun(tmp_path), (file("a.py", 1),), columns(1), ())
    monkeypatch.setattr(lance, "_PAUSE", 0.0)
    table = type(lance._stores[str(tmp_path)].chunks)
    optimize, tries = table.optimize, list[int]()

    def conflicting(self: object, **options: object) -> object:
        tries.append(1)
        if len(tries) < 4:
            raise RuntimeError("lance error: Retryable commit conflict for version 7: preempted by another, /x/y.rs")
        return optimize(self, **options)

    monkeypatch.setattr(table, "optimize", conflicting)
    assert lance.tidy(str(tmp_path), DIM, ("main",)) == 1
    assert len(tries) == 5
    assert read(str(tmp_path)) == expected(1)


# What a repository may be.


async def test_a_branch_without_a_commit_is_kept(tmp_path: Path) -> None:
    folder = written(tmp_path / "w", modules(2))
    git(folder, "init")
    async with opened(folder, tmp_path / "kept") as one:
        await one.root.settled()
        assert {path for path, _, _ in await rows_of(one, "main")} == set(modules(2))


@contextmanager
def odd_name(folder: Path) -> Iterator[None]:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/odd\xff.py")).write_text("def odd_one():\n    pass\n")
    except OSError:
        pytest.skip("names of files are texts here")
    yield


async def test_a_name_that_is_no_text_is_searched_and_costs_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path / "w", modules(2))
    with odd_name(folder):
        async with opened(folder, tmp_path / "kept") as one:
            await one.root.settled()
            assert one.names("odd_one")[0] == "odd_one"
            assert {path for path, _, _ in await rows_of(one)} == set(modules(2))
            assert one.warned == []
