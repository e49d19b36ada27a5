# pyright: standard
# Operands of any kind.
"""Queues what the comparisons of a run ask for."""

import random
from itertools import islice
from typing import Callable, List, Set, Tuple

from . import feedback
from .breeding import Breeder
from .execute import Engine, Outcome
from .genome import Genome, candidate_of
from .instrument import Loaded
from .lane import Lane
from .outcomes import is_numeric
from .seen import Note
from .world import World

TRIES = 24
"""How often what one comparison wants is tried."""
QUEUE = 400


class Asker:
    """Looks at the notes of runs. ``open_lines`` are function and line of probes that nothing has reached."""

    def __init__(self, engine: Engine, loaded: Loaded, world: World, rng: random.Random) -> None:
        self.engine, self.loaded, self.world, self.rng = engine, loaded, world, rng
        self.open_lines: Set[Tuple[str, int]] = set()
        self.runs = 0
        self.pulse: Callable[[str], object] = str

    def ask(self, lane: Lane, breeder: Breeder, genome: Genome, outcome: Outcome, fresh: bool) -> None:
        if len(lane.queue) > QUEUE:
            return
        asked: List[Genome] = []
        for note in outcome.notes:
            site = self.loaded.seen.sites[note.site]
            near = (site.function, site.line) in self.open_lines
            key = (note.site, note.kind, repr(note.right)[:40], repr(note.left)[:20])
            if (
                (not near and not fresh)
                or lane.tried.get(note.site, 0) > TRIES * (4 if near else 1)
                or lane.tried.get(key, 0) > 1
            ):
                continue
            lane.tried[note.site] = lane.tried.get(note.site, 0) + 1
            lane.tried[key] = lane.tried.get(key, 0) + 1
            self._learn(breeder, note)
            found = list(islice(feedback.variants(genome, note, self.world, self.rng), 10))
            asked += found
            if near and not found and is_numeric(note):
                self._solve(lane, breeder, genome, note)
        if outcome.kind in ("raises", "accident"):
            key = ("failed", type(outcome.error).__name__, str(outcome.error)[:60])
            if lane.tried.setdefault(key, 0) < 3:
                lane.tried[key] += 1
                asked += list(islice(feedback.after_failure(genome, outcome), 8))
        for variant in asked[:40]:
            lane.queue.append((breeder, variant))

    def _learn(self, breeder: Breeder, note: Note) -> None:
        for value in (note.right, note.left) if not isinstance(note.right, tuple) else note.right:
            if (
                isinstance(value, (str, int, float, bytes))
                and not isinstance(value, bool)
                and value not in breeder.tokens
                and len(breeder.tokens) < 300
                and (not isinstance(value, (str, bytes)) or 0 < len(value) <= 40)
            ):
                breeder.tokens.append(value)

    def _solve(self, lane: Lane, breeder: Breeder, genome: Genome, note: Note) -> None:
        """Move numbers of the input and see how far a comparison's sides move; queue where they should meet."""
        key = ("solve", note.site)
        if lane.tried.setdefault(key, 0) > 8:
            return
        lane.tried[key] += 1
        for step in feedback.steps(genome):
            delta = max(1, abs(step[2]) // 10) if isinstance(step[2], int) else 1.0
            candidate = candidate_of(feedback.moved(genome, step, step[2] + delta))
            self.pulse(repr(candidate[1:6]))
            outcome = self.engine.run(candidate)
            self.runs += 1
            after = next((other for other in outcome.notes if other.site == note.site), None)
            if after is not None:
                for value in feedback.solutions(step, delta, note, after):
                    lane.queue.append((breeder, feedback.moved(genome, step, value)))
