# pyright: standard
# Runs the user's code.
"""Looks for inputs of a text of a module, and tells what calls do there: all that can be seen from outside."""

import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Set

from . import django_project, jobs
from .canonical import Canonical
from .crew import each, in_order
from .deeds import Deeds
from .execute import Engine, Outcome
from .instrument import load_probed
from .model import Candidate, from_json
from .names import names_of
from .overlay import root_of, with_text
from .replay import LONGEST, add_paths
from .stateful import bound_names

Say = Callable[[Dict[str, Any]], Any]
_MOST = 120
"""Characters of a value that is shown."""
_LATE = 5
"""Calls that take too long after which all others count as such."""


def explore(
    say: Say,
    module: str,
    text: str,
    file: str,
    project: str,
    paths: Sequence[str],
    targets: Sequence[str],
    seconds: float,
    random_seed: int = 0,
) -> Dict[str, Any]:
    """As ``jobs.explore``, of a module that holds ``text`` instead of what is in its file."""
    there = with_text(text, file, project, paths)
    return jobs.explore(say, module, there, targets, seconds=seconds, random_seed=random_seed)


def told(
    say: Say,
    module: str,
    text: str,
    file: str,
    project: str,
    paths: Sequence[str],
    lines: Sequence[int],
    candidates: Sequence[Dict[str, Any]],
) -> Dict[str, Any]:
    """Return ``{"told": [...], "probes": [...]}``: for each candidate what came of it, None where its process ended.

    That is ``{"all", "text", "arcs", "deeds"}``; ``all`` is for comparing, ``text`` for people. ``probes`` are the
    branches of the module by number: line and outcome.
    """
    del say
    there = with_text(text, file, project, paths)
    add_paths(there)
    wanted = [from_json(one) for one in candidates]
    with tempfile.TemporaryDirectory() as folder:
        django_project.ready()
        loaded = load_probed(module, False)
        engine = Engine(loaded.module, names_of(loaded.module), Path(folder), loaded)
        teller = _Teller(engine, [folder, root_of(there)], str(loaded.module.__file__), lines)
        results = in_order(each(lambda at: teller.told(wanted[at]), range(len(wanted)), LONGEST), len(wanted))
        engine.leave()
    probes = [[probe.line, probe.outcome, probe.is_branch] for probe in loaded.probes]
    return {"told": [one if isinstance(one, dict) else None for one in results], "probes": probes}


class _Teller:
    """Runs candidates in one process and says what they did."""

    def __init__(self, engine: Engine, roots: List[str], path: str, lines: Sequence[int]) -> None:
        self._engine, self._roots = engine, roots
        self._deeds = Deeds(path, lines[0], lines[1])
        self._late = 0

    def told(self, candidate: Candidate) -> Dict[str, Any]:
        if self._late >= _LATE:
            return {"all": {"kind": "timeout"}, "text": "takes too long", "arcs": [], "deeds": []}
        self._deeds.taken()
        watcher = _Watcher(candidate, self._roots)
        outcome = self._engine.run(candidate, watcher)
        self._late += outcome.kind == "timeout"
        plain = Canonical(self._roots)
        all_of_it: Dict[str, Any] = {
            "kind": outcome.kind,
            "value": watcher.value if outcome.kind == "value" else None,
            "error": _error(outcome, plain),
            "names": watcher.names if outcome.kind == "value" else _names(candidate, outcome, self._roots),
            "printed": [plain.text(part) for part in outcome.printed],
            "logs": [[record.levelno, plain.text(record.getMessage())] for record in outcome.logs],
            "warned": [[one.category.__name__, plain.text(one.message)] for one in outcome.warned],
        }
        return {
            "all": all_of_it,
            "text": _shown(outcome, watcher),
            "arcs": list(outcome.arcs),
            "deeds": self._deeds.taken(),
        }


class _Watcher:
    """Looks at the result and at what was arranged right behind the act."""

    def __init__(self, candidate: Candidate, roots: List[str]) -> None:
        self._candidate, self._roots = candidate, roots
        self._acted = False
        self.value: Any = None
        self.names: Any = None
        self.shown = ""

    def __call__(self, names: Dict[str, Any]) -> None:
        if self._acted:
            self.value = Canonical(self._roots).of(names.get("result"))
            self.names = _state(self._candidate, names, self._roots)
            self.shown = _repr(names.get("result"))
        self._acted = True


def _error(outcome: Outcome, plain: Canonical) -> Any:
    """What was raised: what somebody meant to raise as it is, of what went wrong only its type."""
    if outcome.error is None:
        return None
    raised = outcome.raised
    if raised is not None and raised.explicit and raised.project:
        return plain.of(outcome.error)
    return type(outcome.error).__name__


def _names(candidate: Candidate, outcome: Outcome, roots: List[str]) -> Any:
    """What was arranged, behind an error; for values of the wrong type nobody says when they are refused."""
    if isinstance(outcome.error, (TypeError, AttributeError)):
        return None
    return _state(candidate, outcome.namespace, roots)


def _state(candidate: Candidate, names: Dict[str, Any], roots: List[str]) -> List[Any]:
    """What the names that were arranged hold now."""
    seen: Set[str] = set(bound_names(candidate))
    return [[name, Canonical(roots).of(names[name])] for name in sorted(seen) if name in names]


def _shown(outcome: Outcome, watcher: _Watcher) -> str:
    if outcome.error is not None:
        return ("raises %s: %s" % (type(outcome.error).__name__, outcome.error))[:_MOST]
    if outcome.kind != "value":
        return "takes too long" if outcome.kind == "timeout" else outcome.kind
    return "gives %s" % watcher.shown


def _repr(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # its own __repr__ may fail
        return "%s whose repr raises %s" % (type(value).__name__, type(error).__name__)
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."
