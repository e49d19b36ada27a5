"""Download the wheels that training reads, at the frozen versions, with pip as it is set up here.

usage: fetch.py --packages packages.txt --out DIR
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

_AT_ONCE = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    wanted = [line.split()[0] for line in arguments.packages.read_text().splitlines() if line[:1].isalnum()]
    lost: list[str] = []
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        # One that is gone must not take the others with it.
        if not download(some, arguments.out):
            lost += [one for one in some if not download([one], arguments.out)]
    print(f"{len(wanted) - len(lost)} wheels; not to be had: {', '.join(lost) or 'none'}")
    sys.exit(bool(lost))


def download(names: list[str], out: Path) -> bool:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    return subprocess.run([*command, "--dest", str(out), *names], check=False).returncode == 0


if __name__ == "__main__":
    main()
