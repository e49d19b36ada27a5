"""What the settings say about scans of the workspace."""

from support.asking import codes, command
from support.client import PULL, Client, Message

BAD = "x = eval(input())\n"
OFF = "[tool.coding-agent]\ndiagnostics.workspace = false\n"


def scan(client: Client, known: dict[str, str] | None = None) -> list[Message]:
    previous = [{"uri": uri, "value": value} for uri, value in (known or {}).items()]
    return client.call("workspace/diagnostic", {"previousResultIds": previous})["items"]


def settings(client: Client, text: str) -> None:
    (client.root / "pyproject.toml").write_text(text, "utf-8")
    changes = [{"uri": client.uri("pyproject.toml"), "type": 2}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def test_scan_that_is_turned_off_finds_nothing(client: Client) -> None:
    (client.root / "a.py").write_text(BAD, "utf-8")
    (client.root / "pyproject.toml").write_text(OFF, "utf-8")
    client.initialize(PULL)
    assert scan(client) == []
    assert command(client, "scanWorkspace") == {"files": 0, "findings": 0}
    uri = client.uri("open.py")
    client.open(uri, BAD)
    assert codes(client.diagnostics(uri)) == [(0, "eval-used")], "open documents have nothing to do with it"


def test_turning_scans_off_clears_what_they_found(client: Client) -> None:
    (client.root / "a.py").write_text(BAD, "utf-8")
    client.initialize(PULL)
    (found,) = scan(client)
    assert codes(found["items"]) == [(0, "eval-used")]
    settings(client, OFF)
    (cleared,) = scan(client, {found["uri"]: found["resultId"]})
    assert (cleared["uri"], cleared["items"]) == (found["uri"], [])
    settings(client, "")
    (again,) = scan(client, {cleared["uri"]: cleared["resultId"]})
    assert codes(again["items"]) == [(0, "eval-used")]
