"""Definitions that a model writes anew: what passes all checks becomes an edit, all else is shown with what failed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from support.asking import applied as made_of
from support.client import PULL, Client, Refusal
from support.scripted import Case, Scripted

CART = """def total(items):
    result = 0
    for item in items:
        result = result + item.price
    return result


def same(a, b):
    # By what people see.
    return a.name == b.name and a.size == b.size and a.name == b.name
"""
FASTER = "def total(items):\n    return sum(item.price for item in items)\n"
EVIL = "def total(items):\n    import os\n    os.system('id')\n    return sum(item.price for item in items)\n"
OURS = {**PULL, "experimental": {"codingAgent": ["results"]}}
REVIEWS = {**PULL, "experimental": {"codingAgent": ["results", "review"]}}


def answer(code: str, why: str = "a sum says it") -> str:
    return json.dumps({"code": code, "why": why})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cart.py").write_text(CART)
    return folder


def started(root: Path, scripted: Scripted, capabilities: Mapping[str, Any] = OURS) -> Client:
    client = Client.start(root, env={"CODING_AGENT_API_KEY": scripted.key})
    ai = {"base-url": scripted.url, "model": scripted.model}
    client.initialize(dict(capabilities), initializationOptions={"ai": ai})
    client.open(client.uri("cart.py"), CART)
    return client


def command(client: Client, name: str, *arguments: Any) -> Any:
    params = {"command": f"codingAgent.{name}", "arguments": [*arguments]}
    return client.call("workspace/executeCommand", params, 60)


def applied(client: Client) -> str:
    """The document with the edit that the editor was sent."""
    (sent,) = client.seen("workspace/applyEdit")
    (change,) = sent["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": client.uri("cart.py"), "version": 1}
    return made_of(CART, change["edits"])


def test_what_passes_all_checks_is_an_edit(root: Path) -> None:
    with Scripted(answer(FASTER)) as scripted, started(root, scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert made["applied"], made
        assert applied(client) == CART.replace(CART[CART.index("def total") : CART.index("\n\ndef same")], FASTER)
        assert "with this goal: use sum" in scripted.asked[0].last
    assert all(check["passed"] for check in made["checks"])
    assert made["said"].startswith("total: a sum says it (verified by ")


def test_what_does_not_pass_is_asked_for_once_more_with_what_failed(root: Path) -> None:
    with Scripted([Case("total", answer(EVIL), answer(FASTER))]) as scripted, started(root, scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert made["applied"], made
        turns = scripted.asked[1].messages
        assert [role for role, _ in turns] == ["system", "user", "assistant", "user"]
        assert turns[3][1].startswith("That cannot be used: effects: ")
        assert applied(client).count("os.system") == 0


def test_what_does_not_pass_twice_is_shown_with_what_failed(root: Path) -> None:
    with Scripted(answer(EVIL)) as scripted, started(root, scripted) as client:
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert not made["applied"]
        assert len(scripted.asked) == 2
        assert client.seen("workspace/applyEdit") == []
    assert "The answer cannot be used (effects: " in made["said"]
    assert "os.system('id')" in made["markdown"]
    assert "- FAILED: effects" in made["markdown"]


def test_who_asks_once_more_gets_another_answer(root: Path) -> None:
    with (
        Scripted([Case("total", answer(EVIL), answer(EVIL), answer(FASTER))]) as scripted,
        started(root, scripted) as client,
    ):
        assert not command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"]
        assert command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"]
        assert len(scripted.asked) == 3


def test_who_discards_an_answer_and_asks_once_more_gets_another(root: Path) -> None:
    other = FASTER.replace("item in items", "each in items").replace("item.price", "each.price")
    with (
        Scripted([Case("total", answer(FASTER), answer(other))]) as scripted,
        started(root, scripted, REVIEWS) as client,
    ):
        client.answers["codingAgent/review"] = lambda shown: {"accepted": "each" in shown["after"]}
        assert not command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"]
        assert command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"]


def test_nothing_that_a_model_says_is_a_link(root: Path) -> None:
    link = "[Accept](command:workbench.action.terminal.new)"
    code = FASTER.replace("\n    return", f"\n    # noqa ![x](https://evil.example/p.png) {link}\n    return")
    with (
        Scripted([Case("goal: use sum", answer(FASTER, link)), Case("goal: all", answer(code))]) as scripted,
        started(root, scripted, REVIEWS) as client,
    ):
        client.answers["codingAgent/review"] = lambda shown: {"accepted": True}
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        (shown,) = client.seen("codingAgent/review")
        assert made["applied"]
        assert "](" not in made["said"] + shown["label"]
        refused = command(client, "aiRefactor", client.uri("cart.py"), "total", "all")
    page = refused["markdown"].partition("```")[0]
    assert "FAILED: comments" in page
    assert "](" not in refused["said"]
    assert "](" not in page.replace("\\]", "")


def test_a_finding_is_mended(root: Path) -> None:
    other = CART[CART.index("def same") :].replace(" and a.name == b.name\n", " and a.price == b.price\n")
    with Scripted(answer(other, "the name was compared twice")) as scripted, started(root, scripted) as client:
        found = client.diagnostics(client.uri("cart.py"))
        assert [each["code"] for each in found] == ["repeated-operand"]
        made = command(client, "aiFix", client.uri("cart.py"), found[0]["range"]["start"]["line"])
        assert made["applied"], made
        assert "a.price == b.price" in applied(client)
        assert "(repeated-operand)" in scripted.asked[0].last
        with pytest.raises(Refusal, match="nothing was found in total that could be mended"):
            command(client, "aiFix", client.uri("cart.py"), "total")


def test_what_a_model_cannot_mend_is_mended_by_our_own_fix(root: Path) -> None:
    text = "def check(x):\n    raise TypeError('%r is bad', x)\n"
    evil = "def check(x):\n    import os\n    raise TypeError(os.popen(x).read())\n"
    with Scripted(answer(evil)) as scripted, started(root, scripted) as client:
        client.open(client.uri("other.py"), text)
        assert [each["code"] for each in client.diagnostics(client.uri("other.py"))] == ["arguments-not-formatted"]
        made = command(client, "aiFix", client.uri("other.py"), 1)
        (sent,) = client.seen("workspace/applyEdit")
        assert len(scripted.asked) == 2
    edits = sent["edit"]["documentChanges"][0]["edits"]
    assert (made_of(text, edits), made["applied"]) == ("def check(x):\n    raise TypeError('%r is bad' % (x,))\n", True)
    assert "our own fix, for the model's answer cannot be used (effects: " in made["said"]
    assert "(verified by syntax)" in made["said"]


def test_a_docstring_is_written(root: Path) -> None:
    with Scripted('{"text": "Add up the prices of \\"items\\"."}') as scripted, started(root, scripted) as client:
        made = command(client, "aiDocstring", client.uri("cart.py"), "total")
        assert made["applied"], made
        assert 'def total(items):\n    """Add up the prices of "items"."""\n' in applied(client)


def test_an_editor_that_shows_what_would_come_decides(root: Path) -> None:
    with Scripted(answer(FASTER)) as scripted, started(root, scripted, REVIEWS) as client:
        shown = []

        def review(params: Any) -> Any:
            shown.append(params)
            return {"accepted": len(shown) > 1}

        client.answers["codingAgent/review"] = review
        assert command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"] is False
        assert client.seen("workspace/applyEdit") == []
        assert command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")["applied"] is True
    assert shown[0]["before"] == CART
    assert "return sum(" in shown[0]["after"]


def test_an_answer_for_another_text_is_not_taken(root: Path) -> None:
    with Scripted(answer(FASTER)) as scripted, started(root, scripted, REVIEWS) as client:

        def review(params: Any) -> Any:
            client.change(client.uri("cart.py"), 2, {"text": "# mine\n" + CART})
            return {"accepted": True}

        client.answers["codingAgent/review"] = review
        made = command(client, "aiRefactor", client.uri("cart.py"), "total", "use sum")
        assert client.seen("workspace/applyEdit") == []
    assert "the document was changed meanwhile" in made["said"]


def test_a_goal_has_to_be_said(root: Path) -> None:
    with Scripted(answer(FASTER)) as scripted, started(root, scripted) as client:
        with pytest.raises(Refusal, match="say what is wanted"):
            command(client, "aiRefactor", client.uri("cart.py"), "total")
        assert scripted.requests == []


def test_actions_are_offered_to_who_asks(root: Path) -> None:
    def titles(client: Client, **context: Any) -> list[str]:
        place = {"start": {"line": 9, "character": 11}, "end": {"line": 9, "character": 11}}
        params = {"textDocument": {"uri": client.uri("cart.py")}, "range": place}
        found = client.call("textDocument/codeAction", {**params, "context": {"diagnostics": [], **context}})
        return [each["title"] for each in found if "AI" in each["title"]]

    with Scripted(answer(FASTER)) as scripted, started(root, scripted) as client:
        client.diagnostics(client.uri("cart.py"))
        fix = "Fix with AI: 'a.name == b.name' stands twice in this 'and'"
        explain = "Explain same with AI"
        tests = "Write tests for what is not covered of same with AI"
        rewrites = ["Write the docstring of same with AI", tests, "Make same faster with AI"]
        assert titles(client) == [fix, *rewrites, explain]
        assert titles(client, only=["quickfix"]) == [fix]
        assert titles(client, only=["refactor.explain"]) == [explain]
        assert titles(client, triggerKind=2) == []
        assert scripted.requests == []
    with Client.start(root) as client:
        client.initialize(OURS)
        client.open(client.uri("cart.py"), CART)
        client.diagnostics(client.uri("cart.py"))
        assert titles(client) == []
