# pyright: standard
# Candidates and outcomes are plain data.
"""Runs candidates in a new interpreter for each of several hash seeds, which are chosen when an interpreter starts."""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

AT_ONCE = 2
_BOOT = """import json, sys
name, folder, given, told = sys.argv[1:]
package = sys.modules[name] = type(sys)(name)
package.__path__ = [folder]
from importlib import import_module
found = import_module(name + ".replay").replay(None, **json.load(open(given, encoding="ascii")))
json.dump(found["outcomes"], open(told, "w", encoding="ascii"))
"""


def replays(
    say: Callable[[Dict[str, Any]], Any],
    module: str,
    paths: Sequence[str] = (),
    candidates: Sequence[Dict[str, Any]] = (),
    seeds: Sequence[int] = (),
    seconds: float = 5.0,
) -> Dict[str, Any]:
    """Return ``{"runs": [...]}``: for each seed whose run ended in time the outcomes, as ``replay`` gives them."""
    del say
    until = time.monotonic() + seconds
    given = {"module": module, "paths": list(paths), "candidates": list(candidates), "order": "random"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "given").write_text(json.dumps(given), "ascii")
        waiting, running = list(seeds), {}  # type: ignore[var-annotated]
        runs: List[Any] = []
        while (waiting or running) and time.monotonic() < until:
            while waiting and len(running) < AT_ONCE:
                seed = waiting.pop(0)
                running[_started(folder, seed)] = folder / str(seed)
            for pid in list(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    told = running.pop(pid)
                    runs += [json.loads(told.read_text("ascii"))] if status == 0 else []
            time.sleep(0.005)
        for pid in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return {"runs": runs}


def _started(folder: Path, seed: int) -> int:
    package = __name__.rpartition(".")[0]
    arguments = [package, os.path.dirname(__file__), str(folder / "given"), str(folder / str(seed))]
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-s", "-X", "utf8", "-c", _BOOT, *arguments],
        {**os.environ, "PYTHONHASHSEED": str(seed)},
        file_actions=[(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)],
    )
