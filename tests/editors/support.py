"""What the tests of all editors share: texts to work on, a home folder, the server that is tested, a page's set-up."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

import coding_agent
from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.store.trust import TrustStore
from editors.install import NotHere

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_SERVER = Path(coding_agent.__file__).parents[1]

SMILE = "\N{FACE WITH TEARS OF JOY}\N{COMBINING ACUTE ACCENT}\N{LATIN SMALL LETTER E WITH ACUTE}"

READ = f'''"""Someone's module."""

import ast


def read(text):
    label, value = "{SMILE}", eval(text)
    return label, value


print(read("1"), ast)
'''

FIXED = READ.replace("eval(text)", "ast.literal_eval(text)")

SEND = '''"""Someone's module."""


def send(mail, server):
    """Send a mail."""
    if mail:  # nothing to do otherwise
        # Connect first.
        server.connect()
        server.send(mail)
'''

CHARGE = '''def charge_card(card, amount, currency):
    """Take money from a card."""
    if amount <= 0:
        raise ValueError("nothing to charge")
    answer = card.gateway.pay(int(amount * 100), currency=currency, token=card.token)
    if answer.status != "ok":
        raise RuntimeError(answer.reason)
    return answer.identifier
'''
BILL = """def bill(person, total, unit):
    if total <= 0:
        raise ValueError("nothing to charge")
    result = person.gateway.pay(int(total * 100), currency=unit, token=person.token)
    if result.status != "ok":
        raise RuntimeError(result.reason)
    return result.identifier
"""
"""It does what `CHARGE` does."""
SIZE = f'''"""Someone's module."""


def size(count: int, label: str = "{SMILE}") -> str:
    if count < 0:
        raise ValueError("less than nothing")
    return label if count == 0 else "some"
'''

SIZES = (
    SIZE
    + """

def read(text):
    return eval(text)
"""
)
"""With a finding, which tells that the server is there."""

LOAD = '''"""Someone's module."""


def load(text):
    """Read a value that somebody wrote."""
    if text:
        return eval(text)
    return None
'''

IMPORTING = """import json


def shown(text):
    return json.dumps(eval(text))
"""

SHOWN = '''"""Read what people write."""


def read(text):
    """Return the value that a text says."""
    return eval(text)
'''
"""What our pages show."""

MIXED = f'a = "{SMILE}"\r\n\x0c\r\n\r\ndef read(text):\r\n    return "{SMILE}", eval(text)\r\n'
"""Characters beyond the first plane, a form feed, and lines that end as on Windows."""


T = TypeVar("T")


def eventually(what: str, check: Callable[[], T], patience: float = 150) -> T:
    """Return the first true value of a question that is asked again and again; for what has no event to wait for."""
    end = time.monotonic() + patience
    while not (value := check()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.05)
    return value


def here(find: Callable[[], Path]) -> Path:
    """Return the editor that is found; without one the test is skipped with the reason."""
    try:
        return find()
    except NotHere as reason:
        pytest.skip(str(reason))


def write(folder: Path, text: str) -> Path:
    file = folder / "sample.py"
    file.write_text(text, encoding="utf-8", newline="")
    return file


class Home:
    """A home folder with nothing of anybody's in it, from which editors start the server that the tests import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started = folder / "servers"
        programs = folder / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        command = programs / "coding-agent"
        # -P: as an installed command does, it looks for no module in the folder it is started in.
        command.write_text(
            f'#!/bin/sh\necho $$ >> "{self._started}"\nexport PYTHONPATH="{_SERVER}"\n'
            f'exec "{sys.executable}" -P -m coding_agent "$@"\n'
        )
        command.chmod(0o755)
        folder.chmod(0o700)
        self.variables = {
            "PATH": os.pathsep.join([str(programs), str(PROGRAMS), os.environ["PATH"]]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "tmux-256color",
            "COLORTERM": "truecolor",
        }

    def trust(self, project: Path) -> None:
        """Trust a project as the user would have done before."""
        TrustStore(self.folder / ".local/state/coding-agent/trust.json").trust(project)

    def trusts(self, project: Path) -> bool | None:
        """Return what the user answered about a project, None where there is no answer."""
        return TrustStore(self.folder / ".local/state/coding-agent/trust.json").answer(project)

    @property
    def servers(self) -> list[int]:
        """The ids of the servers that were started, the newest last."""
        return [int(line) for line in self._started.read_text().split()] if self._started.is_file() else []

    def kill(self) -> None:
        """End the newest server as the kernel does when memory is short."""
        os.kill(self.servers[-1], signal.SIGKILL)


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def tempting(project: Path) -> Path:
    """Give a project an interpreter that leaves a file when it is run; return that file."""
    left, python = project / "was-run", project / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{left}"\n')
    python.chmod(0o755)
    (project / ".venv/pyvenv.cfg").write_text("version = 3.11.0\n")
    return left


def need_sandbox() -> None:
    """Skip the test where no code can be run."""
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        pytest.skip(f"no sandbox here: {error}")


def run_tests(tests: Path, project: Path) -> "subprocess.CompletedProcess[str]":
    """Run pytest on generated tests, as the report of the generation says."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        cwd=project, env={"PYTHONPATH": str(project)}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def blocks(page: str) -> list[str]:
    """Return the blocks of code of a page of ours, without the screens, which are texts."""
    return [found[2] for found in _BLOCK.finditer((ROOT / page).read_text("utf-8")) if found[1] != "text"]


def shows(page: str, screen: str) -> None:
    """Hold the screen that a page shows against the real one; `make screens` writes it anew."""
    lines = [line.rstrip() for line in screen.rstrip().split("\n")]
    real = "\n".join(lines) + "\n"
    file = ROOT / page
    text = file.read_text("utf-8")
    shown = next(found for found in _BLOCK.finditer(text) if found[1] == "text")
    if os.environ.get("SCREENS") == "write":
        file.write_text(text[: shown.start(2)] + real + text[shown.end(2) :], "utf-8")
    else:
        assert shown[2] == real, "`make screens` writes it anew"


def is_shown(page: str, name: str, version: tuple[int, int]) -> None:
    """Skip the test where the editor is another version than the one that a page shows."""
    found = re.search(rf"a screen of {name} (\d+)\.(\d+)", (ROOT / page).read_text("utf-8"))
    assert found, f"{page} does not say of which version its screen is"
    if version != (int(found[1]), int(found[2])):
        pytest.skip(f"{page} shows {name} {found[1]}.{found[2]}, here is {version[0]}.{version[1]}")
