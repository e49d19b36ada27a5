"""How long remarks hold: by lines alone, and by what else may happen to a file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_agent.analysis.finding import Severity
from coding_agent.ide.background import definitions
from coding_agent.ide.remarks import Remark, Remarks, in_common
from coding_agent.text import Text, Units
from coding_agent.workspace.document import EVERYTHING, Change, Same, changed

ROOT = Path("/shop")
FILE = ROOT / "cart.py"
CART = Text.of("import os\n\n\ndef pay(card):\n    return card\n\n\ndef buy(cart):\n    return cart\n")


def remark(line: int, first: int, last: int, number: int = 1) -> Remark:
    return Remark(number, line, first, last, CART.lines[line], Severity.WARNING, "why")


def told(*remarks: Remark) -> Remarks:
    made = Remarks()
    made.take(ROOT, "a", {FILE: (CART, remarks)})
    return made


def lines(remarks: Remarks) -> list[int]:
    return [each.line for each in remarks.of(FILE)]


def edited(remarks: Remarks, text: Text, start: tuple[int, int], stop: tuple[int, int], new: str) -> Text:
    after, same = changed(text, [Change(new, start, stop)], Units.UTF16)
    remarks.changed(FILE, text, after, same)
    return after


def test_an_edit_above_moves_a_remark_and_one_below_does_not() -> None:
    remarks = told(remark(4, 3, 4))
    text = edited(remarks, CART, (0, 0), (0, 0), "import re\nimport sys\n")
    assert lines(remarks) == [6]
    text = edited(remarks, text, (10, 0), (10, 4), "    return")
    assert lines(remarks) == [6]
    edited(remarks, text, (0, 0), (1, 0), "")
    assert lines(remarks) == [5]


@pytest.mark.parametrize("line", [3, 4])
def test_an_edit_in_its_definition_ends_a_remark_and_no_other(line: int) -> None:
    remarks = told(remark(4, 3, 4), remark(8, 7, 8, 2))
    edited(remarks, CART, (line, 4), (line, 4), "x")
    assert lines(remarks) == [8]


def test_lines_put_between_definitions_end_nothing() -> None:
    remarks = told(remark(4, 3, 4), remark(8, 7, 8, 2))
    edited(remarks, CART, (5, 0), (5, 0), "\n\ndef new():\n    pass\n")
    assert lines(remarks) == [4, 12]


def test_a_whole_text_that_is_sent_anew_is_compared() -> None:
    remarks = told(remark(4, 3, 4), remark(8, 7, 8, 2))
    remarks.changed(FILE, CART, Text.of(str(CART).replace("return cart", "return 1")), Same(0, 0))
    assert lines(remarks) == [4]


def test_a_change_to_the_same_text_ends_nothing() -> None:
    remarks = told(remark(4, 3, 4))
    assert not remarks.changed(FILE, CART, CART, EVERYTHING)
    assert lines(remarks) == [4]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from(["", "a", "\n", "b\nc\n"])), max_size=5)
)
def test_a_remark_that_holds_stands_on_the_line_it_was_made_for(edits: list[tuple[int, int, str]]) -> None:
    remarks, text = told(remark(4, 3, 4), remark(8, 7, 8, 2)), CART
    for line, width, new in edits:
        text = edited(remarks, text, (line, 0), (line, width), new)
        for each in remarks.of(FILE):
            assert text.lines[each.line] == each.code
            assert text.lines[each.first].startswith("def ")


@given(st.text("ab\n", max_size=8), st.text("ab\n", max_size=8))
def test_what_two_texts_have_in_common_is_equal(one: str, other: str) -> None:
    before, after = Text.of(one), Text.of(other)
    same = in_common(before, after)
    assert before.lines[: same.head] == after.lines[: same.head]
    assert not same.tail or before.lines[-same.tail :] == after.lines[-same.tail :]
    assert same.head + same.tail <= min(len(before.lines), len(after.lines))


def test_a_file_that_is_another_than_it_was_has_no_remarks() -> None:
    remarks = told(remark(4, 3, 4))
    crlf = Text.of(str(CART).replace("\n", "\r\n"))
    assert not remarks.read(FILE, crlf)
    assert remarks.read(FILE, Text.of(str(CART) + "x = 1\n"))
    assert not remarks
    remarks = told(remark(4, 3, 4))
    assert remarks.read(FILE, None)


def test_a_document_that_is_closed_unsaved_is_not_what_is_on_disk() -> None:
    remarks = told(remark(4, 3, 4))
    text = edited(remarks, CART, (0, 0), (0, 0), "import re\n")
    remarks.closed(FILE, text)
    assert not remarks.read(FILE, text)
    assert remarks.read(FILE, CART)


def test_a_new_review_of_a_folder_replaces_its_last_one_alone() -> None:
    remarks, other = told(remark(4, 3, 4)), Path("/other/a.py")
    assert remarks.take(other.parent, "b", {other: (CART, (remark(8, 7, 8),))}) == {other}
    assert remarks.take(ROOT, "a", {}) == {FILE}
    assert remarks.paths == (other,)


def test_remarks_end_with_the_commit() -> None:
    remarks = told(remark(4, 3, 4))
    assert remarks.committed(lambda root: "a") == set()
    assert remarks.committed(lambda root: "b") == {FILE}
    assert not remarks


def test_one_is_dismissed_or_all() -> None:
    remarks = told(remark(4, 3, 4), remark(8, 7, 8, 2))
    assert remarks.dismiss(FILE, 1)
    assert not remarks.dismiss(FILE, 1)
    assert lines(remarks) == [8]
    assert remarks.clear() == {FILE}
    assert not remarks


CODE = '''\
import os

LIMITS = {
    "a": 1,
}


@cached
def load(path):
    def inner():
        return 1

    return inner


class Cart(Base):
    """Holds things."""

    size = 1

    async def pay(self):
        # Now.
        return 2
'''


@pytest.mark.parametrize(
    ("line", "around"),
    [
        (0, (0, 0)),
        (3, (2, 4)),
        (5, (5, 5)),
        (7, (7, 12)),
        (10, (7, 12)),
        (15, (15, 15)),
        (18, (18, 18)),
        (21, (20, 22)),
    ],
)
def test_a_remark_stands_in_a_function_or_a_statement(line: int, around: tuple[int, int]) -> None:
    assert definitions(CODE, (line,)) == (around,)


def test_in_a_text_that_is_not_python_a_remark_stands_for_its_line() -> None:
    assert definitions("def f(:\n    pass\n", (1,)) == ((1, 1),)
