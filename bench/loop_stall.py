"""How long does the server answer nothing? The longest wait for the answer to a trivial request while it works.

    python bench/loop_stall.py [--files 2000]

The same probe each time (the symbols of a one-line document, asked again as soon as they are there): while nothing
else happens, which is what the machine itself costs; while a file of 20 000 lines is opened and its diagnostics are
pulled; while something is typed into a statement of 900 kB that breaks it, and its diagnostics are pulled; while a
workspace of so many files is scanned through ``workspace/diagnostic``; and while it is indexed for search.

A wait may be the machine's: other processes had the cores. Linux counts how long each thread was ready and had none, so
what the server's threads and this process spent so is taken off, never below the CPU time that the server used: the
rest is the server's *own*, computing as well as blocked, and is held to the limit. Where nobody counts all is its own.
What the host takes from a virtual machine is not counted either: a wait without CPU time that "nothing else" has too
is none of the server's.
"""

import argparse
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from inputs import make
from servers import OURS
from wire import Wire, own_cpu, session

SCAN_LIMIT, OPEN_LIMIT, TYPE_LIMIT, INDEX_LIMIT = 20.0, 50.0, 20.0, 20.0
"""Milliseconds."""

BREAKS = {"nothing": " ", "a bracket": "(", "a closing one": "]", "a quote": "'", "three quotes": '"""'}
"""What is typed behind the bracket that a table of 900 kB begins with."""


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
    """Milliseconds for one answer: as the client saw it, the server's own, and its CPU time."""

    seen: float
    own: float
    used: float


class Queues:
    """Adds up for how many seconds the threads of some processes were ready to run and had no core."""

    def __init__(self, *pids: int) -> None:
        files = [file for pid in pids for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        # Opened once: to find and open them takes longer than the answers that are measured.
        self._open = [os.open(file, os.O_RDONLY) for file in files]

    def waited(self) -> float:
        total = 0
        for descriptor in self._open:
            try:
                total += int(os.pread(descriptor, 64, 0).split()[1])
            except (OSError, IndexError):
                continue  # A thread that ended.
        return total / 1e9

    def close(self) -> None:
        for descriptor in self._open:
            os.close(descriptor)


def probe(
    wire: Wire, uri: str, busy: Callable[[], bool], seconds: float, first: Callable[[], object] = lambda: None
) -> list[Answer]:
    """Ask for the symbols of ``uri`` again and again while ``busy``; before the first time do ``first``."""
    queues, answers, end = Queues(wire.pid, os.getpid()), list[Answer](), perf_counter() + seconds
    while not answers or (busy() and perf_counter() < end):
        waited, used, begun = queues.waited(), own_cpu(wire.pid), perf_counter()
        if not answers:
            first()
        reply = wire.reply(wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}}))
        if reply is None:
            raise TimeoutError("a trivial request was not answered within a minute")
        seen, used = reply[0] - begun, own_cpu(wire.pid) - used
        own = min(seen, max(used, seen - (queues.waited() - waited)))
        answers.append(Answer(1e3 * seen, 1e3 * own, 1e3 * used))
    queues.close()
    return answers


def tell(what: str, answers: list[Answer], limit: float | None) -> None:
    seen, own, used = (sorted(column) for column in zip(*answers, strict=True))
    over = sum(each > limit for each in own) if limit is not None else 0
    verdict = "" if limit is None else f"  limit {limit:g}  {f'OVER, {over} times' if over else 'ok'}"
    middle, high = seen[len(seen) // 2], seen[int(len(seen) * 0.999)]
    print(
        f"  {what:<30} {sum(seen) / 1e3:6.1f} s {len(seen):>7} answers  median {middle:.2f}  p99.9 {high:.2f}  "
        f"longest {seen[-1]:.1f} ms, own {own[-1]:.1f} ms, CPU {used[-1]:.1f} ms{verdict}",
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
    if reply and "error" in reply[1]:
        print(f"  no scan: {reply and reply[1].get('error')}")
        return
    tell("scanning the workspace", answers, SCAN_LIMIT)
    print(
        f"  {'':<40} {reports} partial results, {items} files in the reply" + ("" if reply else ", request kept open")
    )


def opening(wire: Wire, tiny: str, large: Path) -> None:
    asked: list[int] = []

    def begin() -> None:
        uri = wire.open(large)
        asked.append(wire.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}))

    answers = probe(wire, tiny, lambda: asked[0] not in wire.replies, 60.0, begin)
    tell("opening 20 000 lines", answers, OPEN_LIMIT)


