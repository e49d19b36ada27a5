# pyright: standard
# Outcomes hold any object.
"""The search: runs genomes, keeps what reaches something new, and changes what was kept towards what is still open."""

import random
import time
from collections import Counter, deque
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import fakes, seeding
from .asking import Asker
from .breeding import Breeder
from .exceptions import is_surprising
from .execute import Engine, Outcome
from .genome import Genome, candidate_of
from .instrument import Loaded
from .lane import Lane
from .names import Names
from .outcomes import acceptable, class_of, hindrance, is_noise, is_product, side_of, violates
from .survey import Target
from .values import merged
from .wording import call_text
from .world import World

EARLY = 6
"""As EXTRA, in a target's first turn: first all targets are to have their turn."""
BATCH = 30
"""Runs of one target before the next has its turn."""
TURN = 0.25
"""Seconds of a turn, where its share of what is left is less."""
PATIENCE = 400
"""Runs without anything new after which a target counts as quiet."""
QUIET = 12
"""So many times PATIENCE, and a target is given up, unless there is time to go on."""
STAGNANT, LONGEST = 0.4, 6.0
"""The share of the search, and the seconds at most, that may go by without a gain while something is open."""
RENEWED = 4 * PATIENCE
"""Runs without anything new after which comparisons may ask once more for what they asked for."""
EXTRA = 24
"""Candidates of one target that are kept for a new outcome though they reach nothing new."""
PREPARING = "prepare "
REFUSALS = 6
"""Candidates without an oracle after which a probe is taken for one that none can be had for."""
SPARE = 2
"""Each probe is to be reached by this many candidates, for some will not be repeatable."""

SOUGHT = 6
"""Calls that are tried again with a file there that they looked for."""

Say = Callable[[Dict[str, Any]], Any]


class Finding(NamedTuple):
    """An exception nobody raised on purpose, for an input that somebody wrote: in a docstring, a test or a call."""

    target: str
    call: str
    error: str
    line: int


