"""The search: runs genomes, keeps what reaches something new, and changes what was kept towards what is still open."""
# pyright: standard - outcomes hold any object.

import inspect
import random
import re
import time
from collections import deque
from itertools import islice
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import feedback, fakes, flows, seeding
from .breeding import Breeder
from .execute import Engine, Outcome
from .genome import Genome, Shape, candidate_of
from .instrument import Loaded
from .names import Names
from .pools import kind_of
from .seen import Note
from .survey import Target
from .world import World

BATCH = 30
"""Runs of one target before the next has its turn."""
PATIENCE = 400
"""Runs without anything new after which a target counts as quiet."""
EXTRA = 24
"""Candidates of one target that are kept for a new outcome though they reach nothing new."""
FEW = 20
"""First tries of a shape or setting that is not the usual one."""
TRIES = 24
"""How often what one comparison wants is tried."""
QUEUE = 400
PREPARING = "prepare "
REFUSALS = 6
"""Candidates without an oracle after which a probe is taken for one that none can be had for."""
SPARE = 2
"""Each probe is to be reached by this many candidates, for some will not be repeatable."""

Say = Callable[[Dict[str, Any]], Any]


class Finding(NamedTuple):
    """An exception nobody raised on purpose, for an input that its author or annotations call plausible."""

    target: str
    call: str
    error: str
    line: int


class Lane:
    """The search over one target."""

    def __init__(self, target: Target, world: World, rng: random.Random, tokens: Sequence[Any], probes: Set[int], far: Set[int]) -> None:
        self.target = target
        self.probes = probes  # its own
        self.far = far  # of what it calls in this module
        shapes = [fakes.faked(shape, variant) for shape in flows.shapes_of(target, world) for variant in fakes.worlds(target, world)]
        self.breeders = [Breeder(shape.shape, rng, tokens) for shape in shapes]
        self.patches = [shape.patches for shape in shapes]
        self.kept: List[Tuple[Breeder, Genome]] = []
        self.queue: Deque[Tuple[Breeder, Genome]] = deque()
        self.first: Iterator[Tuple[Breeder, Genome]] = iter(self._firsts())
        self.tried: Dict[Any, int] = {}
        self.features: Set[Any] = set()
        self.extras = 0
        self.runs = 0
        self.fruitless = 0
        self.seeded = False

    def _firsts(self) -> Iterator[Tuple[Breeder, Genome]]:
        rows = [self._patched(breeder, patches) for breeder, patches in zip(self.breeders, self.patches)]
        # The usual way is tried in full; others, and other states of the world, by their first values.
        rows[1:] = [islice(row, FEW) for row in rows[1:]]
        while rows:
            for row in list(rows):
                item = next(row, None)
                if item is None:
                    rows.remove(row)
                else:
                    yield item

    def _patched(self, breeder: Breeder, patches: Tuple[Any, ...]) -> Iterator[Tuple[Breeder, Genome]]:
        for genome in breeder.first():
            yield breeder, genome._replace(patches=patches)

    def breeder_of(self, shape: Shape) -> Optional[Breeder]:
        """Return the breeder of a shape met in a genome."""
        return next((breeder for breeder in self.breeders if breeder.shape.callee == shape.callee and breeder.shape.kind == shape.kind), None)

    def next(self, rng: random.Random) -> Optional[Tuple[Breeder, Genome]]:
        """Return what is run next: what feedback asks for, the first round, then changes."""
        if self.queue and (rng.random() < 0.8 or self.runs < 20):
            return self.queue.popleft()
        item = next(self.first, None)
        if item is not None:
            return item
        if not self.breeders:
            return None
        if self.kept and rng.random() < 0.8:
            # The newest reach farthest, and any may be the one to go on from.
            place = len(self.kept) - 1 - min(int(rng.expovariate(0.15)), len(self.kept) - 1)
            breeder, genome = self.kept[place if rng.random() < 0.7 else rng.randrange(len(self.kept))]
            others = [other for its, other in self.kept if its is breeder]
            return breeder, breeder.changed(genome, others)
        number = rng.randrange(len(self.breeders))
        return self.breeders[number], self.breeders[number].random()._replace(patches=self.patches[number])


