"""A raw JSON-RPC client over stdio for tests: it sends what it is told, also what no editor would.

Nothing here sleeps: a reader thread files what arrives, and whoever waits is woken by it.
Every wait has a limit after which it raises ``Timeout`` with what was seen, so a test that
hangs says why.

    with Client.start(root) as client:
        client.initialize()
        client.open(uri, "x = eval(y)")
        items = client.diagnostics(uri)
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from time import monotonic
from typing import IO, Any, Self

LIMIT = 30.0
"""Seconds a wait lasts at most; a limit for broken servers, not a bound on good ones."""

COMMAND = (sys.executable, "-m", "coding_agent", "serve")

PULL: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showMessage": {}},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceFolders": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        "diagnostics": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"versionSupport": True, "codeDescriptionSupport": True, "dataSupport": True},
        "diagnostic": {"dynamicRegistration": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
        },
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    },
}
"""Capabilities of an editor that pulls diagnostics."""

PUSH: dict[str, Any] = {**PULL, "textDocument": {k: v for k, v in PULL["textDocument"].items() if k != "diagnostic"}}
"""Capabilities of an editor that waits for diagnostics to be pushed."""

Message = dict[str, Any]
Answer = Callable[[Any], Any]

HEADER = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]+\r\n)?\r\n")


class Timeout(AssertionError):
    """What was waited for did not come; says what did."""


class Gone(AssertionError):
    """The server closed its output or its input."""


class Refusal(AssertionError):
    """A request was answered with an error."""

    def __init__(self, error: Message) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code: int = error["code"]


class Hold(Exception):
    """Raised by an answer: the client never replies to that request of the server."""


def configuration(settings: Any) -> Answer:
    """An answer to ``workspace/configuration``: ``settings`` looked up by each item's section."""

    def look_up(item: Message) -> Any:
        found = settings
        for part in filter(None, (item.get("section") or "").split(".")):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    return lambda params: [look_up(item) for item in params["items"]]


def nothing(params: Any) -> None:
    """Answer null, which is what most requests of a server want."""


