# pyright: standard
# Sees pytest's own list, which has no types here.
"""Imports what pytest imports each time it starts, so that forks of the runner need not; read for that alone."""

import contextlib
import importlib

from _pytest.config import default_plugins

for _name in default_plugins:
    # Which there are differs between versions; what is missing here is missing there, too.
    with contextlib.suppress(ImportError):
        importlib.import_module("_pytest." + _name)