class Search:
    """Explores targets in turn until time is up or nothing new comes."""

    def __init__(self, engine: Engine, loaded: Loaded, names: Names, world: World, say: Say, seed: int = 0) -> None:
        self.engine, self.loaded, self.names, self.world, self.say = engine, loaded, names, world, say
        self.rng = random.Random(seed)
        self.covered: Dict[int, int] = {}
        self.touched: Set[int] = set()
        self.findings: List[Finding] = []
        self.runs = 0
        self.lanes: List[Lane] = []
        self._texts: Set[str] = set()
        self._open_lines: Set[Tuple[str, int]] = set()
        self._all = len(loaded.probes)
        self._waiting: Deque[Target] = deque()
        self._by_function = self._probes_by_function()
        self.problems: List[str] = []
        self.pulse: Callable[[str], Any] = str
        self._refused: Dict[int, int] = {}
        self._lost: Set[str] = set()

    def add(self, targets: Sequence[Target]) -> None:
        """Take targets up: public ones first, private ones when those are through; each is prepared when its turn comes."""
        self._waiting.extend(sorted(targets, key=lambda target: target.private))

    def avoid(self, texts: Sequence[str]) -> None:
        """Never run these again: each ended or hung a process."""
        self._texts.update(texts)
        self._lost = {text[len(PREPARING) :] for text in texts if text.startswith(PREPARING)}

    def _prepare(self, target: Target) -> Optional[Lane]:
        if target.name in self._lost:
            self.problems.append(f"{target.name}: it hung while it was looked at")
            return None
        self.pulse(PREPARING + target.name)
        own = self._by_function.get(target.name, set())
        far = {number for name in target.reach for number in self._by_function.get(name, ())} - own
        try:
            lane = Lane(target, self.world, self.rng, seeding.tokens(target, self.world), own, far)
            lane.queue.extend(seeding.seeded(lane.target, lane.breeders, self.world))
        except Exception as error:  # noqa: BLE001 - any object of the user's may raise anything when it is looked at
            self.problems.append(f"{target.name}: {type(error).__name__}: {error}")
            return None
        if not lane.breeders:
            self.problems.append(f"{target.name}: no way to call it is known")
            return None
        self.lanes.append(lane)
        return lane

    def _probes_by_function(self) -> Dict[str, Set[int]]:
        found: Dict[str, Set[int]] = {}
        for number, probe in enumerate(self.loaded.probes):
            name = probe.function.split(".<locals>")[0]
            parts = name.split(".")
            for length in range(len(parts), 0, -1):
                # A probe of a nested function is its outer function's, a method's is not its class's.
                head = ".".join(parts[:length])
                node = self.world.nodes.get(head)
                if node is not None:
                    found.setdefault(head, set()).add(number)
                    break
        return found

    def open(self) -> Set[int]:
        """Return the probes that nothing kept has reached."""
        return set(range(self._all)) - set(self.covered)

    def run(self, until: float) -> bool:
        """Explore until a moment of ``time.monotonic()``; tell whether all targets are quiet."""
        self._refresh()
        while time.monotonic() < until:
            lane = self._choose()
            if lane is None:
                return True
            for _ in range(BATCH):
                if time.monotonic() >= until or not self._turn(lane):
                    break
            self._refresh()
        return False

    def _refresh(self) -> None:
        self._open_lines = {(self.loaded.probes[number].function, self.loaded.probes[number].line) for number in self.open()}

    def _choose(self) -> Optional[Lane]:
        while self._waiting and not self._waiting[0].private:
            lane = self._prepare(self._waiting.popleft())
            if lane is not None:
                return lane
        left = self.open()
        weights: List[Tuple[Lane, float]] = []
        for lane in self.lanes:
            near, far = len(lane.probes & left), len(lane.far & left)
            if lane.target.private and not near:
                continue
            interest = near + 0.3 * far if near or far else 0.05
            quiet = lane.fruitless / PATIENCE
            if quiet > 12 or not (near or far) and quiet > 1:
                continue
            weights.append((lane, (interest**0.5) / (1 + quiet * quiet)))
        quiet_public = all(lane.fruitless > PATIENCE / 2 or not (lane.probes | lane.far) & left for lane in self.lanes if not lane.target.private)
        if not quiet_public:
            weights = [(lane, weight) for lane, weight in weights if not lane.target.private] or weights
        elif self._waiting:
            lane = self._prepare(self._waiting.popleft())
            return lane if lane is not None and lane.probes & left else self._choose()
        if not weights:
            return None
        return self.rng.choices([lane for lane, _ in weights], [weight for _, weight in weights])[0]

    def _turn(self, lane: Lane) -> bool:
        lane.runs += 1
        item = lane.next(self.rng)
        if item is None:
            lane.fruitless += BATCH
            return False
        self.attempt(lane, *item)
        return True

    def attempt(self, lane: Lane, breeder: Breeder, genome: Genome) -> None:
        """Run one genome, keep it by what it reached, and queue what its comparisons ask for."""
        lane.fruitless += 1
        try:
            candidate = candidate_of(genome)
            text = repr(candidate[1:6])
            if text in self._texts or len(text) > 4000:
                return
            self._texts.add(text)
            self.pulse(text)
            outcome = self.engine.run(candidate)
        except (SyntaxError, ValueError, RecursionError, KeyError, IndexError):
            return
        self.runs += 1
        good = acceptable(outcome) and (outcome.kind == "raises" or not violates(genome))
        breeder.count(genome, good)
        fresh = self._judge(lane, breeder, genome, outcome, good)
        self._ask(lane, breeder, genome, outcome, fresh)
        if good and outcome.kind == "value" and callable(outcome.value) and len(genome.after) < 2 and _product(outcome.value, lane.target):
            key = ("called", type(outcome.value), len(genome.after), len(genome.args))
            if lane.tried.setdefault(key, 0) < 3:
                lane.tried[key] += 1
                lane.queue.extendleft((breeder, called) for called in reversed(list(breeder.called(genome))))

    def _judge(self, lane: Lane, breeder: Breeder, genome: Genome, outcome: Outcome, good: bool) -> bool:
        arcs = outcome.arcs
        new = [arc for arc in arcs if arc not in self.touched]
        self.touched.update(new)
        if not good:
            if new or outcome.kind == "raises" and self._fresh_features(lane, outcome, arcs) and len(lane.kept) < 60:
                lane.kept.append((breeder, genome))
            self._find(lane, genome, outcome)
            return bool(new)
        wanted = [arc for arc in arcs if self.covered.get(arc, 0) == 0 and self._refused.get(arc, 0) < REFUSALS]
        spare = [arc for arc in arcs if self.covered.get(arc, 0) < SPARE]
        features = self._fresh_features(lane, outcome, arcs)
        keep = bool(wanted) or bool(spare) and lane.extras < EXTRA * 2 or features and lane.extras < EXTRA
        if wanted or features or new:
            lane.kept.append((breeder, genome))
            del lane.kept[:-150]
        if wanted:
            lane.fruitless = 0
        elif features:
            lane.fruitless = max(0, lane.fruitless - 20)
        if keep:
            lane.extras += not wanted
            counts = self.covered if self._keep(genome, outcome) is not False else self._refused
            for arc in arcs:
                counts[arc] = counts.get(arc, 0) + 1
        return bool(wanted or new or features)

    def _fresh_features(self, lane: Lane, outcome: Outcome, arcs: Sequence[int]) -> bool:
        """Note which sides comparisons came out on, and the class of the outcome; tell whether any is new."""
        found: Set[Any] = {_outcome_class(outcome)}
        for note in outcome.notes:
            side = _side(note)
            if side is not None:
                found.add((note.site, side))
        fresh = found - lane.features
        lane.features |= fresh
        return bool(fresh)

    def _keep(self, genome: Genome, outcome: Outcome) -> Any:
        candidate = outcome.candidate
        texts = [*candidate.arrange, candidate.act.callee, *(arg.code for arg in candidate.act.args), *(patch.code for patch in candidate.patches), *(patch.owner for patch in candidate.patches if patch.owner)]
        imports = tuple(dict.fromkeys([*candidate.imports, *self.names.imports(texts, candidate.imports)]))
        candidate = candidate._replace(imports=imports, arcs=outcome.arcs, origin=genome.origin)
        return self.say({"candidate": candidate})

    def _find(self, lane: Lane, genome: Genome, outcome: Outcome) -> None:
        if outcome.kind != "raises" or genome.origin not in ("docstring", "call site", "test") or len(self.findings) > 20:
            return
        raised = outcome.raised
        if raised is not None and raised.project and not raised.explicit:
            act = outcome.candidate.act
            call = f"{act.callee}({', '.join(arg.code for arg in act.args)})"
            self.findings.append(Finding(lane.target.name, call, repr(outcome.error)[:200], raised.line))

    # Feedback

    def _ask(self, lane: Lane, breeder: Breeder, genome: Genome, outcome: Outcome, fresh: bool) -> None:
        if len(lane.queue) > QUEUE:
            return
        asked: List[Genome] = []
        for note in outcome.notes:
            site = self.loaded.seen.sites[note.site]
            near = (site.function, site.line) in self._open_lines
            key = (note.site, note.kind, repr(note.right)[:40], repr(note.left)[:20])
            if not near and not fresh or lane.tried.get(note.site, 0) > TRIES * (4 if near else 1) or lane.tried.get(key, 0) > 1:
                continue
            lane.tried[note.site] = lane.tried.get(note.site, 0) + 1
            lane.tried[key] = lane.tried.get(key, 0) + 1
            self._learn(breeder, note)
            found = list(islice(feedback.variants(genome, note, self.world, self.rng), 10))
            asked += found
            if near and not found and _numeric(note):
                self._solve(lane, breeder, genome, note)
        if outcome.kind == "raises":
            key = ("failed", type(outcome.error).__name__, str(outcome.error)[:60])
            if lane.tried.setdefault(key, 0) < 3:
                lane.tried[key] += 1
                asked += list(islice(feedback.after_failure(genome, outcome), 8))
        for variant in asked[:40]:
            lane.queue.append((breeder, variant))

    def _learn(self, breeder: Breeder, note: Note) -> None:
        for value in (note.right, note.left) if not isinstance(note.right, tuple) else note.right:
            if isinstance(value, (str, int, float, bytes)) and not isinstance(value, bool) and value not in breeder.tokens and len(breeder.tokens) < 300:
                if not isinstance(value, (str, bytes)) or 0 < len(value) <= 40:
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


