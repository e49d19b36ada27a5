"""The files that candidates become: what a reader sees, and what linter and formatter say of it."""

import ast
import os
import subprocess
import sys
import unittest
from pathlib import Path

import pytest

from coding_agent.testgen.cases import as_case
from coding_agent.testgen.inside.model import Candidate, Check, Patch
from coding_agent.testgen.style import Coroutines, Style
from coding_agent.testgen.write import write
from support.candidates import candidate, text_of

PARAMETERS = {
    "parse": ("text", "strict"),
    "is_even": ("number",),
    "Cart": ("owner", "limit"),
    "Cart.add": ("name", "price"),
    "Cart.get": ("name", "default"),
}
RUFF = Path(sys.executable).with_name("ruff")


def many() -> list[Candidate]:
    """Something of each kind."""
    cart = "cart = Cart('me', limit=2)"
    long = repr({f"key {number}": "a value that is long" for number in range(6)})
    return [
        candidate("parse", "parse", "'1,2'", equal="[1, 2]"),
        candidate("parse", "parse", "'7'", equal="[7]"),
        candidate("parse", "parse", "''", raises=("ValueError", r"nothing\ to\ parse")),
        candidate("parse", "parse", "'x'", raises=("ValueError", "not a number: x")),
        candidate("parse", "parse", "'1'", ("strict", "True"), equal="[1]"),
        candidate("parse", "parse", repr("a, " * 60), equal=long),
        candidate("is_even", "is_even", "2", equal="True"),
        candidate("is_even", "is_even", "0", equal="True"),
        candidate("is_even", "is_even", "-3", equal="False"),
        candidate("is_even", "is_even", "7", equal="False"),
        candidate("Cart.add", "cart.add", "'pen'", "1.5", arrange=[cart], equal="None",
                  checks=[Check("equal", "cart.total", "1.5")]),
        candidate("Cart.add", "cart.add", "'ink'", "3", arrange=[cart, "cart.add('pen', 1.5)"],
                  raises=("OverflowError", "full")),
        candidate("Cart.get", "cart.get", "'ink'", ("default", "0"), arrange=[cart], equal="0"),
        candidate("Cart.owner", "cart.owner", arrange=[cart], kind="get", equal="'me'"),
        candidate("Cart.__lt__", "cart < 3", arrange=[cart], kind="expr", raises=("TypeError", "cannot compare")),
        candidate("Cart.__eq__", "cart == ()", arrange=[cart], kind="expr", equal="False"),
        candidate("show", "show", fixtures=["capsys"],
                  checks=[Check("prints", "capsys.readouterr().out", "'hello\\n'")]),
        candidate("fetch", "fetch", "'u'", kind="await", equal="b'x'"),
        candidate("pages", "pages", "[1, 2]", kind="alist", equal="[1, 2]"),
        candidate("load", "load", patches=[Patch("cart.time", "time", "lambda: 3")], equal="3",
                  imports=["from shop import cart", "from shop.cart import load"]),
        candidate("count", "count", "2", kind="islice", equal="[2, 3]"),
    ]  # fmt: skip


def test_cases_of_one_shape_are_a_table() -> None:
    text = text_of(
        candidate("parse", "parse", "'1,2'", equal="[1, 2]"),
        candidate("parse", "parse", "''", equal="[]"),
        parameters=PARAMETERS,
    )
    assert text == (
        "import pytest\n"
        "from shop.cart import parse\n\n\n"
        "@pytest.mark.parametrize(\n"
        '    ("text", "expected"),\n'
        "    [\n"
        '        pytest.param("1,2", [1, 2], id="1,2"),\n'
        '        pytest.param("", [], id="empty string"),\n'
        "    ],\n"
        ")\n"
        "def test_parse(text, expected):\n"
        "    assert parse(text) == expected\n"
    )


def test_what_is_raised_is_a_table_of_messages() -> None:
    text = text_of(
        candidate("parse", "parse", "''", raises=("ValueError", r"empty\.")),
        candidate("parse", "parse", "'x'", raises=("ValueError", "not a number")),
        parameters=PARAMETERS,
    )
    assert 'pytest.param("", r"empty\\.", id="empty string"),' in text
    assert text.endswith(
        "def test_parse_rejects_invalid_text(text, message):\n"
        "    with pytest.raises(ValueError, match=message):\n"
        "        parse(text)\n"
    )


