"""What is added to a test file never binds a name of it anew."""

import ast

import pytest

from coding_agent.testgen import merge
from coding_agent.testgen.apart import Parts, apart
from coding_agent.testgen.imports import parsed
from coding_agent.testgen.style import Style

CALL = "def test_new():\n    assert parse(text=1) == {'parse': parse}"


def merged(before: str, *imports: str, top: tuple[str, ...] = (), functions: tuple[str, ...] = (CALL,)) -> str:
    there = merge.existing(before)
    assert there is not None
    new = apart(there, Parts(tuple(parsed(imports)), top, functions))
    return merge.merged(there, new.imports, new.top, new.functions, Style())


def bound(text: str) -> list[str]:
    """Names in the order in which the top binds them."""
    found: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found += [each.asname or each.name for each in node.names]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
    return found


@pytest.mark.parametrize(
    "before",
    [
        "from other import parse\n",
        "import parse\n",
        "def parse(): ...\n",
        "class parse: ...\n",
        "parse = 1\n",
        "try:\n    from other import parse\nexcept ImportError:\n    parse = None\n",
    ],
)
def test_an_import_is_qualified_where_its_name_is_taken(before: str) -> None:
    text = merged(before, "from shop.cart import parse")
    assert "from shop.cart import parse as cart_parse\n" in text
    assert "    assert cart_parse(text=1) == {'parse': cart_parse}\n" in text
    assert before in text


def test_what_means_the_same_is_used_as_it_is() -> None:
    text = merged("from shop.cart import parse\n", "from shop.cart import parse")
    assert text == f"from shop.cart import parse\n\n\n{CALL}\n"


def test_a_module_is_qualified_too() -> None:
    text = merged("shop = 1\n", "import shop.cart", functions=("def test_new():\n    assert shop.cart.parse(1)",))
    assert "import shop.cart as cart_module\n" in text
    assert "assert cart_module.parse(1)" in text


def test_a_name_of_the_function_itself_stays() -> None:
    text = merged("parse = 1\n", "from shop.cart import parse", functions=("def test_new(parse):\n    assert parse",))
    assert "def test_new(parse):\n    assert parse\n" in text


def test_a_helper_and_a_class_that_mean_something_else_get_other_names() -> None:
    before = "def collect(a, b): ...\n\n\nclass TestCart: ...\n"
    helper = "async def collect(items):\n    return [item async for item in items]"
    case = "class TestCart:\n    def test_new(self):\n        assert collect(1)"
    text = merged(before, top=(helper,), functions=(case,))
    assert bound(text) == ["collect", "TestCart", "collect_too", "TestCartMore"]
    assert "assert collect_too(1)" in text
    again = merged(text, top=(helper,), functions=(case,))
    assert len(set(bound(again))) == len(bound(again))


def test_names_in_f_strings_and_behind_wide_characters_are_found() -> None:
    function = "def test_new():\n    assert f'é{parse(1)}' + 'é', parse(2)"
    text = merged("parse = 1\n", "from shop.cart import parse", functions=(function,))
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert names == {"parse", "cart_parse"}
    assert text.count("cart_parse") == 3
