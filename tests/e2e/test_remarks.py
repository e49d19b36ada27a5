"""Remarks of a review as diagnostics that expire, over the real server and protocol."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from support.client import PULL, PUSH, Client, edit
from support.scripted import Scripted

CART = """def pay(card, total):
    return card.charge(eval(total))


def buy(cart, card):
    total = sum(item.price for item in cart)
    return pay(card, total)
"""
CHANGED = CART.replace("item.price", "item.price * 2")
SHOP = "def open_shop():\n    return True\n"
EMPTY, SHUT = "an empty cart is paid for", "it is never shut"
REMARKS = [
    {"path": "cart.py", "line": 6, "severity": "error", "message": EMPTY},
    {"path": "shop.py", "line": 2, "severity": "information", "message": SHUT},
]
SOURCE = "coding-agent ai"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=root, check=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text(CART)
    (folder / "shop.py").write_text(SHOP.replace("True", "False"))
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Sell")
    (folder / "cart.py").write_text(CHANGED)
    (folder / "shop.py").write_text(SHOP)
    return folder


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted(json.dumps({"remarks": REMARKS})) as peer:
        yield peer


@pytest.fixture
def client(request: pytest.FixtureRequest, root: Path, scripted: Scripted) -> Iterator[Client]:
    with started(root, scripted, getattr(request, "param", PULL)) as made:
        yield made


both = pytest.mark.parametrize("client", [pytest.param(PULL, id="pull"), pytest.param(PUSH, id="push")], indirect=True)


def started(root: Path, scripted: Scripted, capabilities: Any) -> Client:
    client = Client.start(root, env={"CODING_AGENT_API_KEY": scripted.key})
    ours = {**capabilities, "experimental": {"codingAgent": ["results"]}}
    client.initialize(ours, initializationOptions={"ai": {"base-url": scripted.url, "model": scripted.model}})
    client.open(client.uri("cart.py"), CHANGED)
    return client


def command(client: Client, name: str, *arguments: Any) -> Any:
    return client.call("workspace/executeCommand", {"command": f"codingAgent.{name}", "arguments": [*arguments]})


def found(client: Client, name: str, version: int = 1) -> list[Any]:
    """What is found in a file, as the client has it once all that was sent is answered."""
    uri = client.uri(name)
    if not client.capabilities.get("diagnosticProvider"):
        client.call("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        told = [each for each in client.seen("textDocument/publishDiagnostics") if each["uri"] == uri]
        return told[-1]["diagnostics"] if told else []
    if client.call("textDocument/documentSymbol", {"textDocument": {"uri": uri}}):
        return client.call("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
    items = client.call("workspace/diagnostic", {"previousResultIds": []})["items"]
    return next((each["items"] for each in items if each["uri"] == uri), [])


def remarks(client: Client, name: str = "cart.py") -> list[tuple[int, str]]:
    return [
        (each["range"]["start"]["line"], each["message"]) for each in found(client, name) if each["source"] == SOURCE
    ]


def eventually(client: Client, name: str, wanted: list[tuple[int, str]]) -> None:
    """Wait for what is found behind the answer, in a thread of its own: asked again at each arrival."""
    for _ in range(200):
        if remarks(client, name) == wanted:
            return
        command(client, "status")
    assert remarks(client, name) == wanted


@both
def test_remarks_stand_beside_what_is_found(client: Client) -> None:
    assert [each["code"] for each in found(client, "cart.py")] == ["eval-used"]
    assert remarks(client) == []
    assert len(command(client, "aiReview")["remarks"]) == 2
    eventually(client, "cart.py", [(5, EMPTY)])
    *others, remark = found(client, "cart.py")
    assert [each["code"] for each in others] == ["eval-used"]
    assert remark == {
        "range": {"start": {"line": 5, "character": 4}, "end": {"line": 5, "character": 48}},
        "severity": 2,
        "code": "review",
        "source": SOURCE,
        "message": EMPTY,
    }


@both
def test_remarks_on_files_that_are_not_open_stand_there_too(client: Client) -> None:
    command(client, "aiReview")
    eventually(client, "shop.py", [(1, SHUT)])
    # Nothing counts them as findings.
    assert command(client, "scanWorkspace")["findings"] == 1
    assert remarks(client, "shop.py") == [(1, SHUT)]
    # Opened as it was they go on, closed again, too.
    client.open(client.uri("shop.py"), SHOP)
    eventually(client, "shop.py", [(1, SHUT)])
    client.close(client.uri("shop.py"))
    eventually(client, "shop.py", [(1, SHUT)])
    # What is on disk is another text by then.
    (client.root / "shop.py").write_text("def open_shop():\n    return 1\n")
    changed = {"uri": client.uri("shop.py"), "type": 2}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [changed]})
    eventually(client, "shop.py", [])
    assert remarks(client) == [(5, EMPTY)]


def test_a_file_that_is_opened_as_another_text_has_none(client: Client) -> None:
    command(client, "aiReview")
    eventually(client, "shop.py", [(1, SHUT)])
    client.open(client.uri("shop.py"), SHOP + "\n\nx = 1\n")
    eventually(client, "shop.py", [])


@both
def test_a_remark_moves_with_its_line_and_goes_with_it(client: Client) -> None:
    command(client, "aiReview")
    eventually(client, "cart.py", [(5, EMPTY)])
    client.change(client.uri("cart.py"), 2, edit((0, 0), (0, 0), "import os\n"))
    eventually(client, "cart.py", [(6, EMPTY)])
    client.change(client.uri("cart.py"), 3, edit((2, 4), (2, 4), " "))
    eventually(client, "cart.py", [(6, EMPTY)])
    client.change(client.uri("cart.py"), 4, edit((7, 4), (7, 4), " "))
    eventually(client, "cart.py", [])
    assert [each["code"] for each in found(client, "cart.py")] == ["eval-used"]


def test_what_was_typed_while_the_model_thought_is_not_remarked_on(client: Client) -> None:
    client.change(client.uri("cart.py"), 2, edit((0, 0), (0, 0), "import os\n"))
    command(client, "aiReview")
    eventually(client, "cart.py", [(6, EMPTY)])
    client.change(client.uri("cart.py"), 3, edit((6, 4), (6, 4), "all_"))
    command(client, "aiReview")
    eventually(client, "cart.py", [])
    assert remarks(client, "shop.py") == [(1, SHUT)]


def test_a_new_review_takes_the_place_of_the_last_one(client: Client, scripted: Scripted) -> None:
    command(client, "aiReview")
    eventually(client, "shop.py", [(1, SHUT)])
    (client.root / "shop.py").write_text(SHOP.replace("True", "None"))
    command(client, "aiReview")
    eventually(client, "cart.py", [(5, EMPTY)])
    git(client.root, "checkout", "-q", "shop.py")
    command(client, "aiReview")
    eventually(client, "shop.py", [])


@both
def test_a_remark_is_dismissed(client: Client) -> None:
    command(client, "aiReview")
    eventually(client, "cart.py", [(5, EMPTY)])
    uri, line = client.uri("cart.py"), {"line": 5, "character": 8}
    params = {"textDocument": {"uri": uri}, "range": {"start": line, "end": line}, "context": {"diagnostics": []}}
    (action,) = [each for each in client.call("textDocument/codeAction", params) if "Dismiss" in each["title"]]
    assert (action["title"], action["kind"]) == ("Dismiss this remark", "quickfix")
    assert action["diagnostics"] == found(client, "cart.py")[-1:]
    # Where there is none, or other kinds are wanted, nothing is offered.
    params["context"] = {"diagnostics": [], "only": ["refactor"]}
    assert "Dismiss" not in json.dumps(client.call("textDocument/codeAction", params))
    name, arguments = action["command"]["command"].removeprefix("codingAgent."), action["command"]["arguments"]
    assert command(client, name, *arguments) == {"dismissed": 1}
    eventually(client, "cart.py", [])
    assert remarks(client, "shop.py") == [(1, SHUT)]
    assert command(client, "aiDismiss") == {"dismissed": 1, "said": "1 remark dismissed."}
    eventually(client, "shop.py", [])


def test_an_answer_that_was_dropped_is_given_again(client: Client) -> None:
    def pulled(previous: str | None) -> Any:
        params = {"textDocument": {"uri": client.uri("cart.py")}, "previousResultId": previous}
        return client.call("textDocument/diagnostic", params)

    command(client, "aiReview")
    eventually(client, "cart.py", [(5, EMPTY)])
    had = pulled(None)
    command(client, "aiDismiss")
    # An editor that asks again while it waits drops the answer.
    dropped = pulled(had["resultId"])
    assert pulled(had["resultId"]) == dropped
    assert (dropped["kind"], len(dropped["items"])) == ("full", 1)
    assert pulled(dropped["resultId"]) == {"kind": "unchanged", "resultId": dropped["resultId"]}


@pytest.mark.parametrize("heard", ["watched", "saved"])
def test_remarks_go_with_the_commit(client: Client, heard: str) -> None:
    command(client, "aiReview")
    eventually(client, "cart.py", [(5, EMPTY)])
    git(client.root, "commit", "-qam", "Sell twice")
    if heard == "saved":
        client.notify("textDocument/didSave", {"textDocument": {"uri": client.uri("cart.py")}})
    else:
        log = {"uri": f"{client.root.as_uri()}/.git/logs/HEAD", "type": 2}
        client.notify("workspace/didChangeWatchedFiles", {"changes": [log]})
    eventually(client, "cart.py", [])
    assert remarks(client, "shop.py") == []


def test_an_editor_that_shows_no_lists_is_told_the_first_one(root: Path, scripted: Scripted) -> None:
    with Client.start(root, env={"CODING_AGENT_API_KEY": scripted.key}) as client:
        options = {"ai": {"base-url": scripted.url, "model": scripted.model}}
        client.initialize(PUSH, initializationOptions=options)
        client.open(client.uri("cart.py"), CHANGED)
        command(client, "aiReview")
        client.notified(
            "window/showMessage", lambda p: p["message"].startswith(f"2 remarks, the first at cart.py:6: {EMPTY}. ")
        )
