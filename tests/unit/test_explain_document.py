"""The long form and its picture."""

import re
from xml.etree import ElementTree

from coding_agent.explain.document import document
from coding_agent.explain.graph import mermaid, svg
from coding_agent.explain.page import Section, markdown
from coding_agent.explain.project import Changed, Place, Relations, relations

CALLERS = tuple(Place(f"caller{number}", f"a.py:{number}", f"file:///p/a.py#L{number}") for number in range(5))
KNOWN = Relations(
    CALLERS,
    (Place("test_it", "test_a.py:1"),),
    (Place('odd"<name>', "b.py:3"),),
    (Place("twin", "c.py:9", "file:///p/c.py#L9", 0.934),),
    (9, 1, 1, 1),
    changed=Changed(1_760_000_000, "A *bold* name", "Fix [this](http://x) " + "z" * 80, "0123456789" * 4),
)


def text_of(known: Relations) -> str:
    return markdown(list(relations(known)))


def test_hover_names_the_first_few() -> None:
    said = text_of(KNOWN)
    assert "- Called by [caller0](file:///p/a.py#L0) (a.py:0)" in said
    assert said.count("](file:///p/a.py") == 3
    assert "and 6 more" in said
    assert "- Similar: [twin](file:///p/c.py#L9) (c.py:9, 93% alike)" in said


def test_nothing_of_a_commit_is_markup() -> None:
    said = text_of(KNOWN)
    assert "Last changed 2025-10-09 by A \\*bold\\* name: Fix \\[this\\](http:\\/\\/x)" in said
    assert "(`01234567`)" in said


def test_nothing_is_said_of_nothing() -> None:
    assert list(relations(Relations())) == []
    assert text_of(Relations(changed=Changed())) == "**In the project**\n\n- Changed since the last commit"


def test_callers_beyond_those_that_were_looked_at() -> None:
    assert "and others" in text_of(Relations(CALLERS, counts=(400, 0, 0, 0), more=True))


def test_the_document_lists_all() -> None:
    page = document("Cart.add", "shop/cart.py:3", [Section(code="def add(self)")], KNOWN)
    assert page.markdown.startswith("# Cart.add (shop/cart.py:3)\n\n```python\ndef add(self)\n```\n")
    assert page.markdown.count("](file:///p/a.py") == 5
    assert "- and 4 more" in page.markdown
    assert page.markdown.count("```mermaid") == 1


def test_the_graph_as_mermaid_escapes_what_could_end_a_label() -> None:
    drawn = mermaid("it", KNOWN)
    assert '    here --> k0["odd#quot;#lt;name#gt;<br/>b.py:3"]' in drawn
    assert drawn.count("--> here") == 6  # Five, and how many more there are.
    assert 'c5["4 more"]' in drawn
    assert mermaid("it", Relations()) == ""


def test_the_graph_as_a_picture() -> None:
    picture = svg("it", KNOWN)
    tree = ElementTree.fromstring(picture)
    texts = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"caller0", "a.py:0", "it", 'odd"<name>', "b.py:3", "4 more"} <= set(texts)
    paths = [each for each in tree.iter("{http://www.w3.org/2000/svg}path") if each.get("fill") == "none"]
    assert len(paths) == 7
    high, wide = float(tree.get("height") or 0), float(tree.get("width") or 0)
    for box in tree.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, width, height = (float(box.get(name) or 0) for name in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + width <= wide and y + height <= high  # noqa: PT018 - one box
    assert svg("it", Relations()) == ""
    assert len(re.findall("<rect", svg("it", Relations(calls=CALLERS, counts=(0, 0, 5, 0))))) == 6
