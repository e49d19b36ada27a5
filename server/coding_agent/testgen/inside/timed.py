# pyright: standard
# Runs the user's code.
"""Calls of one text of a module that can be made again and again, their arguments made before."""

import asyncio
import gc
import importlib
import time
from itertools import islice
from typing import Any, Callable, Dict, List, Sequence, Tuple

from . import django_project
from .canonical import Canonical
from .growing import grown
from .guard import Guard, OutOfTime
from .model import Candidate, from_json
from .names import names_of
from .overlay import root_of, with_text
from .replay import add_paths
from .stateful import bound_names
from .wording import is_async, value_text

LONGEST = 0.4
"""Seconds that one call may take."""
_MOST = 20_000
_PREPARED = 300
"""Arguments made for one call in one round, where it changes them."""

Prepared = Tuple[Callable[[], Any], int]


class Timed:
    """The calls of one process."""

    def __init__(
        self, text: str, module: str, file: str, project: str, paths: Sequence[str], candidates: Sequence[Any]
    ) -> None:
        there = with_text(text, file, project, paths)
        add_paths(there)
        django_project.ready()
        self._module = importlib.import_module(module)
        self._base = {**names_of(self._module).namespace(), "islice": islice}
        self._roots = [root_of(there)]
        self._candidates: List[Candidate] = [from_json(each) for each in candidates]
        self._guard = Guard(LONGEST)
        self._loop = asyncio.new_event_loop()
        self._changes: Dict[Tuple[int, int], bool] = {}
        self._kept: Dict[Tuple[int, int], Callable[[], Any]] = {}
        self._plan: List[Tuple[int, int, int]] = []
        self._ready: List[Prepared] = []

    def answer(self, what: Dict[str, Any]) -> Dict[str, Any]:
        if "try" in what:
            at, scale = what["try"]
            return self._tried(at, scale)
        if "calls" in what:
            return {"plan": [[at, scale, self._often(at, scale, what["share"])] for at, scale in what["calls"]]}
        if "plan" in what:
            gc.collect()
            gc.freeze()
            self._plan = [(at, scale, count) for at, scale, count in what["plan"]]
        elif "prepare" in what:
            self._ready = [each for row in self._plan for each in self._prepared(*row)]
            gc.collect()
            gc.disable()
        else:
            for run, count in self._ready:
                for _ in range(count):
                    run()
            gc.enable()
            self._ready = []
        return {}

    def _often(self, at: int, scale: int, share: float) -> int:
        """Return how often a call is made in so many seconds."""
        count = 1
        while count < _MOST:
            ready = self._prepared(at, scale, count)
            began = time.process_time()
            for run, times in ready:
                for _ in range(times):
                    run()
            took = time.process_time() - began
            if took > share / 3 or len(ready) == _PREPARED:
                return max(1, min(_MOST, int(count * share / max(took, 1e-9))))
            count *= 4
        return _MOST

    def _tried(self, at: int, scale: int) -> Dict[str, Any]:
        """Make a call once: whether it came to its end, what it gave, its seconds, and whether its input can grow."""
        names, size = self._names(at, scale)
        before = self._state(at, names)
        try:
            with self._guard:
                value, took = self._once(at, names)
                after = self._state(at, names)
                told = [Canonical(self._roots).of(value), after]
                # The first time of anything takes longer.
                took = min([took, *(self._once(at, self._names(at, scale)[0])[1] for _ in range(2))])
        except OutOfTime:
            return {"ok": False, "told": "too long", "took": LONGEST, "size": 0}
        except Exception as error:
            return {"ok": False, "told": type(error).__name__, "took": 0.0, "size": 0}
        self._changes[at, scale] = before != after
        return {"ok": True, "told": told, "took": took, "size": size}

    def _once(self, at: int, names: Dict[str, Any]) -> Tuple[Any, float]:
        run = self._call(at, names)
        began = time.process_time()
        value = run()
        return value, time.process_time() - began

    def _state(self, at: int, names: Dict[str, Any]) -> Any:
        bound = bound_names(self._candidates[at])
        return [[name, Canonical(self._roots).of(names[name])] for name in bound if name in names]

    def _names(self, at: int, scale: int) -> Tuple[Dict[str, Any], int]:
        """What is arranged for a call, its arguments so many times as long; and how long they are."""
        candidate = self._candidates[at]
        names = dict(self._base)
        if candidate.imports:
            exec("\n".join(candidate.imports), names)
        exec("\n".join(candidate.arrange), names)
        size = 0
        for arg in candidate.act.args:
            value = names.get(arg.code)
            if isinstance(value, (list, tuple, set, frozenset, dict, str, bytes, bytearray)):
                names[arg.code] = grown(value, scale)
                size += len(value)
        return names, size

    def _call(self, at: int, names: Dict[str, Any]) -> Callable[[], Any]:
        candidate = self._candidates[at]
        text = value_text(candidate.act)
        if is_async(candidate):
            exec("async def _act():\n    return %s" % text, names)
            act = names["_act"]
            return lambda: self._loop.run_until_complete(act())
        exec("def _act():\n    return %s" % text, names)
        return names["_act"]

    def _prepared(self, at: int, scale: int, count: int) -> List[Prepared]:
        if not self._changes[at, scale]:
            if (at, scale) not in self._kept:
                self._kept[at, scale] = self._call(at, self._names(at, scale)[0])
            return [(self._kept[at, scale], count)]
        return [(self._call(at, self._names(at, scale)[0]), 1) for _ in range(min(count, _PREPARED))]