def acceptable(outcome: Outcome) -> bool:
    """Tell whether a test may come of it: a value, or an exception that the project raises on purpose."""
    if outcome.kind == "value":
        return not outcome.strays
    raised = outcome.raised
    return outcome.kind == "raises" and raised is not None and raised.explicit and raised.project


def violates(genome: Genome) -> bool:
    """Tell whether an argument is of a kind that its annotation rules out; what an author wrote is always right."""
    rows = genome.shape.rows
    return genome.origin == "type" and any(
        number < len(rows) and rows[number].kinds and kind_of(value.code) not in rows[number].kinds and not value.arrange for number, _, value in genome.args
    )


def _product(value: Any, target: Target) -> bool:
    return inspect.isroutine(value) or hasattr(value, "__wrapped__") or type(value).__name__ == "partial" or target.kind == "function" and not isinstance(value, type) and hasattr(type(value), "__call__")


def _numeric(note: Note) -> bool:
    return type(note.left) in (int, float) and type(note.right) in (int, float)


def _side(note: Note) -> Any:
    left, right = note.left, note.right
    try:
        if note.kind in ("==", "!="):
            return left == right
        if note.kind in ("<", "<=", ">", ">="):
            return (left > right) - (left < right)
        if note.kind == "in":
            return left in right
    except TypeError:
        return None
    if note.kind == "len":
        return min(right, 2)
    return None


def _outcome_class(outcome: Outcome) -> Any:
    if outcome.kind != "value":
        raised = outcome.raised
        return (outcome.kind, type(outcome.error).__name__, raised.line if raised else 0)
    value = outcome.value
    kind = type(value)
    if kind is bool or value is None:
        return ("value", repr(value))
    if kind in (int, float):
        return ("value", kind.__name__, (value > 0) - (value < 0))
    if kind in (str, bytes, list, tuple, dict, set, frozenset):
        return ("value", kind.__name__, min(len(value), 2), _form(value) if kind is str else "")
    return ("value", kind.__name__)


def _form(text: str) -> str:
    """Return what a short text looks like: letters, digits and the rest, repeats left out."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_]", "a", text[:40])))[:12]
