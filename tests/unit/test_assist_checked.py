"""What an answer has to pass before it is an edit: bad ones are refused by the check that is meant for them."""

import ast
import random
from collections import Counter
from inspect import cleandoc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding_agent.assist.checked import Checked, Gone, Meant, Purpose, checked, docstring_edit
from coding_agent.ide.check import check_text
from coding_agent.text import Edit, Span, apply_edits
from support.acting import GOOD_AGAIN, GOOD_WORK, HARM, HARM_AGAIN, HARM_MORE, Swap, swapped
from support.answering import PATH, SHOP, TABS, Case, analyser, answered, meant, own
from support.hostile import GOOD, HOSTILE, INJECTED, TOTAL, WHOLE

FIX, REFACTOR, OPTIMISE, DOCSTRING = Purpose.FIX, Purpose.REFACTOR, Purpose.OPTIMISE, Purpose.DOCSTRING
BASES = ("shown", "Cart.total", "price_of", "unique", "load", "query", "Cart", "outer", "Cart.ask")


def title(case: Case | Swap) -> str:
    return case.title


def first_failing(result: Checked) -> str:
    return next((check.name for check in result.checks if not check.passed), "")


def findings(text: str) -> Counter[tuple[str, str]]:
    """By another way than the checks: the whole file, as the command line does."""
    return Counter((each.rule, each.message) for each in check_text(PATH, text, analyser()).diagnostics)


def assert_holds(result: Checked, asked: Meant) -> None:
    """What is true of every edit that is offered."""
    after = apply_edits(asked.document, result.edits)
    assert after == result.document
    ast.parse(after.removeprefix("\ufeff"))
    assert after.startswith(asked.document[: asked.span.start])
    assert after.endswith(asked.document[asked.span.stop :])
    assert not Counter(rule for rule, _ in findings(after)) - Counter(rule for rule, _ in findings(asked.document))


def test_there_are_many() -> None:
    assert len(WHOLE) + len(INJECTED) >= 120
    assert len(HOSTILE) >= 200
    assert len(GOOD) >= 30
    assert len({case.title for case in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("case", HOSTILE, ids=title)
def test_a_bad_answer_is_refused_by_its_check(case: Case) -> None:
    result = answered(case)
    assert (first_failing(result), result.edits, result.passed) == (case.failing, (), False)
    assert result.why.startswith(f"{case.failing}: ")
    assert len(result.why) < 300


@pytest.mark.parametrize("case", GOOD, ids=title)
def test_a_good_answer_is_an_edit(case: Case) -> None:
    result = answered(case)
    assert result.why == ""
    assert result.edits
    assert_holds(result, meant(case.base))


@pytest.mark.parametrize("swap", [*HARM, *HARM_MORE, *HARM_AGAIN], ids=title)
def test_code_that_acts_does_no_more_and_nothing_else(swap: Swap) -> None:
    result = swapped(swap)
    assert (first_failing(result), result.edits) == (swap.failing, ())
    assert len(result.why) < 300


@pytest.mark.parametrize("swap", [*GOOD_WORK, *GOOD_AGAIN], ids=title)
def test_code_that_acts_may_be_written_otherwise(swap: Swap) -> None:
    result = swapped(swap)
    assert result.why == ""
    assert result.edits


def test_the_same_answer_fails_for_the_same_reason() -> None:
    for case in HOSTILE[::10]:
        assert answered(case).checks == answered(case).checks


# Where the lines go.


def put(code: str, name: str, document: str, purpose: Purpose = REFACTOR) -> str:
    """The document with an answer in it."""
    result = checked(meant(name, document), code, purpose, analyser(), PATH)
    assert result.why == ""
    return result.document


def test_line_ends_and_tabs_are_those_of_the_place() -> None:
    code = (
        TABS.replace("\r\n", "\n")
        .replace("\t", "    ")
        .replace("result = result * side", "# each\n        result *= side")
    )
    assert put(code, "area", TABS) == TABS.replace("result = result * side", "# each\r\n\t\tresult *= side")


def test_the_last_line_keeps_having_no_end() -> None:
    document = "def double(x):\n    return x + x"
    assert put("def double(x):\n    return 2 * x\n", "double", document) == "def double(x):\n    return 2 * x"


def test_a_byte_order_mark_stays() -> None:
    document = "\ufeffdef double(x):\n    return x + x\n"
    asked = Meant(document, Span(1, len(document)), "double")
    result = checked(asked, "def double(x):\n    return 2 * x\n", REFACTOR, analyser(), PATH)
    assert result.edits == (Edit(Span(16, 33), "    return 2 * x\n"),)
    assert result.document == "\ufeffdef double(x):\n    return 2 * x\n"


def test_only_the_lines_that_differ_are_replaced() -> None:
    (edit,) = answered(GOOD[0]).edits
    assert edit.new == "            if item.price is not None:  # not known yet\n"


def test_strings_over_several_lines_keep_their_value() -> None:
    code = own("query").replace("return text.replace", "found = text.replace") + "    return found\n"
    assert put(code, "query", SHOP).count('"""\n    SELECT *\n      FROM items\n    """') == 1
    nested = f"class A:\n{''.join('    ' + line + chr(10) for line in own('query').splitlines())}"
    assert put(code, "A.query", nested) == nested.replace("return text.replace", "found = text.replace").replace(
        "table)\n", "table)\n        return found\n"
    ).replace("def query(table)\n        return found\n:", "def query(table):")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (
            "A.B.f",
            "class A:\n    class B:\n        def f(self):\n            return 1 + 1\n",
            "def f(self):\n  return 2\n",
        ),
        ("f", "if True:\n    def f():\n        return 1 + 1\nelse:\n    f = None\n", "def f():\n    return 2\n"),
        ("f", "try:\n    pass\nfinally:\n    def f(): return 1 + 1  # kept\n", "def f(): return 2  # kept"),
        ("f.g", "def f():\n    def g():\n        return 1 + 1\n    return g\n", "def g():\n    return 2\n"),
    ],
    ids=["in classes", "in a condition", "on one line", "in a function"],
)
def test_places(name: str, old: str, new: str) -> None:
    start = old.index(f"def {name.rpartition('.')[2]}(")
    start, stop = old.rindex("\n", 0, start) + 1, old.index("\n", old.index("1 + 1")) + 1
    result = checked(Meant(old, Span(start, stop), name), new, REFACTOR, analyser(), PATH)
    assert result.why == ""
    assert result.document == old.replace("1 + 1", "2")


