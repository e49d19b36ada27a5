"""Outline and lenses as an editor gets them."""

import sysconfig
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.report import Symbol
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.analysis.walk import Walk
from coding_agent.ide.check import whole
from coding_agent.ide.facade import outline
from coding_agent.syntax.parse import parse
from coding_agent.text import Span, Text, Units
from support.asking import command, place
from support.client import PULL, Client, Message, edit

CODE = """\
LIMIT = 3


@decorated
class Shop:
    name = "x"

    def buy(self, a, *, b=1):
        if a:
            return b
        for x in a:
            while x:
                pass

    async def sell(self): ...


def top(a):
    def inner():
        return [x for x in a if x]
    return inner if a and LIMIT else None


try:
    import json
except ImportError:
    json = None
"""
FLAT = deepcopy(PULL)
del FLAT["textDocument"]["documentSymbol"]["hierarchicalDocumentSymbolSupport"]


def opened(client: Client, text: str = CODE, abilities: dict[str, Any] = PULL, **more: Any) -> dict[str, Any]:
    client.initialize(abilities, **more)
    client.open(client.uri("a.py"), text)
    return {"textDocument": {"uri": client.uri("a.py")}}


def tree(symbols: list[Message]) -> list[Any]:
    return [(each["name"], each["kind"], tree(each.get("children", []))) for each in symbols]


def test_nested_symbols(client: Client) -> None:
    symbols = client.call("textDocument/documentSymbol", opened(client))
    members = [("name", 13, []), ("buy", 6, []), ("sell", 6, [])]
    assert tree(symbols) == [("LIMIT", 14, []), ("Shop", 5, members), ("top", 12, [])]
    shop = symbols[1]
    assert shop["selectionRange"] == place(CODE, "Shop")
    assert shop["range"]["end"] == place(CODE, "async def sell(self): ...")["end"]
    assert shop["children"][1]["detail"] == "(self, a, *, b)"
    for symbol in (*symbols, *shop["children"]):
        whole, name = symbol["range"], symbol["selectionRange"]
        inside = [whole["start"], name["start"], name["end"], whole["end"]]
        assert inside == sorted(inside, key=lambda at: (at["line"], at["character"])), symbol["name"]


def test_flat_symbols_for_editors_that_cannot_nest(client: Client) -> None:
    params = opened(client, abilities=FLAT)
    symbols = client.call("textDocument/documentSymbol", params)
    assert [(each["name"], each["containerName"]) for each in symbols] == [
        ("LIMIT", ""), ("Shop", ""), ("name", "Shop"), ("buy", "Shop"), ("sell", "Shop"), ("top", "")
    ]  # fmt: skip
    assert {each["location"]["uri"] for each in symbols} == {params["textDocument"]["uri"]}


def complexity(client: Client, params: Message) -> list[Message]:
    """The lenses about complexity; those that generate tests have tests of their own."""
    found = client.call("textDocument/codeLens", params)
    return [each for each in found if each["command"]["command"] != "codingAgent.generateTests"]


def test_lenses_show_the_metrics_of_the_analysis(client: Client) -> None:
    params = opened(client)
    lenses = complexity(client, params)
    measured = {each.name: each for each in Walk(parse(CODE).body, False).metrics.values()}
    assert [(each["range"], each["command"]["title"]) for each in lenses] == [
        (place(CODE, name), f"complexity {measured[name].cognitive}") for name in ("buy", "top")
    ]
    for lens in lenses:
        assert lens["command"]["command"] == "codingAgent.showMetrics"
        (row,) = client.call("workspace/executeCommand", lens["command"])
        found = measured[row["name"]]
        assert row == {
            "name": found.name,
            "line": lens["range"]["start"]["line"],
            "cognitive": found.cognitive,
            "cyclomatic": found.cyclomatic,
            "lines": found.lines,
            "nesting": found.nesting,
            "parameters": found.parameters,
        }


def test_lens_warns_above_the_limit(client: Client) -> None:
    options = {"rules": {"complex-function": {"max-cognitive": 3}}}
    lenses = complexity(client, opened(client, initializationOptions=options))
    titles = [each["command"]["title"] for each in lenses]
    assert [title.startswith("⚠ ") for title in titles] == [int(title.split()[-1]) > 3 for title in titles]
    assert {title.startswith("⚠ ") for title in titles} == {True, False}


def test_lenses_can_be_turned_off(client: Client) -> None:
    assert complexity(client, opened(client, initializationOptions={"lens.complexity": False})) == []


