"""A model asked from an editor: streamed, previewed, cancelled, with consent, over the real server and protocol."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("openai")

from support.client import PULL, Client, Refusal
from support.faults import FaultProxy
from support.scripted import Case, Say, Scripted

CART = '''TOKEN = "ghp_a8Jk2lmNop3Qrs4Tuv5Wxy6Zab7Cde8Fgh9I"


def pay(card, total):
    """Take the money."""
    return card.charge(total, TOKEN)


def buy(cart, card):
    total = sum(item.price for item in cart)
    return pay(card, total)
'''
OURS = {**PULL, "experimental": {"codingAgent": ["results", "told"]}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text(CART)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "Sell"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted("**buy** adds prices (cart.py:10) and calls `pay` (cart.py:99).") as peer:
        yield peer


def started(root: Path, url: str, key: str, model: str, *, capabilities: Any = OURS, **more: Any) -> Client:
    client = Client.start(root, env={"CODING_AGENT_API_KEY": key})
    client.initialize(capabilities, initializationOptions={"ai": {"base-url": url, "model": model, **more}})
    client.open(client.uri("cart.py"), CART)
    return client


def command(client: Client, name: str, *arguments: Any, **more: Any) -> Any:
    params = {"command": f"codingAgent.{name}", "arguments": [*arguments], **more}
    return client.call("workspace/executeCommand", params)


def test_an_explanation_is_streamed_and_grounded(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url, scripted.key, scripted.model) as client:
        page = command(client, "aiExplain", client.uri("cart.py"), "buy")
        begun, told = client.seen("codingAgent/told")[:2]
    assert begun["markdown"] == f"# buy (cart.py:9)\n\n*Waiting for {scripted.model}.*\n"
    assert told["title"] == "buy (cart.py:9)"
    assert told["markdown"].startswith("# buy (cart.py:9)\n\n**buy**")
    assert page["title"] == "buy (cart.py:9)"
    assert f"[cart.py:10]({(root / 'cart.py').as_uri()}#L10)" in page["markdown"]
    assert "Not among the code that was shown: cart.py:99." in page["markdown"]
    assert "tokens" in page["said"]
    (asked,) = scripted.asked
    assert "def buy(cart, card):" in asked.last
    assert "def pay(card, total)" in asked.last


def test_an_editor_without_lists_gets_a_file(root: Path, scripted: Scripted) -> None:
    shows = {**PULL, "window": {**PULL["window"], "showDocument": {"support": True}}}
    with started(root, scripted.url, scripted.key, scripted.model, capabilities=shows) as client:
        command(client, "aiExplain", client.uri("cart.py"), "buy")
        message = client.notified("window/showMessage", lambda p: "is explained in" in p["message"])
        (shown,) = client.seen("window/showDocument")
        file = Path(unquote(urlsplit(shown["uri"]).path))
        assert str(file) in message["message"]
        assert file.read_text("utf-8").startswith("# buy (cart.py:9)")
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_preview_sends_nothing(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url, scripted.key, scripted.model) as client:
        shown = command(client, "aiPreview", client.uri("cart.py"), "pay")
    assert "def pay(card, total):" in shown["markdown"]
    assert "ghp_" not in shown["markdown"]
    assert scripted.requests == []


def test_without_an_endpoint_nothing_is_asked(root: Path, scripted: Scripted) -> None:
    with started(root, "", "", "") as client:
        for name in ("aiExplain", "aiPreview", "aiReview", "aiCommit", "aiStatus"):
            with pytest.raises(Refusal, match=r"set ai\.base-url and ai\.model in your own settings"):
                command(client, name, client.uri("cart.py"), "buy")
    off = started(root, scripted.url, scripted.key, scripted.model, enabled=False)
    with off as client, pytest.raises(Refusal, match=r"ai\.enabled is off"):
        command(client, "aiExplain", client.uri("cart.py"), "buy")
    assert scripted.requests == []


def test_a_restricted_window_asks_nobody(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url, scripted.key, scripted.model) as client:
        client.notify("codingAgent/workspaceTrust", {"state": "restricted"})
        with pytest.raises(Refusal, match="this window is restricted"):
            command(client, "aiExplain", client.uri("cart.py"), "buy")
    assert scripted.requests == []


def test_a_workspace_cannot_say_who_is_asked(root: Path, scripted: Scripted) -> None:
    (root / "pyproject.toml").write_text(
        f'[tool.coding-agent.ai]\nbase-url = "{scripted.url}"\nmodel = "m"\nkey-variable = "HOME"\n'
    )
    with started(root, "", "", "") as client:
        with pytest.raises(Refusal, match="no model is asked"):
            command(client, "aiExplain", client.uri("cart.py"), "buy")
        client.notified("window/showMessage", lambda p: "base-url" in p["message"])
    assert scripted.requests == []


def test_a_failure_of_the_endpoint_is_said(root: Path, scripted: Scripted) -> None:
    with (
        FaultProxy(scripted.url, always="401") as proxy,
        started(root, proxy.url, scripted.key, scripted.model) as client,
        pytest.raises(Refusal, match="does not accept the key"),
    ):
        command(client, "aiExplain", client.uri("cart.py"), "buy")


def test_cancelling_the_request_closes_the_connection(root: Path) -> None:
    with (
        Scripted(Say("word " * 500, hold=3)) as scripted,
        started(root, scripted.url, scripted.key, scripted.model) as client,
    ):
        params = {"command": "codingAgent.aiExplain", "arguments": [client.uri("cart.py"), "buy"]}
        number = client.request("workspace/executeCommand", params)
        client.notified("codingAgent/told", lambda p: "word" in p["markdown"])
        client.notify("$/cancelRequest", {"id": number})
        assert client.reply(number)["error"]["code"] == -32800
        scripted.wait(lambda: scripted.requests[0].left, "client that leaves")
        # The next question is answered.
        scripted.release()
        assert command(client, "aiExplain", client.uri("cart.py"), "pay")["title"] == "pay (cart.py:4)"


def test_the_key_that_an_editor_keeps_goes_to_its_host_alone(root: Path, scripted: Scripted) -> None:
    host = urlsplit(scripted.url).netloc
    with started(root, scripted.url, "", scripted.model) as client:
        for host_of_key, key in (("localhost:1", scripted.key), (host, 7), (host, "")):
            client.notify("codingAgent/key", {"host": host_of_key, "key": key})
            with pytest.raises(Refusal, match="key"):
                command(client, "aiExplain", client.uri("cart.py"), "buy")
        client.notify("codingAgent/key", {"host": host, "key": scripted.key})
        assert command(client, "aiExplain", client.uri("cart.py"), "buy")["markdown"]
        assert scripted.key not in client.log() + json.dumps(client.messages)


def test_stopping_the_progress_ends_the_call(root: Path) -> None:
    with (
        Scripted(Say("word " * 500, hold=3)) as scripted,
        started(root, scripted.url, scripted.key, scripted.model) as client,
    ):
        params = {
            "command": "codingAgent.aiExplain",
            "arguments": [client.uri("cart.py"), "buy"],
            "workDoneToken": "mine",
        }
        number = client.request("workspace/executeCommand", params)
        client.notified("codingAgent/told", lambda p: "word" in p["markdown"])
        client.notify("window/workDoneProgress/cancel", {"token": "mine"})
        assert client.reply(number)["error"]["message"] == "it was stopped"
        scripted.wait(lambda: scripted.requests[0].left, "client that leaves")


def test_changes_are_reviewed(root: Path) -> None:
    remarks = [
        {"path": "cart.py", "line": 10, "severity": "warning", "message": "an empty cart is paid for"},
        {"path": "cart.py", "line": 1, "severity": "error", "message": "this was not changed"},
    ]
    with (
        Scripted(json.dumps({"remarks": remarks})) as scripted,
        started(root, scripted.url, scripted.key, scripted.model) as client,
    ):
        with pytest.raises(Refusal, match="nothing was changed"):
            command(client, "aiReview")
        (root / "cart.py").write_text(CART.replace("item.price for", "item.price * 2 for"))
        found = command(client, "aiReview")
        assert "   10 +    total = sum(item.price * 2 for item in cart)" in scripted.asked[0].last
        assert "ghp_" not in scripted.captured().decode()
    assert [(each["path"], each["range"]["start"]["line"], each["message"]) for each in found["remarks"]] == [
        ("cart.py", 9, "an empty cart is paid for")
    ]
    assert found["lost"] == 1


def test_a_hover_leads_to_an_explanation_where_links_are_run(root: Path, scripted: Scripted) -> None:
    links = {**OURS, "experimental": {"codingAgent": ["results", "links"]}}

    def hovered(client: Client) -> str:
        place = {"line": 8, "character": 4}
        return client.call("textDocument/hover", {"textDocument": {"uri": client.uri("cart.py")}, "position": place})[
            "contents"
        ]["value"]

    with started(root, scripted.url, scripted.key, scripted.model, capabilities=links) as client:
        (link,) = re.findall(r"\[Explain with AI\]\(command:codingAgent\.aiExplain\?([^)]*)\)$", hovered(client))
        arguments = json.loads(unquote(link))
        assert arguments == [client.uri("cart.py"), 8]
        assert command(client, "aiExplain", *arguments)["title"] == "buy (cart.py:9)"
        client.notify("codingAgent/workspaceTrust", {"state": "restricted"})
        assert "Explain with AI" not in hovered(client)
    for capabilities, url in ((OURS, scripted.url), (links, "")):
        with started(root, url, scripted.key, scripted.model, capabilities=capabilities) as client:
            assert "def buy(cart, card)" in (said := hovered(client))
            assert "Explain with AI" not in said


def test_the_message_of_a_commit(root: Path) -> None:
    with (
        Scripted('{"subject": "Charge twice", "body": "Because."}') as scripted,
        started(root, scripted.url, scripted.key, scripted.model) as client,
    ):
        (root / "cart.py").write_text(CART.replace("item.price for", "item.price * 2 for"))
        assert command(client, "aiCommit")["message"] == "Charge twice\n\nBecause.\n"
        assert "- Sell" in scripted.asked[0].last


def test_who_is_asked_and_what_it_took(root: Path) -> None:
    usage = {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21}
    with (
        Scripted([Case("", Say("It buys.", usage=usage))]) as scripted,
        started(root, scripted.url, scripted.key, scripted.model) as client,
    ):
        command(client, "aiExplain", client.uri("cart.py"), "buy")
        status = command(client, "aiStatus")
    assert status["model"] == scripted.model
    assert "Today: 1 of 1,000 requests, 21 of 5,000,000 tokens" in status["said"]


def test_who_shows_what_was_taken_is_told_after_each_answer(root: Path, scripted: Scripted) -> None:
    shows = {**PULL, "experimental": {"codingAgent": ["results", "spent"]}}
    with started(root, scripted.url, scripted.key, scripted.model, capabilities=shows) as client:
        command(client, "aiExplain", client.uri("cart.py"), "buy")
        told = client.notified("codingAgent/spent")
    assert told["said"].startswith("Today: 1 of 1,000 requests, ")


def test_another_machine_gets_code_once_somebody_agreed(root: Path) -> None:
    # No address of loopback, so it has to be agreed to; and nobody beyond this machine is asked.
    chosen, asked = ["Show what would be sent", "Never", "Allow for this workspace"], list[str]()

    def choose(params: Any) -> Any:
        asked.append(params["message"])
        assert [each["title"] for each in params["actions"]] == ["Never", *chosen[:1], *chosen[2:]]
        return {"title": answers.pop(0)}

    shows = {**PULL, "window": {**PULL["window"], "showDocument": {"support": True}}}
    with started(root, "http://0.0.0.0:9/v1", "k", "m", capabilities=shows) as client:
        client.answers["window/showMessageRequest"] = choose
        answers = chosen[:2]
        with pytest.raises(Refusal, match=r"you said that no code of .* is sent to 0\.0\.0\.0:9"):
            command(client, "aiExplain", client.uri("cart.py"), "buy")
        assert len(asked) == 2
        assert "may code of shop be sent to 0.0.0.0:9 (m)" in asked[0]
        (shown,) = client.seen("window/showDocument")
        page = Path(unquote(urlsplit(shown["uri"]).path)).read_text("utf-8")
        assert page.startswith("# What would be sent to 0.0.0.0:9")
        assert "def buy(cart, card):" in page
        # What was said counts, and nobody is asked again.
        with pytest.raises(Refusal, match="you said that no code"):
            command(client, "aiExplain", client.uri("cart.py"), "buy")
        assert len(asked) == 2
    with started(root, "http://0.0.0.0:9/v1", "k", "m", capabilities=shows) as client:
        client.answers["window/showMessageRequest"] = choose
        answers = ["Allow for this workspace"]
        with pytest.raises(Refusal, match="cannot be reached"):
            command(client, "aiExplain", client.uri("cart.py"), "buy")
        assert len(asked) == 3


# Completions.

INLINE = {**PULL, "textDocument": {**PULL["textDocument"], "inlineCompletion": {}}}


def completed(client: Client, method: str, line: int, character: int, kind: int = 1) -> Any:
    place = {"line": line, "character": character}
    params = {"textDocument": {"uri": client.uri("cart.py")}, "position": place, "context": {"triggerKind": kind}}
    return client.call(f"textDocument/{method}", params)["items"]


def test_a_completion_is_offered_inline(root: Path) -> None:
    with (
        Scripted("return pay(card, total) + 1") as scripted,
        started(root, scripted.url, scripted.key, scripted.model, capabilities=INLINE, complete=True) as client,
    ):
        assert "inlineCompletionProvider" in client.capabilities
        assert "completionProvider" not in client.capabilities
        end = {"line": 10, "character": 27}
        (item,) = completed(client, "inlineCompletion", 10, 27)
        assert item == {"insertText": " + 1", "range": {"start": end, "end": end}}
        assert "    return pay(card, total)<CURSOR/>" in scripted.asked[0].last
        assert "ghp_" not in scripted.captured().decode()
        # Who types what was suggested asks nobody, also behind a pause.
        text = CART.replace("return pay(card, total)\n", "return pay(card, total) +\n")
        client.change(client.uri("cart.py"), 2, {"text": text})
        (rest,) = completed(client, "inlineCompletion", 10, 29, 2)
        assert rest["insertText"] == " 1"
        assert len(scripted.asked) == 1


def test_a_completion_is_an_ordinary_one_elsewhere(root: Path) -> None:
    with (
        Scripted(" + 1") as scripted,
        started(root, scripted.url, scripted.key, scripted.model, complete=True) as client,
    ):
        assert "completionProvider" in client.capabilities
        (item,) = completed(client, "completion", 10, 27)
    assert (item["textEdit"]["newText"], item["detail"], item["sortText"]) == (" + 1", "AI", "~")


def test_no_completion_is_offered_by_default(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url, scripted.key, scripted.model, capabilities=INLINE) as client:
        assert not {"completionProvider", "inlineCompletionProvider"} & client.capabilities.keys()
        assert completed(client, "inlineCompletion", 10, 27) == []
    assert scripted.requests == []


def test_who_goes_on_typing_asks_nobody(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url, scripted.key, scripted.model, capabilities=INLINE, complete=True) as client:
        place = {"line": 10, "character": 27}
        params = {"textDocument": {"uri": client.uri("cart.py")}, "position": place, "context": {"triggerKind": 2}}
        number = client.request("textDocument/inlineCompletion", params)
        # An answer to a later request shows that the first one has begun.
        client.call("textDocument/documentSymbol", {"textDocument": {"uri": client.uri("cart.py")}})
        client.change(client.uri("cart.py"), 2, {"text": CART + "x"})
        assert client.reply(number)["result"] == {"items": []}
    assert scripted.requests == []