@pytest.mark.parametrize(
    ("document", "name", "span", "why"),
    [
        ("def f():\n    return 1\n", "g", (0, 22), "`g` does not stand on these lines"),
        ("def f():\n    return 1\n", "f", (0, 8), "`f` does not stand on these lines"),
        ("def f():\n    return 1\n", "f", (0, 99), "the place is not in the file"),
        ("def f():\n    return 1\n", "f", (5, 5), "the place is not in the file"),
        ("def f():\n    return (\n", "f", (0, 22), "the file is no Python: line 2: '(' was never closed"),
        ("def f():\n    return '\0'\n", "f", (0, 25), "the file is no Python"),
        ("f = 1\n", "f", (0, 6), "`f` does not stand on these lines"),
    ],
)
def test_a_document_that_is_not_what_was_sent(document: str, name: str, span: tuple[int, int], why: str) -> None:
    result = checked(Meant(document, Span(*span), name), "def f():\n    return 2\n", FIX, analyser(), PATH)
    assert result.why.startswith(f"place: {why}")


# What was found.

FOUND = """import json


def read(text):
    items = json.loads(text)
    if items:
        value = items
    else:
        value = items
    return value
"""
BRANCHES = "    if items:\n        value = items\n    else:\n        value = items\n"
MENDED = own("read", FOUND).replace(BRANCHES, "    value = items\n")


def gone(rule: str, mark: str) -> Gone:
    at = FOUND.index(mark)
    return Gone(rule, Span(at, at + len(mark)))


def mended(code: str, finding: Gone) -> Checked:
    return checked(meant("read", FOUND), code, FIX, analyser(), PATH, finding)


SAME = gone("identical-branches", "if items:")


def test_a_finding_that_is_gone() -> None:
    result = mended(MENDED, SAME)
    assert result.why == ""
    assert result.checks[-1].name == "finding"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (
            own("read", FOUND).replace("return value", "return value or None"),
            "finding: the finding is still there: both",
        ),
        (
            own("read", FOUND).replace("if items:", "if items:  # coding-agent: allow identical-branches"),
            "comments: it ",
        ),
        (MENDED.replace("    return", BRANCHES + "    return"), "finding: the finding is still there"),
        (own("read", FOUND).replace("    return", BRANCHES + "    return"), "findings: it brings a finding: both"),
    ],
    ids=["left", "hidden", "moved", "doubled"],
)
def test_a_finding_that_is_not_gone(code: str, why: str) -> None:
    assert mended(code, SAME).why.startswith(why)


