"""How a session begins and ends, also when everything around it dies."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.asking import actions, applied, codes, command, edits_for, place, pulled, resolved, titled
from support.client import PULL, Client, Message, Refusal, frame
from support.processes import Watched, child, children

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
NOT_INITIALIZED, REQUEST_FAILED, CANCELLED = -32002, -32803, -32800
BACKGROUND, JEDI, SCAN = "coding_agent.ide.background", "coding_agent.semantics.door", "coding_agent.lsp.scanning"
CODE = "import json\n\n\ndef f(a):\n    if a:\n        json.dumps(a)\n    else:\n        raise ValueError\n"
GUARDED = "import json\n\n\ndef f(a):\n    if not a:\n        raise ValueError\n    json.dumps(a)\n"
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


def refusal(client: Client, method: str, params: Any = None) -> int:
    reply = client.reply(client.request(method, params))
    return reply["error"]["code"]


def opened(client: Client, text: str = CODE, **more: Any) -> str:
    # On a busy machine jedi takes its time; what is tested here is that it answers at all.
    client.initialize(PULL, initializationOptions={"jedi": {"deadline-ms": 10_000}}, **more)
    uri = client.uri("a.py")
    client.open(uri, text)
    return uri


def guarded(client: Client, uri: str) -> str:
    action = titled(actions(client, uri, place(CODE, "if a"), ["refactor"]), "guard clause")
    return applied(CODE, edits_for(resolved(client, action), uri))


def hovered(client: Client, uri: str) -> str:
    """What jedi says, asked for again and again: where it does not answer, hover shows what the name is called."""
    at = place(CODE, "dumps")["start"]
    for _ in range(2000):
        hover = client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
        if hover and "(" in hover["contents"]["value"]:
            return hover["contents"]["value"]
    raise AssertionError("jedi never answered")


# Order.


def others(client: Client) -> list[Message]:
    """The messages that the user got, but what the command ``status`` tells when it is asked."""
    told = client.seen("window/showMessage")
    return [each for each in told if not each["message"].startswith("Coding Agent 0.")]


def test_requests_before_initialize_are_refused(client: Client) -> None:
    document = {"textDocument": {"uri": client.uri("a.py")}}
    assert refusal(client, "textDocument/diagnostic", document) == NOT_INITIALIZED
    assert refusal(client, "shutdown") == NOT_INITIALIZED
    assert refusal(client, "nobody/knows") == NOT_INITIALIZED
    client.open(client.uri("a.py"), CODE)  # Dropped, as the protocol says.
    client.initialize(PULL)
    assert command(client, "status")["documents"] == 0


def test_initialize_happens_once(client: Client) -> None:
    uri = opened(client, "x = eval(y)\n")
    assert refusal(client, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}) == INVALID_REQUEST
    assert codes(pulled(client, uri)["items"]) == [(0, "eval-used")]


def test_server_says_who_it_is(client: Client) -> None:
    from coding_agent import __version__

    assert client.initialize(PULL)["serverInfo"] == {"name": "coding-agent", "version": __version__}


def test_unknown_methods(client: Client) -> None:
    client.initialize(PULL)
    assert refusal(client, "textDocument/linkedEditingRange", {}) == METHOD_NOT_FOUND
    assert refusal(client, "$/unknown") == METHOD_NOT_FOUND
    client.notify("$/unknown")
    client.notify("nobody/knows")
    assert command(client, "status")["documents"] == 0
    assert others(client) == []


@pytest.mark.parametrize(
    "params",
    [
        *(None, {}, [], "x", {"capabilities": None}, {"capabilities": [], "workspaceFolders": 3, "rootUri": 4}),
        *({"processId": number} for number in (0, -1, 2**31, 2**63 - 1, 2**70, "7")),
    ],
)
def test_odd_beginnings(client: Client, params: Any) -> None:
    reply = client.reply(client.request("initialize", params))
    assert reply["result"]["capabilities"]["positionEncoding"] == "utf-16"
    client.notify("initialized")
    assert client.shutdown() == 0


def test_nothing_is_answered_after_shutdown(client: Client) -> None:
    uri = opened(client)
    client.call("shutdown")
    assert refusal(client, "textDocument/diagnostic", {"textDocument": {"uri": uri}}) == INVALID_REQUEST
    assert refusal(client, "shutdown") == INVALID_REQUEST
    client.notify("exit")
    assert client.process.wait(10) == 0


# The end.


@pytest.mark.parametrize("polite", [True, False])
@pytest.mark.parametrize("how", ["exit", "end of input"])
def test_exit_codes(client: Client, polite: bool, how: str) -> None:
    client.initialize(PULL)
    if polite:
        client.call("shutdown")
    if how == "exit":
        client.notify("exit")
    elif client.process.stdin:
        client.process.stdin.close()
    assert client.process.wait(10) == (0 if polite else 1)


def test_end_before_the_beginning(tmp_path: Path) -> None:
    with Client.start(tmp_path) as client:
        client.notify("exit")
        assert client.process.wait(10) == 1


IMPORT_HANGS = """
import threading
from coding_agent.lsp import warm
from coding_agent.runtime import parent
assert callable(warm._typed)
warm._typed = lambda server: threading.Event().wait()
parent.exit_within = lambda seconds, code: None
from coding_agent.app import serve
serve()
"""


def test_leaving_does_not_wait_for_an_import(tmp_path: Path) -> None:
    """Nothing but the server itself ends it here: the limit is taken away."""
    with Client.start(tmp_path, [sys.executable, "-c", IMPORT_HANGS]) as client:
        client.initialize(PULL)
        client.open(client.uri("a.py"), CODE)
        client.request(
            "textDocument/hover",
            {"textDocument": {"uri": client.uri("a.py")}, "position": place(CODE, "f(a)")["start"]},
        )
        assert client.shutdown() == 0


def busy(client: Client) -> dict[int, str]:
    """Have the server start all its processes; returns them."""
    uri = opened(client)
    command(client, "scanWorkspace")
    assert guarded(client, uri) == GUARDED
    hovered(client, uri)
    found = children(client.process.pid)
    assert all(any(words in line for line in found.values()) for words in (BACKGROUND, JEDI, SCAN)), found
    return found


@linux
def test_nothing_is_left_behind(client: Client) -> None:
    with Watched(*busy(client)) as processes:
        assert client.shutdown() == 0
        assert processes.left() == set()


@linux
@pytest.mark.parametrize("words", [BACKGROUND, JEDI, SCAN])
def test_hung_worker_does_not_hold_the_server(client: Client, words: str) -> None:
    found = busy(client)
    with Watched(*found) as processes:
        hung = child(client.process.pid, words)
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        assert client.process.stdin
        client.process.stdin.close()
        assert client.process.wait(10) == 1
        assert processes.left() == set()


@linux
def test_worker_that_hangs_in_the_middle_of_an_answer(client: Client) -> None:
    uri = opened(client)
    assert guarded(client, uri) == GUARDED
    hung = child(client.process.pid, BACKGROUND)
    assert hung is not None
    with Watched(hung) as processes:
        os.kill(hung, signal.SIGSTOP)
        action = titled(actions(client, uri, place(CODE, "if a"), ["refactor"]), "guard clause")
        client.request("codeAction/resolve", action)
        assert client.shutdown() == 0
        assert processes.left() == set()


@linux
def test_server_goes_with_its_parent(tmp_path: Path) -> None:
    """The editor is killed, but something else holds the server's input open."""
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent,
        Client.start(tmp_path) as client,
    ):
        uri = opened(client, processId=parent.pid)
        assert guarded(client, uri) == GUARDED
        with Watched(*children(client.process.pid)) as processes:
            parent.kill()
            assert client.process.wait(10) == 1
            assert processes.left() == set()


