"""A test that was delivered is green on other machines: other users, places, times and seeds, by other commands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.command_line import World
from support.sandboxes import no_sandbox

pytestmark = pytest.mark.skipif(bool(no_sandbox()), reason=f"no sandbox here: {no_sandbox()}")

MACHINE = '''\
import argparse
import getpass
import os
import platform
import shutil
import socket
import sys
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parent


def workers(limit: int = 0) -> int:
    """How many at once.

    >>> workers(3) <= 3
    True
    """
    return min(limit, os.cpu_count()) if limit else os.cpu_count()


def user() -> str:
    return getpass.getuser()


def day_of(stamp: int) -> str:
    return datetime.fromtimestamp(stamp).isoformat() if stamp >= 0 else "before"


def offset() -> tuple:
    return (time.tzname[0], time.timezone)


def platform_name() -> tuple:
    return (sys.platform, platform.system(), platform.node(), socket.gethostname())


def width() -> int:
    return shutil.get_terminal_size().columns


def data_folder() -> Path:
    return ROOT / "data"


def editor() -> str:
    return os.environ.get("EDITOR", "vi")


def config() -> str:
    return Path("pyproject.toml").read_text() if Path("pyproject.toml").exists() else "missing"


def both() -> list:
    return list({"abc", "world"})


def usage(arguments: list) -> object:
    parser = argparse.ArgumentParser(description="one two three four five six seven eight nine ten " * 3)
    parser.add_argument("name")
    return parser.parse_args(arguments)


def add(left: int, right: int) -> int:
    return left + right if left > 0 else right
'''
PLACES: dict[str, Mapping[str, str]] = {
    "Berlin": {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3", "EDITOR": "emacs", "LANG": "fr_FR.UTF-8"},
    "narrow": {"COLUMNS": "60", "USER": "ann", "LOGNAME": "ann", "VISUAL": "code"},
}


def ran(folder: Path, *command: str, seed: int = 0, **variables: str) -> str:
    """What pytest says in the end where it is not green."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *command, "-q", "-p", "no:cacheprovider", "tests/test_lib.py"],
        cwd=folder,
        env={**env, "PYTHONHASHSEED": str(seed), **variables},
        capture_output=True,
        text=True,
    )
    return "" if done.returncode == 0 else done.stdout


def test_what_is_delivered_is_green_elsewhere(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("lib.py", MACHINE)
    world.write("pyproject.toml", '[project]\nname = "lib"\nversion = "0"\n')
    made = world.run("tests", "lib.py", "--trust", "--python", sys.executable, "--seconds", "12")
    assert made.code == 0, made.err + made.out
    assert b"def test_" in world.read("tests/test_lib.py")
    moved = shutil.copytree(world.project, tmp_path / "moved")
    for variables in PLACES.values():
        assert ran(moved, "-m", "pytest", **variables) == ""
    for seed in range(3, 8):
        assert ran(moved, "-m", "pytest", seed=seed) == ""