@pytest.mark.parametrize(
    ("finding", "why"),
    [
        (gone("identical-branches", "import json"), "[identical-branches] was not found at that place"),
        (gone("already-exists", "if items"), "whether [already-exists] is gone cannot be seen here"),
        (gone("no-such-rule", "if items"), "whether [no-such-rule] is gone cannot be seen here"),
    ],
)
def test_a_finding_that_cannot_be_seen(finding: Gone, why: str) -> None:
    assert mended(MENDED, finding).why == f"finding: {why}"


def test_what_is_proved_is_said() -> None:
    code = own("shown").replace("if text:", "if not text:\n        pass\n    else:")
    result = answered(Case("turned round", "shown", code, REFACTOR))
    assert (result.why, result.proved) == ("", True)
    assert result.checks[-1].detail == "shown by proof to do the same in the same order"
    other = answered(Case("joined", "shown", GOOD[8].code, REFACTOR))
    assert (other.why, other.proved) == ("", False)
    assert "tests or runs have to show" in other.checks[-1].detail


# Modules that are known, and star imports.


def test_of_a_module_that_is_not_known_nothing_can_be_begun() -> None:
    case = next(each for each in GOOD if each.title == "a function of the project")
    asked = meant(case.base)
    alone = Meant(asked.document, asked.span, asked.name)
    result = checked(alone, case.code, case.purpose, analyser(), PATH)
    assert result.why == "effects: it begins to use `shop.words.slugged`, and nobody knows what that does"


def test_a_module_that_the_project_imports_may_be_imported() -> None:
    asked = meant("unique")
    code = "def unique(values):\n    import numpy as np\n\n    return np.unique(values).tolist()\n"
    assert (
        checked(asked, code, OPTIMISE, analyser(), PATH).why
        == "effects: it imports `numpy`; importing a module runs it"
    )
    known = Meant(asked.document, asked.span, asked.name, imported=frozenset({"numpy"}))
    assert checked(known, code, OPTIMISE, analyser(), PATH).why == ""


def test_names_of_a_star_import_are_taken_for_granted_but_nobody_knows_what_they_do() -> None:
    document = "from os import *\n\n\ndef f(x):\n    return getcwd() + x\n"
    same = checked(meant("f", document), "def f(x):\n    return x + getcwd()\n", REFACTOR, analyser(), PATH)
    assert same.why == ""
    more = checked(meant("f", document), "def f(x):\n    system(x)\n    return getcwd()\n", REFACTOR, analyser(), PATH)
    bindings = next(check for check in more.checks if check.name == "bindings")
    assert (bindings.passed, bindings.detail) == (True, "`system` is taken to come from a star import")
    assert more.why == "effects: it begins to use `system`, and nobody knows what that does"


# Whatever comes.

_PIECES = [
    *(lines for _, lines, _ in INJECTED),
    *(case.code for case in (*WHOLE, *GOOD)),
    "\n",
    "    ",
    "\t",
    "\r\n",
    "\\",
    '"""',
    "#",
]


def mangled(seed: int) -> tuple[str, str, Purpose]:
    """An answer made of another one: parts lost, doubled, exchanged, with others between them."""
    chance = random.Random(seed)
    base = chance.choice(BASES)
    code = own(base)
    for _ in range(chance.choice((1, 1, 2, 5))):
        start = chance.randrange(len(code) + 1)
        stop = min(len(code), start + chance.choice((0, 0, 1, 5, 30)))
        code = code[:start] + chance.choice(("", chance.choice(_PIECES), code[stop : stop + 9])) + code[stop:]
    return base, code, chance.choice([*Purpose])


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_whatever_is_offered_holds(seed: int) -> None:
    base, code, purpose = mangled(seed)
    asked = meant(base)
    result = checked(asked, code, purpose, analyser(), PATH)
    assert result.passed is bool(result.edits)
    if result.passed:
        assert_holds(result, asked)


@settings(max_examples=100)
@given(
    st.text(st.characters(codec=None) | st.sampled_from("\n\t\r\x0c\ud800\u202e\"'\\`:()#"), max_size=60),
    st.sampled_from(BASES),
)
def test_no_text_is_too_odd(code: str, base: str) -> None:
    for purpose in Purpose:
        assert not checked(meant(base), code, purpose, analyser(), PATH).passed


# Docstrings.


def documented(name: str, text: str, document: str = SHOP) -> Checked:
    return docstring_edit(meant(name, document), text, analyser(), PATH)


F, ONE = "def f():\n", "    return 1\n"


