"""Killed at random points, what was acknowledged is there: real processes on a real repository, by seed.

*Acknowledged* are the files, as they were, of the branch that is checked out when all finders at work on the store have
answered ``settled`` with nothing unwritten and no problem, while nothing changed. (One of two alone is not enough: the
other may still have an older word about a file to write.) From then on each of these files has its row, by its bytes,
for its branch, and all chunks that the row names, whoever is killed; until the file changes, when the row may be older
or newer, or of a file that is gone.

A round is: finders are opened, which must answer a question at once; files change, branches are switched, all is
tidied every few writes (`_TIDIED`); somebody is killed with SIGKILL, a finder, all of them, or LanceDB's process below
one; then the store is opened anew, here and by the next finder. The repository is to be as it was, byte by byte.
"""

import asyncio
import fcntl
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pytest.importorskip("lancedb")
if sys.platform != "linux":
    pytest.skip("processes are found by /proc", allow_module_level=True)

from coding_agent.errors import WorkerLost
from coding_agent.ide.search import Search, Status, Wanted, talking
from coding_agent.runtime import talk as talk_module
from coding_agent.search.adapters import lance
from coding_agent.search.columns import KEY, places
from coding_agent.search.reading import reader
from support.processes import Watched, children
from unit.test_vcs_branch import git

SERVER = Path(lance.__file__).parents[3]
BRANCHES = ("main", "work", "old")
FILES = 30
SOON = 5.0
"""Seconds for a question on a busy machine."""
BOOT = """
import sys
root = sys.argv.pop(1)
sys.path.insert(0, root)
import coding_agent
sys.path.remove(root)
sys.path.append(root)
from coding_agent.search import keeper, root as roots
keeper._TIDIED = 3
roots._KEPT, roots._FEW, roots._BATCH = {sizes}
from coding_agent.runtime.talking import main
main(*sys.argv[1:])
"""
"""As `runtime.spawn` does it, with a store that is tidied often and, by size, read back."""


def code(stem: str, version: int) -> str:
    """A module whose first function is named after its version."""
    rest = "".join(f"\n\ndef keep_{stem}_{n}(value):\n    return save(value, {version % 3 + n})\n" for n in range(4))
    return (
        f'def {name_of(stem, version)}(path):\n    """Load the {stem} of a customer."""\n    return open(path)\n{rest}'
    )


def name_of(stem: str, version: int) -> str:
    return f"load_{stem}_v{version}"


def digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=KEY, key=reader(True).id.encode()).digest()


