"""Tests that a model writes for somebody in an editor: run in a real sandbox, then an edit of the test file."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from coding_agent.store.trust import TrustStore
from support.asking import applied, command, edits_for
from support.client import PULL, Client, Refusal
from support.sandboxes import no_sandbox
from support.scripted import Case, Scripted

pytestmark = pytest.mark.skipif(bool(no_sandbox()), reason=no_sandbox() or "-")

CART = """def total(prices):
    result = 0
    for price in prices:
        if price is not None:
            result += price
    return result
"""
TESTS = "from shop.cart import total\n\n\ndef test_total( ):\n    assert total([1, 2]) == 3   # mine\n"
NEW = "def test_prices_that_are_not_known():\n    assert total([None, 2]) == 2\n"
RED = "def test_red():\n    assert total([None, 2]) == 3\n"
OURS = {**PULL, "experimental": {"codingAgent": ["results"]}}
REVIEWS = {**PULL, "experimental": {"codingAgent": ["results", "review"]}}


def answer(*tests: str) -> str:
    code = "from shop.cart import total\n\n\n" + "\n\n".join(tests)
    return json.dumps({"code": code, "why": "a price may be missing"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    files = {"pyproject.toml": "", "shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TESTS}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def started(root: Path, scripted: Scripted, capabilities: Mapping[str, Any] = OURS, *, trusted: bool = True) -> Client:
    state = root.parent / "state"
    if trusted:
        TrustStore(state / "coding-agent" / "trust.json").trust(root)
    client = Client.start(root, env={"CODING_AGENT_API_KEY": scripted.key, "XDG_STATE_HOME": str(state)})
    ai = {"base-url": scripted.url, "model": scripted.model}
    options = {"ai": ai, "interpreter": sys.executable, "tests": {"seconds": 6}}
    client.initialize(dict(capabilities), initializationOptions=options)
    client.open(client.uri("shop/cart.py"), CART)
    return client


def written(client: Client) -> Any:
    return command(client, "aiTests", client.uri("shop/cart.py"), "total")


def test_tests_that_show_more_are_an_edit_of_the_test_file(root: Path) -> None:
    with Scripted(answer(NEW, RED)) as scripted, started(root, scripted) as client:
        made = written(client)
        assert made["applied"], made
        assert made["uri"] == client.uri("tests/test_cart.py")
        (sent,) = client.seen("workspace/applyEdit")
        assert applied(TESTS, edits_for(sent["edit"], made["uri"])) == f"{TESTS}\n\n{NEW}"
        shown = [each["value"].get("message", "") for each in client.seen("$/progress")]
    assert made["said"].startswith("total (shop/cart.py:1): 1 test; left out: test_red (failed ")
    assert "(verified: green in 8 runs; takes 1 branch that no test took" in made["said"]
    assert [each["test"] for each in made["dropped"]] == ["test_red"]
    assert {"asking the model", "running what it wrote"} <= {*shown}


@pytest.mark.soak
def test_who_is_shown_it_decides(root: Path) -> None:
    with Scripted(answer(NEW)) as scripted, started(root, scripted, REVIEWS) as client:
        shown: list[Any] = []

        def review(params: Any) -> Any:
            shown.append(params)
            return {"accepted": len(shown) > 1}

        client.answers["codingAgent/review"] = review
        assert written(client)["applied"] is False
        assert client.seen("workspace/applyEdit") == []
        assert written(client)["applied"] is True
        assert len(scripted.asked) == 2, "who did not want it wants another answer"
    assert shown[0]["label"].startswith("a price may be missing (verified: green in 8 runs; ")
    assert (shown[0]["before"], shown[0]["after"]) == (TESTS, f"{TESTS}\n\n{NEW}")


@pytest.mark.soak
def test_what_fails_twice_is_shown_with_what_failed(root: Path) -> None:
    with Scripted([Case("", answer(RED))]) as scripted, started(root, scripted) as client:
        made = written(client)
        assert client.seen("workspace/applyEdit") == []
        assert len(scripted.asked) == 2
    assert made["applied"] is False
    assert made["said"].startswith("The answer cannot be used (green: test_red: failed in file order")
    assert "- FAILED: green: test_red" in made["markdown"]
    assert (root / "tests/test_cart.py").read_text() == TESTS


def test_nothing_runs_and_nothing_is_sent_without_trust(root: Path) -> None:
    with Scripted(answer(NEW)) as scripted, started(root, scripted, trusted=False) as client:
        with pytest.raises(Refusal, match="this folder is not trusted"):
            written(client)
        assert scripted.requests == []


def test_tests_are_not_written_for_tests(root: Path) -> None:
    with Scripted(answer(NEW)) as scripted, started(root, scripted) as client:
        uri = client.uri("tests/test_cart.py")
        client.open(uri, TESTS)
        with pytest.raises(Refusal, match=r"test_cart\.py is no module that tests are made for"):
            command(client, "aiTests", uri, "test_total")
        place = {"start": {"line": 4, "character": 5}, "end": {"line": 4, "character": 5}}
        params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
        titles = [each["title"] for each in client.call("textDocument/codeAction", params)]
        assert [each for each in titles if "AI" in each and "tests" in each] == []
        assert scripted.requests == []
