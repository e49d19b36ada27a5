"""Does the server sleep when nobody asks? Wake-ups a second and CPU of the process tree when idle.

    python bench/wakeups.py [--server coding-agent] [--seconds 15]

A thread that goes to sleep by itself counts one voluntary context switch (``/proc/PID/task/TID/status``), so their rise
is the number of times something woke it.
"""

import argparse
import tempfile
from pathlib import Path

from inputs import make
from servers import OURS
from wire import Wire, cpu, session, shown, tree

WAKES, SHARE = 1.0, 0.005


def switches(pid: int) -> int:
    """Voluntary context switches of all threads of a process so far; 0 when it is gone."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        try:
            fields = dict(line.partition(":")[::2] for line in status.read_text().splitlines())
        except OSError:
            continue
        total += int(fields["voluntary_ctxt_switches"])
    return total


def watch(wire: Wire, what: str, seconds: float) -> None:
    before = {pid: switches(pid) for pid in tree(wire.pid)}
    used = cpu(wire.pid)
    wire.rest(seconds)
    share = (cpu(wire.pid) - used) / seconds
    woken = {pid: (switches(pid) - before.get(pid, 0)) / seconds for pid in tree(wire.pid)}
    total = sum(woken.values())
    verdict = "ok" if total <= WAKES and share <= SHARE else "OVER"
    print(f"  {what:<24} {total:6.2f} wake-ups/s  {share:.4f} of a core  limits {WAKES:g}, {SHARE:g}  {verdict}")
    for pid, each in woken.items():
        print(f"      {each:6.2f}  {shown(pid)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=OURS)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wakeups-") as folder:
        workspace = Path(folder)
        (file,) = make(workspace, [5000])
        with session(workspace, options.server) as wire:
            wire.calm()
            watch(wire, "no file open", options.seconds)
            uri = wire.open(file.path)
            if wire.capabilities.get("diagnosticProvider"):
                wire.pull(uri)
            wire.calm()
            watch(wire, "5 000 lines open", options.seconds)
            wire.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 30, "character": 6}})
            wire.rest(5.0)
            wire.calm()
            watch(wire, "after hover", options.seconds)


if __name__ == "__main__":
    main()
