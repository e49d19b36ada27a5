"""Hover as an editor gets it: our own part at once, jedi's part when it is there."""

import textwrap
from typing import Any

from coding_agent.explain.radon import maintainability
from support.asking import command, place
from support.client import PULL, Client, Message

CODE = '''\
import json


class Store:
    """Keeps texts."""

    def load(self, path: str, deep: bool = False) -> str:
        """Read a file."""
        if deep:
            for part in path:
                if part:
                    return self.load(part)
        with open(path) as file:
            return file.read()


def use():
    store = Store()
    return json.dumps(store.load("x")), eval(input())
'''
PLAIN = {**PULL, "textDocument": {**PULL["textDocument"], "hover": {"contentFormat": ["plaintext"]}}}


def hovered(client: Client, uri: str, words: str, text: str = CODE) -> Message | None:
    at = place(text, words)["start"]
    return client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})


def said(client: Client, uri: str, words: str, text: str = CODE) -> str:
    hover = hovered(client, uri, words, text)
    return hover["contents"]["value"] if hover else ""


def opened(client: Client, text: str = CODE, abilities: dict[str, Any] = PULL, **more: Any) -> str:
    client.initialize(abilities, **more)
    uri = client.uri("a.py")
    client.open(uri, text)
    return uri


def test_function_of_the_file(client: Client) -> None:
    uri = opened(client)
    hover = hovered(client, uri, "load(self")
    assert hover is not None
    assert hover["contents"]["kind"] == "markdown"
    assert hover["range"] == place(CODE, "load")
    value = hover["contents"]["value"]
    assert "def load(self, path: str, deep: bool = False) -> str" in value
    assert "Read a file." in value
    assert "reads files" in value
    assert "Used 2 times in this file" in value


def test_metrics_are_those_of_lens_and_command(client: Client) -> None:
    """The function calls itself, which counts."""
    uri = opened(client)
    (row,) = command(client, "showMetrics", uri, 6)
    assert row == {
        "name": "load", "line": 6, "cognitive": 7, "cyclomatic": 4, "lines": 8, "nesting": 3, "parameters": 2
    }  # fmt: skip
    assert "Cognitive complexity 7" in said(client, uri, "load(self")
    lenses = client.call("textDocument/codeLens", {"textDocument": {"uri": uri}})
    titles = [lens["command"]["title"] for lens in lenses]
    assert [title for title in titles if not title.startswith("Generate tests")] == ["complexity 7"]


def test_use_leads_to_its_definition(client: Client) -> None:
    uri = opened(client)
    assert "def load(self" in said(client, uri, "load(part)")
    assert "Keeps texts." in said(client, uri, "Store()")


def test_finding_at_the_place(client: Client) -> None:
    uri = opened(client)
    value = said(client, uri, "eval")
    assert "eval() runs whatever its text says (eval-used)" in value


def test_plain_text_where_the_editor_shows_no_markdown(client: Client) -> None:
    uri = opened(client, abilities=PLAIN)
    hover = hovered(client, uri, "load(self")
    assert hover is not None
    assert hover["contents"]["kind"] == "plaintext"
    assert "```" not in hover["contents"]["value"]
    assert "**" not in hover["contents"]["value"]


def test_jedi_knows_what_other_files_define(client: Client) -> None:
    uri = opened(client, initializationOptions={"jedi": {"deadline-ms": 10_000}})
    # While jedi starts it is not waited for, so the editor asks again.
    values = (said(client, uri, "dumps") for _ in range(500))
    value = next(value for value in values if "(" in value)
    assert "dumps(" in value
    assert "Serialize" in value


def test_figures_of_radon_are_those_of_the_function(client: Client) -> None:
    uri = opened(client)
    body = textwrap.dedent(CODE[CODE.index("    def load") : CODE.index("\n\ndef use")])
    figures = maintainability(body)
    assert figures is not None
    # A slow machine shows them at the next hover.
    values = (said(client, uri, "load(self") for _ in range(500))
    value = next(value for value in values if "maintainability" in value)
    assert f", maintainability {figures.index:.0f} of 100" in value


def test_nothing_is_said_about_nothing(client: Client) -> None:
    text = "x = 1\n\n\n"
    uri = opened(client, text, initializationOptions={"jedi": {"enabled": False}})
    position = {"line": 2, "character": 0}
    assert client.call("textDocument/hover", {"textDocument": {"uri": uri}, "position": position}) is None
    unknown = {"textDocument": {"uri": client.uri("never.py")}, "position": position}
    assert client.call("textDocument/hover", unknown) is None


def test_hover_in_half_typed_code(client: Client) -> None:
    text = CODE.replace("def use():\n", "def use(:\n")
    uri = opened(client, text)
    assert "def load(self" in said(client, uri, "load(self", text)
    assert "def use" not in said(client, uri, "use(:", text)


def test_ours_only_leaves_out_what_others_show(client: Client) -> None:
    uri = opened(client, initializationOptions={"hover": {"ours-only": True}})
    value = said(client, uri, "load(self")
    assert "Cognitive complexity 7" in value
    assert "def load" not in value
    assert "Read a file." not in value


def test_hover_behind_wide_characters_and_odd_lines(client: Client) -> None:
    text = (
        's = "😀\x0c\u2028"; print(s)\r\ndef f(a):\r\n    return a if a else "😀", g(a)\r\ndef g(a):\r\n    "Doc."\r\n'
    )
    uri = opened(client, text)
    hover = hovered(client, uri, "g(a)", text)
    assert hover is not None
    assert hover["range"] == place(text, "g")
    assert "Doc." in hover["contents"]["value"]
