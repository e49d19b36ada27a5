"""A single-threaded client for measurements: what it times is not blurred by threads of its own.

It reads only while it waits, stamps each message when its bytes are there, and answers the server's requests
with null.
"""

import gc
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from servers import JUDGES, OURS, RESULTS, specifications

sys.path.insert(0, str(JUDGES))

from lsp_latency import CLIENT_CAPS, cmdline, cpu, pss_of, rss_of, tree
from lsp_latency import _clock as own_cpu  # CPU seconds of one process, its children left out

__all__ = ["Gone", "Wire", "cmdline", "cpu", "own_cpu", "pss_of", "rss_of", "session", "shown", "tree"]

Message = dict[str, Any]


class Gone(Exception):
    """The server closed its output."""


class Wire:
    """One server process; ``replies`` holds (seconds, message) by request id."""

    def __init__(self, process: "subprocess.Popen[bytes]", root: Path) -> None:
        self.process, self.root = process, root
        self.replies: dict[int, tuple[float, Message]] = {}
        self.notes: list[tuple[float, Message]] = []
        self.capabilities: Message = {}
        self._buffer, self._outbox, self._writing = bytearray(), bytearray(), False
        self._next = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, *messages: Message) -> float:
        """Write messages in one go; return the moment before.

        Replies are read while the pipe is full, so that neither side waits for the other.
        """
        begun = perf_counter()
        self._outbox += b"".join(framed(message) for message in messages)
        if not self._writing:
            self._writing = True
            self._flush()
            self._writing = False
        return begun

    def _flush(self) -> None:
        assert self.process.stdin
        descriptor = self.process.stdin.fileno()
        os.set_blocking(descriptor, False)
        while self._outbox:
            try:
                del self._outbox[: os.write(descriptor, self._outbox)]
            except BlockingIOError:
                select.select([], [descriptor], [], 0.01)
                # An answer to the server that this leads to queues up behind what is being written.
                self.read(0)

    def message(self, method: str, params: Any) -> Message:
        """A request that is not sent yet; its id is in it."""
        self._next += 1
        return {"id": self._next, "method": method, "params": params}

    def ask(self, method: str, params: Any = None) -> int:
        asked = self.message(method, params)
        self.send(asked)
        return asked["id"]

    def notify(self, method: str, params: Any = None) -> float:
        return self.send({"method": method, "params": params})

    def read(self, seconds: float) -> bool:
        """Take in what arrives within ``seconds``; whether anything did.

        Raises: Gone - the server ended.
        """
        assert self.process.stdout
        descriptor = self.process.stdout.fileno()
        if not select.select([descriptor], [], [], seconds)[0]:
            return False
        data = os.read(descriptor, 1 << 20)
        if not data:
            raise Gone
        now = perf_counter()
        self._buffer += data
        while (body := self._body()) is not None:
            self._file(now, json.loads(body))
        return True

    def until(self, test: Callable[[], bool], seconds: float) -> bool:
        """Read until ``test`` holds; False at the time limit."""
        end = perf_counter() + seconds
        while not test():
            left = end - perf_counter()
            if left <= 0:
                return False
            self.read(left)
        return True

    def reply(self, number: int, seconds: float = 60.0) -> tuple[float, Message] | None:
        """The moment a reply came and the reply; None at the time limit."""
        return self.replies.get(number) if self.until(lambda: number in self.replies, seconds) else None

    def call(self, method: str, params: Any = None, seconds: float = 60.0) -> Message:
        """Ask and wait for the whole reply.

        Raises: TimeoutError.
        """
        reply = self.reply(self.ask(method, params), seconds)
        if reply is None:
            raise TimeoutError(method)
        return reply[1]

    def rest(self, seconds: float) -> None:
        """Let so much time pass, reading what comes."""
        self.until(lambda: False, seconds)

    def calm(self, seconds: float = 30.0) -> bool:
        """Wait until the process tree does nothing for half a second; whether it did come to that."""
        end = perf_counter() + seconds
        while perf_counter() < end:
            before = cpu(self.pid)
            self.rest(0.5)
            if cpu(self.pid) - before < 0.002:
                return True
        return False

    def open(self, path: Path) -> str:
        uri = path.as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": path.read_text(encoding="utf-8")}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def pull(self, uri: str) -> Message:
        return self.call("textDocument/diagnostic", {"textDocument": {"uri": uri}})

    def _body(self) -> bytes | None:
        """Take one whole frame's body off the buffer; None while there is none."""
        header, found, _ = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        lengths = [line for line in header.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        start = len(header) + 4
        stop = start + int(lengths[0].partition(b":")[2])
        if len(self._buffer) < stop:
            return None
        body = bytes(self._buffer[start:stop])
        del self._buffer[:stop]
        return body

    def _file(self, now: float, message: Message) -> None:
        if "method" not in message:
            self.replies[message["id"]] = now, message
            return
        self.notes.append((now, message))
        if "id" in message:
            items = (message.get("params") or {}).get("items", [])
            result = [None] * len(items) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": result})


def shown(pid: int) -> str:
    """The end of a process's command line, on one line."""
    return " ".join(cmdline(pid).split())[-60:]


def framed(message: Message) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def begin(workspace: Path, label: str = OURS) -> Wire:
    """Start a server and shake hands; whoever begins has to end it."""
    # A collection here, over a hundred thousand answers, would pass for a stall there.
    gc.disable()
    (spec,) = specifications([label], workspace / ".home")
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{label}.log").open("ab") as log:
        process = subprocess.Popen(
            spec["cmd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=workspace,
            env={**os.environ, **spec["env"]},
            bufsize=0,
        )
    wire = Wire(process, workspace)
    folder = {"uri": workspace.as_uri(), "name": workspace.name}
    params = {"processId": os.getpid(), "rootUri": folder["uri"], "workspaceFolders": [folder]}
    wire.capabilities = wire.call("initialize", {**params, "capabilities": CLIENT_CAPS})["result"]["capabilities"]
    wire.notify("initialized", {})
    return wire


def end(wire: Wire) -> None:
    """Kill the server and what it started."""
    left = tree(wire.pid)
    for pid in reversed(left):
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue
    wire.process.wait()
    for pipe in (wire.process.stdin, wire.process.stdout):
        if pipe:
            pipe.close()


@contextmanager
def session(workspace: Path, label: str = OURS) -> Iterator[Wire]:
    """A server that has been shaken hands with; killed at the end."""
    wire = begin(workspace, label)
    try:
        yield wire
    finally:
        end(wire)
