"""Which functions of a document are asked about, and what is said of them."""

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.report import Elsewhere
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import whole
from coding_agent.ide.exists import NAME, Opened, line_of, said, written
from coding_agent.text import Text

RULES = select(all_rules(), Selection(only=(NAME,)))
SHOP = '''"""A shop."""
import os


# Beside it.
@cached
def first(x):
    return x


class Cart:
    limit = 3

    @property
    def total(self):
        return 1

    async def send(self):
        def inner():
            return 2

        return inner


if os.name == "nt":
    def hidden():
        pass


def last(
    y,
):
    return y
'''


def names(text: str) -> list[str]:
    return [each.name for each in written(whole(Text.of(text), Analyser(RULES), "a.py"))]


def test_functions_and_methods_are_asked_about() -> None:
    assert names(SHOP) == ["first", "Cart.total", "Cart.send", "last"]


def test_they_come_with_their_lines() -> None:
    first, total, *_, last = written(whole(Text.of(SHOP), Analyser(RULES), "a.py"))
    assert first.code == "@cached\ndef first(x):\n    return x\n"
    assert first.line == SHOP[: SHOP.index("def first")].count("\n") + 1
    assert total.code == "    @property\n    def total(self):\n        return 1\n"
    assert last.piece.text[last.span.start : last.span.stop] == "last"
    assert last.code.startswith("def last(")


def test_half_typed_code_is_asked_about() -> None:
    assert names("def one(x):\n    return (x\n") == ["one"]
    assert names("class A:\n    def two(self):\n        if x\n") == ["A.two"]
    assert names("def \n") == []


def test_line_ends_do_not_matter() -> None:
    assert names(SHOP.replace("\n", "\r\n")) == names(SHOP)


def test_what_was_there_when_it_was_opened() -> None:
    assert Opened(SHOP).names >= {"first", "Cart.total", "Cart.send", "last"}
    assert "total" not in Opened(SHOP).names
    assert Opened("").names == frozenset()


def test_a_function_is_found_again() -> None:
    state = whole(Text.of(SHOP), Analyser(RULES), "a.py")
    lines = SHOP.split("\n")
    places = [line_of(state, name) for name in ("first", "Cart.total", "Cart.send.inner", "hidden", "Cart.gone")]
    assert [line and lines[line - 1].split()[-1] for line in places[:4]] == [
        "first(x):",
        "total(self):",
        "inner():",
        "hidden():",
    ]
    assert places[4] is None


def told(text: str) -> str | None:
    (new,) = written(whole(Text.of(text), Analyser(RULES), "a.py"))
    enabled = RULES.get(NAME)
    assert enabled is not None
    finding = said(new, Elsewhere(new.span, "slug", "web/text.py:3", "does", "file:///web/text.py#L3"), enabled, RULES)
    return finding and finding.message


def test_it_is_said_where_that_is() -> None:
    assert told("def f(x):\n    pass\n") == "'slug' in web/text.py:3 already does this"


def test_it_can_be_allowed() -> None:
    assert told("def f(x):  # coding-agent: allow already-exists\n    pass\n") is None
    assert told("# coding-agent: allow already-exists (they will differ)\ndef f(x):\n    pass\n") is None