class Client:
    """One server process and what it said.

    ``messages`` holds what arrived, in order; ``stray`` the bytes on stdout that were no frame.
    ``answers`` maps a method of the server to what the client answers; a method that is not in it
    is answered with null.
    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", root: Path, home: "TemporaryDirectory[str]", log: IO[bytes]
    ) -> None:
        self.process, self.root, self.answers = process, root, dict[str, Answer]()
        self.answers["workspace/configuration"] = configuration({})
        self.answers["workspace/workspaceFolders"] = lambda _: [{"uri": root.as_uri(), "name": root.name}]
        self.answers["workspace/applyEdit"] = lambda _: {"applied": True}
        self.messages: list[Message] = []
        self.replies: dict[int | str | None, Message] = {}
        self.stray = b""
        self.capabilities: Message = {}
        self._home, self._log = home, log
        self._next, self._closed, self._pulls = 0, False, False
        self._changed, self._writing = threading.Condition(), threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, root: Path, command: Sequence[str] = COMMAND, env: Mapping[str, str] | None = None) -> Self:
        """Start ``command`` in ``root`` with a home folder of its own, which goes with the client."""
        home = TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True)
        log = TemporaryFile()  # noqa: SIM115 - lives as long as the client
        own = {
            "HOME": home.name,
            **{f"XDG_{n}_HOME": f"{home.name}/{n.lower()}" for n in ("STATE", "CACHE", "CONFIG", "DATA")},
        }
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=root,
            env={**os.environ, **own, **(env or {})},
            bufsize=0,
        )
        return cls(process, root, home, log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.kill()

    # ---------------------------------------------------------------- sending

    def raw(self, data: bytes) -> None:
        """Write ``data`` as it is.

        Raises: Gone - the server reads no more.
        """
        assert self.process.stdin
        rest = memoryview(data)
        with self._writing:
            try:
                while rest:  # the pipe is unbuffered: a write may take a part
                    rest = rest[self.process.stdin.write(rest) :]
            except (OSError, ValueError) as error:
                raise Gone(str(error)) from None

    def send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        """Send a request and return its id; ``reply`` waits for the answer."""
        self._next += 1
        self.send({"id": self._next, "method": method, **({} if params is None else {"params": params})})
        return self._next

    # ---------------------------------------------------------------- waiting

    def wait(self, test: Callable[[], Any], what: str, limit: float = LIMIT) -> Any:
        """Return the first true value of ``test``, asked again after each arrival.

        Raises: Timeout, Gone.
        """
        end = monotonic() + limit
        with self._changed:
            while not (value := test()):
                if self._closed:
                    raise Gone(f"server gone while waiting for {what}; its log ends: {self.log()[-2000:]}")
                if not self._changed.wait(end - monotonic()) and monotonic() >= end:
                    seen = [m.get("method", m.get("id")) for m in self.messages[-20:]]
                    raise Timeout(f"no {what} within {limit} s; last seen {seen}; log ends: {self.log()[-2000:]}")
            return value

    def reply(self, number: int | str | None, limit: float = LIMIT) -> Message:
        """Wait for the whole reply to a request, result or error."""
        return self.wait(lambda: self.replies.get(number), f"reply to {number}", limit)

    def call(self, method: str, params: Any = None, limit: float = LIMIT) -> Any:
        """Ask and return the result.

        Raises: Refusal - the answer is an error.
        """
        reply = self.reply(self.request(method, params), limit)
        if "error" in reply:
            raise Refusal(reply["error"])
        return reply["result"]

    def notified(self, method: str, test: Callable[[Any], bool] = lambda params: True, limit: float = LIMIT) -> Any:
        """Wait for a notification (or request) of the server, also one that came before; return its params."""

        def found() -> list[Any]:
            return [m.get("params") for m in self.messages if m.get("method") == method and test(m.get("params"))]

        return self.wait(found, method, limit)[-1]

    def seen(self, method: str) -> list[Any]:
        """The params of every message ``method`` that came so far."""
        with self._changed:
            return [m.get("params") for m in self.messages if m.get("method") == method]

    def log(self) -> str:
        """What the server wrote on stderr so far."""
        # pread leaves the server's own offset alone: both share one open file.
        return os.pread(self._log.fileno(), 1 << 24, 0).decode(errors="replace")

    # ---------------------------------------------------------------- an editor's ways

    def initialize(self, capabilities: Message = PULL, **more: Any) -> Message:
        """Shake hands with ``root`` as the only folder; ``more`` goes into the params."""
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        params = {"processId": os.getpid(), "rootUri": folder["uri"], "workspaceFolders": [folder], **more}
        result = self.call("initialize", {**params, "capabilities": capabilities})
        self.capabilities = result["capabilities"]
        self._pulls = "diagnostic" in capabilities.get("textDocument", {})
        self.notify("initialized", {})
        return result

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Message) -> None:
        """Send changes, each ``{"text": ...}`` or ``edit(...)``."""
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str, version: int = 1) -> list[Message]:
        """The diagnostics of ``uri`` at ``version``: pulled where both sides can, else waited for."""
        if self._pulls and self.capabilities.get("diagnosticProvider"):
            return self.call("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
        return self.notified(
            "textDocument/publishDiagnostics", lambda p: p["uri"] == uri and p.get("version", version) >= version
        )["diagnostics"]

    def shutdown(self, limit: float = LIMIT) -> int:
        """Say shutdown and exit as the protocol wants; return the exit code."""
        self.call("shutdown", limit=limit)
        self.notify("exit")
        return self.process.wait(limit)

    def kill(self) -> None:
        """End the server, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._reader.join(LIMIT)
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            if pipe:
                pipe.close()
        self._home.cleanup()

    # ---------------------------------------------------------------- reading

    def _read(self) -> None:
        assert self.process.stdout
        buffer = b""
        while chunk := self.process.stdout.read(1 << 16):
            buffer = self._frames(buffer + chunk)
        with self._changed:
            self.stray += buffer
            self._closed = True
            self._changed.notify_all()

    def _frames(self, buffer: bytes) -> bytes:
        """File every whole frame at the head of ``buffer``; return the rest."""
        while header := HEADER.search(buffer):
            stop = header.end() + int(header[1])
            if len(buffer) < stop:
                break
            self.stray += buffer[: header.start()]
            body, buffer = buffer[header.end() : stop], buffer[stop:]
            try:
                message = json.loads(body)
            except ValueError:
                self.stray += body
                continue
            self._file(message)
        return buffer

    def _file(self, message: Message) -> None:
        if "method" in message and "id" in message:
            self._answer(message)
        with self._changed:
            self.messages.append(message)
            if "method" not in message:
                self.replies[message.get("id")] = message
            self._changed.notify_all()

    def _answer(self, message: Message) -> None:
        try:
            result = self.answers.get(message["method"], nothing)(message.get("params"))
            self.send({"id": message["id"], "result": result})
        except (Hold, Gone):
            return


def edit(start: tuple[int, int], stop: tuple[int, int], text: str) -> Message:
    """One incremental change; positions are (line, character) in the units agreed on."""
    first, last = ({"line": line, "character": character} for line, character in (start, stop))
    return {"range": {"start": first, "end": last}, "text": text}


def frame(body: bytes, name: bytes = b"Content-Length") -> bytes:
    """``body`` behind a header of that spelling."""
    return b"%b: %d\r\n\r\n%b" % (name, len(body), body)
