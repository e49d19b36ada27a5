"""Findings of files that are not open: workspace/diagnostic and the command that scans everything."""

from pathlib import Path
from typing import Any

import pytest

from support.asking import codes, command
from support.client import PULL, PUSH, Client, Hold, Message

CANCELLED = -32800
BAD, GOOD = "x = eval(input())\n", "x = 1\n"


def write(client: Client, *names: str, text: str = BAD) -> None:
    for name in names:
        path = client.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def touched(client: Client, *names: str, kind: int = 2) -> None:
    changes = [{"uri": client.uri(name), "type": kind} for name in names]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def params(known: dict[str, str] | None = None, **more: Any) -> Message:
    previous = [{"uri": uri, "value": value} for uri, value in (known or {}).items()]
    return {"identifier": "coding-agent", "previousResultIds": previous, **more}


def scan(client: Client, known: dict[str, str] | None = None, **more: Any) -> list[Message]:
    return client.call("workspace/diagnostic", params(known, **more))["items"]


def names(client: Client, items: list[Message]) -> dict[str, list[tuple[int, str]]]:
    """What was found, by file name; no file is reported twice."""
    assert len({item["uri"] for item in items}) == len(items)
    return {item["uri"].removeprefix(client.root.as_uri() + "/"): codes(item["items"]) for item in items}


def ids(items: list[Message]) -> dict[str, str]:
    return {item["uri"]: item["resultId"] for item in items}


def partial(client: Client, token: str) -> list[Message]:
    values = [each["value"] for each in client.seen("$/progress") if each["token"] == token]
    return [item for value in values for item in value["items"]]


FOUND = [(0, "eval-used")]


def test_findings_of_all_files_that_count(client: Client) -> None:
    write(client, "a.py", "below/b.pyi", "_vendor/c.py", "ignored/d.py", "e.txt")
    write(client, "clean.py", text=GOOD)
    write(client, ".gitignore", text="ignored/\n")
    client.initialize(PULL)
    items = scan(client)
    assert names(client, items) == {"a.py": FOUND, "below/b.pyi": FOUND}
    assert {(item["kind"], item["version"]) for item in items} == {("full", None)}


@pytest.mark.parametrize("spelled", ["a.py", "%61.py"])
def test_documents_that_are_open_are_asked_for_one_by_one(client: Client, spelled: str) -> None:
    write(client, "a.py", "b.py")
    client.initialize(PULL)
    client.open(client.uri("a.py").replace("a.py", spelled), GOOD)
    assert names(client, scan(client)) == {"b.py": FOUND}


def test_closed_document_is_what_the_file_says(client: Client) -> None:
    write(client, "a.py", text=GOOD)
    client.initialize(PULL)
    assert scan(client) == []
    uri = client.uri("a.py")
    client.open(uri, GOOD)
    write(client, "a.py")
    client.close(uri)
    assert names(client, scan(client)) == {"a.py": FOUND}


def test_partial_results_and_progress(client: Client) -> None:
    many = [f"m{number:02}.py" for number in range(40)]
    write(client, *many)
    client.initialize(PULL)
    assert scan(client, workDoneToken="work", partialResultToken="part") == []
    assert names(client, partial(client, "part")) == dict.fromkeys(many, FOUND)
    said = [each["value"] for each in client.seen("$/progress") if each["token"] == "work"]
    assert [value["kind"] for value in said[:2] + said[-1:]] == ["begin", "report", "end"]
    shares = [value["percentage"] for value in said if value["kind"] == "report"]
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert said[-1]["message"] == "40 files"
    # More than one message, so that findings come while others are still looked for.
    assert len([each for each in client.seen("$/progress") if each["token"] == "part"]) > 1


def test_what_the_client_knows_is_not_sent_again(client: Client) -> None:
    write(client, "a.py", "b.py")
    client.initialize(PULL)
    known = ids(scan(client))
    assert scan(client, known) == []
    write(client, "a.py", text="\n" + BAD)
    touched(client, "a.py")
    again = scan(client, known)
    assert names(client, again) == {"a.py": [(1, "eval-used")]}
    assert scan(client, known | ids(again)) == []


def test_file_that_was_mended_or_removed_is_cleared_once(client: Client) -> None:
    write(client, "a.py", "b.py", "c.py")
    client.initialize(PULL)
    known = ids(scan(client))
    write(client, "a.py", text=GOOD)
    (client.root / "b.py").unlink()
    touched(client, "a.py", "b.py")
    again = scan(client, known)
    assert names(client, again) == {"a.py": [], "b.py": []}
    assert scan(client, known | ids(again)) == []


