"""Everything that is measured, in the order in which a reader wants it; what ``make bench`` runs.

    python bench/run.py [--quick] [PART ...]

Parts: latency whole_file loop_stall cancel memory wakeups exit torture noise. Each is a program of its own that can be
run alone. ``--quick`` takes smaller samples where a part has them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from servers import JUDGES, OURS, RESULTS, specifications

HERE = Path(__file__).resolve().parent

QUICK = {
    "latency": ["--quick"],
    "loop_stall": ["--files", "300"],
    "cancel": ["--times", "2"],
    "memory": ["--idle", "25"],
}
PARTS = ("latency", "whole_file", "loop_stall", "cancel", "memory", "wakeups", "exit", "torture", "noise")


def torture() -> list[str]:
    """The judge's odd positions and hostile files, for us and ruff."""
    RESULTS.mkdir(exist_ok=True)
    servers = RESULTS / "torture_servers.json"
    workspace = Path(tempfile.mkdtemp(prefix="torture-"))
    servers.write_text(json.dumps(specifications(["ruff", OURS], workspace / ".home")))
    return [str(JUDGES / "lsp_torture.py"), "--servers", str(servers), "--workspace", str(workspace)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("parts", nargs="*", metavar="PART")
    options = parser.parse_args()
    failed: list[str] = []
    for part in options.parts or PARTS:
        print(f"\n== {part}", flush=True)
        command = (
            torture()
            if part == "torture"
            else [str(HERE / f"{part}.py"), *(QUICK.get(part, []) if options.quick else [])]
        )
        if subprocess.run([sys.executable, *command]).returncode:
            failed.append(part)
    print(f"\nfailed to run: {', '.join(failed)}" if failed else "\nall parts ran")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
