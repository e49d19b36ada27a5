"""A model asked from the command line: what is printed, what is written, and the exit codes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("openai")

from support.command_line import Ran, World
from support.sandboxes import no_sandbox
from support.scripted import Case, Say, Scripted

CART = """def total(items):
    result = 0
    for item in items:
        result = result + item.price
    return result
"""
UNIQUE = """def unique(values: list[int]) -> list[int]:
    result = []
    for value in values:
        if value not in result:
            result.append(value)
    return result
"""
FASTER = "def total(items):\n    return sum(item.price for item in items)\n"
USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}


def answer(code: str) -> Say:
    return Say(json.dumps({"code": code, "why": "a sum says it"}), usage=USAGE)


class Asking:
    def __init__(self, world: World, scripted: Scripted) -> None:
        self.world, self._key = world, scripted.key
        world.folders.config.mkdir(parents=True, exist_ok=True)
        self.settings(scripted)

    def settings(self, scripted: Scripted, more: str = "") -> None:
        text = f'[ai]\nbase-url = "{scripted.url}"\nmodel = "{scripted.model}"\n{more}'
        self.world.folders.user_file.write_text(text)

    def run(self, *arguments: str) -> Ran:
        return self.world.run(*arguments, variables={"CODING_AGENT_API_KEY": self._key, "VIRTUAL_ENV": sys.prefix})


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write("cart.py", CART)
    return world


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted(
        [Case("Explain", Say("It adds prices (cart.py:4).", usage=USAGE)), Case("goal", answer(FASTER))]
    ) as one:
        yield one


def test_explain(world: World, scripted: Scripted) -> None:
    asking = Asking(world, scripted)
    first, again = asking.run("ai", "explain", "cart.py:2"), asking.run("ai", "explain", "cart.py:2")
    address = (world.project / "cart.py").as_uri()
    assert first.code == 0
    assert first.out == f"# total (cart.py:1)\n\nIt adds prices ([cart.py:4]({address}#L4)).\n"
    assert "(20 + 5 tokens)" in first.err
    assert (again.out, "(known already, nothing was sent)" in again.err) == (first.out, True)
    table = json.loads(asking.run("ai", "explain", "cart.py:2", "--format", "json").out)
    assert (table["title"], table["cached"]) == ("total (cart.py:1)", True)


def test_preview_stats_and_audit(world: World, scripted: Scripted) -> None:
    asking = Asking(world, scripted)
    assert asking.run("stats").out == "no model was asked\n"
    assert asking.run("ai", "audit").out == "nothing was sent\n"
    shown = asking.run("ai", "explain", "cart.py:2", "--preview")
    assert "def total(items):" in shown.out
    assert scripted.requests == []
    asking.run("ai", "explain", "cart.py:2")
    asking.run("ai", "explain", "cart.py:2")
    (row,) = json.loads(asking.run("stats", "--format", "json").out)["rows"]
    assert (row["feature"], row["requests"], row["cached"], row["tokens_in"]) == ("explain", 1, 1, 20)
    assert asking.run("stats").out.splitlines()[0].split() == [
        "day", "workspace", "feature", "model", "requests", "known", "tokens", "in", "tokens", "out", "cost",
    ]  # fmt: skip
    lines = asking.run("ai", "audit").out.splitlines()
    assert ["explain of project: answered" in lines[0], "known already, 0 bytes" in lines[1]] == [True, True]


def test_an_answer_that_passes_is_a_patch_or_is_written(world: World, scripted: Scripted) -> None:
    asking = Asking(world, scripted)
    made = asking.run("ai", "refactor", "cart.py:1", "use sum")
    assert made.code == 0
    assert made.out.startswith("--- a/cart.py\n+++ b/cart.py\n")
    assert "+    return sum(item.price for item in items)" in made.out
    assert world.read("cart.py").decode() == CART
    assert "a sum says it (verified by" in made.err
    assert asking.run("ai", "refactor", "cart.py:1", "use sum", "--apply").code == 0
    assert world.read("cart.py").decode() == FASTER


def test_an_answer_that_does_not_pass_is_text(world: World) -> None:
    evil = "def total(items):\n    import os\n    return os.system('id')\n"
    with Scripted(answer(evil)) as scripted:
        made = Asking(world, scripted).run("ai", "refactor", "cart.py:1", "use sum", "--apply")
    assert made.code == 3
    assert made.out.startswith("# Not taken: total (cart.py:1)\n")
    assert "os.system('id')" in made.out
    assert world.read("cart.py").decode() == CART


@pytest.mark.parametrize("verb", ["review", "commit"])
def test_who_asks_about_more_than_can_be_sent_is_told_what_was_left_out(world: World, verb: str) -> None:
    for said in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "Sell"]):
        subprocess.run(["git", *said], cwd=world.project, check=True)
    world.write("cart.py", FASTER)
    world.write("large.py", "x = 'a long line'\n" * 5_000)
    subprocess.run(["git", "add", "."], cwd=world.project, check=True)
    with Scripted([Case("Review", '{"remarks": []}'), Case("Write", '{"subject": "Sum", "body": ""}')]) as scripted:
        made = Asking(world, scripted).run("ai", verb)
        (asked,) = scripted.asked
    assert (made.code, made.out) == (0, "" if verb == "review" else "Sum\n")
    assert "Left out, as all of it was too much to be sent: large.py." in made.err
    assert ["a long line" in asked.text, "large.py" in asked.text] == [False, True]


@pytest.mark.skipif(bool(no_sandbox()), reason=no_sandbox() or "-")
def test_what_is_faster_is_shown_by_running_it(world: World) -> None:
    world.write("cart.py", UNIQUE)
    world.write("test_cart.py", "from cart import unique\n\n\ndef test_it():\n    assert unique([1, 1]) == [1]\n")
    faster = "def unique(values: list[int]) -> list[int]:\n    return list(dict.fromkeys(values))\n"
    with Scripted(answer(faster)) as scripted:
        asking = Asking(world, scripted)
        barred = asking.run("ai", "optimise", "cart.py:1")
        assert (barred.code, scripted.requests) == (2, [])
        assert "timing code runs its code; `coding-agent trust " in barred.err
        made = asking.run("ai", "optimise", "cart.py:1", "--trust", "--format", "json")
    checks = {each["name"]: each["detail"] for each in json.loads(made.out)["checks"]}
    assert (made.code, checks["tests"]) == (0, "1 test of test_cart.py passes as before")
    assert "x as fast on" in checks["speed"]
    assert "; 1 test of test_cart.py passes as before; the same on " in made.err


def test_the_budget_has_an_exit_code(world: World, scripted: Scripted) -> None:
    asking = Asking(world, scripted)
    asking.settings(scripted, "[ai.budget]\nday-tokens = 10\n")
    made = asking.run("ai", "explain", "cart.py:2")
    assert made.code == 3
    assert "ai.budget.day-tokens allows 10 tokens a day" in made.err
    assert scripted.requests == []


def test_who_is_asked(world: World, scripted: Scripted) -> None:
    asking = Asking(world, scripted)
    host = scripted.url.split("/")[2]
    assert asking.run("ai", "status").out == f"{scripted.model} at {host}; code of {world.project}: this machine\n"
    world.folders.user_file.write_text('[ai]\nbase-url = "https://api.example.com/v1"\nmodel = "m"\n')
    assert "not agreed yet" in asking.run("ai", "status").out
    refused = asking.run("ai", "explain", "cart.py:2")
    assert (refused.code, "nobody agreed that code of" in refused.err) == (2, True)
    assert "may be sent to api.example.com" in asking.run("ai", "allow").out
    assert "agreed" in asking.run("ai", "status").out
    assert "is never sent to api.example.com" in asking.run("ai", "refuse").out
    assert "refused" in asking.run("ai", "status").out
    asking.run("ai", "forget")
    assert "not agreed yet" in asking.run("ai", "status").out


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("", "set ai.base-url and ai.model in your own settings"),
        ('[ai]\nbase-url = "http://127.0.0.1:9/v1"\n', "ai.model: say which model"),
        ('[ai]\nbase-url = "http://api.example.com/v1"\nmodel = "m"\n', "unencrypted"),
        ('[ai]\nbase-url = "http://127.0.0.1:9/v1"\nmodel = "m"\nenabled = false\n', "ai.enabled is off"),
        ('[ai]\nbase-url = "http://127.0.0.1:9/v1"\nmodel = "m"\nprices = ["m"]\n', "is no price"),
    ],
)
def test_settings_that_ask_nobody(world: World, scripted: Scripted, settings: str, words: str) -> None:
    asking = Asking(world, scripted)
    world.folders.user_file.write_text(settings)
    made = asking.run("ai", "explain", "cart.py:2")
    assert made.code == 2
    assert words in made.err


def test_a_place_without_a_definition(world: World, scripted: Scripted) -> None:
    world.write("empty.py", "x = 1\n")
    made = Asking(world, scripted).run("ai", "explain", "empty.py:1")
    assert (made.code, "no function or class stands at empty.py:1" in made.err) == (2, True)
