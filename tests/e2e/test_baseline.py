"""What the baseline knows is not shown by the server either."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.asking import actions, codes, place, pulled
from support.client import PULL, PUSH, Client, edit
from support.command_line import World

OLD = "def f(x):\n    return eval(x)\n"
NEW = "def g(y):\n    return eval(y)\n"
BASELINE = ".coding-agent-baseline.json"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("a.py", OLD)
    made.write("b.py", OLD)
    assert made.run("baseline").code == 0
    return made


@pytest.fixture
def server(world: World) -> Iterator[Client]:
    with Client.start(world.project) as client:
        yield client
        assert "event=failed" not in client.log(), client.log()


def touched(client: Client, *names: str) -> None:
    changes = [{"uri": client.uri(name), "type": 2} for name in names]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def test_only_what_is_new_is_shown(server: Client) -> None:
    server.initialize(PULL)
    uri = server.uri("a.py")
    server.open(uri, OLD)
    assert pulled(server, uri)["items"] == []
    server.change(uri, 2, edit((0, 0), (0, 0), NEW + "\n\n"))
    assert codes(pulled(server, uri)["items"]) == [(1, "eval-used")]
    server.change(uri, 3, edit((5, 11), (5, 18), "eval(x + x)"))
    assert codes(pulled(server, uri)["items"]) == [(1, "eval-used"), (5, "eval-used")]


def test_it_is_not_pushed_either(server: Client) -> None:
    server.initialize(PUSH)
    uri = server.uri("a.py")
    server.open(uri, OLD + NEW)
    assert codes(server.diagnostics(uri)) == [(3, "eval-used")]


def test_nothing_is_offered_for_what_is_not_shown(server: Client) -> None:
    server.initialize(PULL)
    uri, text = server.uri("a.py"), OLD + NEW
    server.open(uri, text)

    def quick(words: str) -> list[Any]:
        return actions(server, uri, place(text, words), ["quickfix"])

    assert quick("eval(x)") == []
    assert any("Allow eval-used here" in each["title"] for each in quick("eval(y)"))


def test_files_that_are_not_open(server: Client, world: World) -> None:
    world.write("b.py", OLD + NEW)
    server.initialize(PULL)
    (item,) = server.call("workspace/diagnostic", {"previousResultIds": []})["items"]
    assert (item["uri"], codes(item["items"])) == (server.uri("b.py"), [(3, "eval-used")])


def test_file_that_was_renamed(server: Client, world: World) -> None:
    (world.project / "a.py").rename(world.project / "c.py")
    server.initialize(PULL)
    server.open(server.uri("c.py"), OLD)
    assert pulled(server, server.uri("c.py"))["items"] == []


def test_baseline_that_is_written_anew_is_read_anew(server: Client, world: World) -> None:
    server.initialize(PULL)
    uri = server.uri("a.py")
    server.open(uri, OLD + NEW)
    assert len(pulled(server, uri)["items"]) == 1
    world.write("a.py", OLD + NEW)
    world.run("baseline")
    touched(server, BASELINE)
    assert pulled(server, uri)["items"] == []
    (world.project / BASELINE).unlink()
    touched(server, BASELINE)
    assert codes(pulled(server, uri)["items"]) == [(1, "eval-used"), (3, "eval-used")]
    # An editor that watches no files says at least when it saves one.
    world.run("baseline")
    server.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert pulled(server, uri)["items"] == []


def test_broken_baseline_hides_nothing_and_is_told_once(server: Client, world: World) -> None:
    world.write(BASELINE, "{")
    server.initialize(PULL)
    uri = server.uri("a.py")
    server.open(uri, OLD)
    assert codes(pulled(server, uri)["items"]) == [(1, "eval-used")]
    assert "coding-agent baseline" in server.notified("window/showMessage")["message"]


def test_command_line_and_server_agree(server: Client, world: World) -> None:
    text = NEW + OLD.replace("f", "renamed") + OLD + OLD.replace("eval(x)", "eval(x)\n    eval(x)")
    world.write("a.py", text)
    world.write("deep/b.py", OLD)
    ran = world.run("check", "--format", "json")
    server.initialize(PULL)
    items = server.call("workspace/diagnostic", {"previousResultIds": []})["items"]
    ours = sorted((Path(item["uri"]).name, line, rule) for item in items for line, rule in codes(item["items"]))
    theirs = sorted(
        (Path(each["path"]).name, each["start"]["line"] - 1, each["rule"])
        for each in json.loads(ran.out)["diagnostics"]
    )
    assert ours == theirs
    assert len(ours) > 2
