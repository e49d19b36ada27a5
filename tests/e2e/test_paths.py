"""Everything that a session writes stands in the list of `coding-agent paths`, and goes with it."""

from pathlib import Path

from coding_agent.store.folders import Folders, clear, uses
from support.asking import command, pulled
from support.client import PULL, Client


def written(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if path.is_file()}


def test_a_session_leaves_nothing_that_is_not_listed(tmp_path: Path) -> None:
    root, home = tmp_path / "work", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    (root / "a.py").write_text("import os\nx = eval(os.getcwd())\n")
    names = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    with Client.start(root, env={name: str(home / name.lower()) for name in names}) as client:
        client.initialize(PULL, initializationOptions={"jedi": {"deadline-ms": 10_000}})
        uri = client.uri("open.py")
        client.open(uri, "import os\nx = eval(os.getcwd())\n")
        assert len(pulled(client, uri)["items"]) == 1
        assert command(client, "scanWorkspace")["findings"] == 1
        # Jedi starts beside the first hovers, and writes what it read; pages are written beside the answers.
        where = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 14}}
        hovers = (client.call("textDocument/hover", where) for _ in range(5000))
        next(hover for hover in hovers if hover and "getcwd(" in str(hover))
        reports = (pulled(client, uri)["items"] for _ in range(5000))
        next(items for items in reports if "codeDescription" in items[0])
        assert client.shutdown() == 0
    folders = Folders(*(home / f"xdg_{name}_home" / "coding-agent" for name in ("config", "state", "cache")))
    listed = {use.name: use for use in uses(folders)}
    assert {name for name, use in listed.items() if use.size} == {"facts", "pages", "jedi", "rules"}
    assert {
        path for path in written(home) if not any(path.is_relative_to(use.path) for use in listed.values())
    } == set()
    clear(folders, frozenset(listed))
    assert written(home) == set()
