# pyright: standard
# Values of any kind.
"""The search over one target: its ways of being exercised, what was kept, what is queued."""

import random
from collections import deque
from itertools import islice
from typing import Any, Deque, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from . import fakes, flows
from .breeding import Breeder
from .genome import Genome
from .survey import Target
from .world import World

FEW = 20
"""First tries of a shape or setting that is not the usual one."""


class Lane:
    """The search over one target."""

    def __init__(
        self, target: Target, world: World, rng: random.Random, tokens: Sequence[Any], probes: Set[int], far: Set[int]
    ) -> None:
        self.target = target
        self.probes = probes  # its own
        self.far = far  # of what it calls in this module
        shapes = [
            fakes.faked(shape, variant)
            for shape in flows.shapes_of(target, world)
            for variant in fakes.worlds(target, world)
        ]
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
        self.renewed = 0  # what ``fruitless`` was when comparisons began to ask anew

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
