"""Questions about code over the wire: search, similar code, explanations, and what hover says of the project."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import PULL, Client, Refusal

pytest.importorskip("numpy")

MONEY = '''def rounded_price(amount):
    return round(amount, 2)


def charge_card(card, amount, currency):
    """Take money from a card."""
    if amount <= 0:
        raise ValueError("nothing to charge")
    cents = int(rounded_price(amount) * 100)
    answer = card.gateway.pay(cents, currency=currency, token=card.token)
    if answer.status != "ok":
        raise RuntimeError(answer.reason)
    return answer.identifier
'''
SHOP = {
    "shop/money.py": MONEY,
    "shop/till.py": """from shop.money import charge_card


def check_out(cart, card):
    return charge_card(card, cart.total, "EUR")
""",
    "shop/refund.py": """def bill_customer(person, sum_, unit):
    if sum_ <= 0:
        raise ValueError("nothing to charge")
    number = int(rounded_price(sum_) * 100)
    result = person.gateway.pay(number, currency=unit, token=person.token)
    if result.status != "ok":
        raise RuntimeError(result.reason)
    return result.identifier
""",
    "tests/test_money.py": """from shop.money import charge_card


def test_charge_card():
    assert charge_card(None, 1, "EUR")
""",
}
ENV = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent"}


def committed(root: Path) -> None:
    who = [each for key in ("user.name=Ann Lee", "user.email=ann@localhost") for each in ("-c", key)]
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "Charge cards"]):
        subprocess.run(["git", *command], cwd=root, env=ENV, check=True)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    for name, text in SHOP.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    committed(tmp_path)
    with Client.start(tmp_path) as client:
        yield client


def started(client: Client, **capabilities: Any) -> str:
    client.initialize({**PULL, **capabilities})
    uri = client.uri("shop/money.py")
    client.open(uri, MONEY)
    return uri


def run(client: Client, command: str, *arguments: Any) -> Any:
    return client.call("workspace/executeCommand", {"command": f"codingAgent.{command}", "arguments": [*arguments]})


def until(ask: Callable[[], Any]) -> Any:
    """The first true answer, asked again and again: what is not known yet is known soon."""
    for _ in range(200):
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError("it never came")


def found(answer: Any) -> list[str]:
    return [f"{each['path']}:{each['range']['start']['line'] + 1} {each['name']}" for each in answer["found"]]


PRESENTS = {"experimental": {"codingAgent": ["results"]}}


def test_search(client: Client) -> None:
    started(client, **PRESENTS)
    answer = run(client, "search", "take money from a card test:no")
    assert found(answer)[0] == "shop/money.py:5 charge_card"
    first = answer["found"][0]
    assert first["uri"] == (client.root / "shop/money.py").as_uri()
    assert first["docstring"] == "Take money from a card."
    assert answer["reading"] is False
    assert len(run(client, "search", "money", 1)["found"]) == 1


def test_search_tells_clients_without_lists(client: Client) -> None:
    started(client)
    run(client, "search", "take money from a card")
    told = client.notified("window/showMessage")["message"]
    assert told.splitlines()[0] == "charge_card  shop/money.py:5"


@pytest.mark.parametrize(
    ("asked", "why"), [((), "say what you look for"), ((" ",), "say what"), (("x kind:y",), "no kind 'y'")]
)
def test_search_for_nothing(client: Client, asked: tuple[str, ...], why: str) -> None:
    started(client)
    with pytest.raises(Refusal, match=why):
        run(client, "search", *asked)


def test_similar_code(client: Client) -> None:
    uri = started(client, **PRESENTS)
    for place in (8, "charge_card", {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}):
        assert found(run(client, "similarCode", uri, place)) == ["shop/refund.py:1 bill_customer"]
    nothing = run(client, "similarCode", uri, "rounded_price")
    assert nothing["found"] == []
    assert nothing["said"] == "Nothing in the workspace is like rounded_price."
    with pytest.raises(Refusal, match="no function or class is called nobody"):
        run(client, "similarCode", uri, "nobody")
    with pytest.raises(Refusal, match="put the cursor into one"):
        run(client, "similarCode", uri, 2)


def test_lens_and_action_for_similar_code(client: Client) -> None:
    uri = started(client, **PRESENTS)
    run(client, "search", "x")

    def lenses() -> list[Any]:
        told = client.call("textDocument/codeLens", {"textDocument": {"uri": uri}})
        return [each["command"] for each in told if each["command"]["command"].endswith("similarCode")]

    (lens,) = until(lenses)
    assert lens == {
        "title": "Similar code (1)",
        "command": "codingAgent.similarCode",
        "arguments": [uri, "charge_card"],
    }
    params = {"textDocument": {"uri": uri}, "range": place(8), "context": {"diagnostics": [], "triggerKind": 1}}
    titles = [each["title"] for each in client.call("textDocument/codeAction", params)]
    assert "Show similar code (1)" in titles
    elsewhere = {**params, "range": place(0)}
    assert not [each for each in client.call("textDocument/codeAction", elsewhere) if "similar" in each["title"]]


def place(line: int) -> Any:
    at = {"line": line, "character": 4}
    return {"start": at, "end": at}


def test_hover_tells_of_the_project(client: Client) -> None:
    uri = started(client)
    run(client, "search", "x")

    def said() -> str | None:
        params = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 6}}
        text: str = client.call("textDocument/hover", params)["contents"]["value"]
        return text if "Called by" in text and "Last changed" in text else None

    text = until(said)
    assert "- Called by [check_out](file://" in text
    assert "(shop/till.py:4)" in text
    assert "- Tested by [test_charge_card]" in text
    assert "- Calls [rounded_price]" in text
    assert "- Similar: [bill_customer]" in text
    assert "by Ann Lee: Charge cards (`" in text


def test_explain(client: Client) -> None:
    uri = started(client, **PRESENTS)
    page = run(client, "explain", uri, 9)
    assert page["title"] == "charge_card"
    assert page["markdown"].startswith("# charge_card (shop/money.py:5)\n")
    for expected in ("Take money from a card.", "**Called by**", "check_out", "```mermaid\nflowchart LR", "Ann Lee"):
        assert expected in page["markdown"]
    assert page["picture"].startswith("<svg")


def test_explain_opens_a_file_where_the_client_shows_no_results(client: Client) -> None:
    uri = started(client, window={"showDocument": {"support": True}, "showMessage": {}})
    client.answers["window/showDocument"] = lambda _: {"success": True}
    page = run(client, "explain", uri, "rounded_price")
    shown = client.notified("window/showMessage")["message"]
    file = Path(shown.removeprefix("rounded_price is explained in ").removesuffix("."))
    assert file.read_text() == page["markdown"]
    assert file.stat().st_mode & 0o077 == 0
    assert client.notified("window/showDocument")["uri"] == file.as_uri()


def test_nothing_is_indexed_before_somebody_asks_where_the_settings_say_so(client: Client) -> None:
    (client.root / "pyproject.toml").write_text("[tool.coding-agent.search]\nbackground = false\n")
    uri = started(client)
    params = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 6}}
    assert "Called by" not in client.call("textDocument/hover", params)["contents"]["value"]
