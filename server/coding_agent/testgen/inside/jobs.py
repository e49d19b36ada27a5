"""What the runner's children call for the input side: survey and explore. Plain data in and out."""
# pyright: standard
# Loads the module of the user.

import ast
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from . import main_module, seeding
from .execute import Engine
from .instrument import Loaded, load_probed
from .making import Maker
from .model import Act, Arg, Candidate, Patch, to_json
from .names import Names, names_of
from .observe import Observer
from .search import PREPARING, Search
from .supervise import Pulse, supervised
from .survey import Target, targets_of
from .wording import call_text
from .world import World

LEAST = 0.3
"""Seconds of search, however long the import took."""
BUSY = 0.6
"""The share of a search's time in which others had the processors, from which on that is said."""
Say = Callable[[Dict[str, Any]], Any]


def opened(module: str, paths: Sequence[str], feedback: bool = True) -> Tuple[Loaded, Names, World]:
    """Import the module with probes. Raises: what the module raises; NotRewritable."""
    main_module.as_a_script()
    for path in reversed(paths):
        if path not in sys.path:
            sys.path.insert(0, path)
    random.seed(0)
    try:
        loaded = load_probed(module, feedback)
    except SyntaxError as error:
        # Another Python may read it, so who reads the message should know which one this is.
        error.msg = "%s (read by Python %d.%d)" % (error.msg, *sys.version_info[:2])
        raise
    names = names_of(loaded.module)
    tree = ast.parse(Path(str(loaded.module.__file__)).read_bytes())
    return loaded, names, World(loaded.module, tree, names.spell)


def survey(say: Say, module: str, paths: Sequence[str] = ()) -> Dict[str, Any]:
    """Return ``{"targets": [...], "file", "problems", "probes", "names"}``; ``arcs`` of a target are its own probes."""
    del say
    loaded, _, world = opened(module, paths)
    return _surveyed(loaded, targets_of(world))


def _surveyed(loaded: Loaded, targets: Sequence[Target]) -> Dict[str, Any]:
    by_function = loaded.by_function()
    rows: List[Dict[str, Any]] = []
    for target in targets:
        arcs = sorted(
            number
            for name, numbers in by_function.items()
            if name == target.name or name.startswith(target.name + ".<locals>")
            for number in numbers
        )
        rows.append(
            {
                "name": target.name,
                "kind": target.kind,
                "line": target.line,
                "arcs": arcs,
                "params": target.parameters,
                "async": target.asynchronous,
                "private": target.private,
            }
        )
    probes = [
        {"function": probe.function, "line": probe.line, "outcome": probe.outcome, "column": column, "part": part}
        for probe, (column, part) in zip(loaded.probes, loaded.parts())
    ]
    return {
        "targets": rows,
        "file": str(loaded.module.__file__),
        "problems": [],
        "probes": len(probes),
        "table": probes,
        "others": _others(loaded.module.__name__.partition(".")[0]),
    }


def _others(top: str) -> List[str]:
    """Return the loaded modules of installed packages, in the order of their import, without the project's own."""
    mine = {name.partition(".")[0] for name in sys.modules if name.startswith("_coding_agent")}
    return [
        name
        for name, one in list(sys.modules.items())
        if name.partition(".")[0] not in mine | {top, "__main__"}
        and "site-packages" in str(getattr(one, "__file__", None))
        and not any(part.startswith("_") for part in name.split("."))
    ]


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
    """Search for inputs of some targets, of all where none is named; says ``{"candidate": {...}}`` for each kept.

    ``seconds`` are wall time with the import of the module, behind which there is a little at least.
    ``known`` are candidates that need not be found
    again, ``covered`` the probes they reach.
    """
    began = time.monotonic()
    loaded, names, world = opened(module, paths)
    known_targets = targets_of(world)
    say({"survey": _surveyed(loaded, known_targets)})
    until = max(began + seconds, time.monotonic() + LEAST)
    world.sessions = seeding.prepare(world, seeds)
    wanted = set(targets) | ({target} if target else set())
    chosen: List[Target] = [one for one in known_targets if not wanted or _is_in(one.name, wanted)]
    reached, acted = set(covered), set(covered)

    def got(candidate: Dict[str, Any]) -> None:
        reached.update(candidate["arcs"])
        acted.update(set(candidate["arcs"]).difference(candidate["arranged"]))

    for one in known:
        got(one)
    problems: List[str] = []

    def passed_on(said: Dict[str, Any]) -> None:
        if "problem" in said:
            problems.append(said["problem"])
            return
        got(said["candidate"])
        say(said)

    def work(tell: Say, pulse: Pulse, lost: List[str]) -> Dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(loaded.module, names, Path(folder), loaded)
            engine.guard.waiting = pulse.again
            observer = Observer(engine)

            def keep(said: Dict[str, Any]) -> bool:
                candidate = observer.checked(said["candidate"])
                if candidate is not None:
                    tell({"candidate": to_json(candidate)})
                return candidate is not None

            search = Search(engine, loaded, names, world, keep, random_seed + len(lost))
            world.maker = Maker(engine, pulse.beat, lost)
            search.pulse = search.asker.pulse = world.maker.beat
            search.avoid(lost)
            search.covered, search.acted = dict.fromkeys(reached, 1), set(acted)
            search.add(chosen)
            done = search.run(until)
            findings = [finding._asdict() for finding in search.findings]
            return {
                "executions": search.runs + search.asker.runs,
                "done": done,
                "findings": findings,
                "problems": search.problems,
                "stood": [
                    "%d of %d calls %s" % (count, search.runs, why) for why, count in search.stood.most_common(3)
                ],
            }

    searching = time.monotonic()
    results, lost, begun, waited = supervised(work, passed_on, until)
    nothing = {"executions": begun, "done": False, "findings": [], "problems": []}
    result: Dict[str, Any] = next(iter(results), nothing)
    result["problems"] += [*problems, *map(_lost, lost)]
    searching = time.monotonic() - searching
    if waited > BUSY * searching:
        text = "the machine was busy: others had the processors in %.1f of the %.1f s of the search"
        result["problems"].append(text % (waited, searching))
    return {**result, "covered": sorted(reached), "open": sorted(set(range(len(loaded.probes))) - reached)}


def _is_in(name: str, wanted: Set[str]) -> bool:
    """Whether a target is wanted, itself or with its class."""
    parts = name.split(".")
    return any(".".join(parts[:count]) in wanted for count in range(1, len(parts) + 1))


def _lost(beat: str) -> str:
    """Say what a process was at when it ended or had to be ended."""
    if beat.startswith(PREPARING):
        return "%s: it ended or hung its process while it was looked at" % beat[len(PREPARING) :]
    try:
        known = Candidate("", *eval(beat, {"Act": Act, "Arg": Arg, "Patch": Patch}))
    except (SyntaxError, ValueError, TypeError, NameError):
        return "a call ended or hung its process"
    return "this ended or hung its process: %s" % call_text(known)
