"""Writes ``analysis/ruff_defaults.txt``: the rules that the pinned ruff reports without any configuration.

Run it after a new ruff was pinned: ``python tests/support/ruff_defaults.py``.
"""

import re
import subprocess
import sys
from pathlib import Path

KEPT = Path(__file__).parents[2] / "server/coding_agent/analysis/ruff_defaults.txt"
_BLOCK = re.compile(r"^linter\.rules\.enabled = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)


def current() -> str:
    """The content the file should have: a line that names ruff's version, then one code a line, sorted."""
    head = f"# On by default in {_ruff('--version').strip()}; made by tests/support/ruff_defaults.py"
    return "\n".join([head, *sorted(codes()), ""])


def codes(*options: str) -> set[str]:
    """The codes that ruff reports with these options on its command line, without any configuration where none."""
    settings = _ruff("check", *(options or ("--isolated",)), "--show-settings", str(Path(__file__)))
    block = _BLOCK.search(settings)
    if block is None:
        assert "linter.rules.enabled = []" in settings, "ruff prints its settings in another shape"
        return set()
    return set(re.findall(r"\(([A-Z]+[0-9]+)\)", block[1]))


def _ruff(*arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", "ruff", *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    KEPT.write_text(current(), encoding="ascii")
