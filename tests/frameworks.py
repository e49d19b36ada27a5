"""Install the frameworks that tests are generated for into an environment of their own, in the cache.

    python tests/frameworks.py     # prints where it is, or why it is not there

Where it is not there, the tests that need them skip and say so.
"""

import subprocess
import venv
from pathlib import Path

PINNED = Path(__file__).with_suffix(".txt")
ENVIRONMENT = PINNED.parents[1] / ".cache" / "frameworks"
PYTHON = ENVIRONMENT / "bin" / "python"
_READY = ENVIRONMENT / ".ready"
"""Holds what was installed."""


def is_ready() -> bool:
    """Whether all of it was installed."""
    return _READY.is_file() and _READY.read_text() == PINNED.read_text()


def install() -> str:
    """Return what there is to say: where the environment is, or why it is missing."""
    if is_ready():
        return f"frameworks: {PYTHON}"
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--requirement", PINNED]
    ran = subprocess.run(pip, capture_output=True, text=True)
    if ran.returncode:
        return f"frameworks: not here, pip could not install them: {ran.stderr.strip()[-200:]}"
    _READY.write_text(PINNED.read_text())
    return f"frameworks: {PYTHON}"


if __name__ == "__main__":
    print(install())
