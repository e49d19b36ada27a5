"""The servers a run compares: the specification of each as ``judges/lsp_latency.py`` reads it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peers import programs

HERE = Path(__file__).resolve().parent
JUDGES = HERE / "judges"
OURS = "coding-agent"
RESULTS = HERE.parent / ".bench"
"""Where runs leave their files; not committed."""


def specifications(labels: Sequence[str], home: Path) -> list[dict[str, Any]]:
    """The specifications of ``labels`` in that order, each with a command that exists here.

    Ours is the one installed beside this interpreter, and keeps what it stores in ``home``.
    """
    known = {spec["label"]: spec for spec in json.loads((JUDGES / "lsp_servers.json").read_text())}
    found = programs(labels=[label for label in labels if label != OURS])
    out: list[dict[str, Any]] = []
    for label in labels:
        spec = known[label]
        program = Path(sys.executable).parent / "coding-agent" if label == OURS else found[label]
        out.append({**spec, "cmd": [str(program), *spec["cmd"][1:]], "env": environment(home)})
    return out


def environment(home: Path) -> dict[str, str]:
    """Variables that give a server a home folder of its own, so that runs do not warm each other or the user's."""
    home.mkdir(parents=True, exist_ok=True)
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("STATE", "CACHE", "CONFIG", "DATA")}
    return {"HOME": str(home), **folders}
