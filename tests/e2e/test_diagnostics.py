"""Diagnostics as editors get them: pushed or pulled, never both."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from support.asking import codes, command, place, pulled
from support.client import PULL, PUSH, Client, edit

CODE = "import os\nx = eval(input())\n"
EVAL = [(1, "eval-used")]
PUBLISH = "textDocument/publishDiagnostics"


def with_units(*units: str) -> dict[str, Any]:
    return {**PULL, "general": {"positionEncodings": list(units)}}


def silent(client: Client, uri: str) -> bool:
    return pulled(client, uri)["items"] == []


# Push.


def test_pushed_with_the_version_they_are_about(client: Client) -> None:
    client.initialize(PUSH)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    first = client.notified(PUBLISH, lambda p: p["uri"] == uri)
    client.change(uri, 2, edit((0, 0), (0, 0), "\n"))
    second = client.notified(PUBLISH, lambda p: p["version"] == 2)
    assert (first["version"], codes(first["diagnostics"])) == (1, EVAL)
    assert codes(second["diagnostics"]) == [(2, "eval-used")]
    assert [params["version"] for params in client.seen(PUBLISH)] == [1, 2]


def test_pushed_again_for_each_version_although_the_same(client: Client) -> None:
    """Some editors drop findings with each change."""
    client.initialize(PUSH)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    for version in (2, 3):
        client.change(uri, version, edit((1, 16), (1, 16), " "))
        params = client.notified(PUBLISH, lambda p, v=version: p["version"] == v)
        assert codes(params["diagnostics"]) == EVAL


def test_client_that_is_pushed_to_is_not_offered_pull(client: Client) -> None:
    answer = client.initialize(PUSH)
    assert "diagnosticProvider" not in answer["capabilities"]


def test_client_that_cannot_be_told_to_ask_again_is_pushed_to(client: Client) -> None:
    """Neovim 0.11: it asks after changes of the text only, and settings change what is found, too."""
    unable = deepcopy(PULL)
    del unable["workspace"]["diagnostics"]
    answer = client.initialize(unable)
    assert "diagnosticProvider" not in answer["capabilities"]
    uri = client.uri("a.py")
    client.open(uri, CODE)
    assert codes(client.diagnostics(uri)) == EVAL
    client.notify("workspace/didChangeConfiguration", {"settings": {"codingAgent": {"ignore": ["eval-used"]}}})
    assert client.notified(PUBLISH, lambda p: p["diagnostics"] == [])["version"] == 1


def test_closing_clears_what_was_pushed(client: Client) -> None:
    client.initialize(PUSH)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    client.diagnostics(uri)
    client.close(uri)
    last = client.notified(PUBLISH, lambda p: not p["diagnostics"])
    assert last == {"uri": uri, "diagnostics": []}


# Pull.


def test_nothing_is_pushed_to_a_client_that_pulls(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    assert codes(pulled(client, uri)["items"]) == EVAL
    client.change(uri, 2, edit((1, 16), (1, 16), " "))
    assert codes(pulled(client, uri)["items"]) == EVAL
    client.close(uri)
    assert client.shutdown() == 0
    assert client.seen(PUBLISH) == []


def test_unchanged_while_the_findings_are_the_same(tmp_path: Path) -> None:
    # Where rule pages cannot be written, nothing but the text changes the diagnostics.
    (tmp_path / "no-folder").touch()
    with Client.start(tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "no-folder")}) as client:
        client.initialize(PULL)
        uri = client.uri("a.py")
        client.open(uri, CODE)
        first = pulled(client, uri)
        assert (first["kind"], codes(first["items"])) == ("full", EVAL)
        assert pulled(client, uri, first["resultId"]) == {"kind": "unchanged", "resultId": first["resultId"]}
        client.change(uri, 2, edit((0, 9), (0, 9), "  # more"))
        assert pulled(client, uri, first["resultId"])["kind"] == "unchanged"
        client.change(uri, 3, edit((0, 0), (0, 0), "\n"))
        moved = pulled(client, uri, first["resultId"])
        assert (moved["kind"], codes(moved["items"])) == ("full", [(2, "eval-used")])
        assert moved["resultId"] != first["resultId"]
        assert pulled(client, uri, "of another server")["kind"] == "full"


def test_pull_of_a_document_that_is_not_open(client: Client) -> None:
    client.initialize(PULL)
    assert pulled(client, client.uri("never.py")) == {"kind": "full", "items": []}


def test_finding_says_everything_an_editor_shows(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    (item,) = pulled(client, uri)["items"]
    item.pop("codeDescription", None)
    assert item == {
        "range": place(CODE, "eval(input())"),
        "severity": 2,
        "code": "eval-used",
        "source": "coding-agent",
        "message": "eval() runs whatever its text says",
    }


def test_finding_leads_to_its_page(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, CODE)
    command(client, "status")
    # Pages are written beside the answers; each of these asks waits for the server once.
    reports = (pulled(client, uri)["items"] for _ in range(5000))
    (item,) = next(items for items in reports if "codeDescription" in items[0])
    page = Path(item["codeDescription"]["href"].removeprefix("file://"))
    assert page.read_text("utf-8").startswith("# eval-used\n")


# Which documents.


@pytest.mark.parametrize("more", ["#" * 100, "#" + "\N{GRINNING FACE}" * 24])
def test_too_large_file_says_so(client: Client, more: str) -> None:
    (client.root / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.max-file-size = 100\n")
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, CODE + more)
    (item,) = pulled(client, uri)["items"]
    assert (item["code"], item["severity"]) == ("file-too-large", 3)
    assert "larger than 100 bytes" in item["message"]


def test_file_that_shrinks_is_looked_at_again(client: Client) -> None:
    (client.root / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.max-file-size = 100\n")
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, CODE + "#" * 100)
    assert codes(pulled(client, uri)["items"]) == [(0, "file-too-large")]
    client.change(uri, 2, edit((2, 0), (2, 100), ""))
    assert codes(pulled(client, uri)["items"]) == EVAL
    client.change(uri, 3, {"text": CODE + "#" * 100})
    assert codes(pulled(client, uri)["items"]) == [(0, "file-too-large")]


def test_versions_in_the_history_are_silent(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py").replace("file://", "git:") + "?%7B%22ref%22%3A%22HEAD%22%7D"
    client.open(uri, CODE)
    assert silent(client, uri)


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "untitled:/somewhere/new.py"])
def test_document_that_was_never_saved(client: Client, uri: str) -> None:
    client.initialize(PULL)
    client.open(uri, CODE)
    assert codes(pulled(client, uri)["items"]) == EVAL


def test_other_languages_are_silent(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.toml")
    client.open(uri, CODE, language="toml")
    assert silent(client, uri)


@pytest.mark.parametrize(
    "name",
    [
        "_vendor/a.py",
        "third_party/lib/a.py",
        "generated_pb2.py",
        ".venv/lib/python3.11/site-packages/lib/a.py",
        ".tox/a.py",
        "ignored/a.py",
        "local.py",
    ],
)
def test_files_that_nobody_here_maintains_are_silent(client: Client, name: str) -> None:
    (client.root / ".gitignore").write_text("ignored/\nlocal.py\n")
    client.initialize(PULL)
    client.open(client.uri(name), CODE)
    client.open(client.uri("kept.py"), CODE)
    assert silent(client, client.uri(name))
    assert codes(pulled(client, client.uri("kept.py"))["items"]) == EVAL


def test_file_that_says_that_a_program_wrote_it_is_silent(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, "# @generated by a tool\n" + CODE)
    assert silent(client, uri)
    client.change(uri, 2, edit((0, 0), (1, 0), ""))
    assert codes(pulled(client, uri)["items"]) == EVAL


# Positions.


@pytest.mark.parametrize("units", ["utf-8", "utf-16", "utf-32"])
def test_columns_in_the_units_agreed_on(client: Client, units: str) -> None:
    answer = client.initialize(with_units("something", units, "utf-16"))
    assert answer["capabilities"]["positionEncoding"] == units
    uri, text = client.uri("a.py"), 's = "ä€😀"; x = eval(input())\n'
    client.open(uri, text)
    (item,) = pulled(client, uri)["items"]
    assert item["range"] == place(text, "eval(input())", units)
    # An edit behind the wide characters lands where the editor means it.
    at = place(text, "input()", units)
    client.change(uri, 2, {"range": at, "text": '"1"'})
    changed = text.replace("input()", '"1"')
    client.change(uri, 3, {"range": place(changed, '"1"', units), "text": "other"})
    (item,) = pulled(client, uri)["items"]
    assert item["range"] == place(text.replace("input()", "other"), "eval(other)", units)


def test_utf_16_where_the_client_does_not_say(client: Client) -> None:
    answer = client.initialize({k: v for k, v in PULL.items() if k != "general"})
    assert answer["capabilities"]["positionEncoding"] == "utf-16"


def test_lines_end_where_editors_end_them(client: Client) -> None:
    client.initialize(PULL)
    uri, text = client.uri("a.py"), 'a = "\x0b\u2028\x85"\r\nb = 1\rx = eval(input())\n\x0cy = eval(a)\n'
    client.open(uri, text)
    found = pulled(client, uri)["items"]
    assert [item["range"] for item in found] == [place(text, "eval(input())"), place(text, "eval(a)")]


# Half-typed code.


@pytest.mark.parametrize(
    "typed",
    ["f(", "x = [1,", "def g", "class A(", 'name = "', "text = '''", "if x", "@", "@a.", "@a(", "for", "async def h("],
)
def test_neighbours_of_half_typed_code_keep_their_findings(client: Client, typed: str) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    text = "def before():\n    return eval(input())\n\n\n\n\n\ndef after():\n    return eval(input())\n"
    client.open(uri, text)
    assert codes(pulled(client, uri)["items"]) == [(1, "eval-used"), (8, "eval-used")]
    client.change(uri, 2, edit((4, 0), (4, 0), typed))
    assert codes(pulled(client, uri)["items"]) == [(1, "eval-used"), (8, "eval-used")]
    client.change(uri, 3, edit((4, 0), (4, len(typed)), ""))
    assert codes(pulled(client, uri)["items"]) == [(1, "eval-used"), (8, "eval-used")]


def test_gravest_findings_where_there_are_too_many(client: Client) -> None:
    (client.root / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.max-problems = 3\n")
    client.initialize(PULL)
    mild, grave = "y = 1  # coding-agent: allow eval-used\n", "x = eval(input())\n"
    text = mild + grave + mild + mild + grave
    expected = [(0, "unused-allow"), (1, "eval-used"), (4, "eval-used")]
    (client.root / "closed.py").write_text(text)
    client.open(client.uri("a.py"), text)
    assert codes(pulled(client, client.uri("a.py"))["items"]) == expected
    (report,) = client.call("workspace/diagnostic", {"previousResultIds": []})["items"]
    assert codes(report["items"]) == expected
