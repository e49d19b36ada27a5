"""Each trap under the floor that the wire shows, sprung on our server: what stock pygls does there is in
``bench/judges/pygls_traps.py``, and the last tests notice when another pygls is installed.
"""

import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.client import LIMIT, PULL, PUSH, Client, Hold, Message, Refusal, edit, frame

ROOT = Path(__file__).parents[2]
CANCELLED, INVALID_REQUEST, NOT_INITIALIZED, PARSE_ERROR = -32800, -32600, -32002, -32700
GOOD = "def f(text):\n    return eval(text)\n"
LARGE = "".join(
    f"def f{i}(a, b):\n    if a:\n        return b\n    return [eval(x) for x in a]\n\n\n" for i in range(6000)
)

ENDS = {
    "form feed": "\x0c",
    "vertical tab": "\x0b",
    "file separator": "\x1c",
    "group separator": "\x1d",
    "record separator": "\x1e",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
}


def evals(items: list[Message]) -> list[tuple[int, int]]:
    """Where the findings about ``eval`` start."""
    starts = [item["range"]["start"] for item in items if item["code"] == "eval-used"]
    return [(start["line"], start["character"]) for start in starts]


def check_alive(client: Client) -> None:
    """A new document gets its finding, and nothing popped up so far."""
    uri = client.uri("alive.py")
    client.open(uri, GOOD)
    assert evals(client.diagnostics(uri)) == [(1, 11)]
    client.close(uri)
    assert client.seen("window/showMessage") == []