def test_second_request_waits_until_something_changes(client: Client) -> None:
    write(client, "a.py")
    client.initialize(PULL)
    known = ids(scan(client))
    waiting = client.request("workspace/diagnostic", params(known, partialResultToken="later"))
    assert command(client, "status")["documents"] == 0, "the server answers others meanwhile"
    assert waiting not in client.replies
    write(client, "new.py")
    touched(client, "new.py", kind=1)
    assert client.reply(waiting)["result"] == {"items": []}
    assert names(client, partial(client, "later")) == {"new.py": FOUND}


def test_waiting_request_hears_of_a_document_that_was_closed(client: Client) -> None:
    write(client, "a.py", "b.py")
    client.initialize(PULL)
    client.open(client.uri("a.py"), BAD)
    known = ids(scan(client))
    waiting = client.request("workspace/diagnostic", params(known, partialResultToken="later"))
    client.close(client.uri("a.py"))
    client.reply(waiting)
    assert names(client, partial(client, "later")) == {"a.py": FOUND}


def test_waiting_request_can_be_cancelled(client: Client) -> None:
    write(client, "a.py")
    client.initialize(PULL)
    known = ids(scan(client))
    waiting = client.request("workspace/diagnostic", params(known, partialResultToken="later"))
    command(client, "status")
    client.notify("$/cancelRequest", {"id": waiting})
    assert client.reply(waiting)["error"]["code"] == CANCELLED
    assert scan(client, known) == []


def test_settings_that_change_have_everything_looked_at_again(client: Client) -> None:
    write(client, "a.py", "b.py")
    client.initialize(PULL)
    known = ids(scan(client))
    write(client, "pyproject.toml", text='[tool.coding-agent]\nignore = ["eval-used"]\n')
    touched(client, "pyproject.toml", kind=1)
    again = scan(client, known)
    assert names(client, again) == {"a.py": [], "b.py": []}
    (client.root / "pyproject.toml").unlink()
    touched(client, "pyproject.toml", kind=3)
    assert names(client, scan(client, known | ids(again))) == {"a.py": FOUND, "b.py": FOUND}


class Stopping:
    """Stops a scan at its first report: no test sleeps to find the middle of one."""

    def __init__(self, client: Client, stop: Message) -> None:
        self._client, self._stop, self._file = client, stop, client._file
        client._file = self._seen  # type: ignore[method-assign]

    def _seen(self, message: Message) -> None:
        if message.get("method") == "$/progress" and message["params"]["value"].get("kind") == "report" and self._stop:
            stop, self._stop = self._stop, {}
            self._client.send(stop)
        self._file(message)


MANY = [f"m{number:03}.py" for number in range(200)]


def slow(client: Client) -> None:
    write(client, *MANY, text=BAD + "def f(a):\n    return a.b(a[1] + 2) if a else None\n\n\n" * 60)


def test_progress_cancelled_by_the_user_ends_with_what_was_found(client: Client) -> None:
    slow(client)
    client.initialize(PULL)
    Stopping(client, {"method": "window/workDoneProgress/cancel", "params": {"token": "work"}})
    command(client, "status")
    first = scan(client, workDoneToken="work")
    assert 0 < len(first) < len(MANY)
    ends = [each["value"] for each in client.seen("$/progress") if each["value"]["kind"] == "end"]
    assert ends == [{"kind": "end", "message": "stopped"}]
    # The rest is looked at when asked for again.
    second = scan(client, ids(first))
    assert names(client, first + second) == dict.fromkeys(MANY, FOUND)


def test_cancelled_request_loses_nothing(client: Client) -> None:
    slow(client)
    client.initialize(PULL)
    command(client, "status")
    number = client._next + 1
    Stopping(client, {"method": "$/cancelRequest", "params": {"id": number}})
    assert client.request("workspace/diagnostic", params(workDoneToken="work")) == number
    assert client.reply(number)["error"]["code"] == CANCELLED
    client.notified("$/progress", lambda value: value["value"]["kind"] == "end")
    assert names(client, scan(client)) == dict.fromkeys(MANY, FOUND)


