"""What a box costs: the same run bare, unsafe (a box that holds nothing), and on each rung; cold and warm.

    python bench/sandbox.py [--times N] [--python PATH]

A run is pytest over a small project of 40 tests, some of which import, write and start threads. *Cold* is a box that is
opened for it, pytest imported in the job; *warm* is a job in a box that has pytest imported. Rounds are interleaved.
CPU is user and system time of all processes of a run: cold with the box and its runner, warm of the job.
"""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

from coding_agent.sandbox import rungs, watchdog
from coding_agent.sandbox.box import Box, Mode, Spec, open_box

LIMIT = 1.10
"""A run in bubblewrap beside the same run in a box that holds nothing."""
JOB = """
def run(say, project):
    import sys
    import pytest
    sys.dont_write_bytecode = True
    return int(pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", project, project]))
"""
TEST = """
import json, threading
import pytest

@pytest.mark.parametrize("number", range(10))
def test_numbers(number):
    assert sum(divmod(10**2000 // (number + 1), 7 ** 50)) > number

@pytest.mark.parametrize("number", range(10))
def test_files(tmp_path, number):
    for name in range(20):
        (tmp_path / f"file{name}").write_text(json.dumps(list(range(500))))
    assert len(list(tmp_path.iterdir())) == 20

@pytest.mark.parametrize("number", range(10))
def test_threads(number):
    threads = [threading.Thread(target=sum, args=(range(1000),)) for _ in range(10)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

@pytest.mark.parametrize("number", range(10))
def test_work(number):
    assert len(sorted(str(each) for each in range(20_000))) == 20_000
"""

Timing = tuple[float, float]
"""Wall and CPU, in milliseconds."""


def used() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (found.ru_utime + found.ru_stime) * 1000


async def timed(work: Callable[[], Awaitable[None]]) -> Timing:
    wall, cpu = perf_counter(), used()
    await work()
    return (perf_counter() - wall) * 1000, used() - cpu


class Runs:
    """The ways to run the project; each returns its timing."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python, self.project, self.jobs = python, folder / "project", folder / "jobs"
        self.project.mkdir()
        self.jobs.mkdir()
        (self.jobs / "bench.py").write_text(JOB, "utf-8")
        (self.project / "test_all.py").write_text(TEST, "utf-8")

    async def bare(self) -> Timing:
        """Pytest as everybody starts it."""

        async def work() -> None:
            subprocess.run(
                [self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", self.project, self.project],
                env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
                cwd=self.project,
                stdout=subprocess.DEVNULL,
                check=True,
            )

        return await timed(work)

    async def cold(self, mode: Mode) -> Timing:
        wall = perf_counter()
        before = set(watchdog.descendants(os.getpid()))
        async with open_box(self._spec(), mode) as box:
            await self._job(box)
            # A box that is killed with its namespace is waited for by nobody here: it is read while it lives.
            living = [watchdog.read(pid) for pid in watchdog.descendants(os.getpid()) if pid not in before]
        return (perf_counter() - wall) * 1000, sum(each.cpu for each in living if each) * 1000

    async def warm(self, box: Box) -> Timing:
        wall = perf_counter()
        cpu = await self._job(box)
        return (perf_counter() - wall) * 1000, cpu

    async def open(self, mode: Mode, stack: AsyncExitStack) -> Box:
        box = await stack.enter_async_context(open_box(self._spec(), mode))
        assert await box.preload(["pytest"]) == {}
        return box

    async def _job(self, box: Box) -> float:
        ran = await box.run("_bench.bench:run", {"project": str(self.project)})
        assert ran.ended.result == 0, ran.ended
        return ran.ended.cpu * 1000

    def _spec(self) -> Spec:
        return Spec(self.python, self.project, packages={"_bench": self.jobs})


async def measure(runs: Runs, times: int) -> dict[str, list[Timing]]:
    modes = [Mode(each.rung) for each in rungs.ladder() if each.ok] + [Mode.UNSAFE]
    found: dict[str, list[Timing]] = {}
    async with AsyncExitStack() as stack:
        boxes = {mode: await runs.open(mode, stack) for mode in modes}
        for number in range(times + 1):
            round_ = {"bare": await runs.bare()}
            for mode in modes:
                round_[f"cold {mode}"] = await runs.cold(mode)
            for mode, box in boxes.items():
                round_[f"warm {mode}"] = await runs.warm(box)
            for name, timing in round_.items() if number else ():  # The first fills the caches of the disk.
                found.setdefault(name, []).append(timing)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = asyncio.run(measure(Runs(given.python.absolute(), Path(folder)), given.times))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}
    print(f"{'':20}{'wall ms':>9}{'CPU ms':>9}{'of unsafe':>11}")
    for name, (wall, cpu) in medians.items():
        beside = medians.get(f"{name.split()[0]} unsafe")
        print(f"{name:20}{wall:9.0f}{cpu:9.0f}" + (f"{cpu / beside[1]:11.2f}" if beside else ""))
    worst = max(medians[f"{kind} bubblewrap"][1] / medians[f"{kind} unsafe"][1] for kind in ("cold", "warm"))
    print(f"bubblewrap adds {worst - 1:.0%} CPU at most (limit {LIMIT - 1:.0%})")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
