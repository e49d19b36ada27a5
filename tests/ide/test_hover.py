"""What is under the cursor, gathered from pieces, on plain data and without jedi."""

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.explain.hover import Limits
from coding_agent.explain.page import markdown
from coding_agent.ide.check import whole
from coding_agent.ide.hover import find, imports, named, sections, uses_of
from coding_agent.ide.slices import at_once
from coding_agent.semantics.symbol import SymbolInfo
from coding_agent.text import Text

CODE = '''\
import os

LIMIT = 3


class Shop:
    """Sells."""

    def buy(self, text: str) -> int:
        """Take one."""
        return eval(text)

    async def close(self):
        def inner(shop):
            return shop
        await self.buy("1")
        return inner(self.close)


def use(shop, buy):
    """Use it."""
    Shop().buy(shop)
    return buy + os.sep


def again():
    use = 1
    return use
'''


def hovered(text: str, words: str, inside: int = 0, symbol: SymbolInfo | None = None, ours_only: bool = False) -> str:
    """What is said at ``inside`` characters into the first ``words``."""
    made = Analyser(select(all_rules(), Selection()))
    state = whole(Text.of(text), made, "a.py")
    at = text.index(words) + inside
    found = find(state, made, at)
    # Counting uses reads other pieces, whose trees take the place of the one that was found.
    uses = at_once(uses_of(state, made, found))
    made.trees.parse("other = 1\n" * 500, False)
    shown, span = sections(
        state,
        made,
        at,
        found,
        symbol,
        lambda rule: f"file:///pages/{rule}.md",
        ours_only=ours_only,
        limits=Limits(),
        uses=uses,
    )
    if span is not None:
        assert span.start <= at <= span.stop
    return markdown(shown)


@pytest.mark.parametrize("words", ["buy(self", "self.buy", "use(shop"])
def test_figures_stand_with_a_function(words: str) -> None:
    assert "Cognitive complexity" in hovered(CODE, words, words.index("buy") if "buy" in words else 0)


@pytest.mark.parametrize(
    ("words", "inside", "says"),
    [
        ("buy(self", 0, "def buy(self, text: str) -> int"),
        ("buy(self", 3, "Take one."),
        ("Shop:", 0, "class Shop"),
        ("Shop:", 4, "Sells."),
        ("close(self", 2, "async def close(self)"),
        ("inner(shop", 0, "def inner(shop)"),
        ("use(shop", 0, "Use it."),
        ("Shop()", 0, "Sells."),
        ("self.buy", 5, "Take one."),
        ("self.close", 6, "async def close(self)"),
    ],
)
def test_definitions_and_their_uses(words: str, inside: int, says: str) -> None:
    assert says in hovered(CODE, words, inside)


@pytest.mark.parametrize(
    ("words", "inside"),
    [
        ("buy + os", 0),  # a parameter of that name
        ("use = 1", 0),  # a local variable
        ("return use", 7),
        ("os.sep", 3),
        ("LIMIT", 0),
        ("import os", 0),
        ("return eval", 0),
        ("    def inner", 0),
        ('"1"', 1),
    ],
)
def test_what_is_no_definition_of_the_file(words: str, inside: int) -> None:
    assert "def " not in hovered(CODE, words, inside)


def test_methods_of_two_classes_are_kept_apart() -> None:
    code = "class X:\n    def run(self):\n        'Of X.'\n    def go(self):\n        self.run()  # X\n"
    text = code.replace("X", "A") + code.replace("X", "B")
    for name in "AB":
        at = text.index(f"run()  # {name}")
        assert f"Of {name}." in hovered(text, text[at : at + 12])


def test_finding_with_its_page() -> None:
    said = hovered(CODE, "eval(text)")
    assert "eval() runs whatever its text says" in said
    assert "(file:///pages/eval-used.md)" in said


def test_uses_are_counted() -> None:
    assert "Used 2 times in this file" in hovered(CODE, "buy(self")
    assert "Used once in this file" in hovered(CODE, "Shop:")
    assert "Not used in this file" in hovered(CODE, "again()")


