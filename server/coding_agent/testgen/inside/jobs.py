"""What the runner's children call for the input side: survey and explore. Plain data in and out."""
# pyright: standard - the user's module.

import ast
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import seeding
from .execute import Engine
from .instrument import Loaded, load_probed
from .judge import failures
from .model import from_json, to_json
from .names import Names, names_of
from .observe import Observer
from .search import Search
from .survey import Target, targets_of
from .world import World

Say = Callable[[Dict[str, Any]], Any]


def opened(module: str, paths: Sequence[str], feedback: bool = True) -> Tuple[Loaded, Names, World]:
    """Import the module with probes. Raises: what the module raises; NotRewritable."""
    for path in reversed(paths):
        if path not in sys.path:
            sys.path.insert(0, path)
    random.seed(0)
    loaded = load_probed(module, feedback)
    names = names_of(loaded.module)
    tree = ast.parse(Path(str(loaded.module.__file__)).read_bytes())
    return loaded, names, World(loaded.module, tree, names.spell)


def survey(say: Say, module: str, paths: Sequence[str] = ()) -> Dict[str, Any]:
    """Return ``{"targets": [...], "file", "problems", "probes", "names"}``; ``arcs`` of a target are its own probes."""
    del say
    loaded, _, world = opened(module, paths)
    by_function = loaded.by_function()
    rows: List[Dict[str, Any]] = []
    for target in targets_of(world):
        arcs = sorted(number for name, numbers in by_function.items() if name == target.name or name.startswith(target.name + ".<locals>") for number in numbers)
        rows.append(
            {"name": target.name, "kind": target.kind, "line": target.line, "arcs": arcs, "params": target.parameters, "async": target.asynchronous, "private": target.private}
        )
    probes = [{"function": probe.function, "line": probe.line, "outcome": probe.outcome} for probe in loaded.probes]
    return {"targets": rows, "file": str(loaded.module.__file__), "problems": [], "probes": len(probes), "table": probes}


def explore(
    say: Say,
    module: str,
    paths: Sequence[str] = (),
    targets: Sequence[str] = (),
    seeds: Sequence[Dict[str, Any]] = (),
    known: Sequence[Dict[str, Any]] = (),
    covered: Sequence[int] = (),
    seconds: float = 3.0,
    random_seed: int = 0,
    target: Optional[str] = None,
) -> Dict[str, Any]:
    """Search for inputs of some targets, of all where none is named; says ``{"candidate": {...}}`` for each that is kept.

    ``seconds`` are wall time and begin when the module is imported. ``known`` are candidates that need not be found
    again, ``covered`` the probes they reach.
    """
    loaded, names, world = opened(module, paths)
    until = time.monotonic() + seconds
    world.sessions = seeding.prepare(world, seeds)
    wanted = set(targets) | ({target} if target else set())
    chosen: List[Target] = [one for one in targets_of(world) if not wanted or one.name in wanted]
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(loaded.module, names, Path(folder), loaded)
        observer = Observer(engine)

        def keep(said: Dict[str, Any]) -> None:
            candidate = observer.checked(said["candidate"])
            if candidate is not None:
                say({"candidate": to_json(candidate)})

        search = Search(engine, loaded, names, world, keep, random_seed)
        search.covered = dict.fromkeys([*covered, *(arc for one in known for arc in from_json(one).arcs)], 1)
        search.add(chosen)
        done = search.run(until)
    return {
        "candidates": [to_json(candidate) for candidate in search.candidates],
        "covered": sorted(search.covered),
        "executions": search.runs,
        "done": done,
        "findings": [finding._asdict() for finding in search.findings],
        "open": sorted(search.open()),
        "problems": search.problems,
    }


def replay(
    say: Say,
    module: str,
    paths: Sequence[str] = (),
    candidates: Sequence[Dict[str, Any]] = (),
    order: str = "file",
    shift: float = 0,
) -> Dict[str, Any]:
    """Run candidates on the plain module; ``outcomes`` are the checks that hold, None where the act went another way."""
    del say, shift
    import importlib

    for path in reversed(paths):
        if path not in sys.path:
            sys.path.insert(0, path)
    live = importlib.import_module(module)
    given = [from_json(one) for one in candidates]
    found: List[Any] = [None] * len(given)
    turn = list(range(len(given)))
    if order == "reverse":
        turn.reverse()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(live, names_of(live), Path(folder))
        for at in turn:
            wrong = {number for number, _ in failures(engine, given[at])}
            if -1 not in wrong:
                found[at] = [check._asdict() for number, check in enumerate(given[at].checks) if number not in wrong]
    return {"outcomes": found}
