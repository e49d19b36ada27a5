"""What a cancelled request costs: how soon it is answered, and whether anything goes on behind the answer.

    python bench/cancel.py [--server coding-agent] [--times 5]

On a file of 20 000 lines, in a server that has loaded what it loads when idle, each request is sent behind an edit and
cancelled in the same write, or some milliseconds later; so is a hover in a small file that only jedi can answer, also
where jedi has to be started for it. Told are the outcomes, the slowest answer after the cancelling and the CPU time
that the server itself spent until then, and the CPU milliseconds that the process tree uses between 200 and 500 ms
after it. The last lines compare so many requests cancelled in the write that brought them with none at all: what was
cancelled before it was dispatched costs nothing.
"""

import argparse
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from inputs import make
from servers import OURS
from wire import Message, Wire, cmdline, cpu, own_cpu, session, tree

ANSWER_LIMIT, IDLE_AFTER, IDLE_LIMIT = 50.0, 0.2, 3.0
"""Milliseconds, seconds, CPU milliseconds in the 300 ms after that."""
BURST = 200
FREE_LIMIT = 0.2
"""CPU milliseconds of one request cancelled before dispatch: reading it and saying so."""

CODES = {-32800: "cancelled", -32802: "server cancelled", -32801: "content modified", -32601: "unknown method"}


