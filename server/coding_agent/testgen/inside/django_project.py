# pyright: standard
# Django may not be there.
"""Sets Django up as the project's own test run would, where a module belongs to a project of it.

The database is out of reach: what asks for it fails, and no test comes of it.
"""

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import Any, Iterator, Sequence

VARIABLE = "DJANGO_SETTINGS_MODULE"
_FILES = ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "manage.py")
_NAMED = re.compile(VARIABLE + r"""["']?\s*[=,]\s*["']?([\w.]+)""")


class NoDatabase(Exception):
    """No test of ours touches a database."""


def ready(places: Sequence[str] = (), copy: str = "") -> None:
    """Set Django up with the settings that the project's files name; does nothing elsewhere, or the second time.

    ``copy`` stands for the first of the ``places``: what is imported comes from there.
    """
    name = os.environ.get(VARIABLE) or next(settings_named([*places, *sys.path]), "")
    if not name:
        return
    try:
        import django  # pyright: ignore[reportMissingImports]
        from django.apps import apps  # pyright: ignore[reportMissingImports]
    except ImportError:
        return
    if apps.ready:
        return
    os.environ[VARIABLE] = name
    if copy:
        sys.path[:0] = [copy + path[len(places[0]) :] for path in sys.path if (path + "/").startswith(places[0] + "/")]
    with contextlib.suppress(Exception):  # a setting that is missing here: what needs it says so itself
        django.setup()
        _as_in_tests()


def settings_named(places: Sequence[str]) -> Iterator[str]:
    """Give the settings modules that files in some folders name, pytest's before those of ``manage.py``."""
    for place in dict.fromkeys(places):
        for name in _FILES if place else ():
            with contextlib.suppress(OSError, ValueError):
                found = _NAMED.search(Path(place, name).read_text("utf-8"))
                if found:
                    yield found[1]


def _as_in_tests() -> None:
    """Set what ``manage.py test`` and pytest-django set, whose plugin may do so once more, and refuse the database."""
    from django.db.backends.base.base import BaseDatabaseWrapper  # pyright: ignore[reportMissingImports]
    from django.test import utils  # pyright: ignore[reportMissingImports]

    def refused(*_: Any, **__: Any) -> Any:
        raise NoDatabase("a test may not touch the database")

    def again(debug: Any = None) -> None:
        utils.teardown_test_environment()
        utils.setup_test_environment = setup
        setup(debug)

    BaseDatabaseWrapper.ensure_connection = refused
    setup = utils.setup_test_environment
    # Both turn it off, whatever the settings say, unless they are told otherwise.
    setup(debug=False)
    utils.setup_test_environment = again