class Search:
    """Explores targets in turn until time is up or nothing new comes."""

    def __init__(self, engine: Engine, loaded: Loaded, names: Names, world: World, say: Say, seed: int = 0) -> None:
        self.engine, self.loaded, self.names, self.world, self.say = engine, loaded, names, world, say
        self.rng = random.Random(seed)
        self.covered: Dict[int, int] = {}
        self.acted: Set[int] = set()
        self.touched: Set[int] = set()
        self._makers: Dict[str, Tuple[str, Tuple[str, ...]]] = {}  # calls that leave a file, by its name
        self.findings: List[Finding] = []
        self.runs = 0
        self.lanes: List[Lane] = []
        self._texts: Set[str] = set()
        self.asker = Asker(engine, loaded, world, self.rng)
        self._all = len(loaded.probes)
        self._waiting: Deque[Target] = deque()
        self._by_function = self._probes_by_function()
        self.problems: List[str] = []
        self.pulse: Callable[[str], Any] = str
        self._refused: Dict[int, int] = {}
        self.stood: Counter[str] = Counter()
        self._lost: Set[str] = set()
        self._gained = self._patient = 0.0

    def add(self, targets: Sequence[Target]) -> None:
        """Take targets up, public ones first; each is prepared when its turn comes."""
        self._waiting.extend(sorted(targets, key=lambda target: target.private))

    def avoid(self, texts: Sequence[str]) -> None:
        """Never run these again: each ended or hung a process."""
        self._texts.update(texts)
        self._lost = {text[len(PREPARING) :] for text in texts if text.startswith(PREPARING)}

    def _prepare(self, target: Target) -> Optional[Lane]:
        if target.name in self._lost:
            return None
        self.pulse(PREPARING + target.name)
        own = self._by_function.get(target.name, set())
        far = {number for name in target.reach for number in self._by_function.get(name, ())} - own
        try:
            lane = Lane(target, self.world, self.rng, seeding.tokens(target, self.world), own, far)
            lane.queue.extend(seeding.seeded(lane.target, lane.breeders, self.world))
        except Exception as error:
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
        self._gained = time.monotonic()
        self._patient = min(LONGEST, STAGNANT * (until - self._gained))
        while time.monotonic() < until:
            lane = self._choose()
            if lane is None:
                return True
            ends = min(until, self._turn_ends(until))
            for _ in range(BATCH):
                if not self._turn(lane) or time.monotonic() >= ends:
                    break
            self._refresh()
        return False

    def _turn_ends(self, until: float) -> float:
        """A slow target has its share of the time and no more."""
        now = time.monotonic()
        lanes = len(self.lanes) + sum(not target.private for target in self._waiting)
        return now + max(TURN, (until - now) / max(1, lanes))

    def _refresh(self) -> None:
        self.asker.open_lines = {
            (self.loaded.probes[number].function, self.loaded.probes[number].line) for number in self.open()
        }

    def _choose(self) -> Optional[Lane]:
        while self._waiting and not self._waiting[0].private:
            lane = self._prepare(self._waiting.popleft())
            if lane is not None:
                return lane
        left = self.open()
        gaining = time.monotonic() - self._gained < self._patient
        weights: List[Tuple[Lane, float]] = []
        for lane in self.lanes:
            near, far = len(lane.probes & left), len(lane.far & left)
            if lane.target.private and not near:
                continue
            interest = near + 0.3 * far if near or far else 0.05
            quiet = lane.fruitless / PATIENCE
            if quiet > 1 and (not (near or far) or (quiet > QUIET and not gaining)):
                continue
            weights.append((lane, (interest**0.5) / (1 + quiet * quiet)))
        quiet_public = all(
            lane.fruitless > PATIENCE / 2 or not (lane.probes | lane.far) & left
            for lane in self.lanes
            if not lane.target.private
        )
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
        if lane.fruitless - lane.renewed > RENEWED:
            lane.renewed = lane.fruitless
            lane.tried.clear()
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
            outcome = self.engine.run_apart(candidate)
        except (SyntaxError, ValueError, RecursionError, KeyError, IndexError):
            return
        self.runs += 1
        good = acceptable(outcome) and (outcome.kind == "raises" or not violates(genome))
        good = good and not is_noise(genome, outcome, lane.probes)
        breeder.count(genome, good)
        fresh = self._judge(lane, breeder, genome, outcome, good)
        self.asker.ask(lane, breeder, genome, outcome, fresh)
        if outcome.touched.sought:
            lane.queue.extendleft((breeder, other) for other in self._found_there(lane, genome, outcome))
        if (
            good
            and outcome.kind == "value"
            and callable(outcome.value)
            and len(genome.after) < 2
            and is_product(outcome.value, lane.target)
        ):
            key = ("called", type(outcome.value), len(genome.after), len(genome.args))
            if lane.tried.setdefault(key, 0) < 3:
                lane.tried[key] += 1
                lane.queue.extendleft((breeder, called) for called in reversed(list(breeder.called(genome))))

    def _found_there(self, lane: Lane, genome: Genome, outcome: Outcome) -> Iterator[Genome]:
        """Yield the genome with what it looked for in its folder being there; each name is tried a few times.

        It may be there as a file of what such a name holds, or by the call of this module that makes it.
        """
        given = outcome.candidate
        moved = [patch for patch in given.patches if patch.how == "chdir" or patch.code.startswith("tmp_path / ")]
        if not moved or genome.before:
            return
        if outcome.kind == "value" and not given.arrange and given.act.kind == "call":
            made = (call_text(given._replace(patches=())), given.imports)
            for path in self.engine.tmp_path.iterdir():
                self._makers.setdefault(path.name, made)
        patches = (*moved, *(patch for patch in genome.patches if patch not in moved))
        shape = genome.shape._replace(fixtures=merged([("tmp_path",), genome.shape.fixtures]))
        for name in outcome.touched.sought:
            tries = lane.tried.setdefault(("sought", name, name in self._makers), 0)
            lane.tried["sought", name, name in self._makers] += 1
            if tries < SOUGHT:
                if name in self._makers:
                    call, lines = self._makers[name]
                    ready = shape._replace(imports=merged([shape.imports, lines]))
                    yield genome._replace(before=(call,), patches=patches, shape=ready)
                for before in fakes.present(name):
                    yield genome._replace(before=before, patches=patches, shape=shape)

    def _judge(self, lane: Lane, breeder: Breeder, genome: Genome, outcome: Outcome, good: bool) -> bool:
        arcs, acted = outcome.arcs, set(outcome.arcs).difference(outcome.arranged)
        new = [arc for arc in arcs if arc not in self.touched]
        self.touched.update(new)
        if not good:
            reason = hindrance(outcome) if not acceptable(outcome) else ""
            if reason:
                self.stood[reason] += 1
            if new or (outcome.kind == "raises" and self._fresh_features(lane, outcome) and len(lane.kept) < 60):
                lane.kept.append((breeder, genome))
            self._find(lane, genome, outcome)
            return bool(new)
        # What an arrangement passed is wanted once more, where its result is looked at.
        missing = [arc for arc in arcs if arc not in self.covered or (arc in acted and arc not in self.acted)]
        wanted = [arc for arc in missing if self._refused.get(arc, 0) < REFUSALS]
        spare = [arc for arc in arcs if self.covered.get(arc, 0) < SPARE]
        features = self._fresh_features(lane, outcome)
        room = EXTRA if lane.runs > BATCH else EARLY
        keep = bool(wanted) or ((bool(spare) or features) and lane.extras < room)
        if wanted or features or new:
            lane.kept.append((breeder, genome))
            del lane.kept[:-150]
        if wanted:
            lane.fruitless = lane.renewed = 0
            self._gained = time.monotonic()
        elif features and lane.extras < EXTRA:
            # Texts have new forms without end; what is no longer kept keeps no target awake.
            lane.fruitless = max(0, lane.fruitless - 20)
        if keep:
            lane.extras += not wanted
            kept = self._keep(genome, outcome) is not False
            counts = self.covered if kept else self._refused
            self.acted.update(acted if kept else ())
            for arc in arcs:
                counts[arc] = counts.get(arc, 0) + 1
        return bool(wanted or new or features)

    def _fresh_features(self, lane: Lane, outcome: Outcome) -> bool:
        """Note which sides comparisons came out on, and the class of the outcome; tell whether any is new."""
        found: Set[Any] = {class_of(outcome)}
        for note in outcome.notes:
            side = side_of(note)
            if side is not None:
                found.add((note.site, side))
        fresh = found - lane.features
        lane.features |= fresh
        return bool(fresh)

    def _keep(self, genome: Genome, outcome: Outcome) -> Any:
        candidate = outcome.candidate
        texts = [
            *candidate.arrange,
            candidate.act.callee,
            *(arg.code for arg in candidate.act.args),
            *(patch.code for patch in candidate.patches),
            *(patch.owner for patch in candidate.patches if patch.owner),
        ]
        imports = tuple(dict.fromkeys([*candidate.imports, *self.names.imports(texts, candidate.imports)]))
        candidate = candidate._replace(
            imports=imports, arcs=outcome.arcs, arranged=outcome.arranged, origin=genome.origin
        )
        return self.say({"candidate": candidate})

    def _find(self, lane: Lane, genome: Genome, outcome: Outcome) -> None:
        if (
            outcome.kind not in ("raises", "accident")
            or genome.origin not in ("docstring", "call site", "test")
            or len(self.findings) > 20
        ):
            return
        raised = outcome.raised
        if raised is not None and is_surprising(outcome):
            call = call_text(outcome.candidate)
            self.findings.append(Finding(lane.target.name, call, repr(outcome.error)[:200], raised.line))
