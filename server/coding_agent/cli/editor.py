"""The smallest editor there is: it asks a real server over stdio, one question at a time. The tour is its user."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, cast

from coding_agent.errors import WorkerLost
from coding_agent.runtime.piped import Piped
from coding_agent.text import Edit, Position, Span, Text, Units

Json = object
"""What ``json`` reads: taken apart with `get` and `items` only."""

_CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "diagnostic": {},
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "workspace": {"workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}}},
}
_UNITS = Units.UTF16


def get(value: Json, *path: str | int) -> Json:
    """Return what stands at ``path`` in a JSON value, None where the path ends early."""
    for step in path:
        if isinstance(value, dict):
            value = cast("dict[str | int, Json]", value).get(step)
        else:
            listed = items(value)
            value = listed[step] if isinstance(step, int) and step < len(listed) else None
    return value


def items(value: Json) -> list[Json]:
    return cast("list[Json]", value) if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered and how many milliseconds we waited; ``error`` is its sentence when it refused."""

    value: Json
    ms: float
    error: str = ""


class Editor:
    """One conversation about one open document."""

    def __init__(self, server: Piped) -> None:
        self._server = server
        self._asked = 0
        self._version = 1
        self._uri = ""

    def start(self, root: Path) -> Answer:
        answer = self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri(),
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
                "capabilities": _CAPABILITIES,
            },
        )
        self._tell("initialized", {})
        return answer

    def open(self, path: Path, text: str) -> None:
        self._uri, self._version = path.as_uri(), 1
        document = {"uri": self._uri, "languageId": "python", "version": self._version, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        self._tell("textDocument/didClose", {"textDocument": {"uri": self._uri}})

    def type(self, text: Text, at: Position, new: str) -> None:
        """Insert ``new``; ``text`` is the document before."""
        place = {"start": _wire(text, at), "end": _wire(text, at)}
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        self._tell(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": place, "text": new}]}
        )

    def about(self, method: str, **more: Json) -> Answer:
        """Ask ``textDocument/METHOD`` about the open document."""
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": self._uri}, **more})

    def actions(self, place: Json, kind: str, diagnostics: Sequence[Json] = ()) -> Answer:
        """Ask for the actions of ``kind`` in an LSP range."""
        return self.about("codeAction", range=place, context={"diagnostics": list(diagnostics), "only": [kind]})

    def stop(self) -> None:
        self.ask("shutdown", None)
        self._tell("exit", None)

    def ask(self, method: str, params: Json) -> Answer:
        """Send a request and wait for its answer; what the server asks meanwhile is answered with nothing.

        Raises: WorkerLost - the server ended.
        """
        self._asked += 1
        began = perf_counter()
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._read(self._server.out)
            if get(message, "method") is not None:
                if get(message, "id") is not None:
                    self._send({"id": get(message, "id"), "result": _nothing(message)})
            elif get(message, "id") == self._asked:
                ms = (perf_counter() - began) * 1000
                return Answer(get(message, "result"), ms, str(get(message, "error", "message") or ""))

    def _tell(self, method: str, params: Json) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, Json]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self._server.into.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._server.into.flush()
        except OSError as error:
            raise self._lost() from error

    def _read(self, out: IO[bytes]) -> Json:
        size = 0
        while line := out.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
            elif not line.strip():
                return json.loads(out.read(size))
        raise self._lost()

    def _lost(self) -> WorkerLost:
        last = self._server.log().strip().rpartition("\n")[2]
        return WorkerLost(f"the server ended; it said: {last or 'nothing'}")


def edits_of(action: Json, uri: str, text: Text) -> tuple[Edit, ...]:
    """Return the edits a code action makes in one document, in the core's own spans."""
    edit = get(action, "edit")
    documents = items(get(edit, "documentChanges"))
    listed = next((get(each, "edits") for each in documents if get(each, "textDocument", "uri") == uri), None)
    changes = items(listed or get(edit, "changes", uri))
    return tuple(Edit(span_of(get(change, "range"), text), str(get(change, "newText"))) for change in changes)


def span_of(place: Json, text: Text) -> Span:
    """Return the span of an LSP range."""
    ends = (text.from_client(*_pair(get(place, end)), _UNITS) for end in ("start", "end"))
    return Span(*(text.offset(end) for end in ends))


def range_of(span: Span, text: Text) -> Json:
    """Return the LSP range of a span."""
    return {"start": _wire(text, text.position(span.start)), "end": _wire(text, text.position(span.stop))}


def _wire(text: Text, at: Position) -> Json:
    line, character = text.to_client(text.offset(at), _UNITS)
    return {"line": line, "character": character}


def _pair(position: Json) -> tuple[int, int]:
    return cast("int", get(position, "line")), cast("int", get(position, "character"))


def _nothing(request: Json) -> Json:
    """Answer one of the server's questions with as little as the protocol allows."""
    if get(request, "method") == "workspace/configuration":
        return [None for _ in items(get(request, "params", "items"))]
    return None
