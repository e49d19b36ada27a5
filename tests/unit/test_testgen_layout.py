"""Where tests go: the project's own place for them."""

from pathlib import Path

import pytest

from coding_agent.errors import NoPlace
from coding_agent.testgen.layout import place_of
from coding_agent.testgen.modules import source_at
from coding_agent.testgen.style import Coroutines, style_of
from support.projects import project

IMPORT = "from shop.cart import Cart\n\n\ndef test_it():\n    pass\n"
OTHER = "def test_it():\n    pass\n"
SHOP = {"shop/__init__.py": "", "shop/cart.py": ""}


@pytest.mark.parametrize(
    ("files", "module", "expected", "exists"),
    [
        ({"shop/__init__.py": "", "shop/cart.py": ""}, "shop/cart.py", "tests/test_cart.py", False),
        ({"cart.py": ""}, "cart.py", "tests/test_cart.py", False),
        ({"cart.py": "", "test_other.py": OTHER, "other.py": ""}, "cart.py", "test_cart.py", False),
        (
            {"src/shop/__init__.py": "", "src/shop/cart.py": "", "tests/test_x.py": OTHER},
            "src/shop/cart.py",
            "tests/test_cart.py",
            False,
        ),
        ({**SHOP, "tests/test_cart.py": IMPORT}, "shop/cart.py", "tests/test_cart.py", True),
        ({**SHOP, "tests/cart_test.py": IMPORT}, "shop/cart.py", "tests/cart_test.py", True),
        (
            {"shop/__init__.py": "", "shop/cart.py": "", "shop/pay.py": "", "tests/unit/test_pay.py": OTHER},
            "shop/cart.py",
            "tests/unit/test_cart.py",
            False,
        ),
        (
            {"shop/__init__.py": "", "shop/web/__init__.py": "", "shop/web/cart.py": "", "shop/web/pay.py": "",
             "tests/web/test_pay.py": OTHER},
            "shop/web/cart.py",
            "tests/web/test_cart.py",
            False,
        ),
        (
            {"shop/__init__.py": "", "shop/web/__init__.py": "", "shop/web/cart.py": "", "shop/web/pay.py": "",
             "tests/shop/web/test_pay.py": OTHER, "tests/shop/__init__.py": ""},
            "shop/web/cart.py",
            "tests/shop/web/test_cart.py",
            False,
        ),
        (
            {"shop/__init__.py": "", "shop/cart.py": "", "shop/pay.py": "", "shop/pay_test.py": OTHER},
            "shop/cart.py",
            "shop/cart_test.py",
            False,
        ),
        (
            {"manage.py": "", "shop/__init__.py": "", "shop/apps.py": "", "shop/cart.py": "", "shop/tests.py": OTHER},
            "shop/cart.py",
            "shop/tests.py",
            True,
        ),
        (
            {**SHOP, "manage.py": "", "shop/models.py": "", "shop/tests/__init__.py": ""},
            "shop/cart.py",
            "shop/tests/test_cart.py",
            False,
        ),
        (
            {**SHOP, "bar/__init__.py": "", "bar/cart.py": "", "tests/a/test_cart.py": OTHER,
             "shop/x.py": "", "shop/y.py": "", "tests/test_x.py": OTHER, "tests/test_y.py": OTHER},
            "shop/cart.py",
            "tests/test_shop_cart.py",
            False,
        ),
        ({"shop/__init__.py": ""}, "shop/__init__.py", "tests/test_shop.py", False),
        (
            {"pkg/__init__.py": "", "pkg/b/__init__.py": "", "pkg/b/utils.py": "def f(): ...\n", "pkg/a.py": "",
             "tests/test_utils.py": "from pkg import a\n" + OTHER},
            "pkg/b/utils.py",
            "tests/test_b_utils.py",
            False,
        ),
        (
            {"pkg/__init__.py": "from pkg.utils import f\n", "pkg/utils.py": "def f(): ...\n",
             "tests/test_utils.py": "from pkg import f\n" + OTHER},
            "pkg/utils.py",
            "tests/test_utils.py",
            True,
        ),
        (
            {"manage.py": "", "shop/__init__.py": "", "shop/apps.py": "", "shop/cart.py": "", "shop/tests.py": "",
             "requirements.txt": "pytest-django\n"},
            "shop/cart.py",
            "shop/test_cart.py",
            False,
        ),
        (
            {**SHOP, "pytest.ini": "[pytest]\npython_files = check_*.py\ntestpaths = checks\n", "checks/README": ""},
            "shop/cart.py",
            "checks/check_cart.py",
            False,
        ),
    ],
    ids=["none yet", "single file", "flat", "src", "its own file", "suffix", "unit", "mirrored without the package",
         "mirrored with it", "beside", "django tests.py", "django tests/", "name that is taken", "package",
         "a stranger's file", "by the package", "pytest-django", "patterns and folders"],
)  # fmt: skip
def test_the_place_is_the_projects_own(
    tmp_path: Path, files: dict[str, str], module: str, expected: str, exists: bool
) -> None:
    root = project(tmp_path, files)
    place = place_of(source_at(root / module, root), root)
    assert (place.path.relative_to(root).as_posix(), place.exists) == (expected, exists)