class Project:
    """A repository whose files change; ``files`` are the versions of those that are there."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder, self.rng = folder, rng
        self.branch, self.version = BRANCHES[0], 0
        self.files: dict[str, int] = {}
        self.committed: dict[str, dict[str, int]] = {}
        (folder / "shop").mkdir(parents=True)
        git(folder, "init")
        for number in range(FILES):
            self._write(f"shop/part{number}.py")
        self._commit()
        for branch in BRANCHES[1:]:
            git(folder, "checkout", "-b", branch)
            self.branch = branch
            for _ in range(5):
                self._edit()
            self._commit()
        self.switch(BRANCHES[0])

    def change(self) -> list[str]:
        """Change something; returns the paths that may be other files now."""
        if self.rng.random() < 0.2:
            before = dict(self.files)
            self._commit()
            self.switch(self.rng.choice([branch for branch in BRANCHES if branch != self.branch]))
            return sorted(before.keys() | self.files.keys())
        return [self._edit() for _ in range(self.rng.randint(1, 4))]

    def switch(self, branch: str) -> None:
        git(self.folder, "checkout", branch)
        self.branch, self.files = branch, dict(self.committed[branch])

    def text(self, path: str) -> str | None:
        return code(Path(path).stem, self.files[path]) if path in self.files else None

    def tree(self) -> dict[str, tuple[int, int, bytes]]:
        """All that is there, git's own files as well: modes, times and bytes."""
        found = {path: path.lstat() for path in self.folder.rglob("*")}
        return {
            str(path): (info.st_mode, info.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path, info in found.items()
        }

    def _edit(self) -> str:
        path = f"shop/part{self.rng.randrange(FILES + 5)}.py"
        if path in self.files and self.rng.random() < 0.15:
            (self.folder / path).unlink()
            del self.files[path]
        else:
            self._write(path)
        return path

    def _write(self, path: str) -> None:
        self.version += 1
        self.files[path] = self.version
        (self.folder / path).write_text(code(Path(path).stem, self.version))

    def _commit(self) -> None:
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--allow-empty", "-m", "more")
        self.committed[self.branch] = dict(self.files)


class Running:
    """A finder as a server has it."""

    def __init__(self, wanted: Wanted) -> None:
        self.talk, self.wanted, self.dead = talking(os.environ), wanted, False
        self.search = Search(self.talk.ask)

    def store(self) -> list[int]:
        """LanceDB's process below it."""
        return [pid for pid, command in children(self.talk.pid or 0).items() if "adapters.lance" in command]


class Game:
    """Rounds on one store; ``counts`` and ``slowest`` are for who wants to know."""

    def __init__(self, folder: Path, rng: random.Random, writers: int) -> None:
        self.rng, self.writers = rng, writers
        self.project = Project(folder / "w", rng)
        self.wanted = Wanted(self.project.folder, folder=folder / "kept")
        assert self.wanted.kept is not None
        self.kept = self.wanted.kept
        self.finders: list[Running] = []
        self.acknowledged: dict[str, dict[str, bytes]] = {}
        self.since: dict[tuple[str, str], set[bytes | None]] = {}
        """What files may be by now that changed since they were acknowledged."""
        self.tree = self.project.tree()
        self.over = False
        self.counts = Counter[str]()
        self.slowest = {"open": 0.0, "question": 0.0}

    async def round(self) -> None:
        while len(self.finders) < self.writers:
            await self.opened()
        if self.rng.random() < 0.6:
            await self.acknowledge()
        kind = self.rng.choice(["finder", "finder", "all", "store"])
        victims = self.finders if kind == "all" else [self.rng.choice(self.finders)]
        self.over = False
        busy = asyncio.create_task(self.work())
        await asyncio.sleep(self.rng.choice([0.05, 0.5, 2.0]) * self.rng.random())
        if self.rng.random() < 0.5:
            await self.until_in_use()
        pids = [pid for each in victims for pid in (each.store() if kind == "store" else [each.talk.pid]) if pid]
        self.counts["while the store was in use"] += self.in_use()
        with Watched(*pids) as gone:
            for each in victims:
                each.dead = kind != "store"
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            assert not gone.left()
        self.counts[kind] += bool(pids)
        self.over = True
        await busy
        for each in [each for each in self.finders if each.dead]:
            self.finders.remove(each)
            await each.talk.close(0)
        await self.check()
        if kind == "store":
            await self.acknowledge()
            await self.check()

    async def opened(self) -> None:
        """Have one more finder, which has to answer at once."""
        finder = Running(self.wanted)
        self.finders.append(finder)
        begun = time.perf_counter()
        self.heard([await finder.search.open(self.wanted, lambda done, total: None)])
        asked = time.perf_counter()
        path, version = self.rng.choice(sorted(self.project.files.items()))
        first = (await finder.search.search(name_of(Path(path).stem, version)))[0]
        assert (first.path, first.name) == (self.project.folder / path, name_of(Path(path).stem, version))
        took = time.perf_counter() - asked
        assert took < SOON
        self.slowest = {
            "open": max(self.slowest["open"], asked - begun),
            "question": max(self.slowest["question"], took),
        }

    async def work(self) -> None:
        """Change files and have it told, until somebody was killed."""
        while not self.over:
            paths = self.project.change()
            for path in paths:
                text = self.project.text(path)
                now = None if text is None else digest(text)
                self.since.setdefault((self.project.branch, path), set()).add(now)
            self.tree = self.project.tree()
            told = [self.project.folder / path for path in paths]
            await self.all(lambda search, told=told: search.changed(told))
            if self.rng.random() < 0.3:
                await self.acknowledge()

    async def acknowledge(self) -> None:
        if not await self.all(lambda search: search.settled()):
            return
        files = {path: code(Path(path).stem, version) for path, version in self.project.files.items()}
        self.acknowledged[self.project.branch] = {path: digest(text) for path, text in files.items()}
        for key in [key for key in self.since if key[0] == self.project.branch]:
            del self.since[key]
        self.counts["acknowledged"] += 1

    async def all(self, ask: object) -> bool:
        """Ask all finders at once; whether all answered, and have nothing left to write where they said how much."""
        asked = list(self.finders)
        answers = await asyncio.gather(*(ask(each.search) for each in asked), return_exceptions=True)  # type: ignore[operator]
        for finder, answer in zip(asked, answers, strict=True):
            if isinstance(answer, BaseException):
                assert isinstance(answer, WorkerLost), answer
                assert finder.dead
            else:
                self.heard(answer)
        return not any(each.dead for each in asked) and not any(status.unwritten for each in answers for status in each)

    def heard(self, statuses: list[Status]) -> None:
        for status in statuses:
            assert status.problem == ""
            assert status.warned == ()

    def in_use(self) -> bool:
        """Whether somebody reads or writes the store just now."""
        if not self.kept.is_dir():
            return False
        handle = os.open(self.kept, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    async def until_in_use(self) -> None:
        """Wait a little until somebody reads or writes the store."""
        for _ in range(500):
            if self.in_use():
                await asyncio.sleep(0.02 * self.rng.random())
                return
            await asyncio.sleep(0.004)

    async def check(self) -> None:
        """The store has all it should, and the repository is as it was."""
        assert self.project.tree() == self.tree
        if not self.acknowledged:
            return
        branches = {
            branch: (await asyncio.to_thread(lance.files, str(self.kept), reader(True).dim, branch))[1]
            for branch in self.acknowledged
        }
        # Who lives goes on writing, chunks before the files that have them.
        names = await asyncio.to_thread(lambda: dict(self.names()))
        for branch, files in self.acknowledged.items():
            rows = branches[branch]
            found = {path: (sum_, packed) for path, sum_, packed in rows}
            for path, was in files.items():
                now = found[path][0] if path in found else None
                assert now in {was, *self.since.get((branch, path), ())}, (branch, path)
                self.counts["rows"] += 1
            for path, _, packed in rows:
                said = [names[place.key] for place in places(packed)]
                assert not said or any(name.startswith(f"load_{Path(path).stem}_v") for name in said), (branch, path)

    def names(self) -> Iterator[tuple[bytes, str]]:
        """The names of all chunks in the store."""
        start = 0
        while (got := lance.chunks(str(self.kept), reader(True).dim, start))[0]:
            keys = [got[0][at : at + KEY] for at in range(0, len(got[0]), KEY)]
            start += len(keys)
            yield from zip(keys, got[1][1], strict=True)

    async def close(self) -> None:
        for each in self.finders:
            await each.talk.close(0.2)


async def killed(folder: Path, seed: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    sizes = (0, 0, 4000) if seed % 3 == 2 else (8_000_000, 600_000, 400_000)
    boot = (sys.executable, "-I", "-c", BOOT.format(sizes=sizes), str(SERVER))
    monkeypatch.setattr(talk_module, "ours", lambda module: boot)
    game = Game(folder, rng, 1 + seed % 2)
    try:
        for _ in range(times):
            await game.round()
    finally:
        await game.close()
    print(f"seed {seed}: {dict(game.counts)}, slowest {game.slowest}")


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_is_killed_nothing_is_lost(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    await killed(tmp_path, seed, 4, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1030))
async def test_whoever_is_killed_nothing_is_lost_soak(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await killed(tmp_path, seed, 10, monkeypatch)
