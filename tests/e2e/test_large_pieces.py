"""Statements that are too large for the event loop, over stdio."""

import pytest

from support.asking import codes, pulled
from support.client import PULL, Client, edit

ROW = "('name%d', %d, 3.5, [1, 2, 3], {'a': 1}),"
LINES = "TABLE = [\n" + "".join(f"    {ROW % (n, n)}\n" for n in range(3000)) + "    eval(x),\n]\n"
LINE = "TABLE = [" + "".join(ROW % (n, n) for n in range(3000)) + "eval(x)]\n"
FUNCTION = "def f(a, x):\n" + "".join(f"    if a.x{n}:\n        a.b({n})\n" for n in range(2000)) + "    eval(x)\n"


def evals(client: Client, uri: str) -> list[int]:
    return [line for line, rule in codes(pulled(client, uri)["items"]) if rule == "eval-used"]


@pytest.mark.parametrize("large", [LINES, LINE, FUNCTION], ids=["many lines", "one line", "function"])
def test_found_inside_and_around(client: Client, large: str) -> None:
    client.initialize(PULL)
    uri, text = client.uri("a.py"), "import os\n" + large + "y = eval(os)\n"
    client.open(uri, text)
    last = text.count("\n") - 1
    inside = text[: text.index("eval(x)")].count("\n")
    assert evals(client, uri) == [inside, last]
    client.change(uri, 2, edit((0, 0), (0, 0), "\n"))
    assert evals(client, uri) == [inside + 1, last + 1]
    # Inside: first it breaks, then it is whole again.
    client.change(uri, 3, edit((2, 9), (2, 9), ") ("))
    assert evals(client, uri) == [last + 1]
    client.change(uri, 4, edit((2, 9), (2, 12), ""))
    assert evals(client, uri) == [inside + 1, last + 1]


def test_end_comes_at_once_while_one_is_looked_at(client: Client) -> None:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, LINES)
    client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    assert client.shutdown() == 0