def test_truths_are_told_apart() -> None:
    text = text_of(*(each for each in many() if each.target == "is_even"), parameters=PARAMETERS)
    assert "def test_is_even_accepts(number):\n    assert is_even(number) is True\n" in text
    assert "def test_is_even_rejects(number):\n    assert is_even(number) is False\n" in text
    assert 'pytest.param(-3, id="-3")' in text


def test_a_refusal_is_named_after_what_is_wrong_with_which_parameter() -> None:
    parameters = {"book": ("name", "seats", "share")}
    wrong = [
        candidate("book", "book", "''", raises=("ValueError", "name is empty")),
        candidate("book", "book", "'Ada'", "-2", raises=("RuntimeError", "so few seats")),
        candidate("book", "book", "'Ada'", "900", ("share", "0.5"), raises=("OverflowError", "too many seats")),
        candidate("book", "book", "'Ada'", "2", "-0.5", raises=("ValueError", "share must be positive")),
        candidate("book", "book", "'Bob'", "3", "7.5", raises=("ValueError", "share must be at most one")),
    ]
    text = text_of(*wrong, parameters=parameters)

    assert [line for line in text.splitlines() if line.startswith("def ")] == [
        "def test_book_rejects_invalid_share(name, seats, share, message):",
        "def test_book_rejects_empty_name():",
        "def test_book_rejects_negative_seats():",
        "def test_book_rejects_seats_nine_hundred():",
    ]


def test_rows_too_long_to_be_told_are_told_by_what_differs() -> None:
    def hits(hour: int, path: str = "'a path'") -> str:
        hit = f"Hit('8.8.8.8', datetime.datetime(2024, 1, 15, {hour}), {path}, 'GET', 200)"
        return f"[Hit('127.0.0.1', datetime.datetime(2024, 1, 15, 8), 'a path', 'GET', 200), {hit}]"

    text = text_of(
        candidate("sessions", "sessions", hits(9), equal="1"),
        candidate("sessions", "sessions", hits(11).replace("2024", "1"), equal="2"),
        candidate("sessions", "sessions", "[]", equal="0"),
        parameters={"sessions": ("hits",)},
    )
    assert [part.partition('"')[0] for part in text.split('id="')[1:]] == [
        "two items, 2024-01-15 08:00",
        "two items, 0001-01-15 08:00",
        "empty list",
    ]


def test_a_name_that_is_too_long_ends_with_a_whole_phrase() -> None:
    target = "measure_all_of_the_cells_that_there_are_in_a_grid"
    cases = [
        candidate(target, target, "[1.25, 7.5]", equal="1"),
        candidate(target, target, "[1.25, 7.5]", equal="1", arrange=["grid = Grid()"]),
        candidate(target, target, "'words that go on and never end'", equal="1", arrange=["grid = Grid(1)"]),
    ]
    text = text_of(*cases, parameters={target: ("cells", "more")})
    named = [line.partition("_in_a_grid_")[2] for line in text.splitlines() if line.startswith("def ")]
    assert named == ["returns_one():", "returns_one_for_grid():", "returns_one_for_words():"]


def test_a_function_may_be_called_by_a_word_that_links() -> None:
    text = text_of(
        candidate("Level.of", "Level.of", "500", equal="Level.SERVER"),
        candidate("Level.of", "Level.of", "400", equal="Level.CLIENT"),
        parameters={"Level.of": ("status",)},
    )
    assert "def test_of(status, expected):" in text


def test_a_case_with_a_state_is_arranged_done_and_judged() -> None:
    text = text_of(
        candidate(
            "Cart.add",
            "cart.add",
            "'pen'",
            "1.5",
            arrange=["cart = Cart('me')"],
            checks=[Check("equal", "cart.total", "1.5"), Check("equal", "len(cart)", "1")],
        ),
        parameters=PARAMETERS,
    )
    assert text == (
        "from shop.cart import Cart\n\n\n"
        "def test_add_sets_total_for_price_one_point_five():\n"
        '    cart = Cart("me")\n\n'
        '    cart.add("pen", 1.5)\n\n'
        "    assert cart.total == 1.5\n"
        "    assert len(cart) == 1\n"
    )


