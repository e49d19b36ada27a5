"""Processes that run once: git, a trusted interpreter. Output and time are bounded, failure is a value."""

import asyncio
import os
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from coding_agent.runtime.spawn import detached, kill_tree

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process did. ``problem`` is empty when it ended by itself, otherwise a sentence (``code`` may be None)."""

    code: int | None
    out: bytes
    err: bytes
    problem: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.problem


async def run(
    argv: Sequence[str],
    *,
    cwd: Path | str,
    timeout: float,
    input: bytes = b"",
    env: Mapping[str, str] | None = None,
    limit: int = 1 << 20,
) -> Ran:
    """Run a program to its end, at most ``timeout`` seconds and ``limit`` bytes on each of stdout and stderr.

    When the caller is cancelled, the process tree is killed first.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=cwd, env=env, **detached()
        )
    except (OSError, ValueError) as error:
        return _not_started(argv, error)
    problem = ""
    out, err = bytearray(), bytearray()
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(
                _feed(process, input), *(_drain(process, *pair, limit) for pair in ((1, out), (2, err)))
            )
            await process.wait()
    except TimeoutError:
        problem = _late(timeout)
    finally:
        if process.returncode is None:
            kill_tree(process.pid)
    if problem:
        await process.wait()
    return _ended(process.returncode, out, err, limit, problem)


def run_now(
    argv: Sequence[str],
    *,
    cwd: Path | str,
    timeout: float,
    input: bytes = b"",
    env: Mapping[str, str] | None = None,
    limit: int = 1 << 20,
) -> Ran:
    """The same for a caller without an event loop; it blocks."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd, env=env, **detached())
    except (OSError, ValueError) as error:
        return _not_started(argv, error)
    out, err = bytearray(), bytearray()
    assert process.stdin
    assert process.stdout
    assert process.stderr
    threads = [
        Thread(target=_feed_now, args=(process.stdin, input), daemon=True),
        Thread(target=_drain_now, args=(process, process.stdout, out, limit), daemon=True),
        Thread(target=_drain_now, args=(process, process.stderr, err, limit), daemon=True),
    ]
    for thread in threads:
        thread.start()
    problem = ""
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        problem = _late(timeout)
    finally:
        if process.poll() is None:
            kill_tree(process.pid)
            process.wait()
    for thread in threads:
        thread.join(1.0)
    return _ended(process.returncode, out, err, limit, problem)


async def _feed(process: Process, data: bytes) -> None:
    assert process.stdin
    try:
        process.stdin.write(data)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):  # It did not want all of it.
        pass
    process.stdin.close()


async def _drain(process: Process, number: int, kept: bytearray, limit: int) -> None:
    stream = process.stdout if number == 1 else process.stderr
    assert stream
    while block := await stream.read(_BLOCK):
        kept += block[: limit + 1 - len(kept)]
        if len(kept) > limit and process.returncode is None:
            kill_tree(process.pid)


def _feed_now(stream: IO[bytes], data: bytes) -> None:
    try:
        stream.write(data)
        stream.close()
    except OSError:  # It did not want all of it.
        return


def _drain_now(process: "subprocess.Popen[bytes]", stream: IO[bytes], kept: bytearray, limit: int) -> None:
    with stream:
        while block := os.read(stream.fileno(), _BLOCK):
            kept += block[: limit + 1 - len(kept)]
            if len(kept) > limit and process.returncode is None:
                kill_tree(process.pid)


def _late(timeout: float) -> str:
    return f"stopped after {timeout:g} s"


def _ended(code: int | None, out: bytearray, err: bytearray, limit: int, problem: str) -> Ran:
    if max(len(out), len(err)) > limit:
        problem = problem or f"stopped: it wrote more than {limit} bytes"
    return Ran(code, bytes(out[:limit]), bytes(err[:limit]), problem)


def _not_started(argv: Sequence[str], error: OSError | ValueError) -> Ran:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Ran(None, b"", b"", f"{argv[0]} could not be started: {reason}")