def test_what_jedi_says_is_shown_where_the_file_knows_nothing() -> None:
    symbol = SymbolInfo("sep", "statement", "os.sep", (), "str", "The separator.", None)
    said = hovered(CODE, "os.sep", 3, symbol)
    assert "sep: str" in said
    assert "The separator." in said
    assert hovered(CODE, "os.sep", 3, symbol, ours_only=True) == ""


def test_nothing_is_said_between_pieces() -> None:
    assert hovered(CODE, "\n\n\nclass Shop", 1) == ""
    assert hovered("", "") == ""


@pytest.mark.parametrize("text", ["def f(:\n", "class A(\n", "x = '''", "\ud83d", "\0", "(" * 500])
def test_half_typed_and_hostile_text(text: str) -> None:
    for offset in range(0, len(text) + 1, 7):
        assert isinstance(hovered(text, text, offset), str)


def test_every_offset_can_be_asked_about() -> None:
    made = Analyser(select(all_rules(), Selection()))
    state = whole(Text.of(CODE), made, "a.py")
    known = set[str]()
    for offset in range(len(CODE) + 1):
        found = find(state, made, offset)
        if found is None:
            continue
        assert found.span is not None
        assert found.span.start <= offset <= found.span.stop
        assert CODE[slice(*found.span)] == found.name
        known.add(found.name)
    assert {"Shop", "buy", "close", "inner", "use", "again", "text", "shop", "os"} <= known


NAMES = """\
import os.path as p, json
from .a import b, c as d
try:
    import xml.dom
except ImportError:
    pass


class Shop:
    def buy(self, json):
        return json.dumps, p.join("json", d.e), self.x.y, print  # json


def sell():
    return json.dumps(1)
"""


@pytest.mark.parametrize(
    ("words", "inside", "name", "dotted"),
    [
        ("json.dumps(1)", 0, "json", "json"),
        ("json.dumps(1)", 5, "dumps", "json.dumps"),
        ("json.dumps(1)", 10, "dumps", "json.dumps"),
        ("json.dumps,", 6, "dumps", None),
        ("p.join", 3, "join", "os.path.join"),
        ("d.e", 2, "e", ".a.c.e"),
        ("x.y", 2, "y", None),
        ("print", 1, "print", "builtins.print"),
        ("# json", 3, "json", None),
        ('"json"', 2, "json", None),
        ("xml.dom", 5, "dom", None),
    ],
)
def test_what_a_name_means_by_imports(words: str, inside: int, name: str, dotted: str | None) -> None:
    made = Analyser(select(all_rules(), Selection()))
    found = named(whole(Text.of(NAMES), made, "a.py"), made, NAMES.index(words) + inside)
    assert found is not None
    assert NAMES.startswith(name, found.offset)
    assert found.piece.startswith(name, found.at)
    assert found.dotted == dotted


@pytest.mark.parametrize("words", ["\n\n\nclass", "(1)\n", " # json"])
def test_where_no_name_is(words: str) -> None:
    made = Analyser(select(all_rules(), Selection()))
    assert named(whole(Text.of(NAMES), made, "a.py"), made, NAMES.index(words) + 1) is None


def test_imports_of_a_file() -> None:
    made = Analyser(select(all_rules(), Selection()))
    places = list(imports(whole(Text.of(NAMES), made, "a.py"), made))
    assert [NAMES[at:].split(None, 1)[0].rstrip(",") for at in places] == ["path", "json", "b", "c", "dom"]


def test_a_function_in_a_method_is_not_the_classes() -> None:
    code = (
        "class Remote:\n"
        "    def make(self):\n"
        "        def control(remote):\n"
        "            remote.on = True\n"
        "        def print():\n"
        "            pass\n"
        "        class Key:\n"
        "            def press(self):\n"
        "                self.down = True\n"
        "        return control, print, Key\n"
        "    def press(self):\n"
        "        self.down = True\n"
    )
    control, inner, outer = (
        hovered(code, "control"),
        hovered(code, "press"),
        hovered(code, "press(self):\n        self"),
    )
    assert "changes its argument: `remote`" in control
    assert "the remote" not in hovered(code, "print")
    assert "Presses the key" in inner
    assert "Presses the remote" in outer
