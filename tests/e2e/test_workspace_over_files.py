"""Rules over files in the workspace scan: run once all files were looked at, told with the files that are not open."""

from typing import Any

from support.asking import codes, command, pulled
from support.client import PULL, PUSH, Client, Message

CART = "from user import User\n\n\nclass Cart:\n    owner: User\n"
USER = "import cart\n\n\nclass User:\n    cart: cart.Cart\n"
CYCLE = [(0, "import-cycle")]


def write(client: Client, **texts: str) -> None:
    for name, text in texts.items():
        (client.root / f"{name}.py").write_text(text, "utf-8")


def touched(client: Client, *names: str, kind: int = 2) -> None:
    changes = [{"uri": client.uri(f"{name}.py"), "type": kind} for name in names]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})


def scan(client: Client, known: dict[str, str] | None = None, **more: Any) -> list[Message]:
    previous = [{"uri": uri, "value": value} for uri, value in (known or {}).items()]
    items = client.call("workspace/diagnostic", {"previousResultIds": previous, **more})["items"]
    assert len({item["uri"] for item in items}) == len(items), "a file is reported twice"
    return items


def found(client: Client, items: list[Message]) -> dict[str, list[tuple[int, str]]]:
    return {item["uri"].removeprefix(client.root.as_uri() + "/"): codes(item["items"]) for item in items}


def ids(items: list[Message]) -> dict[str, str]:
    return {item["uri"]: item["resultId"] for item in items}


def test_cycle_is_found_where_the_name_is_taken(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    (item,) = items = scan(client)
    assert found(client, items) == {"cart.py": CYCLE}
    assert item["items"][0] == {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 21}},
        "severity": 3,
        "code": "import-cycle",
        "source": "coding-agent",
        "message": "import cycle: 'User' may not be there yet (cart -> user -> cart)",
    }
    assert scan(client, ids(items)) == []


def test_it_stands_beside_what_the_file_tells_alone(client: Client) -> None:
    write(client, cart=CART + "x = eval(input())\n", user=USER)
    client.initialize(PULL)
    items = scan(client)
    assert {name: sorted(each) for name, each in found(client, items).items()} == {
        "cart.py": [*CYCLE, (5, "eval-used")]
    }
    assert command(client, "scanWorkspace") == {"files": 2, "findings": 2}


def test_change_of_one_file_clears_the_finding_in_another(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    known = ids(scan(client))
    write(client, user=USER.replace("import cart\n", ""))
    touched(client, "user")
    cleared = scan(client, known)
    assert found(client, cleared) == {"cart.py": []}
    known |= ids(cleared)
    assert scan(client, known) == []
    write(client, user=USER)
    touched(client, "user")
    assert found(client, scan(client, known)) == {"cart.py": CYCLE}


def test_file_that_goes_takes_its_cycle_along(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    known = ids(scan(client))
    (client.root / "user.py").unlink()
    touched(client, "user", kind=3)
    assert found(client, scan(client, known)) == {"cart.py": []}


def test_edit_that_moves_the_import_moves_the_finding(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    known = ids(scan(client))
    write(client, cart='"""𝕏"""\n\n' + CART)
    touched(client, "cart")
    assert found(client, scan(client, known)) == {"cart.py": [(2, "import-cycle")]}


def test_open_document_shows_what_its_text_alone_tells(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    uri = client.uri("cart.py")
    client.open(uri, CART)
    assert scan(client) == []
    assert pulled(client, uri)["items"] == []
    client.close(uri)
    assert found(client, scan(client)) == {"cart.py": CYCLE}


def test_comment_setting_and_baseline_silence_it(client: Client) -> None:
    write(client, cart=CART.replace("User\n", "User  # coding-agent: allow import-cycle\n", 1), user=USER)
    client.initialize(PULL)
    assert scan(client) == []
    write(client, cart=CART)
    touched(client, "cart")
    known = ids(scan(client))
    assert known.keys() == {client.uri("cart.py")}
    settings = client.root / "pyproject.toml"
    settings.write_text('[tool.coding-agent]\nignore = ["import-cycle"]\n')
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": settings.as_uri(), "type": 1}]})
    cleared = scan(client, known)
    assert found(client, cleared) == {"cart.py": []}
    settings.unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": settings.as_uri(), "type": 3}]})
    assert found(client, scan(client, known | ids(cleared))) == {"cart.py": CYCLE}


def test_clients_that_cannot_pull_are_pushed_to(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PUSH)
    assert command(client, "scanWorkspace") == {"files": 2, "findings": 1}
    publish = "textDocument/publishDiagnostics"
    pushed = client.notified(publish, lambda each: each["diagnostics"])
    assert (pushed["uri"], codes(pushed["diagnostics"])) == (client.uri("cart.py"), CYCLE)
    write(client, user="")
    command(client, "scanWorkspace")
    assert client.notified(publish, lambda each: not each["diagnostics"])["uri"] == client.uri("cart.py")


def test_partial_results_tell_it_last(client: Client) -> None:
    write(client, cart=CART, user=USER)
    client.initialize(PULL)
    assert scan(client, partialResultToken="part") == []
    values = [each["value"] for each in client.seen("$/progress") if each["token"] == "part"]
    assert found(client, values[-1]["items"]) == {"cart.py": CYCLE}


def test_folders_are_projects_of_their_own(client: Client) -> None:
    inner = client.root / "inner"
    inner.mkdir()
    write(client, cart=CART)
    (inner / "user.py").write_text(USER)
    folders = [{"uri": each.as_uri(), "name": each.name} for each in (client.root, inner)]
    client.initialize(PULL, workspaceFolders=folders)
    assert scan(client) == []
