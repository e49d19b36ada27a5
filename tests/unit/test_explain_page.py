import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coding_agent.explain.page import LINES, Code, Line, Link, Section, markdown, plain


def tokens(text: str) -> list[Token]:
    """What an independent reader of Markdown sees, inline tokens included."""
    return [
        each
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text)
        for each in (token, *(token.children or ()))
    ]


HOSTILE = [
    "[click](command:evil)",
    "![x](https://example.com/x.png)",
    "<https://example.com>",
    "<script>alert(1)</script>",
    "&lt;b&gt; &#60;",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "---",
    "===",
    "| a | b |\n|---|---|",
    "a\n\n# b",
    "a\r\n- b",
    "`tick` ``two`` ```three",
    "*em* _em_ **strong** ~~gone~~",
    "\\[x](y)",
    "[x]: https://example.com",
    "<!-- -->",
    "    indented",
    "snake_case_name __dunder__",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["text", "code", "title", "fence", "link"])
def test_no_text_becomes_markup(text: str, where: str) -> None:
    line: Line = (Code(text),) if where == "code" else (Link(text, "command:evil"),) if where == "link" else (text,)
    section = Section(
        title=text if where == "title" else "",
        lines=(line,) if where in ("text", "code", "link") else (),
        code=text if where == "fence" else "",
    )
    seen = tokens(markdown([section]))
    assert {token.type for token in seen} <= {
        *("paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak", "text_special"),
        *(("strong_open", "strong_close") if where == "title" else ()),
        *(("code_inline",) if where == "code" else ()),
        *(("fence",) if where == "fence" else ()),
    }
    if where == "code":
        (code,) = [token.content for token in seen if token.type == "code_inline"]
        assert code.split() == text.split()
    elif where == "fence":
        (fence,) = [token.content for token in seen if token.type == "fence"]
        assert fence == text.replace("\r\n", "\n") + "\n"
    else:
        shown = "".join(token.content for token in seen if token.type in ("text", "text_special"))
        assert shown.split() == text.split()


@pytest.mark.parametrize("text", ["see https://example.com/x", "www.example.com", "me@example.com"])
def test_no_text_becomes_a_link_by_itself(text: str) -> None:
    """GitHub's and VS Code's readers link bare addresses; none of their patterns may match what we write."""
    written = markdown([Section(lines=((text,),))])
    assert not re.search(r"https?://|www\.|[\w.]+@", written)


def test_only_plain_addresses_become_links() -> None:
    page = "file:///home/me/.cache/coding-agent/rules/eval.md"
    assert markdown([Section(lines=((Link("why", page),),))]) == f"[why]({page})"
    assert markdown([Section(lines=((Link("why", "https://example.com/a-b?c=1#d"),),))]) == (
        "[why](https://example.com/a-b?c=1#d)"
    )
    for url in (
        "http://example.com",
        "command:x",
        "javascript:x",
        "https://a) [b](c",
        "https://a\n",
        "file://host/a",
        "file:///a)b",
    ):
        assert markdown([Section(lines=((Link("why", url),),))]) == "why"


@pytest.mark.parametrize("write", [markdown, plain])
def test_nothing_leaves_that_a_client_cannot_take(write: object) -> None:
    odd = "a\ud800b\u202ec\x00d\x1be"
    assert callable(write)
    written = write([Section(odd, ((odd, Code(odd)),), odd)])
    assert written.encode("utf-8")
    assert not set("\u202e\x00\x1b") & set(written)


PAGE = [
    Section(code="def f(x): ...\n\n# more"),
    Section(lines=(("One ", Code("x"), " two"), ("Three",))),
    Section("Title", (("a",), ("b ", Link("why", "https://example.com"))), listed=True),
]


def test_markdown() -> None:
    assert markdown(PAGE) == (
        "```python\ndef f(x): ...\n\n# more\n```\n\nOne `x` two  \nThree\n\n"
        "**Title**\n\n- a\n- b [why](https://example.com)"
    )


def test_plain() -> None:
    assert plain(PAGE) == "def f(x): ...\n\n# more\n\nOne x two\nThree\n\nTitle\n- a\n- b why"


def test_a_page_is_bounded() -> None:
    block = Section(lines=(("x",),) * 15)
    written = markdown([block] * 5)
    assert len(written.split("\n")) <= LINES
    assert written.endswith("\n\n...")


def test_nothing_is_an_empty_page() -> None:
    assert (markdown([]), plain([])) == ("", "")