@pytest.mark.parametrize(
    ("document", "text", "after"),
    [
        (F + ONE, "Say one.", F + '    """Say one."""\n' + ONE),
        (F + '    """Old."""\n' + ONE, "New.\n\nMore.", F + '    """New.\n\n    More.\n    """\n' + ONE),
        (F + '    ("Old.")\n' + ONE, "New.", F + '    """New."""\n' + ONE),
        (F + '    "Old." "er"; return 1\n', "New.", F + '    """New."""; return 1\n'),
        ("def f(): return 1\n", "One.", F + '    """One."""\n' + ONE),
        ("def f(): 'Old.'\n", "New.", F + '    """New."""\n'),
        ("def f():\r\n\treturn 1\r\n", "A.\nB.", 'def f():\r\n\t"""A.\r\n\tB.\r\n\t"""\r\n\treturn 1\r\n'),
        ("class f:\n    x = 1\n", "A class.", 'class f:\n    """A class."""\n\n    x = 1\n'),
        (F + "    # why\n" + ONE, "One.", F + '    # why\n    """One."""\n' + ONE),
        (F + "    @g\n    def h(): pass\n", "One.", F + '    """One."""\n    @g\n    def h(): pass\n'),
        (F + ONE, 'Say "no".', F + '    """Say "no"."""\n' + ONE),
        (F + ONE, 'Say "no"', F + '    """Say "no\\""""\n' + ONE),
        (F + ONE, 'A """ B', F + '    """A \\"\\"\\" B"""\n' + ONE),
        (F + ONE, r"A \d", F + '    r"""A \\d"""\n' + ONE),
        (F + ONE, "A \\", F + '    """A \\\\"""\n' + ONE),
        (F + ONE, "A\0B \ud800 \u202e", F + '    """A\\x00B \\ud800 \\u202e"""\n' + ONE),
        (F + ONE, "  A.\n\n      B.\n    C.  \n\n", F + '    """A.\n\n      B.\n    C.\n    """\n' + ONE),
    ],
)  # fmt: skip
def test_a_docstring(document: str, text: str, after: str) -> None:
    result = docstring_edit(Meant(document, Span(0, len(document)), "f"), text, analyser(), PATH)
    assert (result.why, result.document) == ("", after)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "text: there is no text"),
        (" \n\t\n", "text: there is no text"),
        (
            "Add up what is in it.\n\nPrices that are not known count nothing.",
            "change: it says what the docstring says already",
        ),
        ("Add.\n\n>>> import os", "examples: it has an example that doctest would run: >>> import os"),
        ("Add.  # noqa", "comments: it has what tools take for a comment to them: # noqa"),
        ("Add.\n# type: ignore", "comments: it has what tools take for a comment to them: # type: ignore"),
        ("x" * 9_000, "size: it has 9000 characters"),
    ],
)
def test_a_docstring_that_is_refused(text: str, why: str) -> None:
    result = documented("Cart.total", text)
    assert (result.why[: len(why)], result.edits) == (why, ())


def test_a_docstring_has_no_place_behind_a_joined_line() -> None:
    document = "def f(): \\\n    return 1\n"
    result = docstring_edit(Meant(document, Span(0, len(document)), "f"), "One.", analyser(), PATH)
    assert result.why.startswith("code: a docstring cannot be put there")


@settings(max_examples=200)
@given(
    st.text(st.characters(codec=None) | st.sampled_from("\n\t\r\x0c\0\ud800\u202e\"'\\ #>"), min_size=1, max_size=40),
    st.sampled_from(("shown", "Cart.total", "Cart", "Cart.ask", "outer")),
)
def test_a_docstring_is_only_a_docstring(text: str, name: str) -> None:
    asked = meant(name)
    result = docstring_edit(asked, text, analyser(), PATH)
    if not result.passed:
        assert first_failing(result) in {"text", "comments", "examples", "change"}
        return
    assert_holds(result, asked)
    old, new = _without_docstrings(SHOP, name), _without_docstrings(result.document, name)
    assert old[0] == new[0]
    plain = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    assert cleandoc(new[1]).split() == plain.split()


def _without_docstrings(text: str, name: str) -> tuple[str, str]:
    """The document without one docstring, and that."""
    tree = ast.parse(text)
    body, node = tree.body, None
    for part in name.split("."):
        node = next(each for each in body if getattr(each, "name", "") == part)
        body = node.body
    said = ast.get_docstring(node, clean=False) or ""
    if said:
        del body[0]
    return ast.dump(tree), said


def test_the_good_cases_are_about_what_they_say() -> None:
    assert TOTAL.startswith("def total")
