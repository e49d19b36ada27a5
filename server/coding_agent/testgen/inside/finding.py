"""Whether a module is found by an interpreter as it is, without the folders that we put on its path."""

import importlib.util
import sys
from importlib.machinery import PathFinder
from typing import Any, Callable, Dict, Sequence


def finds(_say: Callable[[Any], None], module: str, ours: Sequence[str]) -> Dict[str, bool]:
    """Look for a module without importing anything of it. ``ours`` stand in front on the path."""
    if sys.path[: len(ours)] == list(ours):
        del sys.path[: len(ours)]
    first, *inner = module.split(".")
    spec = importlib.util.find_spec(first)
    for name in inner:
        if spec is None or spec.submodule_search_locations is None:
            return {"found": False}
        spec = PathFinder.find_spec("%s.%s" % (spec.name, name), list(spec.submodule_search_locations))
    return {"found": spec is not None}