def test_objects_that_differ_by_an_argument_share_a_table() -> None:
    text = text_of(
        *(
            candidate("Cart.full", "cart.full", arrange=[f"cart = Cart('me', limit={limit})"], equal=str(limit == 0))
            for limit in (0, 3, 4)
        ),
        parameters=PARAMETERS,
    )
    assert '("limit", "expected")' in text
    assert 'cart = Cart("me", limit=limit)' in text
    assert text.count("def test_") == 1


def test_an_iterator_is_made_in_the_test() -> None:
    text = text_of(
        candidate("total", "total", "iter([1, 2])", equal="3"),
        candidate("total", "total", "iter([])", equal="0"),
    )
    assert "assert total(iter([1, 2])) == 3" in text
    assert "parametrize" not in text


def test_a_name_of_ours_never_hides_what_the_test_reads() -> None:
    text = text_of(
        candidate(
            "cart", "cart.add", "1", arrange=["cart = cart(3)"], equal="4", imports=["from shop.cart import cart"]
        )
    )
    assert "own_cart = cart(3)\n\n    result = own_cart.add(1)" in text


def test_patches_name_the_module_they_change() -> None:
    text = text_of(
        candidate(
            "load",
            "load",
            patches=[Patch("cart.time", "time", "lambda: 3")],
            fixtures=["monkeypatch"],
            equal="3",
            imports=["from shop.cart import load"],
        )
    )
    assert "from shop import cart\n" in text
    assert 'def test_load_returns_three(monkeypatch):\n    monkeypatch.setattr(cart.time, "time", lambda: 3)\n' in text


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), "assert asyncio.run(fetch()) == 1"),
        (Style(coroutines=Coroutines.AUTO), "async def test_fetch_returns_one():\n    assert await fetch() == 1"),
        (Style(coroutines=Coroutines.ASYNCIO), "@pytest.mark.asyncio\nasync def test_fetch_returns_one():"),
        (Style(coroutines=Coroutines.ANYIO), "@pytest.mark.anyio\nasync def"),
        (Style(quote="'"), "import asyncio\n"),
    ],
)
def test_coroutines_are_run_as_the_project_does(style: Style, expected: str) -> None:
    assert expected in text_of(candidate("fetch", "fetch", kind="await", equal="1"), style=style)


def test_no_two_tests_have_one_name_and_none_ends_in_a_number() -> None:
    cases = [candidate("f", "f", str(number), equal=str(number), arrange=[f"# {number}"][:0]) for number in (1, 2)]
    cases += [candidate("f", "f", str(number), str(number), equal="9") for number in range(30)]
    cases += [candidate("f", "f", f"open('{number}')", equal="9") for number in range(30)]
    done = write(cases, {}, Style())
    names = [test.name for test in done.tests]
    assert len(set(names)) == len(names)
    assert not [name for name in names if name[-1].isdigit()]
    assert sum(len(test.cases) for test in done.tests) + len(done.nameless) == len(cases)


def test_names_that_exist_are_left_alone() -> None:
    case = candidate("parse", "parse", "'7'", equal="[7]")
    first = write([case], PARAMETERS, Style()).tests[0].name
    assert write([case], PARAMETERS, Style(), [first]).tests[0].name != first