@linux
def test_workers_go_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with Client.start(tmp_path) as client, Watched(*busy(client)) as processes:
        client.process.kill()
        assert processes.left() == set()


def test_parent_that_cannot_be_seen_is_no_reason_to_go(client: Client) -> None:
    """A client outside of a container sends a number that means nothing inside."""
    uri = opened(client, "x = eval(y)\n", processId=2**22 + 12345)
    assert codes(pulled(client, uri)["items"]) == [(0, "eval-used")]


# Workers that die.


@linux
def test_jedi_that_was_killed_is_started_again_and_the_user_told_once(client: Client) -> None:
    uri = opened(client)
    for _ in range(2):
        assert "dumps(" in hovered(client, uri)
        lost = child(client.process.pid, JEDI)
        assert lost is not None
        with Watched(lost) as processes:
            os.kill(lost, signal.SIGKILL)
            assert processes.left() == set()
        # What it said is remembered until files are written.
        assert "dumps(" in hovered(client, uri)
        client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert "dumps(" in hovered(client, uri)
    (told,) = others(client)
    assert told["type"] == 2
    # How it was noticed depends on what came first: the next question, or the loop seeing it end.
    assert "jedi ended" in told["message"]
    assert "restarted" in told["message"]


@linux
def test_background_worker_that_was_killed_costs_one_answer(client: Client) -> None:
    uri = opened(client)
    assert guarded(client, uri) == GUARDED
    lost = child(client.process.pid, BACKGROUND)
    assert lost is not None
    action = titled(actions(client, uri, place(CODE, "if a"), ["refactor"]), "guard clause")
    os.kill(lost, signal.SIGSTOP)  # So that it is in the middle of the answer when it dies.
    number = client.request("codeAction/resolve", action)
    command(client, "status")
    os.kill(lost, signal.SIGKILL)
    assert client.reply(number)["error"]["code"] == REQUEST_FAILED
    assert guarded(client, uri) == GUARDED
    assert child(client.process.pid, BACKGROUND) != lost


