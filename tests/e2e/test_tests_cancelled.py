"""Stopping a generation at any time leaves a file that is green."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from coding_agent.errors import CodingAgentError
from coding_agent.ide import tests
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.generate import generate
from coding_agent.testgen.report import Progress

FUNCTION = """\
def f{number}(x: int) -> str:
    if x < {number}:
        return "less"
    return "more" if x > {number} else "same"
"""
MODULE = "\n\n".join(FUNCTION.format(number=number) for number in range(12))


def _no_sandbox() -> str:
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        return str(error)
    return ""


pytestmark = pytest.mark.skipif(bool(_no_sandbox()), reason=f"no sandbox here: {_no_sandbox()}")


async def test_what_is_on_disk_when_it_is_cancelled_is_green(tmp_path: Path) -> None:
    (tmp_path / "numbers_told.py").write_text(MODULE)
    saved: list[int] = []

    def listen(now: Progress) -> None:
        if now.saved:
            saved.append(now.saved)
            running.cancel()

    asked = tests.Asked("numbers_told.py", tmp_path, tmp_path, Path(sys.executable), 20.0)
    running = asyncio.ensure_future(generate(tests.request_of(asked, tests.meant(asked)), listen))
    with suppress(asyncio.CancelledError):
        await running
    assert saved, "no file was saved in 20 s"
    file = tmp_path / "tests" / "test_numbers_told.py"
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert not list(file.parent.glob(".*")), "nothing else is left beside it"
