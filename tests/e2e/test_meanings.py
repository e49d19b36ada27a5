"""Search with an endpoint of the user's that says what code means, over the real server and its processes."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

pytest.importorskip("openai")
pytest.importorskip("numpy")

from support.client import PULL, Client
from support.faults import FaultProxy
from support.scripted import Scripted

CODE = "def pay(x):\n    return x\n\n\ndef walk(x):\n    return x\n"


def means(texts: list[str]) -> list[list[float]]:
    return [[1.0 * ("zyx" in text or "pay(" in text), 1.0 * ("walk(" in text), 0.1] for text in texts]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.py").write_text(CODE)
    return folder


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted(meaning=means) as peer:
        yield peer


def started(root: Path, url: str) -> Client:
    client = Client.start(root, env={"CODING_AGENT_API_KEY": "sk-scripted"})
    ai = {"base-url": url, "embedding-model": "m"}
    client.initialize(PULL, initializationOptions={"ai": ai, "search": {"background": False}})
    return client


def found(client: Client, text: str) -> list[str]:
    params: Any = {"command": "codingAgent.search", "arguments": [text]}
    return [each["name"] for each in client.call("workspace/executeCommand", params)["found"]]


def test_questions_are_answered_by_it(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url) as client:
        begun = monotonic()
        found(client, "pay")
        scripted.wait(lambda: scripted.embedded, "what the code means")
        assert [len(texts) for texts in scripted.embedded] == [3]
        # A name that is typed is not sent.
        client.call("workspace/symbol", {"query": "zyx"})
        assert len(scripted.embedded) == 1
        while "pay" not in found(client, "zyx"):  # What it said may not have come yet.
            assert monotonic() < begun + 30
        assert [text for texts in scripted.embedded[1:] for text in texts[1:]] == ["zyx"]
        (root / "b.py").write_text("def zyx_it(x):\n    return x\n")
        uri = (root / "b.py").as_uri()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        scripted.wait(lambda: any("zyx_it" in texts[1] for texts in scripted.embedded), "the new function")
        assert len(scripted.embedded) == 3


def test_why_it_does_not_is_told_once(root: Path, scripted: Scripted) -> None:
    with FaultProxy(scripted.url, "401") as proxy, started(root, proxy.url) as client:
        assert "pay" in found(client, "pay")
        client.notified("window/showMessage", lambda p: "our own encoder answers" in p["message"])
        assert "pay" in found(client, "pay")
        assert len(proxy.requests) == 1


def test_a_restricted_window_sends_nothing(root: Path, scripted: Scripted) -> None:
    with started(root, scripted.url) as client:
        client.notify("codingAgent/workspaceTrust", {"state": "restricted"})
        assert "pay" in found(client, "pay")
        assert found(client, "zyx") == []
        client.notify("codingAgent/workspaceTrust", {"state": "granted"})
        found(client, "zyx")
        scripted.wait(lambda: scripted.embedded, "what the code means")


def test_a_workspace_cannot_set_it(root: Path, scripted: Scripted) -> None:
    (root / "pyproject.toml").write_text(
        f'[tool.coding-agent.ai]\nbase-url = "{scripted.url}"\nembedding-model = "m"\n'
    )
    with started(root, "") as client:
        assert "pay" in found(client, "pay")
        client.notified("window/showMessage", lambda p: "base-url" in p["message"])
    assert scripted.requests == []