@linux
def test_scan_that_was_killed_is_done_again(client: Client) -> None:
    (client.root / "a.py").write_text("x = eval(y)\n")
    client.initialize(PULL)
    expected = {"files": 1, "findings": 1}
    assert command(client, "scanWorkspace") == expected
    lost = child(client.process.pid, SCAN)
    assert lost is not None
    os.kill(lost, signal.SIGSTOP)
    number = client.request("workspace/executeCommand", {"command": "codingAgent.scanWorkspace"})
    command(client, "status")
    os.kill(lost, signal.SIGKILL)
    assert client.reply(number)["error"]["code"] == REQUEST_FAILED
    assert command(client, "scanWorkspace") == expected


@linux
def test_cancelled_resolve_stops_its_worker(client: Client) -> None:
    uri = opened(client)
    assert guarded(client, uri) == GUARDED
    working = child(client.process.pid, BACKGROUND)
    assert working is not None
    action = titled(actions(client, uri, place(CODE, "if a"), ["refactor"]), "guard clause")
    with Watched(working) as processes:
        os.kill(working, signal.SIGSTOP)
        number = client.request("codeAction/resolve", action)
        command(client, "status")  # By then the worker was asked.
        client.notify("$/cancelRequest", {"id": number})
        assert client.reply(number)["error"]["code"] == CANCELLED
        assert processes.left() == set()
    assert guarded(client, uri) == GUARDED
    assert others(client) == []


# Folders.


def test_folders_that_come_and_go(client: Client, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text('[tool.coding-agent]\nignore = ["eval-used"]\n')
    uri = (other / "b.py").as_uri()
    opened(client)
    client.open(uri, "x = eval(y)\n")
    assert codes(pulled(client, uri)["items"]) == [(0, "eval-used")]
    folder = {"uri": other.as_uri(), "name": "other"}
    for event, found in (
        ({"added": [folder], "removed": []}, []),
        ({"added": [], "removed": [folder]}, [(0, "eval-used")]),
    ):
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert codes(pulled(client, uri)["items"]) == found
    gone = {"uri": client.root.as_uri(), "name": "root"}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": [gone]}})
    assert command(client, "status")["folders"] == [str(other)]


def test_client_with_a_root_only(client: Client) -> None:
    client.initialize(PULL, workspaceFolders=None)
    assert command(client, "status")["folders"] == [str(client.root)]


# Trouble on the wire.


def test_cancelled_before_it_began_is_never_done(client: Client) -> None:
    """Both messages come in one write, so the server sees them together."""
    uri = opened(client, "x = eval(y)\n")
    params = {"command": "codingAgent.trustWorkspace"}
    messages = [
        {"jsonrpc": "2.0", "id": "never", "method": "workspace/executeCommand", "params": params},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "never"}},
    ]
    client.raw(b"".join(frame(json.dumps(each).encode()) for each in messages))
    assert client.reply("never")["error"]["code"] == CANCELLED
    assert codes(pulled(client, uri)["items"]) == [(0, "eval-used")]


def test_mistakes_of_the_client_are_answered_and_no_popup(client: Client) -> None:
    client.initialize(PULL)
    with pytest.raises(Refusal):
        client.call("textDocument/diagnostic", {"textDocument": 5})
    client.change(client.uri("never.py"), 1, {"text": "x"})
    client.close(client.uri("never.py"))
    client.raw(b"Content-Length: 5\r\n\r\n{nope")
    assert client.reply(None)["error"]["code"] == PARSE_ERROR
    assert command(client, "status")["documents"] == 0
    assert others(client) == []
