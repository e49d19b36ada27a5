"""`coding-agent tests` as a process: it ends in its time whatever hangs, and killing it leaves only what is green."""

import ast
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from support.processes import Watched, children

FUNCTION = """\
def f{number}(x: int) -> str:
    if x < {number}:
        return "less"
    return "more" if x > {number} else "same"
"""
MODULE = "\n\n".join(FUNCTION.format(number=number) for number in range(12))
STUBBORN = """\
import asyncio
async def stubborn(*_, **__):
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
"""
# Each says what is broken in the process before the command runs in it.
HANGS = {
    "the loop": "import threading\nGeneration._verify = lambda *_: threading.Event().wait()",
    "a task that swallows being cancelled": STUBBORN + "Generation._search = stubborn",
    "a box that does not close": STUBBORN + "from coding_agent.sandbox.box import Box\nBox.close = stubborn",
    "a thread": "import threading\nfrom coding_agent.testgen import callsites\n"
    "callsites.seeds = lambda *_: threading.Event().wait()",
}
COMMAND = """\
import sys
from coding_agent.testgen.generate import _Generation as Generation
{broken}
from coding_agent.__main__ import main
sys.exit(main())
"""
# The child says a line for each file it saved, and goes on.
EVENTS = """\
from coding_agent.testgen.delivery import Delivery
save = Delivery._save
def told(self, written):
    save(self, written)
    print("saved", flush=True)
Delivery._save = told
tell = Generation._tell
def phase(self, now):
    if now is not self.phase or now.name == "START":
        print("phase", now.name, flush=True)
    tell(self, now)
Generation._tell = phase
"""


def _no_sandbox() -> str:
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.skipif(bool(_no_sandbox()), reason=f"no sandbox here: {_no_sandbox()}"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@contextmanager
def started(folder: Path, broken: str, seconds: float) -> "Iterator[subprocess.Popen[bytes]]":
    (folder / "numbers_told.py").write_text(MODULE)
    arguments = ["tests", "numbers_told.py", "--trust", "--python", sys.executable, "--seconds", str(seconds)]
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(broken=broken), *arguments],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def is_green(folder: Path) -> bool:
    """Whether there is no file, or one that is Python and passes."""
    file = folder / "tests" / "test_numbers_told.py"
    if not file.exists():
        return True
    ast.parse(file.read_text())
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True,
    )  # fmt: skip
    return ran.returncode == 0


@pytest.mark.parametrize("broken", HANGS.values(), ids=HANGS)
def test_it_ends_whatever_hangs(tmp_path: Path, broken: str) -> None:
    with started(tmp_path, broken, 3) as process:
        out, err = process.communicate(timeout=60)
        assert process.returncode in (0, 3), err.decode()
        assert b"Traceback" not in err, err.decode()
        assert out or b"did not end in time" in err
    assert is_green(tmp_path)


@pytest.mark.parametrize("moment", ["phase START", "phase EXPLORE", "saved", "phase KILL", "phase GATE"])
def test_killing_it_leaves_nothing_that_is_not_green(tmp_path: Path, moment: str) -> None:
    with started(tmp_path, EVENTS, 8) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.decode().strip())
            if lines[-1] == moment:
                break
        assert lines[-1:] == [moment], lines
        with Watched(*children(process.pid)) as below:
            process.kill()
            process.wait()
            assert below.left() == set()
        # What was born meanwhile held this pipe's other end nowhere: it ends when the last writer is gone.
        assert select.select([process.stdout], [], [], 10)[0]
    assert is_green(tmp_path)
    assert moment != "saved" or (tmp_path / "tests" / "test_numbers_told.py").exists()
