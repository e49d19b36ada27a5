"""Settings that change while the server runs, from every place they may come from."""

import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from support.asking import codes, command, pulled
from support.client import PULL, PUSH, Client, configuration, edit

CODE = "x = eval(input())\n"
FOUND = [(0, "eval-used")]
IGNORE = {"ignore": ["eval-used"]}
TABLE = '[tool.coding-agent]\nignore = ["eval-used"]\n'


def opened(client: Client, abilities: dict[str, Any] = PULL, **more: Any) -> str:
    client.initialize(abilities, **more)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    return uri


def configured(client: Client, settings: Any) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": settings})


def found(client: Client, uri: str) -> list[tuple[int, str]]:
    return codes(pulled(client, uri)["items"])


def warnings(client: Client) -> list[str]:
    return [each["message"] for each in client.seen("window/showMessage")]


# From the editor.


def test_settings_of_each_of_several_folders(client: Client) -> None:
    first, second = client.root / "first", client.root / "second"
    uris = [(folder / "a.py").as_uri() for folder in (first, second)]
    for folder in (first, second):
        folder.mkdir()
    asked: list[Any] = []

    def answer(params: Any) -> Any:
        asked.append([item.get("scopeUri") for item in params["items"]])
        return [{}, IGNORE, {}]

    client.answers["workspace/configuration"] = answer
    folders = [{"uri": folder.as_uri(), "name": folder.name} for folder in (first, second)]
    client.initialize(PULL, workspaceFolders=folders)
    client.wait(lambda: asked, "question about the settings of the folders")
    assert asked == [[None, first.as_uri(), second.as_uri()]]
    client.notified("workspace/diagnostic/refresh")
    for uri in uris:
        client.open(uri, CODE)
    assert [found(client, uri) for uri in uris] == [[], FOUND]


def test_settings_the_editor_starts_with(client: Client) -> None:
    uri = opened(client, initializationOptions=IGNORE)
    assert found(client, uri) == []


def test_settings_the_editor_sends(client: Client) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    configured(client, {"codingAgent": IGNORE, "python": {"analysis": {}}})
    assert found(client, uri) == []
    configured(client, {"coding-agent": {}})
    assert found(client, uri) == FOUND
    configured(client, IGNORE)
    assert found(client, uri) == []
    # What says nothing of ours changes nothing of ours.
    configured(client, {"python": {"analysis": {}}})
    configured(client, {})
    configured(client, "odd")
    assert found(client, uri) == []
    assert warnings(client) == []


def test_client_is_told_to_ask_again(client: Client) -> None:
    opened(client)
    configured(client, {"codingAgent": IGNORE})
    client.notified("workspace/diagnostic/refresh")
    client.notified("workspace/codeLens/refresh")


def test_client_that_is_pushed_to_hears_of_it_at_once(client: Client) -> None:
    uri = opened(client, PUSH)
    assert codes(client.diagnostics(uri)) == FOUND
    configured(client, {"codingAgent": IGNORE})
    client.notified("textDocument/publishDiagnostics", lambda each: each["diagnostics"] == [])


def test_settings_the_editor_is_asked_for(client: Client) -> None:
    uri = opened(client)
    client.answers["workspace/configuration"] = configuration({"codingAgent": IGNORE})
    configured(client, None)
    client.notified("workspace/diagnostic/refresh")
    assert client.seen("workspace/configuration") == [{"items": [{"section": "codingAgent"}]}]
    assert found(client, uri) == []


def test_settings_taken_out_of_the_editor_again(client: Client) -> None:
    uri = opened(client, initializationOptions=IGNORE)
    client.answers["workspace/configuration"] = configuration({"codingAgent": {"select": ["all"]}})
    configured(client, None)
    client.notified("workspace/diagnostic/refresh")
    assert found(client, uri) == FOUND
    client.answers["workspace/configuration"] = configuration({})
    configured(client, None)
    client.wait(lambda: len(client.seen("workspace/diagnostic/refresh")) == 2, "second refresh")
    assert found(client, uri) == []


def test_editor_that_cannot_be_asked(client: Client) -> None:
    abilities = deepcopy(PULL)
    del abilities["workspace"]["configuration"]
    uri = opened(client, abilities, initializationOptions=IGNORE)
    configured(client, None)
    assert found(client, uri) == []
    assert client.seen("workspace/configuration") == []


def test_changes_of_settings_and_files_are_asked_for(client: Client) -> None:
    opened(client)
    registered = client.notified("client/registerCapability")["registrations"]
    assert [each["method"] for each in registered] == [
        "workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"
    ]  # fmt: skip
    patterns = [each["globPattern"] for each in registered[0]["registerOptions"]["watchers"]]
    assert {"**/*.py", "**/pyproject.toml", "**/ruff.toml", "**/.gitignore"} <= set(patterns)


def test_nothing_is_asked_of_clients_that_cannot_register(client: Client) -> None:
    abilities = deepcopy(PULL)
    for name in ("didChangeWatchedFiles", "didChangeConfiguration"):
        del abilities["workspace"][name]
    uri = opened(client, abilities)
    assert found(client, uri) == FOUND
    assert client.shutdown() == 0
    assert client.seen("client/registerCapability") == []


# From files.


def test_project_file_that_changes_on_disk(client: Client) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    file = client.root / "pyproject.toml"
    for content, expected in ((TABLE, []), ("", FOUND), (TABLE, [])):
        file.write_text(content)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
        assert found(client, uri) == expected


def test_project_file_that_is_saved_in_an_editor_without_file_watching(client: Client) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    file = client.root / "pyproject.toml"
    file.write_text(TABLE)
    client.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    assert found(client, uri) == []


