"""Looks at a box from outside while jobs run: what one process after another is allowed, many may not have together."""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from coding_agent.sandbox.limits import Limits
from coding_agent.sandbox.spec import End

PERIOD = 0.03
"""Seconds between two looks."""
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_MIB = 1 << 20
_FEW = 2


@dataclass(frozen=True, slots=True)
class Process:
    """One process; memory in bytes, CPU in seconds with that of its children that are gone."""

    pid: int
    parent: int
    session: int
    threads: int
    rss: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that was passed; ``job`` by its pid as the runner knows it, 0 for what belongs to none."""

    job: int
    kind: End
    why: str


def look(top: int, layers: int, limits: Mapping[int, Limits], most: Limits) -> Iterator[Excess]:
    """Yield the limits passed below process ``top``; the runner is ``layers`` below it.

    ``limits`` by the pid of a job as the runner knows it, 0 for one whose pid was not heard yet; ``most`` for the
    runner.
    Processes whose parent ended are the runner's. They count with the job whose session they are in; where that cannot
    be told, with each job, for one job is not to have more by disowning its children.
    """
    runner = top
    for _ in range(layers):
        runner = next(_children(runner), 0)
    if not runner:
        return
    jobs, lost = _sorted(runner, limits)
    for job, tops in jobs.items():
        passed = [*_passed(tops, job, limits[job])]
        # Those whose job is not known may be a job that has just begun.
        if not passed and lost and 0 not in limits:
            passed += _passed([*tops, *lost], job if len(jobs) == 1 else 0, limits[job])
        yield from passed
    # What it imported is shared by all jobs and no part of their limits, so it has its own.
    yield from _passed([runner], 0, replace(most, cpu=inf, memory=2 * most.memory), alone=bool(jobs))


def _sorted(runner: int, limits: Mapping[int, Limits]) -> tuple[dict[int, list[int]], list[int]]:
    """Return the runner's children by the job they belong to, and those whose job is not known."""
    jobs: dict[int, list[int]] = {}
    leaders: dict[int, int] = {}
    others: list[int] = []
    for child in list(_children(runner)):
        job = _inner_pid(child)
        if job and job in limits:
            jobs[job], leaders[child] = [child], job
        else:
            others.append(child)
    lost: list[int] = []
    for child in others:
        process = read(child)
        job = leaders.get(process.session) if process else None
        (jobs[job] if job else lost).append(child)
    return jobs, lost


def _passed(tops: Sequence[int], job: int, limits: Limits, *, alone: bool = False) -> Iterator[Excess]:
    """Yield the limits that processes pass together with all below them, or ``alone``."""
    tree: list[Process] = []
    threads = 0
    for top in tops:
        for pid in (top, *(() if alone else descendants(top, limits.processes))):
            process = read(pid)
            if process:
                tree.append(process)
                threads += process.threads
    if threads > limits.processes:
        yield Excess(job, End.PROCESSES, f"it had more than {limits.processes} processes and threads")
        return
    cpu = sum(process.cpu for process in tree)
    if cpu > limits.cpu:
        yield Excess(job, End.TIMEOUT, f"it used more than {limits.cpu:g} s of CPU")
    # Pages that processes share count once for each of them here, so the exact sum is only needed beyond the limit.
    if sum(process.rss for process in tree) > limits.memory * _MIB:
        memory = _together(tree)
        if memory > limits.memory * _MIB:
            yield Excess(job, End.MEMORY, f"it used {memory // _MIB} MiB of memory, more than {limits.memory}")


def descendants(pid: int, most: int = 1 << 20) -> list[int]:
    """Return the processes below one, at most ``most`` and one: who multiplies must not keep us counting."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) <= most:
        new = list(_children(waiting.pop()))
        found += new
        waiting += new
    return found[: most + 1]


def read(pid: int) -> Process | None:
    """Return what the kernel says about a process, None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        cpu = sum(int(field) for field in fields[11:15]) / _TICKS
        return Process(pid, int(fields[1]), int(fields[3]), int(fields[17]), int(fields[21]) * _PAGE, cpu)
    except (OSError, ValueError, IndexError):
        return None


def _children(pid: int) -> Iterator[int]:
    """Yield the children of all threads of a process."""
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names are enough
            with contextlib.suppress(OSError):
                yield from map(int, Path(f"/proc/{pid}/task/{task}/children").read_bytes().split())


def _inner_pid(pid: int) -> int:
    """Return the number that a process has in its own namespace, 0 when it is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/status").read_bytes().split(b"\n"):
            if line.startswith(b"NSpid:"):
                return int(line.split()[-1])
    return 0


def _together(tree: list[Process]) -> int:
    """Return the memory of processes, pages that they share counted once.

    The kernel has us wait for a process that forks, for long where it does little else: so they stand still meanwhile.
    """
    still = [process.pid for process in tree] if len(tree) > _FEW else []
    _signal(still, signal.SIGSTOP)
    try:
        return sum(_shared_out(process) for process in tree)
    finally:
        _signal(still, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _shared_out(process: Process) -> int:
    """Return a process's memory with its part of what it shares (PSS), or all of it where we may not know."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_bytes().split(b"\n"):
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return process.rss


def disk_excess(folder: Path, limits: Limits) -> Excess | None:
    """Return the limit passed in a private folder that has no size of its own. Looks at no more files than allowed."""
    size = files = 0
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                files += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                if files > limits.files:
                    return Excess(0, End.DISK, f"there were more than {limits.files} files")
    if size > limits.disk * _MIB:
        return Excess(0, End.DISK, f"more than {limits.disk} MiB were written")
    return None


def filesystem_excess(folder: Path, limits: Limits) -> Excess | None:
    """Return the limit passed on a file system of its own: its size is kept by the kernel, its files are not."""
    with contextlib.suppress(OSError):
        found = os.statvfs(folder)
        if found.f_files - found.f_ffree > limits.files:
            return Excess(0, End.DISK, f"there were more than {limits.files} files")
        if (found.f_blocks - found.f_bfree) * found.f_frsize > limits.disk * _MIB:
            return Excess(0, End.DISK, f"more than {limits.disk} MiB were written")
    return None
