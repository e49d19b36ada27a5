"""What a model wrote is tried in the sandbox before it is an edit: the project's tests, behaviour, speed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from coding_agent.store.trust import TrustStore
from e2e.test_rewriting import answer, command
from support.client import PULL, Client, Refusal
from support.sandboxes import no_sandbox
from support.scripted import Case, Scripted

pytestmark = pytest.mark.skipif(bool(no_sandbox()), reason=no_sandbox() or "-")

CART = """def total(prices: list[float], most: float) -> float:
    result = 0.0
    for price in prices:
        if price < most:
            result = result + price
    return result


def unique(values: list[int]) -> list[int]:
    result = []
    for value in values:
        if value not in result:
            result.append(value)
    return result
"""
TESTS = """from cart import total


def test_total():
    assert total([1.0, 5.0], 5.0) == 1.0
"""
GOOD = """def total(prices: list[float], most: float) -> float:
    return sum((price for price in prices if price < most), 0.0)
"""
RED = GOOD.replace("<", "<=")
UNIQUE = "def unique(values: list[int]) -> list[int]:\n    return list(dict.fromkeys(values))\n"
ODD = "def unique(values: list[int]) -> list[int]:\n    return sorted(dict.fromkeys(values))\n"
SLOW = """def unique(values: list[int]) -> list[int]:
    result: list[int] = []
    for value in values:
        if not any(each == value for each in result):
            result.append(value)
    return result
"""
OURS = {**PULL, "experimental": {"codingAgent": ["results"]}}


class Shop:
    """A project in an editor, with a model that says what is written down."""

    def __init__(self, folder: Path) -> None:
        self.root, state = folder / "shop", folder / "state"
        (self.root / "tests").mkdir(parents=True)
        (self.root / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
        (self.root / "cart.py").write_text(CART)
        (self.root / "tests" / "test_cart.py").write_text(TESTS)
        self._store = TrustStore(state / "coding-agent" / "trust.json")
        self._state = state

    def trust(self) -> None:
        self._store.trust(self.root)

    def started(self, scripted: Scripted, abilities: Mapping[str, Any] = OURS) -> Client:
        environment = {"CODING_AGENT_API_KEY": scripted.key, "XDG_STATE_HOME": str(self._state)}
        client = Client.start(self.root, env=environment)
        ai = {"base-url": scripted.url, "model": scripted.model}
        client.initialize(dict(abilities), initializationOptions={"ai": ai})
        client.open(client.uri("cart.py"), CART)
        return client


def seen(made: Any) -> dict[str, str]:
    """What each check saw."""
    return {each["name"]: each["detail"] for each in made["checks"]}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_tests_that_come_to_it_have_to_pass(shop: Shop) -> None:
    shop.trust()
    with Scripted([Case("total", answer(RED), answer(GOOD))]) as scripted, shop.started(scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert made["applied"], made
        assert "tests: tests/test_cart.py::test_total fails" in scripted.asked[1].last
    assert "; 1 test of tests/test_cart.py passes as before; the same on " in made["said"]
    assert [name for name in ("tests", "behaviour") if name in seen(made)] == ["tests", "behaviour"]


def test_what_no_test_comes_to_is_compared_on_inputs(shop: Shop) -> None:
    shop.trust()
    with Scripted(answer(ODD)) as scripted, shop.started(scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "unique", "use a dict")
        assert not made["applied"]
        assert client.seen("workspace/applyEdit") == []
    assert seen(made)["tests"] == "no test comes to it"
    assert "The answer cannot be used (behaviour: `unique(" in made["said"]


def test_nothing_is_run_in_a_folder_that_nobody_trusts(shop: Shop) -> None:
    (shop.root / "tests" / "test_cart.py").write_text(TESTS + 'open("ran", "w")\n')
    with Scripted(answer(RED)) as scripted, shop.started(scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert made["applied"], made
        assert client.seen("window/showMessageRequest") == []
        with pytest.raises(Refusal, match="this folder is not trusted, and timing code runs its code"):
            command(client, "aiOptimise", client.uri("cart.py"), "total")
        assert len(scripted.asked) == 1
    assert "; no test was run: the workspace is not trusted)" in made["said"]


def test_what_is_faster_and_the_same_is_taken(shop: Shop) -> None:
    shop.trust()
    with Scripted([Case("unique", answer(SLOW), answer(UNIQUE))]) as scripted, shop.started(scripted) as client:
        made = command(client, "aiOptimise", client.uri("cart.py"), "unique")
        assert made["applied"], made
        assert "That cannot be used: speed: " in scripted.asked[1].last
    assert re.search(r"; the same on \d+ inputs; \d+\.\d x as fast on \d+ inputs \(at least ", made["said"]), made


def test_who_may_be_asked_is_asked_before_code_is_timed(shop: Shop) -> None:
    asks = {**OURS, "window": {"showMessage": {"messageActionItem": {"additionalPropertiesSupport": True}}}}
    with Scripted(answer(UNIQUE)) as scripted, shop.started(scripted, asks) as client:
        client.answers["window/showMessageRequest"] = lambda _: {"title": "Do not trust"}
        with pytest.raises(Refusal, match="this folder is not trusted"):
            command(client, "aiOptimise", client.uri("cart.py"), "unique")
        (question,) = client.seen("window/showMessageRequest")
        assert scripted.asked == []
    assert f"do you trust {shop.root}? Timing code runs its code in a sandbox" in question["message"]


def test_a_docstring_is_not_run(shop: Shop) -> None:
    shop.trust()
    with Scripted('{"text": "Add up what is below most."}') as scripted, shop.started(scripted) as client:
        made = command(client, "aiDocstring", client.uri("cart.py"), "total")
    assert made["applied"], made
    assert "tests" not in seen(made)


def test_stopping_ends_what_runs(shop: Shop) -> None:
    (shop.root / "tests" / "test_cart.py").write_text(TESTS + "    import time\n    time.sleep(600)\n")
    shop.trust()
    progress = {"window": {"workDoneProgress": True}}
    with Scripted(answer(GOOD)) as scripted, shop.started(scripted, {**OURS, **progress}) as client:
        asked = client.request(
            "workspace/executeCommand",
            {"command": "codingAgent.aiRefactor", "arguments": [client.uri("cart.py"), "total", "use sum"]},
        )
        told = client.notified("$/progress", lambda each: "running the tests" in (each["value"].get("message") or ""))
        client.notify("window/workDoneProgress/cancel", {"token": told["token"]})
        assert "it was stopped" in client.reply(asked, 10)["error"]["message"]
        assert client.seen("workspace/applyEdit") == []