def test_file_that_changes_during_a_scan_is_looked_at_again(client: Client) -> None:
    slow(client)
    client.initialize(PULL)
    command(client, "status")
    write(client, "m000.py.new", text=GOOD)
    replaced = client.root / "m000.py"
    seen = Stopping(client, {"method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": client.uri("m000.py"), "type": 2}]}})  # fmt: skip  # noqa: E501
    send = client.send

    def after_writing(message: Message) -> None:
        if message.get("method") == "workspace/didChangeWatchedFiles":
            (client.root / "m000.py.new").replace(replaced)
        send(message)

    client.send = after_writing  # type: ignore[method-assign]
    first = scan(client, workDoneToken="work")
    assert seen._stop == {}
    again = scan(client, ids(first))
    both = {item["uri"]: codes(item["items"]) for item in first + again}
    assert both[client.uri("m000.py")] == []
    assert len([uri for uri, found in both.items() if found]) == len(MANY) - 1


def test_command_scans_everything_and_says_how_much(client: Client) -> None:
    write(client, "a.py", "b.py")
    write(client, "clean.py", text=GOOD)
    client.initialize(PULL)
    assert command(client, "scanWorkspace") == {"files": 3, "findings": 2}
    assert client.notified("window/showMessage")["message"] == "3 files looked at, 2 findings."
    create = client.notified("window/workDoneProgress/create")
    kinds = [each["value"]["kind"] for each in client.seen("$/progress") if each["token"] == create["token"]]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    # A client that pulls is not pushed to.
    assert client.seen("textDocument/publishDiagnostics") == []


def test_command_pushes_to_clients_that_cannot_pull(client: Client) -> None:
    write(client, "a.py", "b.py", "open.py")
    write(client, "clean.py", text=GOOD)
    client.initialize(PUSH)
    client.open(client.uri("open.py"), GOOD)
    assert client.diagnostics(client.uri("open.py")) == []
    assert command(client, "scanWorkspace") == {"files": 4, "findings": 3}
    pushed = {each["uri"]: codes(each["diagnostics"]) for each in client.seen("textDocument/publishDiagnostics")}
    expected = {client.uri("a.py"): FOUND, client.uri("b.py"): FOUND, client.uri("open.py"): []}
    assert pushed == expected
    write(client, "a.py", text=GOOD)
    command(client, "scanWorkspace")
    cleared = client.notified("textDocument/publishDiagnostics", lambda each: each["uri"] == client.uri("a.py"))
    assert cleared["diagnostics"] == []


def test_client_without_progress_is_scanned_silently(client: Client) -> None:
    write(client, "a.py")
    client.initialize({k: v for k, v in PULL.items() if k != "window"})
    assert command(client, "scanWorkspace") == {"files": 1, "findings": 1}
    assert client.seen("$/progress") == []
    assert client.seen("window/workDoneProgress/create") == []


def test_files_of_several_folders_by_their_own_settings(client: Client, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "o.py").write_text(BAD)
    (other / "pyproject.toml").write_text('[tool.coding-agent]\nignore = ["eval-used"]\n')
    write(client, "a.py")
    write(client, "inner/b.py")
    write(client, "inner/pyproject.toml", text='[tool.coding-agent]\nignore = ["eval-used"]\n')
    folders = [client.root, other, client.root / "inner"]
    client.initialize(PULL, workspaceFolders=[{"uri": each.as_uri(), "name": each.name} for each in folders])
    assert names(client, scan(client)) == {"a.py": FOUND}


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\x00", b"# -*- coding: latin-1 -*-\nx = eval('\xe4' + y)\n", b"\0", b"x = ("]
)
def test_odd_files_stop_nothing(client: Client, text: bytes) -> None:
    (client.root / "odd.py").write_bytes(text)
    write(client, "z.py")
    client.initialize(PULL)
    assert names(client, scan(client))["z.py"] == FOUND


def test_no_workspace_has_nothing_to_scan(client: Client) -> None:
    client.initialize(PULL, rootUri=None, workspaceFolders=None)
    assert scan(client) == []
    assert command(client, "scanWorkspace") == {"files": 0, "findings": 0}


def test_editor_that_never_answers_about_progress_can_still_ask(client: Client) -> None:
    def hold(_: Any) -> None:
        raise Hold

    write(client, "a.py")
    client.answers["window/workDoneProgress/create"] = hold
    client.initialize(PULL)
    assert names(client, scan(client, workDoneToken="mine")) == {"a.py": FOUND}