def children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def ends(pid: int) -> bool:
    """Wait for the end of a process that need not be our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], LIMIT)[0])
    finally:
        os.close(handle)


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc and pidfd")


# The text.


@pytest.mark.parametrize("odd", ENDS.values(), ids=ENDS)
def test_edit_behind_what_only_python_takes_for_a_line_end(client: Client, odd: str) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, f"a = 1\n# x{odd}y\nb\n")
    client.change(uri, 2, edit((2, 0), (2, 1), "eval(b)"))
    assert evals(client.diagnostics(uri, 2)) == [(2, 0)]


@pytest.mark.parametrize("text", ["x = b", "x = b\ny = 1\n"], ids=["last line", "inner line"])
def test_column_past_the_end_is_the_lines_end(client: Client, text: str) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, text)
    client.change(uri, 2, edit((0, 5), (0, 99), "; eval(x)"))
    assert evals(client.diagnostics(uri, 2)) == [(0, 7)]


def test_append_behind_the_final_line_end(client: Client) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, "a = 1\r")
    client.change(uri, 2, edit((1, 0), (1, 0), "eval(a)"))
    assert evals(client.diagnostics(uri, 2)) == [(1, 0)]


@pytest.mark.parametrize(("units", "column"), [("utf-8", 12), ("utf-16", 10), ("utf-32", 9)])
def test_columns_behind_wide_characters_are_in_the_agreed_units(client: Client, units: str, column: int) -> None:
    client.initialize({**PULL, "general": {"positionEncodings": [units]}})
    uri = client.uri("a.py")
    client.open(uri, "x = '\U0001f600'; b\n")
    client.change(uri, 2, edit((0, column), (0, column + 1), "eval(x)"))
    assert evals(client.diagnostics(uri, 2)) == [(0, column)]


HOSTILE = {
    "lone surrogate": "x = '\ud83d'\n",
    "null byte": "x = 1\0\n",
    "20 000 unary minus": "x = " + "-" * 20_000 + "1\n",
    "5 000-term sum": "x = " + "+".join(["a"] * 5000) + "\n",
    "2 000 open brackets": "[" * 2000,
    "byte order mark": "\ufeffx = 1\n",
    "5 000-digit number": "x = " + "7" * 5000 + "\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_that_kills_parsers_leaves_the_server_alive(client: Client, text: str) -> None:
    client.initialize()
    client.open(client.uri("hostile.py"), text)
    client.diagnostics(client.uri("hostile.py"))
    check_alive(client)


def test_lone_surrogate_costs_no_other_finding(client: Client) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, f"x = '\ud83d'\n\n\n{GOOD}")
    assert evals(client.diagnostics(uri)) == [(4, 11)]


# The wire.


@pytest.mark.parametrize("name", [b"content-length", b"CONTENT-LENGTH", b"Content-length"])
def test_header_in_any_case(client: Client, name: bytes) -> None:
    client.initialize()
    client.raw(frame(json.dumps({"jsonrpc": "2.0", "id": "odd", "method": "shutdown"}).encode(), name))
    assert client.reply("odd")["result"] is None


@pytest.mark.parametrize(
    "body", [b'{"jsonrpc":"2.0",', b"\xff\xfe", b"", b"[" * 100_000], ids=["cut", "bytes", "empty", "deep"]
)
def test_broken_json_is_answered_without_a_popup(client: Client, body: bytes) -> None:
    client.initialize()
    client.raw(frame(body))
    assert client.reply(None)["error"]["code"] == PARSE_ERROR
    check_alive(client)


@pytest.mark.parametrize("length", [b"-5", b"99999999999999999999", b"many", b""])
def test_length_that_cannot_be_believed(client: Client, length: bytes) -> None:
    client.initialize()
    client.raw(b"Content-Length: %b\r\n\r\n{}\r\n" % length)
    check_alive(client)


def test_document_that_was_never_opened(client: Client) -> None:
    client.initialize()
    uri = client.uri("never.py")
    document = {"textDocument": {"uri": uri}}
    client.change(uri, 2, edit((5, 0), (5, 1), "x"))
    client.notify("textDocument/didSave", document)
    client.close(uri)
    assert client.call("textDocument/diagnostic", document)["items"] == []
    assert client.call("textDocument/documentSymbol", document) == []
    assert client.call("textDocument/hover", {**document, "position": {"line": 0, "character": 0}}) is None
    check_alive(client)


def test_answers_nobody_asked_for(client: Client) -> None:
    client.initialize()
    for number in (1, 999, "x", None):
        client.send({"id": number, "result": 1})
        client.send({"id": number, "error": {"code": "x"}})
    check_alive(client)


def test_questions_to_the_client_may_stay_unanswered(client: Client) -> None:
    def never(params: Any) -> None:
        raise Hold

    client.answers.update(
        dict.fromkeys(("client/registerCapability", "workspace/configuration", "workspace/diagnostic/refresh"), never)
    )
    client.initialize()
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    check_alive(client)
    assert client.shutdown() == 0


def test_progress_nobody_began_can_be_cancelled(client: Client) -> None:
    client.initialize()
    client.notify("window/workDoneProgress/cancel", {"token": "nobody's"})
    check_alive(client)


def test_requests_before_the_handshake_and_after_shutdown_are_refused(client: Client) -> None:
    with pytest.raises(Refusal) as early:
        client.call("textDocument/hover", {})
    client.initialize()
    client.call("shutdown")
    with pytest.raises(Refusal) as late:
        client.call("textDocument/hover", {})
    assert (early.value.code, late.value.code) == (NOT_INITIALIZED, INVALID_REQUEST)


# Waiting and cancelling.


def test_small_question_is_answered_while_a_large_one_runs(client: Client) -> None:
    client.initialize()
    client.open(client.uri("large.py"), LARGE)
    client.open(client.uri("small.py"), GOOD)
    long = client.request("textDocument/diagnostic", {"textDocument": {"uri": client.uri("large.py")}})
    quick = client.request("textDocument/documentSymbol", {"textDocument": {"uri": client.uri("small.py")}})
    assert len(client.reply(long)["result"]["items"]) >= 1000  # All that is shown of more than 6 000.
    order = [
        message["id"] for message in client.messages if message.get("id") in (long, quick) and "method" not in message
    ]
    assert order == [quick, long]


def test_running_question_can_be_cancelled(client: Client) -> None:
    client.initialize()
    client.open(client.uri("large.py"), LARGE)
    client.open(client.uri("small.py"), GOOD)
    long = client.request("textDocument/diagnostic", {"textDocument": {"uri": client.uri("large.py")}})
    client.call("textDocument/documentSymbol", {"textDocument": {"uri": client.uri("small.py")}})
    client.notify("$/cancelRequest", {"id": long})
    assert client.reply(long)["error"]["code"] == CANCELLED
    check_alive(client)


def test_waiting_questions_that_are_cancelled_do_not_run(client: Client) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, GOOD)
    params = {"textDocument": {"uri": uri}}
    messages: list[Message] = []
    for number in range(100, 140):
        messages.append({"id": number, "method": "textDocument/documentSymbol", "params": params})
        messages.append({"method": "$/cancelRequest", "params": {"id": number}})
    client.raw(b"".join(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()) for message in messages))
    codes = [client.reply(number).get("error", {}).get("code") for number in range(100, 140)]
    # They are written at once, but a pipe may hand them over in two parts, so one may have begun.
    assert codes.count(CANCELLED) >= 38
    check_alive(client)


@linux
def test_hung_worker_delays_nobody(client: Client) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, f"import json\njson.dumps(1)\n\n\n{GOOD}")
    document = {"textDocument": {"uri": uri}}
    imported = {**document, "position": {"line": 1, "character": 7}}
    client.call("textDocument/hover", imported)
    workers = children(client.process.pid)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    waiting = client.request("textDocument/hover", imported)
    assert [symbol["name"] for symbol in client.call("textDocument/documentSymbol", document)] == ["f"]
    assert "result" in client.reply(waiting)
    assert workers, "hover over an import starts jedi's worker"


# Commands.


@pytest.mark.parametrize("arguments", [{}, {"arguments": None}, {"arguments": []}, {"arguments": [None, [], {}, 7]}])
def test_commands_take_fewer_and_more_arguments(client: Client, arguments: Message) -> None:
    answer = client.initialize()
    client.open(client.uri("a.py"), "def f(a):\n    if a:\n        return 1\n    return 2\n")
    names = answer["capabilities"]["executeCommandProvider"]["commands"]
    assert "codingAgent.status" in names
    status = client.call("workspace/executeCommand", {"command": "codingAgent.status", **arguments})
    metrics = client.call("workspace/executeCommand", {"command": "codingAgent.showMetrics", **arguments})
    assert status["documents"] == 1
    assert [row["name"] for row in metrics] == ["f"]


def test_unknown_command_is_refused_without_a_popup(client: Client) -> None:
    client.initialize()
    with pytest.raises(Refusal):
        client.call("workspace/executeCommand", {"command": "nobody.knows"})
    check_alive(client)


# Leaving.


@linux
@pytest.mark.parametrize("hung", [False, True], ids=["idle", "hung worker"])
def test_client_that_vanishes(client: Client, hung: bool) -> None:
    client.initialize()
    uri = client.uri("a.py")
    client.open(uri, "import json\njson.dumps(1)\n")
    client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 7}})
    workers = children(client.process.pid)
    for worker in workers if hung else ():
        os.kill(worker, signal.SIGSTOP)
    assert client.process.stdin
    client.process.stdin.close()
    assert client.process.wait(LIMIT) == 1
    assert all(ends(worker) for worker in workers)


@linux
def test_editor_that_dies_while_another_holds_the_pipe(client: Client) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor:
        client.initialize(processId=editor.pid)
        editor.kill()
        assert client.process.wait(LIMIT) == 1


def test_exit_code_says_whether_shutdown_came_first(client: Client) -> None:
    client.initialize(PUSH)
    client.notify("exit")
    assert client.process.wait(LIMIT) == 1


# The pygls that is installed.


def judge() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pygls_traps", ROOT / "bench" / "judges" / "pygls_traps.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_installed_versions_are_the_pinned_ones() -> None:
    """Another pygls or lsprotocol: run ``bench/judges/pygls_traps.py`` and read what changed before pinning it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = dict(pin.split("==") for pin in project["dependencies"] if "==" in pin)
    assert {name: version(name) for name in ("pygls", "lsprotocol")} == {n: pinned[n] for n in ("pygls", "lsprotocol")}


def test_stock_pygls_still_corrupts_texts_behind_a_form_feed() -> None:
    """A known wrong behaviour, asserted as it is: the day this fails, our own text sync may be reconsidered."""
    stock = judge().C()
    try:
        uri = "file:///e.py"
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "a = 1\n\x0c\nb = 2\n"}
        change = edit((2, 0), (2, 1), "X")
        stock.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        changed = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]}
        stock.send({"method": "textDocument/didChange", "params": changed})
        _, reply = stock.call("workspace/executeCommand", {"command": "get", "arguments": [uri]})
    finally:
        stock.stop()
    assert reply["result"] != "a = 1\n\x0c\nX = 2\n"