def requests(uri: str, lines: int) -> Iterator[tuple[str, Any]]:
    """Every request worth cancelling, on the file's middle."""
    document = {"uri": uri}
    at = {"line": lines // 2, "character": 6}
    span = {"start": {"line": lines // 4, "character": 0}, "end": {"line": lines // 2, "character": 0}}
    yield "textDocument/diagnostic", {"textDocument": document}
    yield "textDocument/documentSymbol", {"textDocument": document}
    yield "textDocument/codeLens", {"textDocument": document}
    yield "textDocument/hover", {"textDocument": document, "position": at}
    yield "textDocument/codeAction", {"textDocument": document, "range": span, "context": {"diagnostics": []}}
    yield "workspace/diagnostic", {"previousResultIds": []}


class Typist:
    """Types one line into the file's top and takes it back, edit by edit."""

    def __init__(self, uri: str) -> None:
        self.uri, self.version = uri, 1

    def edit(self) -> Message:
        self.version += 1
        there = self.version % 2
        end = {"line": there, "character": 0}
        change = {"range": {"start": {"line": 0, "character": 0}, "end": end}, "text": "" if there else "x = eval(y)\n"}
        document = {"uri": self.uri, "version": self.version}
        return {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": [change]}}


def outcome(message: Message | None) -> str:
    if message is None:
        return "no answer"
    code = message.get("error", {}).get("code")
    return "a result" if code is None else CODES.get(code, str(code))


def cancel(number: int) -> Message:
    return {"method": "$/cancelRequest", "params": {"id": number}}


def try_out(wire: Wire, typist: Typist, method: str, params: Any, delay: float, times: int, note: str = "") -> None:
    slowest, worked, burnt, outcomes = 0.0, 0.0, 0.0, Counter[str]()
    for _ in range(times):
        asked = wire.message(method, params)
        used = own_cpu(wire.pid)
        if delay:
            wire.send(typist.edit(), asked)
            wire.rest(delay)
            used = own_cpu(wire.pid)
            cancelled = wire.send(cancel(asked["id"]))
        else:
            cancelled = wire.send(typist.edit(), asked, cancel(asked["id"]))
        reply = wire.reply(asked["id"], 10.0)
        slowest = max(slowest, 1e3 * ((reply[0] if reply else perf_counter()) - cancelled))
        worked = max(worked, 1e3 * (own_cpu(wire.pid) - used))
        outcomes[outcome(reply and reply[1])] += 1
        wire.rest(max(0.0, cancelled + IDLE_AFTER - perf_counter()))
        before = cpu(wire.pid)
        wire.rest(0.3)
        burnt = max(burnt, 1e3 * (cpu(wire.pid) - before))
    verdict = "ok" if slowest <= ANSWER_LIMIT and burnt <= IDLE_LIMIT and not outcomes["no answer"] else "OVER"
    said = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    print(
        f"  {f'{method} {note}':<30} after {1e3 * delay:>3.0f} ms  answered within {slowest:6.1f} ms "
        f"({worked:5.1f} of CPU)  limit {ANSWER_LIMIT:g}  "
        f"then {burnt:6.1f} CPU ms  limit {IDLE_LIMIT:g}  {verdict:<4}  {said}",
        flush=True,
    )


ONLY_JEDI = """# 1
import json
from xml.dom import minidom


def read(text):
    tree = minidom.parseString(json.loads(text))
    return tree.documentElement.getAttribute("x")
"""


class Renumberer(Typist):
    """Writes another number into the first line with each edit, so that no answer of before fits the text."""

    def edit(self) -> Message:
        self.version += 1
        change = {"range": {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 99}}}
        document = {"uri": self.uri, "version": self.version}
        changes = [{**change, "text": str(self.version)}]
        return {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": changes}}


def jedi_asked(wire: Wire, workspace: Path, times: int) -> None:
    """Hover over a name that only jedi knows, when it is warm and when it has to be started anew."""
    path = workspace / "only_jedi.py"
    path.write_text(ONLY_JEDI)
    uri = wire.open(path)
    wire.pull(uri)
    at = {"line": 7, "character": ONLY_JEDI.split("\n")[7].index("getAttribute")}
    params = {"textDocument": {"uri": uri}, "position": at}
    for _ in range(3):
        wire.call("textDocument/hover", params)
        wire.rest(1.0)
    typist = Renumberer(uri)
    for delay in (0.0, 0.003, 0.02):
        wire.calm()
        try_out(wire, typist, "textDocument/hover", params, delay, times, "jedi warm")
    for delay in (0.003, 0.02):
        for _ in range(times):
            for pid in tree(wire.pid)[1:]:
                if "semantics.door" in cmdline(pid):
                    os.kill(pid, signal.SIGKILL)
            wire.calm()
            try_out(wire, typist, "textDocument/hover", params, delay, 1, "jedi gone")


def burst(wire: Wire, method: str, params: Any) -> None:
    """Print what a request costs that is cancelled before it can have been dispatched."""
    wire.rest(0.5)
    before = cpu(wire.pid)
    asked = [wire.message(method, params) for _ in range(BURST)]
    # All cancellations stand right behind their request and everything is written at once.
    wire.send(*(message for request in asked for message in (request, cancel(request["id"]))))
    wire.until(lambda: all(request["id"] in wire.replies for request in asked), 30.0)
    wire.rest(0.3)
    each = 1e3 * (cpu(wire.pid) - before) / BURST
    outcomes = Counter(outcome(wire.replies[r["id"]][1] if r["id"] in wire.replies else None) for r in asked)
    said = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    verdict = "ok" if each <= FREE_LIMIT else "OVER"
    print(
        f"  {method:<28} {BURST} cancelled at once: {each:.3f} CPU ms each  limit {FREE_LIMIT:g}  {verdict}  {said}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=OURS)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cancel-") as folder:
        workspace = Path(folder)
        (large,) = make(workspace, [20000])
        with session(workspace, options.server) as wire:
            uri = wire.open(large.path)
            wire.pull(uri)
            # Two seconds behind the last text the server loads what nobody asked for yet, and starts jedi.
            wire.rest(3.0)
            wire.calm()
            typist = Typist(uri)
            for method, params in requests(uri, large.lines):
                for delay in (0.0, 0.003, 0.02):
                    try_out(wire, typist, method, params, delay, options.times)
            jedi_asked(wire, workspace, options.times)
            for method, params in requests(uri, large.lines):
                burst(wire, method, params)


if __name__ == "__main__":
    main()
