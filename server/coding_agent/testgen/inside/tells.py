# pyright: standard
# Runs the user's code.
"""Tells what candidates do here, in words: to compare two versions of a module."""

import importlib
import re
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

from . import django_project
from .crew import each, in_order
from .execute import Engine
from .judge import failures
from .model import Candidate, from_json
from .names import names_of
from .replay import LONGEST, add_paths

Say = Callable[[Dict[str, Any]], Any]
_MOST = 300
"""Characters of a value."""


def tell(
    say: Say, module: str, paths: Sequence[str] = (), candidates: Sequence[Dict[str, Any]] = ()
) -> Dict[str, List[Any]]:
    """Return ``{"told": [{"held", "text"}, ...]}``: whether all checks held, and what came of it."""
    del say
    add_paths(paths)
    wanted = [from_json(one) for one in candidates]
    with tempfile.TemporaryDirectory() as folder:
        django_project.ready()
        loaded = importlib.import_module(module)
        engine = Engine(loaded, names_of(loaded), Path(folder))
        results = in_order(each(lambda at: _told(engine, wanted[at]), range(len(wanted)), LONGEST), len(wanted))
        engine.leave()
    lost = {"held": False, "text": "the process ended"}
    return {"told": [one if isinstance(one, dict) else lost for one in results]}


def _told(engine: Engine, candidate: Candidate) -> Dict[str, Any]:
    held = not failures(engine, candidate)
    outcome = engine.run(candidate)
    if outcome.error is not None:
        text = "raises %s: %s" % (type(outcome.error).__name__, outcome.error)
    elif outcome.kind != "value":
        text = outcome.kind
    else:
        text = _shown(outcome.value)
        text += "".join(" and prints %r" % one for one in outcome.printed if one)
    return {"held": held, "text": text[:_MOST]}


def _shown(value: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
    except Exception as error:  # its own __repr__ may fail
        return "%s whose repr raises %s" % (type(value).__name__, type(error).__name__)
