import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from coding_agent.runtime.process import Ran, run, run_now

Runner = Callable[..., Awaitable[Ran]]


async def _now(argv: list[str], **options: object) -> Ran:
    return await asyncio.to_thread(run_now, argv, **options)  # type: ignore[arg-type]


both = pytest.mark.parametrize("runner", [pytest.param(run, id="async"), pytest.param(_now, id="blocking")])


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-c", code]


@both
async def test_gives_output_and_code(runner: Runner, tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd()); sys.stderr.write(sys.stdin.read()); sys.exit(3)"
    ran = await runner(python(code), cwd=tmp_path, timeout=60, input="é\n".encode())
    assert ran == Ran(3, f"{tmp_path}\n".encode(), "é\n".encode())
    assert not ran.ok


@both
async def test_takes_the_environment_as_an_argument(runner: Runner, tmp_path: Path) -> None:
    code = "import os; print(os.environ.get('WHO'))"
    ran = await runner(python(code), cwd=tmp_path, timeout=60, env={"WHO": "us"})
    assert (ran.out, ran.ok) == (b"us\n", True)


@both
async def test_stops_what_takes_too_long(runner: Runner, tmp_path: Path) -> None:
    ran = await runner(python("import time; time.sleep(3600)"), cwd=tmp_path, timeout=0.2)
    assert (ran.problem, ran.ok) == ("stopped after 0.2 s", False)


@both
async def test_stops_what_writes_too_much(runner: Runner, tmp_path: Path) -> None:
    ran = await runner(python("while True: print('x' * 999)"), cwd=tmp_path, timeout=60, limit=100_000)
    assert ran.problem == "stopped: it wrote more than 100000 bytes"
    assert len(ran.out) == 100_000


@both
async def test_a_missing_program_is_a_value(runner: Runner, tmp_path: Path) -> None:
    ran = await runner(["no-such-program"], cwd=tmp_path, timeout=60)
    assert ran == Ran(None, b"", b"", "no-such-program could not be started: No such file or directory")


@both
async def test_a_missing_folder_is_a_value(runner: Runner, tmp_path: Path) -> None:
    ran = await runner(python(""), cwd=tmp_path / "gone", timeout=60)
    assert ran.code is None
    assert "could not be started" in ran.problem


@both
async def test_input_that_is_not_read_is_no_failure(runner: Runner, tmp_path: Path) -> None:
    ran = await runner(python("pass"), cwd=tmp_path, timeout=60, input=b"x" * 1_000_000)
    assert ran == Ran(0, b"", b"")