def test_lenses_follow_the_text(client: Client) -> None:
    params = opened(client)
    before = complexity(client, params)
    client.change(client.uri("a.py"), 2, edit((0, 0), (0, 0), "\n\n"))
    after = complexity(client, params)
    lines = [each["range"]["start"]["line"] for each in before]
    assert [each["range"]["start"]["line"] for each in after] == [line + 2 for line in lines]
    assert [each["command"]["arguments"][1] for each in after] == [line + 2 for line in lines]


def test_half_typed_code_keeps_the_outline_of_the_rest(client: Client) -> None:
    text = CODE.replace("def top(a):", "def top(a:")
    symbols = client.call("textDocument/documentSymbol", opened(client, text))
    assert [name for name, *_ in tree(symbols)][:2] == ["LIMIT", "Shop"]


def test_document_that_is_not_open_has_neither(client: Client) -> None:
    opened(client)
    params = {"textDocument": {"uri": client.uri("never.py")}}
    assert client.call("textDocument/documentSymbol", params) == []
    assert complexity(client, params) == []


def test_metrics_of_the_whole_file(client: Client) -> None:
    opened(client)
    rows = command(client, "showMetrics")
    assert [row["name"] for row in rows] == ["buy", "top"]
    message = client.notified("window/showMessage")["message"]
    assert "buy (line 8)" in message
    assert "maintainability index" in message


ODD = """\
import a
class Ａ:  # 100 %d
    "😀"; b = "%s"; c = 1

    def d(self, e="😀%"): ...
    class F:
        def g(self): ...
        # The end of F.

    # The end of the class.
class H: ...
i = "😀"; J = 2
def k(:
    pass
class L(M):
    def n(self:
        pass

    def o(self, x):
        return 1 if x else 2
"""


def shown(text: str) -> list[Message]:
    """The outline by way of the whole document, each symbol with its own range."""
    document = Text.of(text)

    def place(span: Span) -> Message:
        (line, character), (last, stop) = (document.to_client(at, Units.UTF16) for at in span)
        return {"start": {"line": line, "character": character}, "end": {"line": last, "character": stop}}

    def one(symbol: Symbol) -> Message:
        below = {"children": [one(child) for child in symbol.children]} if symbol.children else {}
        more = {"detail": symbol.detail} if symbol.detail else {}
        own = {"name": symbol.name, "range": place(symbol.span), "selectionRange": place(symbol.name_span)}
        return {**own, **more, **below}

    return [one(symbol) for symbol in outline(whole(document, Analyser(RuleSet(())), "a.py"))]


def without_kind(symbols: list[Message]) -> list[Message]:
    """Symbols as told, but for their kind."""
    found: list[Message] = []
    for symbol in symbols:
        rest = {key: value for key, value in symbol.items() if key not in ("kind", "children")}
        found.append(rest | ({"children": without_kind(symbol["children"])} if "children" in symbol else {}))
    return found


def flattened(symbols: list[Message], container: str = "") -> list[tuple[str, str, Message]]:
    found: list[tuple[str, str, Message]] = []
    for symbol in symbols:
        found.append((symbol["name"], container, symbol["range"]))
        found += flattened(symbol.get("children", []), symbol["name"])
    return found


def source(name: str) -> str:
    return ODD if name == "odd" else (Path(sysconfig.get_path("stdlib")) / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["odd", "enum.py", "_pydecimal.py", "unittest/mock.py", "typing.py"])
def test_outline_is_that_of_the_whole_text_also_after_edits(client: Client, name: str) -> None:
    text = source(name)
    params = opened(client, text)
    assert without_kind(client.call("textDocument/documentSymbol", params)) == shown(text)
    lines = text.splitlines(keepends=True)
    for version, line in enumerate((len(lines) // 2, 0, len(lines) - 2), 2):
        client.change(client.uri("a.py"), version, edit((line, 0), (line, 0), "\n"))
        lines.insert(line, "\n")
        assert without_kind(client.call("textDocument/documentSymbol", params)) == shown("".join(lines))


@pytest.mark.parametrize("name", ["odd", "unittest/mock.py"])
def test_flat_outline_has_the_same_places(client: Client, name: str) -> None:
    symbols = client.call("textDocument/documentSymbol", opened(client, source(name), FLAT))
    found = [(each["name"], each["containerName"], each["location"]["range"]) for each in symbols]
    assert found == flattened(shown(source(name)))


def test_same_text_in_two_documents(client: Client) -> None:
    """What is remembered of one is not told of the other."""
    opened(client, abilities=FLAT)
    other = client.uri("deep/a.py")
    client.open(other, CODE)
    for uri in (client.uri("a.py"), other, client.uri("a.py")):
        params = {"textDocument": {"uri": uri}}
        assert {each["location"]["uri"] for each in client.call("textDocument/documentSymbol", params)} == {uri}
        assert {each["command"]["arguments"][0] for each in client.call("textDocument/codeLens", params)} == {uri}
