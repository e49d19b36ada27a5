"""Memory of the process tree, process by process, through a working day in small.

    python bench/memory.py [--server coding-agent]

Resident and proportional MiB after the handshake, with a file of 5 000 lines open, after 200 edits of it, after hover
(which may start jedi's worker), after the workspace was scanned, and when nothing was asked for a while. The limit is
for everything but jedi's worker.
"""

import argparse
import re
import tempfile
from pathlib import Path

from cancel import Typist
from inputs import make
from loop_stall import copy_sources
from servers import OURS
from wire import Wire, cmdline, pss_of, rss_of, session, shown, tree

LIMIT = 90.0
JEDI = re.compile(r"jedi|coding_agent\.semantics")


def tell(wire: Wire, what: str, limit: float | None = None) -> None:
    every = tree(wire.pid)
    # A child of jedi's worker is jedi's too.
    apart = {p for q in every[1:] if JEDI.search(cmdline(q)) for p in tree(q)}
    main = [p for p in every if p not in apart]
    ours = rss_of(main)
    verdict = "" if limit is None else f"  limit {limit:g}  {'ok' if ours <= limit else 'OVER'}"
    print(f"  {what:<30} rss {ours:6.1f}  pss {pss_of(main) or 0:6.1f} MiB  {len(main)} process(es){verdict}")
    for pid in every[1:]:
        mark = "jedi: " if pid in apart else ""
        print(f"      {rss_of([pid]):6.1f} MiB  {mark}{shown(pid)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=OURS)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of nothing at the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="memory-") as folder:
        workspace = Path(folder)
        (file,) = make(workspace, [5000])
        copy_sources(workspace, 300)
        with session(workspace, options.server) as wire:
            wire.calm()
            tell(wire, "handshake")
            uri = wire.open(file.path)
            wire.pull(uri)
            wire.calm()
            tell(wire, "5 000 lines open", LIMIT)
            typist = Typist(uri)
            for _ in range(200):
                wire.send(typist.edit())
                wire.pull(uri)
            wire.rest(1.0)
            tell(wire, "after 200 edits", LIMIT)
            at = {"line": file.lines // 2, "character": 8}
            wire.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
            wire.rest(3.0)
            tell(wire, "after hover", LIMIT)
            wire.call("workspace/diagnostic", {"previousResultIds": []}, 300.0)
            wire.rest(1.0)
            tell(wire, "after a scan of 300 files")
            wire.rest(options.idle)
            tell(wire, f"{options.idle:g} s later", LIMIT)


if __name__ == "__main__":
    main()
