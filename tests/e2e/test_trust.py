"""Nothing of a workspace is run before the user trusts it; the user is asked once."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.asking import command, place
from support.client import PULL, Client

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the interpreter here is a shell script")

CODE = "import json\njson.dumps(1)\n"
REQUEST = "window/showMessageRequest"
YES, NO = {"title": "Trust"}, {"title": "Do not trust"}
JEDI = {"jedi": {"deadline-ms": 10_000}}


class Workspace:
    """A folder with an interpreter that says that it ran, by making a file."""

    def __init__(self, folder: Path) -> None:
        self.root, self.state, self.marker = folder / "workspace", folder / "state", folder / "ran"
        binaries = self.root / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (self.root / ".venv" / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
        for name in ("python", "python3"):
            (binaries / name).write_text(f'#!/bin/sh\ntouch "{self.marker}"\nexec "{sys.executable}" "$@"\n')
            (binaries / name).chmod(0o755)

    @property
    def ran(self) -> bool:
        return self.marker.exists()

    def start(self) -> Client:
        return Client.start(self.root, env={"XDG_STATE_HOME": str(self.state), "VIRTUAL_ENV": ""})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def opened(
    client: Client,
    answer: Callable[[Any], Any] = lambda _: None,
    abilities: dict[str, Any] = PULL,
    **settings: Any,
) -> str:
    client.answers[REQUEST] = answer
    client.initialize(abilities, initializationOptions={**JEDI, **settings})
    uri = client.uri("a.py")
    client.open(uri, CODE)
    return uri


def hovers(client: Client, uri: str) -> Iterator[str]:
    """What hover says, again and again: while jedi starts it is not waited for."""
    at = place(CODE, "dumps")["start"]
    for _ in range(1000):
        hover = client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
        yield hover["contents"]["value"] if hover else ""


def decided(client: Client, uri: str) -> None:
    """Ask what only jedi can know: whether an interpreter may run for that is decided before the answer."""
    next(hovers(client, uri))


def test_untrusted_interpreter_is_never_run(workspace: Workspace) -> None:
    with workspace.start() as client:
        uri = opened(client)
        assert any("(" in said for said in hovers(client, uri)), "jedi answers without it"
        command(client, "scanWorkspace")
        assert command(client, "status")["trusted"] == []
        assert client.shutdown() == 0
        assert not workspace.ran


@pytest.mark.parametrize("named", [".venv/bin/python", "{root}/.venv/bin/python", "{link}/.venv/bin/python", "{tool}"])
def test_setting_that_names_an_interpreter_of_the_workspace(workspace: Workspace, tmp_path: Path, named: str) -> None:
    """Editors keep settings in the workspace, so such a setting may be the workspace's own."""
    link, tool = tmp_path / "link", tmp_path / "tool"
    link.symlink_to(workspace.root)
    tool.symlink_to(workspace.root / ".venv" / "bin" / "python")
    with workspace.start() as client:
        uri = opened(client, interpreter=named.format(root=workspace.root, link=link, tool=tool))
        assert any("(" in said for said in hovers(client, uri)), "jedi answers without it"
        assert len(client.seen(REQUEST)) == 1
        assert not workspace.ran
        command(client, "trustWorkspace")
        assert any(workspace.ran for _ in hovers(client, uri))


def test_asked_once_with_the_folder_named(workspace: Workspace) -> None:
    with workspace.start() as client:
        uri = opened(client)
        decided(client, uri)
        client.open(client.uri("b.py"), CODE)
        decided(client, client.uri("b.py"))
        (asked,) = client.seen(REQUEST)
        assert str(workspace.root) in asked["message"]
        assert asked["actions"] == [NO, YES]
        assert not workspace.ran


def test_run_after_the_user_agreed(workspace: Workspace) -> None:
    with workspace.start() as client:
        uri = opened(client, lambda _: YES)
        assert any(workspace.ran for _ in hovers(client, uri))
        assert command(client, "status")["trusted"] == [str(workspace.root)]
        assert len(client.seen(REQUEST)) == 1


def test_run_after_the_command(workspace: Workspace) -> None:
    with workspace.start() as client:
        uri = opened(client)
        decided(client, uri)
        assert not workspace.ran
        assert command(client, "trustWorkspace")["trusted"] == [str(workspace.root)]
        assert any(workspace.ran for _ in hovers(client, uri))


@pytest.mark.parametrize(("answer", "key"), [(YES, "trusted"), (NO, "refused")])
def test_answer_is_kept(workspace: Workspace, answer: Any, key: str) -> None:
    with workspace.start() as client:
        uri = opened(client, lambda _: answer)
        decided(client, uri)
        asked = client.notified(REQUEST)
        assert asked["actions"] == [NO, YES]
        # The answer is kept before anything that comes behind it is looked at.
        command(client, "status")
        (kept,) = workspace.state.rglob("*.json")
        assert json.loads(kept.read_text())[key] == [str(workspace.root)]
    workspace.marker.unlink(missing_ok=True)
    with workspace.start() as client:
        uri = opened(client)
        decided(client, uri)
        assert client.seen(REQUEST) == []
        assert any(workspace.ran for _ in hovers(client, uri)) if answer is YES else not workspace.ran


def test_closed_question_is_asked_again_in_the_next_session(workspace: Workspace) -> None:
    for _ in range(2):
        with workspace.start() as client:
            decided(client, opened(client))
            assert len(client.seen(REQUEST)) == 1
    assert not workspace.ran


def test_editor_that_cannot_ask_is_not_asked(workspace: Workspace) -> None:
    abilities = {**PULL, "window": {"workDoneProgress": True}}
    with workspace.start() as client:
        decided(client, opened(client, abilities=abilities))
        assert client.seen(REQUEST) == []
        assert not workspace.ran


def test_interpreter_that_hangs_delays_no_hover(workspace: Workspace) -> None:
    """The editor's own words at a definition come at once; jedi's come when the interpreter was given up."""
    for path in (workspace.root / ".venv" / "bin").iterdir():
        path.write_text(f'#!/bin/sh\ntouch "{workspace.marker}"\nexec sleep 1000\n')
    with workspace.start() as client:
        uri = opened(client)
        command(client, "trustWorkspace")
        assert any(workspace.ran for _ in hovers(client, uri))
        client.change(uri, 2, {"text": 'def f():\n    """Doc."""\n'})
        position = {"line": 0, "character": 4}
        hover = client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": position}, limit=4)
        assert "Doc." in hover["contents"]["value"]


def test_users_own_environment_is_not_of_the_workspace(workspace: Workspace, tmp_path: Path) -> None:
    """An environment that was active where the server started comes first; nothing is asked about it."""
    env = {"XDG_STATE_HOME": str(workspace.state), "VIRTUAL_ENV": sys.prefix}
    with Client.start(workspace.root, env=env) as client:
        decided(client, opened(client))
        assert client.seen(REQUEST) == []
        assert not workspace.ran
