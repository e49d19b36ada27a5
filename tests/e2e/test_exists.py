"""A new function that is there already: said once nobody types, gone when it is another, to clients of either kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import PULL, PUSH, Client

pytest.importorskip("numpy")

TEXT = '''def slugify(title, limit=50):
    """What stands in an address."""
    words = []
    for word in title.lower().split():
        if word.isalnum() and word not in STOP:
            words.append(word)
    return "-".join(words)[:limit]
'''
POST = "import os\n\n\ndef old(x):\n    return os.path.join(x, x)\n"
NEW = """

def address_of(heading, most=50):
    parts = []
    for each in heading.lower().split():
        if each.isalnum() and each not in STOP:
            parts.append(each)
    return "-".join(parts)[:most]
"""
MESSAGE = "'slugify' in web/text.py:1 already does this"


@pytest.fixture(params=[PULL, PUSH], ids=["pull", "push"])
def editor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator["Editor"]:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/text.py").write_text(TEXT)
    (tmp_path / "post.py").write_text(POST)
    with Client.start(tmp_path) as client:
        client.initialize(request.param)
        yield Editor(client, pulls=request.param is PULL)


class Editor:
    """An editor with one document, in a workspace that is indexed."""

    def __init__(self, client: Client, *, pulls: bool) -> None:
        self.client, self._pulls, self._version = client, pulls, 1
        self.uri = client.uri("post.py")
        client.open(self.uri, POST)
        assert client.call("workspace/symbol", {"query": "slugify"})

    def type(self, text: str) -> None:
        self._version += 1
        self.client.change(self.uri, self._version, {"text": text})

    def wait_for(self, *messages: str) -> None:
        """Wait until these are all that is said of new functions, in the way of this client."""
        if not self._pulls:
            self.client.notified(
                "textDocument/publishDiagnostics",
                lambda p: p["uri"] == self.uri and p["version"] == self._version and said(p) == [*messages],
            )
            return
        told = 0
        while self.found() != [*messages]:
            told = self._refreshed(told)

    def _refreshed(self, seen: int) -> int:
        """Wait until the server has asked once more to be asked; how often it has."""
        client = self.client

        def more() -> int:
            count = len(client.seen("workspace/diagnostic/refresh"))
            return count if count > seen else 0

        return client.wait(more, "news")

    def found(self) -> list[str]:
        return said(self.client.call("textDocument/diagnostic", {"textDocument": {"uri": self.uri}}))


def said(report: Any) -> list[str]:
    items = report["diagnostics"] if "diagnostics" in report else report["items"]
    return [each["message"] for each in items if each["code"] == "already-exists"]


def test_it_is_said_and_goes_away(editor: Editor) -> None:
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    editor.type(POST + NEW.replace("each not in STOP", "each in STOP or most"))
    editor.wait_for()
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    editor.type(POST + NEW.replace("50):", "50):  # coding-agent: allow already-exists"))
    editor.wait_for()


def test_it_leads_to_the_other_one(editor: Editor) -> None:
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    if editor.client.seen("textDocument/publishDiagnostics"):
        items = editor.client.seen("textDocument/publishDiagnostics")[-1]["diagnostics"]
    else:
        items = editor.client.call("textDocument/diagnostic", {"textDocument": {"uri": editor.uri}})["items"]
    (item,) = (each for each in items if each["code"] == "already-exists")
    assert item["severity"] == 3
    assert item["range"] == {"start": {"line": 7, "character": 4}, "end": {"line": 7, "character": 14}}
    (related,) = item["relatedInformation"]
    start = {"line": 0, "character": 0}
    assert related["location"] == {"uri": editor.client.uri("web/text.py"), "range": {"start": start, "end": start}}


def test_what_the_file_had_before_is_left_alone(editor: Editor) -> None:
    other = editor.client.uri("page.py")
    editor.client.open(other, NEW)
    editor.client.change(other, 2, {"text": f"{NEW}\n"})
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    if editor.client.seen("textDocument/publishDiagnostics"):
        reports = editor.client.seen("textDocument/publishDiagnostics")
        assert not any(said(each) for each in reports if each["uri"] == other)
    else:
        assert not said(editor.client.call("textDocument/diagnostic", {"textDocument": {"uri": other}}))


def test_what_was_taken_away_is_not_named(editor: Editor) -> None:
    text = editor.client.uri("web/text.py")
    editor.client.open(text, TEXT)
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    editor.client.change(text, 2, {"text": "STOP = ()\n"})
    editor.type(POST + NEW + "\n\nX = 1\n")
    editor.wait_for()


def test_it_can_be_turned_off(editor: Editor) -> None:
    editor.type(POST + NEW)
    editor.wait_for(MESSAGE)
    settings = {"settings": {"codingAgent": {"ignore": ["already-exists"]}}}
    editor.client.notify("workspace/didChangeConfiguration", settings)
    editor.wait_for()


def test_what_a_needed_package_offers_is_named(tmp_path: Path) -> None:
    site = tmp_path / ".venv/lib/python3.11/site-packages"
    (site / "till_roll-1.0.dist-info").mkdir(parents=True)
    (site / "till_roll-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: till-roll\nVersion: 1.0\n")
    (site / "till_roll-1.0.dist-info/RECORD").write_text("till/__init__.py,,\ntill/text.py,,\ntill/_text.py,,\n")
    (site / "till").mkdir()
    (site / "till/__init__.py").touch()
    (site / "till/text.py").write_text(TEXT)
    (site / "till/_text.py").write_text(TEXT.replace("slugify", "own"))
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /nowhere\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\ndependencies = ["till_roll>=1"]\n')
    (tmp_path / "post.py").write_text(POST)
    with Client.start(tmp_path) as client:
        client.initialize(PUSH)
        uri = client.uri("post.py")
        client.open(uri, POST)
        assert client.call("workspace/symbol", {"query": "old"})
        client.change(uri, 2, {"text": POST + NEW})
        message = ["'till.text.slugify' in till/text.py:1 already does this"]
        shown = client.notified("textDocument/publishDiagnostics", lambda p: p["uri"] == uri and said(p) == message)
        (item,) = (each for each in shown["diagnostics"] if each["code"] == "already-exists")
        assert item["relatedInformation"][0]["location"]["uri"].endswith("/site-packages/till/text.py")
