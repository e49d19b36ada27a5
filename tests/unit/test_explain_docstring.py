import pytest

from coding_agent.explain.docstring import Described, Docstring, read
from coding_agent.explain.page import Code, Line, inline

SPLIT = Docstring(
    "Split a text. Twice.",
    (Described("text", "str", "what is split"), Described("times", "int", "how often, or never")),
    (Described("", "list", "the parts"),),
    (Described("ValueError", "", "it is empty"),),
)


@pytest.mark.parametrize(
    "doc",
    [
        pytest.param(
            """Split a text.
            Twice.

            More words.

            Args:
                text (str): what is split
                times (int, optional): how often,
                    or never

            Returns:
                list: the parts

            Raises:
                ValueError: it is empty

            Example:
                >>> split(x: y)
            """,
            id="google",
        ),
        pytest.param(
            """
            Split a text.
            Twice.

            Parameters
            ----------
            text : str
                what is split
            times : int, optional
                how often,
                or never

            Returns
            -------
            list
                the parts

            Raises
            ------
            ValueError
                it is empty

            Notes
            -----
            Other : words
            """,
            id="numpy",
        ),
        pytest.param(
            """Split a text.
            Twice.

            :param str text: what is split
            :param times: how often,
                or never
            :type times: int
            :returns: the parts
            :rtype: list
            :raises ValueError: it is empty
            """,
            id="sphinx",
        ),
    ],
)
def test_three_styles_say_the_same(doc: str) -> None:
    assert read(doc) == SPLIT


@pytest.mark.parametrize(
    ("doc", "summary"),
    [
        ("One.", "One."),
        ("  \n\n  One\n  two.\n\n  Three.", "One two."),
        ("Title\n=====\n\nText.", "Title"),
        (">>> f()\n1", ""),
        ("One.\n>>> f()", "One."),
        ("Args:\n    x: y", ""),
        ("Note this: it is text.", "Note this: it is text."),
        ("", ""),
    ],
)
def test_summary_is_the_first_paragraph(doc: str, summary: str) -> None:
    assert read(doc).summary == summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ("plain",)),
        ("see ``x == 1`` now", ("see ", Code("x == 1"), " now")),
        ("`x`", (Code("x"),)),
        (":func:`~os.path.join` and :py:class:`Path`", (Code("join"), " and ", Code("Path"))),
        (":doc:`the page <page>`", (Code("the page"),)),
        ("`the site <https://example.com>`_", ("the site",)),
        ("**bold** and **kwargs", ("bold", " and **kwargs")),
        ("a `broken", ("a `broken",)),
    ],
)
def test_inline_markup(text: str, expected: Line) -> None:
    assert inline(text) == expected
