"""Whatever a client sends, the real server lives, stays polite and keeps stdout clean; whatever a file holds, it
answers.

Messages are valid ones with something broken in the JSON, in the shapes, in the header or in the bytes. What breaks the
framing is written so that a reader which goes on at the next header finds it: behind a length that cannot be believed
comes a line end, behind one that promises more come the promised bytes.
"""

import json
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from support.client import Client, Gone, Message, edit, frame

GOOD = "def f(text):\n    return eval(text)\n"
INTERNAL_ERROR = -32603
JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        2**31,
        2**63,
        -(2**63),
        10**400,
        0.5,
        "",
        "x",
        "\ud83d",
        "\0",
        "\U0001f600" * 50,
        "file:///",
        "é",
    ),
    *([], {}, [[]], [None], {"": {}}, {"line": -1, "character": -1}, {"line": 10**9, "character": 10**9}, "a" * 10_000),
    *(
        "untitled:Untitled-1",
        "git:/x.py?{}",
        "http://[::1",
        "file://host/share/%zz.py",
        "vscode-notebook-cell:/a#b",
        "C:\\x",
    ),
)


def deep(depth: int) -> Any:
    nested: Any = []
    for _ in range(depth):
        nested = [nested]
    return nested


def templates(uri: str) -> list[tuple[bool, str, Any]]:
    """(is a request, method, params): what an editor says about ``uri``, each valid as it stands."""
    document = {"uri": uri}
    at = {"line": 1, "character": 12}
    span = {"start": at, "end": {"line": 1, "character": 16}}
    opened = {"uri": uri, "languageId": "python", "version": 1, "text": GOOD}
    versioned = {"uri": uri, "version": 2}
    return [
        (True, "textDocument/diagnostic", {"textDocument": document, "previousResultId": "1"}),
        (True, "workspace/diagnostic", {"previousResultIds": [{"uri": uri, "value": "1"}]}),
        (True, "textDocument/codeAction", {"textDocument": document, "range": span, "context": {"diagnostics": []}}),
        (True, "codeAction/resolve", {"title": "t", "kind": "quickfix", "data": {"uri": uri, "version": 1, "id": "x"}}),
        (True, "textDocument/hover", {"textDocument": document, "position": at}),
        (True, "textDocument/documentSymbol", {"textDocument": document}),
        (True, "textDocument/codeLens", {"textDocument": document}),
        (True, "workspace/executeCommand", {"command": "codingAgent.status", "arguments": []}),
        (True, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}),
        (True, "textDocument/inlineCompletion", {"textDocument": document, "position": at, "context": {}}),
        (True, "nobody/knows", {"a": 1}),
        (False, "textDocument/didOpen", {"textDocument": opened}),
        (
            False,
            "textDocument/didChange",
            {"textDocument": versioned, "contentChanges": [{"range": span, "text": "x"}]},
        ),
        (False, "textDocument/didChange", {"textDocument": versioned, "contentChanges": [{"text": GOOD}]}),
        (False, "textDocument/didSave", {"textDocument": document}),
        (False, "textDocument/didClose", {"textDocument": document}),
        (False, "workspace/didChangeConfiguration", {"settings": {"codingAgent": {"ignore": ["star-import"]}}}),
        (False, "workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
        (False, "workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}}),
        (False, "window/workDoneProgress/cancel", {"token": "t"}),
        (False, "$/cancelRequest", {"id": "fuzz 3"}),
        (False, "$/setTrace", {"value": "verbose"}),
        (False, "initialized", {}),
    ]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    todo = [value]
    while todo:
        container = todo.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            yield container, key
            if isinstance(container[key], dict | list):
                todo.append(container[key])


def spoilt(rng: random.Random, params: Any) -> Any:
    """``params`` with one to three places replaced by junk, taken out or wrapped."""
    holder = {"": deepcopy(params)}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        container, key = rng.choice(list(places(holder)))
        how = rng.random()
        if how < 0.75:
            container[key] = deepcopy(rng.choice(JUNK))
        elif how < 0.9 and isinstance(container, dict) and container is not holder:
            del container[key]
        else:
            container[key] = rng.choice(([container[key]], {"x": container[key]}, deep(200)))
    return holder[""]


class Fuzz:
    """Makes messages and remembers which of them must be answered."""

    def __init__(self, rng: random.Random, root: Path) -> None:
        self.rng = rng
        self.uris = [(root / name).as_uri() for name in ("a.py", "b.py", "never.py")]
        self.owed: list[str] = []

    def message(self) -> bytes:
        kinds: list[Callable[[], bytes]] = [
            self.params,
            self.params,
            self.params,
            self.envelope,
            self.bytes,
            self.header,
        ]
        return self.rng.choice(kinds)()

    def whole(self) -> tuple[bool, Message]:
        request, method, params = self.rng.choice(templates(self.rng.choice(self.uris)))
        message: Message = {"jsonrpc": "2.0", "method": method, "params": params}
        return request, {**message, "id": f"fuzz {len(self.owed)}"} if request else message

    def params(self) -> bytes:
        request, message = self.whole()
        message["params"] = spoilt(self.rng, message["params"])
        if request:
            self.owed.append(message["id"])
        return frame(json.dumps(message).encode())

    def envelope(self) -> bytes:
        """The message around the params is wrong."""
        _, message = self.whole()
        junk = deepcopy(self.rng.choice(JUNK))
        odd: list[Any] = [
            {**message, "jsonrpc": junk},
            {**message, "method": junk, "id": "odd"},
            {**message, "id": self.rng.choice((None, True, 0.5, [], {}, "odd", -1, 10**30))},
            {"jsonrpc": "2.0", "id": "odd", "method": message["method"]},
            {"jsonrpc": "2.0", "id": self.rng.choice((999, -1, "x", None, [])), "result": junk},
            {"jsonrpc": "2.0", "id": self.rng.randrange(1, 9), "error": self.rng.choice((junk, {"code": junk}))},
            {"jsonrpc": "2.0", "method": "$/" + str(self.rng.random())},
            {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": junk}},
            [message],
            [],
            junk,
        ]
        return frame(json.dumps(self.rng.choice(odd)).encode())

    def bytes(self) -> bytes:
        """The body is no JSON, or hardly."""
        body = json.dumps(self.whole()[1]).encode()
        at = self.rng.randrange(len(body))
        odd = (
            *(
                body[:at],
                body[at:],
                body[:at] + b"\xff\xfe" + body[at:],
                body[:at] + bytes([self.rng.randrange(256)]) + body[at:],
            ),
            *(
                b"",
                b"\0",
                b"\xef\xbb\xbf" + body,
                body + body,
                body.decode().encode("utf-16"),
                b"[" * 50_000,
                b'{"a":' * 20_000,
            ),
            *(
                b"NaN",
                b'{"jsonrpc":"2.0","method":"x","params":NaN}',
                b"1e999",
                b'"\xed\xa0\xbd"',
                self.rng.randbytes(40),
            ),
        )
        return frame(self.rng.choice(odd))

    def header(self) -> bytes:
        """The header is odd or wrong; the reader can find the next one."""
        body = json.dumps(self.whole()[1]).encode()
        size = len(body)
        promised = size + self.rng.randrange(1, 300)
        odd = (
            frame(body, b"content-length"),
            frame(body, b"CONTENT-LENGTH"),
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b" % (size, body),
            b"Content-Length:%d\r\n\r\n%b" % (size, body),
            b"X-Other: 1\r\nContent-Length: %d\r\nX-More:\r\n\r\n%b" % (size, body),
            b"Content-Length: %d\n\n%b" % (size, body),
            b"Content-Length: %d\r\n\r\n%b%b" % (promised, body, b" " * (promised - size)),
            b"Content-Length: -%d\r\n\r\n%b\r\n" % (size, body),
            b"Content-Length: 9%020d\r\n\r\n%b\r\n" % (size, body),
            b"Content-Length: many\r\n\r\n%b\r\n" % body,
            b"Content-Length\r\n\r\n%b\r\n" % body,
            b"\r\n\r\n\r\n%b\r\n" % body,
            b"%b\r\n" % self.rng.randbytes(30).replace(b"\n", b"."),
        )
        return self.rng.choice(odd)


def check_well_formed(messages: list[Message]) -> None:
    for message in messages:
        assert message.get("jsonrpc") == "2.0", message
        if "method" in message:
            # A setting that cannot be used is the user's mistake, and the user is told; who asks for the status is told
            # that. Nothing else pops up.
            popup = message["method"] == "window/showMessage"
            assert not popup or re.search("settings|folders trusted", message["params"]["message"]), message
        elif "error" in message:
            assert "result" not in message, message
            assert isinstance(message["error"]["code"], int), message
            assert isinstance(message["error"]["message"], str), message
            assert message["error"]["code"] != INTERNAL_ERROR, message
        else:
            assert "result" in message, message
            assert "id" in message, message


def check_alive(client: Client, uri: str) -> None:
    """A document nobody fuzzes still has its one finding."""
    found = client.diagnostics(uri)
    assert [(item["range"]["start"]["line"], item["range"]["start"]["character"]) for item in found] == [(1, 11)]


def check_messages(root: Path, seed: int, count: int) -> None:
    """Raises: AssertionError - the server died, fell silent, shouted or wrote what is no frame."""
    rng = random.Random(seed)
    with Client.start(root) as client:
        client.initialize()
        quiet = client.uri("quiet.py")
        client.open(quiet, GOOD)
        fuzz = Fuzz(rng, root)
        last = b""
        for number in range(count):
            try:
                last = fuzz.message()
                client.raw(last)
                if number % 100 == 99:
                    check_alive(client, quiet)
            except Gone as gone:
                pytest.fail(f"seed {seed}, message {number} {last[:300]!r}: {gone}")
        for owed in fuzz.owed:
            client.reply(owed)
        check_alive(client, quiet)
        check_well_formed(client.messages)
        assert "event=failed" not in client.log()
        assert client.shutdown() == 0
        assert client.stray == b""


@pytest.mark.parametrize("seed", range(4))
def test_malformed_messages(tmp_path: Path, seed: int) -> None:
    check_messages(tmp_path, seed, 500)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_malformed_messages_soak(tmp_path: Path, seed: int) -> None:
    check_messages(tmp_path, seed, 2000)


def sources() -> list[Path]:
    root = Path(sysconfig.get_path("stdlib"))
    return [path for path in sorted(root.glob("*.py")) if path.stat().st_size < 30_000]


ODD = (
    *(
        "\0",
        "\ud83d",
        "\ude00",
        "\ufeff",
        "\x0c",
        "\u2028",
        "\x85",
        "\r",
        "\\\n",
        "(" * 300,
        "[" * 100,
        "-" * 3000,
        "'''",
        '"',
        "f'{",
    ),
    *(
        "\U0001f600",
        "def f(",
        "class A:",
        "@",
        "lambda",
        "async",
        "match x:\n case",
        "else:",
        "\t",
        "        ",
        "# noqa",
        ":=",
        "*",
    ),
    *(
        "# coding-agent: allow",
        "# type: ignore",
        "1" * 5000,
        "a" + "+a" * 3000,
        "x" + ".y" * 2000,
        "if 1:\n" * 3,
        "return",
        "yield",
    ),
)


def mutated(rng: random.Random, text: str) -> str:
    """``text`` after one to five mishaps: something odd put in, cut out, doubled, turned round or exchanged."""
    for _ in range(rng.randint(1, 5)):
        a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + rng.choice((1, 10, 200, 5000)))
        here = text[a:b]
        anything = chr(rng.choice((rng.randrange(128), rng.randrange(0x110000))))
        odd = rng.choice(ODD)
        text = text[:a] + rng.choice((odd + here, odd, "", here + here, here[::-1], anything)) + text[b:]
    return text


def check_files(root: Path, seed: int, count: int) -> None:
    """Raises: AssertionError - the server died, did not answer or failed inside."""
    rng = random.Random(seed)
    with Client.start(root) as client:
        client.initialize()
        for number in range(count):
            path = rng.choice(sources())
            text = mutated(rng, path.read_text(encoding="utf-8"))
            uri = client.uri(f"{number}.py")
            document = {"uri": uri}
            try:
                client.open(uri, text)
                client.diagnostics(uri)
                line = rng.randrange(text.count("\n") + 2)
                client.change(uri, 2, edit((line, 0), (line, rng.randrange(9)), rng.choice(ODD)))
                at = {"line": line, "character": rng.randrange(40)}
                asked = [
                    client.request("textDocument/diagnostic", {"textDocument": document}),
                    client.request("textDocument/documentSymbol", {"textDocument": document}),
                    client.request("textDocument/codeLens", {"textDocument": document}),
                    client.request(
                        "textDocument/codeAction",
                        {"textDocument": document, "range": {"start": at, "end": at}, "context": {"diagnostics": []}},
                    ),
                ]
                for request in asked:
                    client.reply(request)
                client.close(uri)
            except AssertionError as error:
                pytest.fail(f"seed {seed}, file {number} from {path.name}: {error}")
        check_well_formed(client.messages)
        assert "event=failed" not in client.log()
        assert client.shutdown() == 0
        assert client.stray == b""


@pytest.mark.parametrize("seed", range(3))
def test_mutated_files(tmp_path: Path, seed: int) -> None:
    check_files(tmp_path, seed, 100)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_mutated_files_soak(tmp_path: Path, seed: int) -> None:
    check_files(tmp_path, seed, 200)
