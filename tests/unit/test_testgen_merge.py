"""Tests are added to a file that exists: what was there stays as it was."""

import ast

import pytest

from coding_agent.testgen import merge
from coding_agent.testgen.imports import parsed
from coding_agent.testgen.style import Style

OWN = Style(own=frozenset({"shop"}))
FILE = '''"""Of the cart."""
# first of all
import os

import pytest
from shop.cart import Cart, pay  # two


def test_cart( ):
    assert Cart( )   # kept


class TestMore: ...
'''


def added(
    text: str, *imports: str, functions: tuple[str, ...] = ("def test_new():\n    pass",), top: tuple[str, ...] = ()
) -> str:
    there = merge.existing(text)
    assert there is not None
    return merge.merged(there, parsed(imports), top, functions, OWN)


def test_what_was_there_stays() -> None:
    text = added(FILE, "import asyncio", "import pytest", "import requests", "from shop.cart import Cart")
    assert (
        text
        == FILE.replace("import os\n", "import asyncio\nimport os\n").replace(
            "import pytest\n", "import pytest\nimport requests\n"
        )
        + "\n\ndef test_new():\n    pass\n"
    )


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ("from shop.cart import Cart\n", "from shop.cart import add", "from shop.cart import Cart, add\n"),
        ("import os\n", "from shop.cart import add", "import os\n\nfrom shop.cart import add\n"),
        ("from shop.cart import Cart\n", "import os", "import os\n\nfrom shop.cart import Cart\n"),
        ("import pytest\n", "import asyncio", "import asyncio\n\nimport pytest\n"),
        ('"""Doc."""\n', "import os", '"""Doc."""\n\nimport os\n'),
        ("from os import path\n", "import sys", "import sys\nfrom os import path\n"),
        ("import os\n", "import os", "import os\n"),
        ("import os\n\nimport shop\n", "import shop.cart", "import os\n\nimport shop\nimport shop.cart\n"),
        ("import os\n\nimport shop\n", "import shap", "import os\n\nimport shap\n\nimport shop\n"),
        ("import os\n\nfrom shop import pay\n", "import shop", "import os\n\nimport shop\nfrom shop import pay\n"),
        ("import os\n\n# its\nimport shop\n", "import shop.a", "import os\n\n# its\nimport shop\nimport shop.a\n"),
        ("import os\n\n# its\nimport shop.a\n", "import shop", "import os\n\nimport shop\n# its\nimport shop.a\n"),
    ],
)  # fmt: skip
def test_imports_go_to_their_place(before: str, line: str, after: str) -> None:
    assert added(before, line) == after + "\n\ndef test_new():\n    pass\n"


def test_sections_stay_together_whatever_is_added_first() -> None:
    new = ["import datetime", "from decimal import Decimal", "import pytest", "from django.http import Http404",
           "from shop.cart import add", "from shop.a import b"]  # fmt: skip
    text = added("from django.test import TestCase\n\n# Tests.\n", *new, functions=())
    assert (
        text
        == """import datetime
from decimal import Decimal

import pytest
from django.http import Http404
from django.test import TestCase

from shop.a import b
from shop.cart import add

# Tests.
"""
    )


def test_line_ends_are_kept() -> None:
    text = added(FILE.replace("\n", "\r\n"), "import asyncio")
    assert "\n" not in text.replace("\r\n", "")


def test_an_empty_file_is_filled() -> None:
    assert added("") == "def test_new():\n    pass\n"


def test_a_helper_that_is_there_is_not_added_again() -> None:
    helper = "async def collect(items):\n    return [item async for item in items]"
    once = added(FILE, top=(helper,))
    assert once.count("def collect") == 1
    assert added(once, top=(helper,), functions=("def test_other():\n    pass",)).count("def collect") == 1


def test_clashes_are_told() -> None:
    there = merge.existing("from other import parse\n\n\ndef helper(): ...\n")
    assert there is not None
    wanted = parsed(["from shop.cart import parse", "from shop.cart import helper", "from shop.cart import Cart"])
    assert [each.name for each in merge.clashes(there, wanted)] == ["parse", "helper"]


def test_what_is_no_python_is_not_added_to() -> None:
    assert merge.existing("def (:\n") is None


def test_the_result_parses_whatever_the_file_has() -> None:
    text = added(
        '# only a comment\n\nif True:\n    import os\n\nVALUE = """\nimport no\n"""\n', "import os", "import sys"
    )
    assert ast.parse(text)
    assert text.count("import sys") == 1


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (
            "import sys\n\nsys.path.insert(0, 'src')\n\nfrom shop import parse\n",
            "from cart import add",
            "import sys\n\nsys.path.insert(0, 'src')\n\nfrom cart import add\n\nfrom shop import parse\n",
        ),
        (
            "import sys\n\nsys.path.insert(0, 'src')\n",
            "from shop.cart import add",
            "import sys\n\nsys.path.insert(0, 'src')\n\nfrom shop.cart import add\n",
        ),
        (
            "import pytest\n\nnumpy = pytest.importorskip('numpy')\nLIMIT = 3\n",
            "from shop.cart import add",
            "import pytest\n\nnumpy = pytest.importorskip('numpy')\n\nfrom shop.cart import add\n\n\nLIMIT = 3\n",
        ),
        (
            "import django\nfrom django.test import Client\n\ndjango.setup()\nfrom shop.cart import Cart\n",
            "from shop.cart import add",
            "import django\nfrom django.test import Client\n\ndjango.setup()\nfrom shop.cart import Cart, add\n",
        ),
        (
            "try:\n    import fast\nexcept OSError:\n    pass\nfrom shop.cart import Cart\n",
            "import requests",
            "try:\n    import fast\nexcept OSError:\n    pass\nimport requests\n\nfrom shop.cart import Cart\n",
        ),
    ],
    ids=["before an import", "behind all", "importorskip", "django", "try"],
)
def test_imports_stand_behind_what_they_may_need(before: str, line: str, after: str) -> None:
    assert added(before, line) == after + "\n\ndef test_new():\n    pass\n"


def test_tests_stand_above_the_main_guard() -> None:
    before = "import unittest\n\n\ndef test_old():\n    pass\n"
    guard = '# run\nif __name__ == "__main__":\n    unittest.main()\n'
    assert added(f"{before}\n\n{guard}") == f"{before}\n\ndef test_new():\n    pass\n\n\n{guard}"