@pytest.mark.parametrize("name", ["pyproject.toml", "ruff.toml"])
def test_file_that_comes_and_goes_where_nobody_tells(client: Client, name: str) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    file = client.root / name
    file.write_text(TABLE if name == "pyproject.toml" else 'lint.select = ["S307"]\n')
    assert found(client, uri) == FOUND
    client.open(client.uri("b.py"), CODE)
    assert found(client, uri) == []
    file.unlink()
    for version in range(1, 1_000):
        client.change(uri, version, edit((0, 0), (0, 0), ""))
        if found(client, uri) == FOUND:
            return
        time.sleep(0.02)
    raise AssertionError("never seen while somebody typed")


def test_ignore_file_that_changes(client: Client) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    file = client.root / ".gitignore"
    file.write_text("a.py\n")
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
    assert found(client, uri) == []


def test_choice_of_ruff_silences_its_twins(client: Client) -> None:
    (client.root / "ruff.toml").write_text('lint.select = ["S307"]\n')
    uri = opened(client)
    assert found(client, uri) == []
    file = client.root / "ruff.toml"
    file.unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 3}]})
    assert found(client, uri) == FOUND


def test_users_own_file(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "coding-agent"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('ignore = ["eval-used"]\n')
    root = tmp_path / "workspace"
    root.mkdir()
    with Client.start(root, env={"XDG_CONFIG_HOME": str(tmp_path / "config")}) as client:
        uri = opened(client)
        assert found(client, uri) == []
        # The project's own choice is above it, the editor's above both.
        (root / "pyproject.toml").write_text("[tool.coding-agent]\nignore = []\n")
        client.notify("textDocument/didSave", {"textDocument": {"uri": (root / "pyproject.toml").as_uri()}})
        assert found(client, uri) == FOUND
        configured(client, {"codingAgent": IGNORE})
        assert found(client, uri) == []
        configured(client, {"codingAgent": {}})
        (root / "pyproject.toml").unlink()
        (folder / "config.toml").unlink()
        client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        assert found(client, uri) == FOUND


def test_each_folder_has_its_own_settings(client: Client, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "pyproject.toml").write_text(TABLE)
    folders = [{"uri": each.as_uri(), "name": each.name} for each in (client.root, other)]
    uri = opened(client, workspaceFolders=folders)
    client.open((other / "a.py").as_uri(), CODE)
    assert found(client, uri) == FOUND
    assert found(client, (other / "a.py").as_uri()) == []


# What is not used.


def test_workspace_cannot_set_what_only_the_user_may(client: Client, tmp_path: Path) -> None:
    """Its file could name a program to run."""
    marker = tmp_path / "ran"
    program = client.root / "python"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    (client.root / "pyproject.toml").write_text(f'[tool.coding-agent]\ninterpreter = "{program}"\n')
    uri = opened(client)
    assert found(client, uri) == FOUND
    (message,) = warnings(client)
    assert '"interpreter"' in message
    assert "only you can set it, not a workspace" in message
    text = "import json\njson.dumps(1)\n"
    client.change(uri, 2, {"text": text})
    client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 6}})
    assert client.shutdown() == 0
    assert not marker.exists()


def test_interpreter_that_is_not_there_is_told_once_with_a_remedy(client: Client) -> None:
    uri = opened(client)
    assert found(client, uri) == FOUND
    assert warnings(client) == []
    for _ in range(2):
        configured(client, {"codingAgent": {"interpreter": "/nowhere/python"}})
        client.open(client.uri("b.py"), CODE)
        assert found(client, client.uri("b.py")) == FOUND
        client.close(client.uri("b.py"))
    (message,) = warnings(client)
    assert message.startswith("Coding Agent: interpreter /nowhere/python does not exist; in your editor's settings set")


def test_unknown_key_is_named_once_with_a_suggestion(client: Client) -> None:
    (client.root / "pyproject.toml").write_text('[tool.coding-agent]\nignor = ["eval-used"]\n')
    uri = opened(client)
    assert found(client, uri) == FOUND
    (message,) = warnings(client)
    assert '"ignor"' in message
    assert 'did you mean "ignore"?' in message
    assert client.seen("window/showMessage")[0]["type"] == 2
    client.notify("textDocument/didSave", {"textDocument": {"uri": client.uri("pyproject.toml")}})
    configured(client, {"codingAgent": {}})
    client.open(client.uri("b.py"), CODE)
    assert found(client, client.uri("b.py")) == FOUND
    assert warnings(client) == [message]


def test_unknown_rule_is_named_with_a_suggestion(client: Client) -> None:
    uri = opened(client, initializationOptions={"ignore": ["eval-use"]})
    assert found(client, uri) == FOUND
    (message,) = warnings(client)
    assert "eval-use" in message
    assert "eval-used" in message


def test_broken_project_file_is_named_and_the_rest_works(client: Client) -> None:
    (client.root / "pyproject.toml").write_text("[tool.coding-agent\n")
    uri = opened(client)
    assert found(client, uri) == FOUND
    (message,) = warnings(client)
    assert "pyproject.toml" in message
    assert "TOML" in message


def test_rules_follow_their_options(client: Client) -> None:
    text = "def f(a):\n    for x in a:\n        if x:\n            return x\n"
    uri = opened(client, initializationOptions={"rules": {"complex-function": {"max-cognitive": 2}}})
    client.change(uri, 2, {"text": text})
    assert found(client, uri) == [(0, "complex-function")]
    configured(client, {"codingAgent": {"rules": {"complex-function": {"max-cognitive": 3}}}})
    assert found(client, uri) == []
    assert command(client, "status")["documents"] == 1
