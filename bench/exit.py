"""How soon the server is gone, and whether anything of it stays.

    python bench/exit.py [--server coding-agent]

Each way to leave is tried on a fresh server with a file of 5 000 lines: ``shutdown`` and ``exit`` when idle, just
after the start, while the rest of the server is loaded, in the middle of work, and while every child process is
stopped by a signal (a hung worker); the client closing the pipes; the client killed, its process id being the one the
server was told to watch.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep

from inputs import make
from servers import OURS
from wire import Wire, begin, end, tree

LIMIT = 1.0
"""Seconds."""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def goodbye(wire: Wire) -> None:
    wire.ask("shutdown")
    wire.notify("exit")


def close(wire: Wire) -> None:
    assert wire.process.stdin
    wire.process.stdin.close()


def busy(wire: Wire, uri: str) -> None:
    """Leave questions open that take the server a while."""
    at = {"line": 40, "character": 8}
    wire.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
    wire.ask("workspace/diagnostic", {"previousResultIds": []})
    wire.rest(0.3)


def hang(wire: Wire, uri: str) -> None:
    """Start workers and stop them by a signal."""
    busy(wire, uri)
    wire.rest(1.0)
    for pid in tree(wire.pid)[1:]:
        os.kill(pid, signal.SIGSTOP)


def idle(wire: Wire, uri: str) -> None:
    wire.calm()


def early(wire: Wire, uri: str) -> None:
    """Leave before the server loads what it needs later."""
    wire.rest(0.2)


def warming(wire: Wire, uri: str) -> None:
    """Leave while the server loads what it needs later: it begins when nothing was typed for half a second."""
    wire.rest(0.65)


def attempt(
    workspace: Path,
    file: Path,
    label: str,
    what: str,
    before: Callable[[Wire, str], None],
    leave: Callable[[Wire], None],
) -> None:
    wire = begin(workspace, label)
    try:
        uri = wire.open(file)
        if wire.capabilities.get("diagnosticProvider"):
            wire.pull(uri)
        before(wire, uri)
        every = tree(wire.pid)
        begun = perf_counter()
        leave(wire)
        tell(what, every, begun, wire.process)
    finally:
        end(wire)


def tell(what: str, every: list[int], begun: float, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Print when the server itself was gone and when the last of ``every`` was."""
    server = None
    while perf_counter() < begun + 10 and any(map(alive, every)):
        if process:
            process.poll()
        if server is None and not alive(every[0]):
            server = perf_counter() - begun
        sleep(0.002)
    took = perf_counter() - begun
    left = [pid for pid in every if alive(pid)]
    verdict = "ok" if took <= LIMIT and not left else "OVER"
    gone = took if server is None else server
    print(
        f"  {what:<44} server gone {gone:6.3f} s, all {len(every)} processes {took:6.3f} s  limit {LIMIT:g}  {verdict}"
        + (f"  left: {left}" if left else ""),
        flush=True,
    )


CLIENT = """
import sys, pathlib
sys.path.insert(0, sys.argv[1])
from wire import begin, tree
wire = begin(pathlib.Path(sys.argv[2]), sys.argv[4])
uri = wire.open(pathlib.Path(sys.argv[3]))
if wire.capabilities.get("diagnosticProvider"):
    wire.pull(uri)
wire.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 40, "character": 8}})
wire.rest(1.0)
print(*tree(wire.pid), flush=True)
wire.rest(60)
"""


def orphaned(workspace: Path, file: Path, label: str) -> None:
    """Kill a client of its own process; somebody else still holds the pipe open, as a shell may."""
    here = str(Path(__file__).resolve().parent)
    command = [sys.executable, "-c", CLIENT, here, str(workspace), str(file), label]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout
        every = [int(pid) for pid in client.stdout.readline().split()]
        holder = os.open(f"/proc/{every[0]}/fd/0", os.O_WRONLY)
        client.kill()
        client.wait()
        begun = perf_counter()
        tell("client killed, pipe held open by another", every, begun)
        os.close(holder)
    for pid in every:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=OURS)
    label = parser.parse_args().server
    with tempfile.TemporaryDirectory(prefix="exit-") as folder:
        workspace = Path(folder)
        (made,) = make(workspace, [5000])
        file = made.path
        attempt(workspace, file, label, "shutdown and exit, idle", idle, goodbye)
        attempt(workspace, file, label, "shutdown and exit, just started", early, goodbye)
        attempt(workspace, file, label, "shutdown and exit, while it loads", warming, goodbye)
        attempt(workspace, file, label, "shutdown and exit, at work", busy, goodbye)
        attempt(workspace, file, label, "shutdown and exit, workers hang", hang, goodbye)
        attempt(workspace, file, label, "pipes closed, idle", idle, close)
        attempt(workspace, file, label, "pipes closed, workers hang", hang, close)
        attempt(workspace, file, label, "exit without shutdown", idle, lambda wire: wire.notify("exit") and None)
        orphaned(workspace, file, label)


if __name__ == "__main__":
    main()