def test_a_folder_that_was_named_wins(tmp_path: Path) -> None:
    root = project(tmp_path, {"shop/__init__.py": "", "shop/cart.py": "", "tests/test_cart.py": IMPORT})
    source = source_at(root / "shop/cart.py", root)
    assert place_of(source, root, tmp_path / "out").path == tmp_path / "out" / "test_cart.py"


def test_a_setting_names_the_folder_of_new_files_only(tmp_path: Path) -> None:
    root = project(
        tmp_path, {"shop/__init__.py": "", "shop/cart.py": "", "shop/pay.py": "", "tests/test_cart.py": IMPORT}
    )
    assert place_of(source_at(root / "shop/cart.py", root), root, folder="checks").path == root / "tests/test_cart.py"
    assert place_of(source_at(root / "shop/pay.py", root), root, folder="checks").path == root / "checks/test_pay.py"


@pytest.mark.parametrize(
    ("files", "module", "dotted", "root"),
    [
        ({"shop/__init__.py": "", "shop/cart.py": ""}, "shop/cart.py", "shop.cart", "."),
        ({"src/shop/__init__.py": "", "src/shop/cart.py": ""}, "src/shop/cart.py", "shop.cart", "src"),
        ({"cart.py": ""}, "cart.py", "cart", "."),
        ({"acme/shop/__init__.py": "", "acme/shop/cart.py": ""}, "acme/shop/cart.py", "acme.shop.cart", "."),
        (
            {"src/acme/shop/__init__.py": "", "src/acme/shop/cart.py": ""},
            "src/acme/shop/cart.py",
            "acme.shop.cart",
            "src",
        ),
        ({"shop/__init__.py": ""}, "shop/__init__.py", "shop", "."),
        (
            {"packages/foo/src/foo/__init__.py": "", "packages/foo/src/foo/x.py": ""},
            "packages/foo/src/foo/x.py", "foo.x", "packages/foo/src",
        ),
        (
            {"backend/app/__init__.py": "", "backend/app/main.py": "from app.db import get\n"},
            "backend/app/main.py", "app.main", "backend",
        ),
        (
            {"backend/app/__init__.py": "", "backend/app/main.py": "",
             "pytest.ini": "[pytest]\npythonpath = . backend\n"},
            "backend/app/main.py", "app.main", "backend",
        ),
        (
            {"libs/foo/pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["source"]\n',
             "libs/foo/source/foo/__init__.py": "", "libs/foo/source/foo/x.py": ""},
            "libs/foo/source/foo/x.py", "foo.x", "libs/foo/source",
        ),
        (
            {"libs/foo/setup.py": "", "libs/foo/foo/__init__.py": "", "libs/foo/foo/x.py": ""},
            "libs/foo/foo/x.py", "foo.x", "libs/foo",
        ),
        (
            {"code/shop/__init__.py": "", "code/shop/x.py": "", "setup.cfg": "[options]\npackage_dir =\n    = code\n"},
            "code/shop/x.py", "shop.x", "code",
        ),
    ],
    ids=["package", "src", "single file", "namespace", "namespace in src", "the package itself", "src below",
         "its own imports", "pythonpath", "where", "a project inside", "package_dir"],
)  # fmt: skip
def test_modules_are_named_as_they_are_imported(
    tmp_path: Path, files: dict[str, str], module: str, dotted: str, root: str
) -> None:
    project(tmp_path, files)
    source = source_at(tmp_path / module, tmp_path)
    assert (source.module, source.root) == (dotted, tmp_path / root)


