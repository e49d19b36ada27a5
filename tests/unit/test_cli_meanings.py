"""The commands that search, with an endpoint of the user's that says what code means."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("openai")
pytest.importorskip("numpy")

from support.command_line import World
from support.faults import FaultProxy
from support.scripted import Scripted

CODE = "def pay(x):\n    return x\n\n\ndef walk(x):\n    return x\n"


def means(texts: list[str]) -> list[list[float]]:
    return [[1.0 * ("zyx" in text or "pay(" in text), 1.0 * ("walk(" in text), 0.1] for text in texts]


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted(meaning=means) as peer:
        yield peer


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("a.py", CODE)
    made.folders.config.mkdir(parents=True)
    return made


def settings(world: World, url: str, more: str = "") -> dict[str, str]:
    world.folders.user_file.write_text(f'[ai]\nbase-url = "{url}"\nembedding-model = "m"\n{more}')
    return {"CODING_AGENT_API_KEY": "sk-scripted"}


def test_a_question_is_compared_by_it(world: World, scripted: Scripted) -> None:
    variables = settings(world, scripted.url)
    ran = world.run("search", "zyx", "--top", "1", variables=variables)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("a.py:1  pay  [meaning 1.0")
    # What it said is known to the next one.
    world.run("search", "zyx", variables=variables)
    assert [len(texts) for texts in scripted.embedded] == [3, 2, 2]
    audit = world.run("ai", "audit").out.splitlines()
    assert "m  embed of project: answered" in audit[0]
    assert "bytes of a.py" in audit[0]
    assert "embed" in world.run("stats").out
    # What is like code is found by ours.
    world.run("similar", "a.py:1", variables=variables)
    assert len(scripted.embedded) == 3


def test_the_index_has_it_said(world: World, scripted: Scripted) -> None:
    pytest.importorskip("lancedb")
    variables = settings(world, scripted.url)
    assert "m: nothing was said yet" in world.run("index", "status", variables=variables).out
    ran = world.run("index", "rebuild", variables=variables)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "m said what 2 of 2 chunks mean"
    world.run("index", "rebuild", variables=variables)
    assert len(scripted.embedded) == 1
    assert "-meanings" in world.run("index", "status", variables=variables).out
    world.run("index", "clear", variables=variables)
    assert not list(world.folders.search.rglob("*.sqlite"))
    world.run("index", "rebuild", variables=variables)
    assert len(scripted.embedded) == 2


def test_why_it_does_not_is_said_and_ours_answers(world: World, scripted: Scripted) -> None:
    with FaultProxy(scripted.url, "401") as proxy:
        ran = world.run("search", "pay", variables=settings(world, proxy.url))
        assert ran.code == 0
        assert ran.out.startswith("a.py:1  pay")
        assert ran.err.count("coding-agent ai key") == ran.err.count("our own encoder answers") == 1
        assert world.run("index", "rebuild", variables=settings(world, proxy.url)).code == 4


@pytest.mark.parametrize("more", ["enabled = false\n", "[ai.budget]\nrequest-tokens = 10\n"])
def test_what_is_off_or_too_dear_is_not_sent(world: World, scripted: Scripted, more: str) -> None:
    ran = world.run("search", "pay", variables=settings(world, scripted.url, more))
    assert ran.out.startswith("a.py:1  pay")
    assert scripted.requests == []


def test_a_workspace_cannot_set_it(world: World, scripted: Scripted) -> None:
    world.settings(f'[tool.coding-agent.ai]\nbase-url = "{scripted.url}"\nembedding-model = "m"')
    ran = world.run("search", "pay", variables={"CODING_AGENT_API_KEY": "sk-scripted"})
    assert ran.out.startswith("a.py:1  pay")
    assert scripted.requests == []
