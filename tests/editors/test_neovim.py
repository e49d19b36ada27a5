"""The real Neovim with the real server: what a person sees and does there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from editors.install import NotHere, find_neovim

pytestmark = pytest.mark.editor

SCENARIOS = Path(__file__).parent / "neovim"
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="session")
def nvim() -> Path:
    try:
        return find_neovim()
    except NotHere as reason:
        pytest.skip(str(reason))


def play(nvim: Path, scenario: str, file: Path, **variables: str) -> dict:
    """Open ``file`` in Neovim, run a scenario, return what it saw."""
    home = file.parent.parent / "home"
    result = home / "result.json"
    home.mkdir(exist_ok=True)
    runtime = nvim.resolve().parents[1] / "share/nvim/runtime"
    environment = {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "RESULT": str(result),
        **({"VIMRUNTIME": str(runtime)} if runtime.is_dir() else {}),
        **variables,
    }
    command = [nvim, "--headless", "--clean", "-u", SCENARIOS / "init.lua", file, "-S", SCENARIOS / f"{scenario}.lua"]
    done = subprocess.run(
        command, env=environment, cwd=file.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400
    )
    assert result.is_file(), done.stdout + done.stderr
    told = json.loads(result.read_text(encoding="utf-8", errors="replace"))
    assert "failed" not in told, told["failed"] + done.stderr
    return told["saw"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that looks like someone's project."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "someones"\nversion = "0"\n')
    return folder


def write(folder: Path, text: str) -> Path:
    file = folder / "sample.py"
    file.write_text(text, encoding="utf-8", newline="")
    return file