@pytest.mark.parametrize(
    "style",
    [Style(), Style(width=60), Style(width=120, quote="'"), Style(coroutines=Coroutines.AUTO), Style(unittest=True)],
    ids=["default", "narrow", "wide, single quotes", "async tests", "unittest"],
)
def test_formatter_and_linter_have_nothing_to_say(tmp_path: Path, style: Style) -> None:
    if not RUFF.exists():
        pytest.skip(f"ruff is not beside {sys.executable}")
    cases = [case for each in many() if (case := as_case(each) if style.unittest else each) is not None]
    path = tmp_path / "test_cart.py"
    path.write_text(write(cases, PARAMETERS, style).text)
    common = ["--isolated", "--no-cache", "--line-length", str(style.width)]
    quotes = "single" if style.quote == "'" else "double"
    form = subprocess.run(
        [RUFF, "format", "--diff", *common, "--config", f"format.quote-style='{quotes}'", path],
        capture_output=True,
        text=True,
    )
    assert form.stdout == ""
    rules = "E,F,W,B,I" if style.unittest else "E,F,W,B,PT,I"
    lint = subprocess.run([RUFF, "check", "--select", rules, *common, path], capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout


def test_a_unittest_project_gets_methods() -> None:
    text = text_of(
        *(each for each in many() if each.target in ("parse", "is_even")),
        parameters=PARAMETERS,
        style=Style(unittest=True),
    )
    tree = ast.parse(text)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [ast.unparse(base) for base in classes[0].bases] == ["unittest.TestCase"]
    assert "import pytest" not in text
    assert "with self.subTest(text=text):" in text
    assert "self.assertRaisesRegex(ValueError, message)" in text


POINT = "class Point:\n    x = 1\n\n    def twice(self):\n        return 2 * self.x"


def test_classes_that_tests_bring_along_stand_at_the_top() -> None:
    text = text_of(
        candidate("f", "f", "Point()", arrange=[POINT], equal="1"),
        candidate("g", "g", "point", arrange=[POINT, "point = Point()"], equal="2"),
        candidate("g", "g", "point", arrange=[POINT.replace("= 1", "= 3"), "point = Point()"], equal="3"),
    )
    assert text.count("\n\n\nclass Point:\n    x = 1\n\n    def twice(self):\n        return 2 * self.x\n\n\n") == 1
    assert text.count("    class Point:\n        x = 3\n") == 1


def test_what_nothing_reads_is_left_out() -> None:
    text = text_of(
        candidate("f", "f", "{'a': 1, 'b': 2, 'a': 3}", arrange=["spare = 3", "other = len('x')"], equal="1")
    )
    assert "spare" not in text
    assert '    len("x")\n' in text
    assert 'f({"b": 2, "a": 3})' in text


def test_rows_that_differ_in_too_much_are_several_tables() -> None:
    names = ("a", "b", "c", "d", "e", "f")
    rows = [candidate("f", "f", *((name, str(row)) for name in names), equal=str(row)) for row in range(4)]
    rows += [
        candidate("f", "f", *((name, "9") for name in names[:-1]), ("f", str(row)), equal=str(row)) for row in range(4)
    ]
    tables = write(rows, {}, Style()).tests
    assert max(len(test.columns) for test in tables) <= 5
    assert sum(len(test.cases) for test in tables) == 8
    assert max(len(test.cases) for test in tables) >= 4


def test_an_answer_that_is_too_long_for_its_line_has_a_name() -> None:
    answer = "Answer(headers={'content-type': 'application/json'}, status=200, body='a rather long text')"
    text = text_of(candidate("f", "f", equal="1", patches=[Patch("web", "get", f"lambda *args: {answer}")]))
    assert "    answer = Answer(\n" in text
    assert 'monkeypatch.setattr(web, "get", lambda *args: answer)' in text


def test_what_is_not_in_something_is_said_so() -> None:
    text = text_of(
        candidate("Cart.__contains__", "'pen' in cart", arrange=["cart = Cart('me')"], kind="expr", equal="False")
    )
    assert 'assert "pen" not in cart\n' in text


def test_a_message_that_is_one_word_is_a_text() -> None:
    alone = text_of(candidate("f", "f", "1", raises=("ValueError", "message")))
    assert 'pytest.raises(ValueError, match="message")' in alone
    table = text_of(*(candidate("f", "f", word, raises=("ValueError", word)) for word in ("one", "two")))
    assert "pytest.raises(ValueError, match=message)" in table
    same = text_of(*(candidate("f", "f", word, raises=("ValueError", "value")) for word in ("one", "two")))
    assert 'match="value"' in same


def test_brackets_of_an_operand_are_kept() -> None:
    both = [
        candidate(
            "M.__mul__", f"M({one}) * (M(2) + M(3))", kind="expr", equal=f"M({5 * one})", imports=["from m import M"]
        )
        for one in (1, 2)
    ]
    assert "M(1) * (M(2) + M(3))" in text_of(*both)


UNITTEST = Style(unittest=True)


def test_methods_do_without_what_only_pytest_has() -> None:
    printed = Check("prints", "capsys.readouterr().out", "'x'")
    kept = as_case(candidate("f", "f", equal="1", checks=[printed], fixtures=["capsys"]))
    assert kept is not None
    assert "self.assertEqual(f(), 1)" in text_of(kept, style=UNITTEST)
    assert as_case(candidate("f", "f", checks=[printed], fixtures=["capsys"])) is None
    assert as_case(candidate("f", "f", "shop", equal="1", fixtures=["shop"])) is None


def test_methods_have_folders_of_their_own_that_are_gone_behind_them(tmp_path: Path) -> None:
    module = "import os, pathlib\n\ndef note():\n    pathlib.Path('note').write_text('x')\n    return os.listdir()\n"
    case = candidate(
        "note", "note", equal="['note']", imports=["from notes import note"],
        patches=[Patch("", "", "tmp_path", "chdir")], fixtures=["tmp_path"],
        checks=[Check("file", "(tmp_path / 'note').read_text()", "'x'")],
    )  # fmt: skip
    kept = as_case(case)
    assert kept is not None
    (tmp_path / "notes.py").write_text(module)
    (tmp_path / "test_notes.py").write_text(text_of(kept, style=UNITTEST))

    ran = subprocess.run(
        [sys.executable, "-m", "unittest", "-v"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert "Ran 1 test" in ran.stderr
    assert "ResourceWarning" not in ran.stderr
    assert not (tmp_path / "note").exists()


def test_methods_compare_as_closely_as_functions_do() -> None:
    text = text_of(
        candidate("f", "f", checks=[Check("approx", "result", "3e-09")]),
        candidate("g", "g", checks=[Check("approx", "result", "2.5e+20")]),
        candidate("h", "h", equal="True"),
        style=UNITTEST,
    )
    assert "self.assertAlmostEqual(f(), 3e-09, delta=1e-12)" in text
    assert "self.assertAlmostEqual(g(), 2.5e+20, delta=2e+14)" in text
    assert "self.assertIs(h(), True)" in text


def test_methods_take_a_variable_away() -> None:
    case = candidate("f", "f", equal="1", patches=[Patch("os.environ", "EDITOR", "", "delenv")])
    space: dict[str, object] = {}
    text = text_of(case, style=UNITTEST).replace(
        "from shop.cart import f\n", "def f(): return 'EDITOR' not in os.environ\n"
    )
    exec(text, space)
    os.environ["EDITOR"] = "vi"
    try:
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(space["TestF"]).run(result)  # type: ignore[arg-type]
        assert (result.testsRun, result.failures, result.errors) == (1, [], [])
        assert os.environ["EDITOR"] == "vi"
    finally:
        del os.environ["EDITOR"]


def test_methods_run_their_coroutines_themselves() -> None:
    case = candidate("go", "go", kind="await", equal="3")
    text = text_of(case, style=Style(unittest=True, coroutines=Coroutines.AUTO))
    assert ast.parse(text)
    assert "asyncio.run(go())" in text


def test_a_refusal_blames_an_argument_only_where_its_message_does() -> None:
    taken = candidate(
        "Order.add", "order.add", "'abc'", "0", "''",
        arrange=["order = Order('en')", "order.add('abc', 3, '42')"], raises=("ValueError", "abc is already in it"),
    )  # fmt: skip
    full = candidate(
        "Cache.put", "cache.put", "0", "None",
        arrange=["cache = Cache(1)", "cache.put(1, 2, pinned=True)"], raises=("Full", "all items are pinned"),
    )  # fmt: skip
    other = candidate("f", "f", "3", "4", raises=("ValueError", "there is no way"))
    price = candidate("g", "g", "3", "-4", raises=("ValueError", "price must not be negative"))
    parameters = {
        "Order.add": ("sku", "count", "unit_price"), "Cache.put": ("key", "value"),
        "f": ("a", "b"), "g": ("size", "unit_price"),
    }  # fmt: skip
    text = text_of(taken, full, other, price, parameters=parameters)

    assert [line for line in text.splitlines() if line.startswith("def ")] == [
        "def test_add_rejects_sku_abc_after_add():",
        "def test_put_rejects_when_all_items_are_pinned():",
        "def test_f_rejects_when_there_is_no_way():",
        "def test_g_rejects_negative_unit_price():",
    ]
