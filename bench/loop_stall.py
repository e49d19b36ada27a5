"""How long does the server answer nothing? The longest gap between answers to a trivial request while it works.

    python bench/loop_stall.py [--files 2000]

Three times the same probe (the symbols of a one-line document, asked again as soon as they are there): while nothing
else happens, which is what the machine itself costs; while a workspace of so many files is scanned through
``workspace/diagnostic``; and while a file of 20 000 lines is opened and its diagnostics are pulled.

Beside the longest gap stands the most CPU time that the server's own process used between two answers: on a machine
with other guests that is what the loop itself did, and the rest of a gap is waiting for a core.
"""

import argparse
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from inputs import make
from servers import OURS
from wire import Wire, own_cpu, session

SCAN_LIMIT, OPEN_LIMIT = 20.0, 50.0
"""Milliseconds."""


def copy_sources(workspace: Path, count: int) -> int:
    """Copy modules of the standard library and of what is installed beside us; return how many there were."""
    roots = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    target, done = workspace / "scanned", 0
    for number, root in enumerate(roots):
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root)
            if done == count:
                return done
            if "site-packages" in inside.parts or "lib2to3" in inside.parts:
                continue
            copy = target / f"part{number}" / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            done += 1
    return done


class Answer(NamedTuple):
    """When an answer came, and how many CPU seconds the server's process had used by then."""

    moment: float
    used: float


def probe(wire: Wire, uri: str, busy: Callable[[], bool], seconds: float) -> list[Answer]:
    """Ask for the symbols of ``uri`` again and again while ``busy``; return when it was answered."""
    answers = [Answer(perf_counter(), own_cpu(wire.pid))]
    while busy() and answers[-1].moment < answers[0].moment + seconds:
        reply = wire.reply(wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}}))
        if reply is None:
            raise TimeoutError("a trivial request was not answered within a minute")
        answers.append(Answer(reply[0], own_cpu(wire.pid)))
    return answers


def tell(what: str, answers: list[Answer], limit: float | None) -> None:
    """Print the gaps in milliseconds."""
    pairs = list(pairwise(answers))
    gaps = sorted(1e3 * (b.moment - a.moment) for a, b in pairs)
    own = max(1e3 * (b.used - a.used) for a, b in pairs)
    verdict = "" if limit is None else f"  limit {limit:g}  {'ok' if gaps[-1] <= limit else 'OVER'}"
    middle, high = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.999)]
    took = answers[-1].moment - answers[0].moment
    print(
        f"  {what:<24} {took:6.1f} s {len(gaps):>7} answers  median {middle:.2f}  p99.9 {high:.2f}  "
        f"longest {gaps[-1]:.1f} ms, of CPU {own:.1f} ms{verdict}",
        flush=True,
    )


def scan(wire: Wire, tiny: str, limit: float) -> None:
    number = wire.ask("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "scan"})
    # A server may keep the request open for later changes; what it reports then stops coming.
    quiet = [len(wire.notes), 0]

    def busy() -> bool:
        quiet[1] = quiet[1] + 1 if len(wire.notes) == quiet[0] else 0
        quiet[0] = len(wire.notes)
        return number not in wire.replies and quiet[1] < 20_000

    answers = probe(wire, tiny, busy, limit)
    reports = sum(m["method"] == "$/progress" for _, m in wire.notes)
    reply = wire.replies.get(number)
    items = len(reply[1].get("result", {}).get("items", [])) if reply else 0
    if len(answers) < 2 or (reply and "error" in reply[1]):
        print(f"  no scan: {reply and reply[1].get('error')}")
        return
    tell("scanning the workspace", answers, SCAN_LIMIT)
    print(
        f"  {'':<34} {reports} partial results, {items} files in the reply" + ("" if reply else ", request kept open")
    )


def opening(wire: Wire, tiny: str, large: Path) -> None:
    before = Answer(perf_counter(), own_cpu(wire.pid))
    uri = wire.open(large)
    number = wire.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    answers = probe(wire, tiny, lambda: number not in wire.replies, 60.0)
    tell("opening 20 000 lines", [before, *answers[1:]], OPEN_LIMIT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--server", default=OURS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stall-") as folder:
        workspace = Path(folder)
        (large,) = make(workspace, [20000])
        count = copy_sources(workspace, options.files)
        print(f"{options.server}, {count} files", file=sys.stderr)
        with session(workspace, options.server) as wire:
            first = workspace / "tiny.py"
            first.write_text("x = 1\n")
            tiny = wire.open(first)
            wire.call("textDocument/documentSymbol", {"textDocument": {"uri": tiny}})
            wire.calm()
            tell("nothing else", probe(wire, tiny, lambda: True, 3.0), None)
            opening(wire, tiny, large.path)
            scan(wire, tiny, 600.0)


if __name__ == "__main__":
    main()