@pytest.mark.parametrize(
    ("files", "width", "quote"),
    [
        ({}, 88, '"'),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n[tool.ruff.format]\nquote-style = 'single'\n"}, 100, "'"),
        ({"pyproject.toml": "[tool.black]\nline-length = 79\n"}, 79, '"'),
        ({"ruff.toml": "line-length = 120\n", "pyproject.toml": "[tool.ruff]\nline-length = 60\n"}, 120, '"'),
        ({"setup.cfg": "[flake8]\nmax-line-length = 99\n"}, 99, '"'),
        ({"pyproject.toml": "not toml ["}, 88, '"'),
    ],
    ids=["nothing said", "ruff", "black", "ruff.toml", "flake8", "broken"],
)
def test_width_and_quotes_are_the_projects(tmp_path: Path, files: dict[str, str], width: int, quote: str) -> None:
    style = style_of(project(tmp_path, files))
    assert (style.width, style.quote) == (width, quote)


@pytest.mark.parametrize(
    ("text", "unittest"),
    [
        ("import unittest\n\n\nclass TestA(unittest.TestCase):\n    def test_a(self):\n        pass\n", True),
        ("from django.test import TestCase\n\n\nclass TestA(TestCase):\n    pass\n", True),
        ("def test_a():\n    pass\n", False),
        ("import unittest\n\n\nclass TestA(unittest.TestCase):\n    pass\n\n\ndef test_b():\n    pass\n", False),
        ("x = 1\n", False),
    ],
)
def test_a_project_of_test_cases_gets_test_cases(tmp_path: Path, text: str, unittest: bool) -> None:
    root = project(tmp_path, {"tests/test_a.py": text})
    assert style_of(root, [root / "tests/test_a.py"]).unittest is unittest


@pytest.mark.parametrize(
    ("files", "unittest"),
    [
        ({"manage.py": ""}, True),
        ({"manage.py": "", "pyproject.toml": "dev = ['pytest-django']\n"}, False),
        ({"manage.py": "", "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = site.settings\n"}, False),
        ({}, False),
    ],
    ids=["Django", "pytest-django", "settings for pytest", "no Django"],
)
def test_djangos_own_runner_gets_test_cases(tmp_path: Path, files: dict[str, str], unittest: bool) -> None:
    stub = "from django.test import TestCase\n\n# Create your tests here.\n"
    root = project(tmp_path, {**files, "shop/tests.py": stub})
    assert style_of(root, [root / "shop/tests.py"]).unittest is unittest


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"tests/test_a.py": OTHER}, Coroutines.RUN),
        (
            {"tests/test_a.py": OTHER, "pyproject.toml": "[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n"},
            Coroutines.AUTO,
        ),
        ({"tests/test_a.py": OTHER, "pytest.ini": "[pytest]\nasyncio_mode = auto\n"}, Coroutines.AUTO),
        ({"tests/test_a.py": "@pytest.mark.asyncio\nasync def test_a():\n    pass\n"}, Coroutines.ASYNCIO),
        ({"tests/test_a.py": "@pytest.mark.anyio\nasync def test_a():\n    pass\n"}, Coroutines.ANYIO),
    ],
)
def test_coroutines_are_run_as_elsewhere(tmp_path: Path, files: dict[str, str], expected: Coroutines) -> None:
    root = project(tmp_path, files)
    assert style_of(root, [root / "tests/test_a.py"]).coroutines is expected


@pytest.mark.parametrize("folder", ["../other", "/other"])
def test_a_project_has_no_say_about_folders_out_of_it(tmp_path: Path, folder: str) -> None:
    root = project(tmp_path, SHOP)
    with pytest.raises(NoPlace, match="out of"):
        place_of(source_at(root / "shop/cart.py", root), root, folder=folder)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    root = project(tmp_path / "work", SHOP)
    (tmp_path / "other").mkdir()
    (root / "checks").symlink_to(tmp_path / "other")
    with pytest.raises(NoPlace, match="out of"):
        place_of(source_at(root / "shop/cart.py", root), root, folder="checks")