def tables(characters: int = 900_000) -> dict[str, str]:
    """A statement of so many characters, in one line and in many."""
    rows = [f"('name{n}', {n}, 3.5, [1, 2, 3], {{'a': 1}})," for n in range(characters // 50)]
    return {"line": f"TABLE = [{' '.join(rows)}]\n", "lines": "TABLE = [\n    " + "\n    ".join(rows) + "\n]\n"}


def typing(wire: Wire, tiny: str, workspace: Path, shape: str, text: str) -> None:
    path = workspace / f"table_{shape}.py"
    path.write_text(text)
    uri, place = wire.open(path), {"line": 0, "character": text.index("[") + 1}
    wire.pull(uri)
    for version, (what, typed) in enumerate(BREAKS.items(), 1):
        asked: list[int] = []

        def change(new: str, length: int, number: int) -> None:
            span = {"start": place, "end": {**place, "character": place["character"] + length}}
            document = {"uri": uri, "version": number}
            wire.notify(
                "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": new}]}
            )

        def begin(new: str = typed, number: int = 2 * version, asked: list[int] = asked) -> None:
            change(new, 0, number)
            asked.append(wire.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}))

        answers = probe(wire, tiny, lambda asked=asked: asked[0] not in wire.replies, 60.0, begin)
        tell(f"{what} in 900 kB, {shape}", answers, TYPE_LIMIT)
        change("", len(typed), 2 * version + 1)
        wire.pull(uri)


class Index:
    """Asks the search, which has all indexed for it, until it says that nothing is read any more."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._asked = 0

    def ask(self) -> None:
        given = {"command": "codingAgent.search", "arguments": ["open file", 1]}
        self._asked = self._wire.ask("workspace/executeCommand", given)

    def busy(self) -> bool:
        reply = self._wire.replies.get(self._asked)
        if reply is None:
            return True
        if not reply[1]["result"]["reading"]:
            return False
        self.ask()
        return True


def keystrokes(wire: Wire, uri: str, line: int, busy: Callable[[], bool]) -> list[float]:
    """Milliseconds from each typed letter to the diagnostics, while ``busy``; each second letter takes one away."""
    took, number = list[float](), 1
    while busy():
        number += 1
        place = {"line": line, "character": 4}
        span = {"start": place, "end": {**place, "character": 4 + number % 2}}
        change = {"range": span, "text": "" if number % 2 else "x"}
        begun = wire.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": number}, "contentChanges": [change]},
        )
        reply = wire.reply(wire.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}))
        if reply is None:
            raise TimeoutError("a keystroke was not answered within a minute")
        took.append(1e3 * (reply[0] - begun))
        wire.rest(0.05)
    return took


def tell_keystrokes(what: str, took: list[float]) -> None:
    ordered = sorted(took)
    print(
        f"  {what:<30} {len(took):>7} keystrokes  median {ordered[len(took) // 2]:.1f}  "
        f"p95 {ordered[int(len(took) * 0.95)]:.1f}  longest {ordered[-1]:.1f} ms",
        flush=True,
    )


def typing_while_indexed(workspace: Path, label: str) -> None:
    """Type while nothing else happens, and while the workspace is indexed."""
    (file,) = make(workspace, [1000])
    with session(workspace, label) as wire:
        uri = wire.open(file.path)
        wire.pull(uri)
        wire.calm()
        line = next(n for n, text in enumerate(file.path.read_text().splitlines()) if n > 500 and text[:5] == "    r")
        end = perf_counter() + 5.0
        tell_keystrokes("typing, nothing else", keystrokes(wire, uri, line, lambda: perf_counter() < end))
        index = Index(wire)
        index.ask()
        tell_keystrokes("typing while it is indexed", keystrokes(wire, uri, line, index.busy))


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
            for shape, text in tables().items():
                typing(wire, tiny, workspace, shape, text)
            scan(wire, tiny, 600.0)
            index = Index(wire)
            tell("indexing the workspace", probe(wire, tiny, index.busy, 600.0, index.ask), INDEX_LIMIT)
    with tempfile.TemporaryDirectory(prefix="stall-") as folder:
        copy_sources(Path(folder), options.files)
        typing_while_indexed(Path(folder), options.server)


if __name__ == "__main__":
    main()
