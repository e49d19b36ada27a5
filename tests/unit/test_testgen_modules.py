"""What a module is called, and where its imports start: told by what the project says and does."""

from pathlib import Path

import pytest

from coding_agent.testgen.modules import source_at
from coding_agent.testgen.plan import wanted
from support.projects import project

INVOICE = "acme/billing/invoice.py"
NEXT = "def next_number():\n    return 1\n"


@pytest.mark.parametrize(
    ("files", "module", "dotted", "root"),
    [
        ({INVOICE: NEXT}, INVOICE, "acme.billing.invoice", "."),
        (
            {INVOICE: NEXT, "app.py": "from acme.billing.invoice import next_number\n"},
            INVOICE, "acme.billing.invoice", ".",
        ),
        (
            {INVOICE: NEXT, "tests/test_old.py": "from invoice import next_number\n",
             "tests/test_acme.py": "from acme.billing import (\n    invoice,\n)\n"},
            INVOICE, "acme.billing.invoice", ".",
        ),
        ({INVOICE: NEXT, "acme/app.py": "import billing.invoice as bill\n"}, INVOICE, "billing.invoice", "acme"),
        ({INVOICE: NEXT, "tests/test_a.py": "from invoice import next_number\n"}, INVOICE, "invoice", "acme/billing"),
        (
            {"acme/redis.py": "class Store: ...\n", "acme/cache.py": "import redis\n\nit = redis.Redis()\n"},
            "acme/redis.py", "acme.redis", ".",
        ),
        (
            {"scripts/run.py": "from helper import twice\n", "scripts/helper.py": "def twice(): ...\n"},
            "scripts/run.py", "run", "scripts",
        ),
        (
            {"scripts/run.py": "import helper\n\nhelper.twice()\n", "scripts/helper.py": "def twice(): ...\n"},
            "scripts/helper.py", "helper", "scripts",
        ),
        (
            {"scripts/run.py": "import json\n", "scripts/json.py": "def dumps(): ...\n"},
            "scripts/run.py", "scripts.run", ".",
        ),
        ({"code/run.py": ""}, "code/run.py", "run", "code"),
        ({"my-app/run.py": ""}, "my-app/run.py", "run", "my-app"),
        ({"src/acme/invoice.py": NEXT, "pyproject.toml": ""}, "src/acme/invoice.py", "acme.invoice", "src"),
        (
            {"src/acme/invoice.py": NEXT, "tests/test_a.py": "from src.acme.invoice import next_number\n"},
            "src/acme/invoice.py", "src.acme.invoice", ".",
        ),
        (
            {"backend/app/__init__.py": "", "backend/app/main.py": "from app.db import get\n",
             "tests/test_a.py": "from backend.app.main import get\n"},
            "backend/app/main.py", "backend.app.main", ".",
        ),
        ({"site/manage.py": "", "site/shop/__init__.py": "", "site/shop/x.py": ""}, "site/shop/x.py", "shop.x", "site"),
        (
            {"code/shop/x.py": "", "pyproject.toml": '[tool.poetry]\npackages = [{include = "shop", from = "code"}]\n'},
            "code/shop/x.py", "shop.x", "code",
        ),
        (
            {"sources/shop/x.py": "",
             "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["sources/shop"]\n'},
            "sources/shop/x.py", "shop.x", "sources",
        ),
    ],
    ids=["folders alone", "the project's program", "its tests, old ones besides", "a folder on the way",
         "tests by its bare name", "a library of the same name", "its own imports", "its neighbour's imports",
         "the standard library", "a name of the standard library", "no name", "src", "src as a package", "both names",
         "Django", "poetry", "hatch"],
)  # fmt: skip
def test_folders_are_packages_where_the_project_takes_them_for_some(
    tmp_path: Path, files: dict[str, str], module: str, dotted: str, root: str
) -> None:
    source = source_at(project(tmp_path, files) / module, tmp_path)
    assert (source.module, source.root) == (dotted, tmp_path / root)


def test_what_it_was_called_wins(tmp_path: Path) -> None:
    root = project(tmp_path, {INVOICE: NEXT, "tests/test_a.py": "from invoice import next_number\n"})
    assert wanted("acme.billing.invoice", root, root).source.module == "acme.billing.invoice"
    assert wanted(INVOICE, root, root).source.module == "invoice"


def test_a_package_keeps_its_name_whatever_it_was_called(tmp_path: Path) -> None:
    root = project(tmp_path, {"lib/__init__.py": "", "lib/shop/__init__.py": "", "lib/shop/x.py": ""})
    assert wanted("shop.x", root, root).source.module == "lib.shop.x"
