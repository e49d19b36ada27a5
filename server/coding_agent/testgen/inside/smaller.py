# pyright: standard
# Runs the user's code.
"""Makes the inputs of chosen candidates smaller where nobody would write them so."""

import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from .crew import each
from .execute import Engine
from .jobs import opened
from .model import Candidate, from_json, to_json
from .observe import Observer
from .shrink import shrink

Say = Callable[[Dict[str, Any]], Any]
LONGEST = 3.0
"""Seconds for one candidate."""


def smaller(
    say: Say, module: str, paths: Sequence[str] = (), candidates: Sequence[Dict[str, Any]] = (), seconds: float = 2.0
) -> Dict[str, Any]:
    """Return ``{"chains": [...]}``: for each candidate, smaller ones that pass the same probes, the smallest first."""
    del say
    until = time.monotonic() + seconds
    wanted = [from_json(one) for one in candidates]
    loaded, names, _ = opened(module, paths)
    chains: List[Any] = [[] for _ in wanted]
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(loaded.module, names, Path(folder), loaded)
        observer = Observer(engine)

        def work(at: int) -> List[Dict[str, Any]]:
            # Each gets its share of what is left.
            now = time.monotonic()
            return _chain(observer, wanted[at], now + (until - now) / (len(wanted) - at))

        for at, chain in each(work, range(len(wanted)), LONGEST, until):
            chains[at] = chain if isinstance(chain, list) else []
        engine.leave()
    return {"chains": chains}


def _chain(observer: Observer, candidate: Candidate, until: float) -> List[Dict[str, Any]]:
    steps: List[Candidate] = []

    def worth(shorter: Candidate) -> Optional[Candidate]:
        found = observer.checked(shorter._replace(checks=(), fixtures=_fixtures(shorter)))
        if found is None or _said(found) != _said(candidate) or not set(candidate.arcs) <= set(found.arcs):
            return None
        steps.append(found)
        return found

    shrink(candidate, worth, min(until, time.monotonic() + LONGEST / 2))
    # The smallest may have lost a kill that one on the way still has.
    return [to_json(steps[at]) for at in sorted({len(steps) - 1, len(steps) // 2}, reverse=True) if steps]


def _said(candidate: Candidate) -> List[Any]:
    return [(check.kind, check.subject, check.value if check.kind == "raises" else "") for check in candidate.checks]


def _fixtures(candidate: Candidate) -> "tuple[str, ...]":
    texts = " ".join([*candidate.arrange, candidate.act.callee, *(arg.code for arg in candidate.act.args)])
    return tuple(
        name for name in candidate.fixtures if name in texts or any(name in each.code for each in candidate.patches)
    )
