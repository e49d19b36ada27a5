"""Everything we send has the protocol's shape: lsprotocol reads it and writes it again without loss."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters
from lsprotocol import types as lsp

from support.asking import actions, place, pulled
from support.client import PULL, PUSH, Client, Message, edit

CODE = """\
import json
import os


class Shop:
    \"\"\"Sells.\"\"\"

    limit = 3

    def buy(self, path):
        if path:
            return json.dumps(eval(path))
        else:
            raise ValueError


if __name__ == "__mian__":
    x = 1
    x =+ 1
"""
ANNOTATED = {"documentChanges": True, "resourceOperations": ["create"], "changeAnnotationSupport": {}}


class Recorded(Client):
    """A client that remembers what it asked."""

    asked: dict[int | str, str]

    def send(self, message: Message) -> None:
        if "method" in message and "id" in message:
            self.__dict__.setdefault("asked", {})[message["id"]] = message["method"]
        super().send(message)


def everything(client: Client, abilities: dict[str, Any]) -> None:
    """Use all that the server offers."""
    root = client.root
    for name in ("a.py", "b.py", "large.py"):
        (root / name).write_text(CODE)
    client.answers["window/showMessageRequest"] = lambda _: None
    binaries = root / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").touch(0o755)
    client.initialize(
        abilities, initializationOptions={"ignor": [], "rules": {"complex-function": {"max-cognitive": 1}}}
    )
    uri = client.uri("a.py")
    document = {"textDocument": {"uri": uri}}
    client.open(uri, CODE)
    client.diagnostics(uri)
    client.change(uri, 2, edit((0, 0), (0, 0), "\n"), edit((0, 0), (1, 0), ""))
    client.diagnostics(uri, 2)
    if abilities is not PUSH:
        report = pulled(client, uri)
        pulled(client, uri, report.get("resultId"))
        known: list[Message] = []
        for _ in range(2):
            params = {"previousResultIds": known, "workDoneToken": "work", "partialResultToken": 7}
            client.call("workspace/diagnostic", params if not known else {"previousResultIds": known})
            values = [each["value"] for each in client.seen("$/progress") if each["token"] == 7]
            known = [{"uri": item["uri"], "value": item["resultId"]} for value in values for item in value["items"]]
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 17, "character": 0}}
    for at, only in (
        (place(CODE, "eval(path)"), None),
        (whole, ["quickfix"]),
        (place(CODE, "if path"), ["refactor"]),
        (whole, ["source.fixAll.coding-agent"]),
    ):
        for action in actions(client, uri, at, only):
            client.reply(client.request("codeAction/resolve", action))
    for method in ("textDocument/documentSymbol", "textDocument/codeLens"):
        client.call(method, document)
    for words in ("Shop", "buy", "eval", "dumps", "json"):
        client.call("textDocument/hover", {**document, "position": place(CODE, words)["start"]})
    for name in ("status", "showMetrics", "scanWorkspace", "trustWorkspace", "unknown"):
        client.reply(client.request("workspace/executeCommand", {"command": f"codingAgent.{name}"}))
    (root / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.max-file-size = 10\n")
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": client.uri("pyproject.toml"), "type": 1}]})
    client.diagnostics(uri, 2)
    client.open(client.uri("large.py"), CODE)
    client.diagnostics(client.uri("large.py"))
    cancelled = client.request("workspace/executeCommand", {"command": "codingAgent.scanWorkspace"})
    client.notify("$/cancelRequest", {"id": cancelled})
    client.reply(cancelled)
    client.close(uri)
    client.reply(client.request("nobody/knows", {}))
    assert client.shutdown() == 0


def shape_of(message: Message, asked: dict[int | str, str]) -> type:
    """The type that the protocol gives a message."""
    method = message["method"] if "method" in message else asked[message["id"]]
    if "error" in message:
        return lsp.ResponseErrorMessage
    request, response = lsp.METHOD_TO_TYPES[method][:2]
    return request if "method" in message else response


def read_again(converter: Any, message: Message, shape: type) -> Any:
    """A message as the protocol's types have it.

    Where an answer may hold commands or actions, lsprotocol takes an action that carries a command for a bare command;
    so ours, which are all actions, are held to that type one by one.
    """
    if shape is not lsp.CodeActionResponse or not message.get("result"):
        return converter.unstructure(converter.structure(message, shape))
    around = converter.unstructure(converter.structure({**message, "result": []}, shape))
    actions = [converter.unstructure(converter.structure(each, lsp.CodeAction)) for each in message["result"]]
    return {**around, "result": actions}


def lost(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """What is in one JSON value and not in the other; null and nothing are two things."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            if key not in before or key not in after:
                yield f"{path}.{key}: {before.get(key, 'nothing')!r} became {after.get(key, 'nothing')!r}"
            else:
                yield from lost(before[key], after[key], f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from lost(*pair, f"{path}[{index}]")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


NESTED = {**PULL, "workspace": {**PULL["workspace"], "workspaceEdit": ANNOTATED}}
FLAT = {
    **PULL,
    "workspace": {**PULL["workspace"], "workspaceEdit": {}},
    "textDocument": {**PULL["textDocument"], "documentSymbol": {}, "hover": {}},
}


@pytest.mark.parametrize("abilities", [NESTED, FLAT, PUSH], ids=["nested", "flat", "push"])
def test_all_messages_are_of_the_protocol(tmp_path: Path, abilities: dict[str, Any]) -> None:
    converter = converters.get_converter()
    with Recorded.start(tmp_path) as client:
        everything(client, abilities)
        assert client.stray == b""
        kinds = set[str]()
        for message in client.messages:
            shape = shape_of(message, client.asked)
            kinds.add(shape.__name__)
            again = read_again(converter, message, shape)
            assert list(lost(message, again)) == [], message
        expected = {
            *("InitializeResponse", "CodeActionResponse", "CodeActionResolveResponse", "HoverResponse"),
            *("DocumentSymbolResponse", "CodeLensResponse", "ExecuteCommandResponse", "ShutdownResponse"),
            *("ShowMessageNotification", "ShowMessageRequest", "RegistrationRequest", "ConfigurationRequest"),
            *("ProgressNotification", "WorkDoneProgressCreateRequest", "ResponseErrorMessage"),
        }
        pulls = {"DocumentDiagnosticResponse", "WorkspaceDiagnosticResponse", "DiagnosticRefreshRequest"}
        expected |= {"PublishDiagnosticsNotification"} if abilities is PUSH else pulls
        assert expected <= kinds, expected - kinds
