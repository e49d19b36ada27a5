# pyright: standard
# Runs the user's code.
"""Runs candidates again, on the plain module, in a process of other circumstances: what still holds is stable."""

import importlib
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence

from . import clock, django_project, machine, main_module
from .crew import LOST, Failed, each, in_order
from .execute import Engine
from .judge import failures
from .model import Candidate, from_json
from .names import names_of

Say = Callable[[Dict[str, Any]], Any]
LONGEST = 5.0
"""Seconds that one candidate may take before its process is given up."""


def replay(
    say: Say,
    module: str,
    paths: Sequence[str] = (),
    candidates: Sequence[Dict[str, Any]] = (),
    order: str = "file",
    shift: float = 0,
    elsewhere: bool = False,
) -> Dict[str, Any]:
    """Return ``{"outcomes": [...], "why": [...]}``, one for each candidate in the order given.

    An outcome is the list of the candidate's checks that held, None where it went another way altogether; ``why`` says
    what differed, "" for nothing. ``order``: file, reverse, or random (by the hash seed). ``elsewhere``: as on another
    machine.
    """
    del say
    clock.shift(shift)
    if elsewhere:
        machine.pretend(module.partition(".")[0])
    add_paths(paths, elsewhere)
    wanted = [from_json(one) for one in candidates]
    places = _ordered(len(wanted), order)
    with tempfile.TemporaryDirectory() as folder:
        django_project.ready()
        loaded = importlib.import_module(module)
        if elsewhere:
            machine.with_other_system(loaded)
        engine = Engine(loaded, names_of(loaded), Path(folder))
        results = in_order(each(lambda at: _held(engine, wanted[at]), places, LONGEST), len(places))
        engine.leave()
    outcomes: List[Any] = [None] * len(wanted)
    why: List[str] = [""] * len(wanted)
    for at, result in zip(places, results):
        if isinstance(result, Failed):
            why[at] = result.why
        elif result is LOST or result is None:
            why[at] = "the process ended"
        else:
            outcomes[at], why[at] = result
    return {"outcomes": outcomes, "why": why}


def add_paths(paths: Sequence[str], as_module: bool = False) -> None:
    main_module.as_a_script(as_module)
    for path in reversed(paths):
        if path not in sys.path:
            sys.path.insert(0, path)


def _ordered(count: int, order: str) -> List[int]:
    places = list(range(count))
    if order == "reverse":
        places.reverse()
    elif order == "random":
        random.Random(hash("order")).shuffle(places)
    return places


def _held(engine: Engine, candidate: Candidate) -> List[Any]:
    failed = dict(failures(engine, candidate))
    why = next(iter(failed.values()), "")
    if -1 in failed:
        return [None, why]
    return [[check._asdict() for at, check in enumerate(candidate.checks) if at not in failed], why]
