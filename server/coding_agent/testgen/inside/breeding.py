# pyright: standard
# Pools hold values for parameters of any kind.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Makes genomes: first ones from pools, later ones by changing what was worth keeping."""

import itertools
import random
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from . import reflection
from .genome import SELF, Genome, Shape, components, with_component
from .mutation import mutated
from .pools import Row
from .values import ANYTHING, Value, composed, plain

AFTER = [
    (),
    ("3",),
    ("'abc'",),
    ("[1, 2, 3]",),
    ("2", "3"),
    ("lambda x: x",),
    ("lambda: 42",),
    ("{'a': 1}",),
    ("None",),
    ("0",),
]


class Breeder:
    """Makes genomes for one shape. ``luck`` counts how values of a row did, so that hopeless ones are drawn less."""

    def __init__(self, shape: Shape, rng: random.Random, tokens: Sequence[Any]) -> None:
        self.shape = shape
        self.rng = rng
        self.tokens = list(tokens)
        self.luck: Dict[Tuple[int, str], List[int]] = {}
        self.steps = [Breeder(step, rng, tokens) for step in shape.steps]

    # First ones

    def first(self) -> Iterator[Genome]:
        """Give genomes that try each value of each row once, others being what they are first."""
        rows = self.shape.rows
        base = self._made(self._base())
        yield base
        for receiver in self.shape.receivers[1:]:
            yield base._replace(receiver=receiver)
        longest = max((len(row.pool) for row in rows), default=0)
        for place in range(longest):
            for number, row in enumerate(rows):
                if place < len(row.pool) and (place or not row.needed):
                    yield from self._with(base, number, row.pool[place])
            if place == 0:
                yield from self._partnered(base)
        yield from self._pairs(base)
        for step in self.steps:
            for genome in itertools.islice(step.first(), 4):
                yield base._replace(steps=(step.as_step(genome),))

    def _base(self) -> List[Tuple[int, str, Value]]:
        return [
            (number, row.keyword, row.pool[0]) for number, row in enumerate(self.shape.rows) if row.needed and row.pool
        ]

    def _made(self, args: Sequence[Tuple[int, str, Value]]) -> Genome:
        receiver = self.shape.receivers[0] if self.shape.receivers else None
        return Genome(self.shape, receiver, (), tuple(args), origin="type")

    def _with(self, base: Genome, number: int, value: Value) -> Iterator[Genome]:
        row = self.shape.rows[number]
        kept = [arg for arg in base.args if arg[0] != number]
        if row.many == "*":
            yield base._replace(args=self._sorted([*kept, (number, "", value)]))
            other = self.rng.choice(row.pool)
            yield base._replace(args=self._sorted([*kept, (number, "", value), (number, "", other)]))
        elif row.many == "**":
            yield base._replace(args=self._sorted([*kept, (number, self.rng.choice(["name", "a", "key"]), value)]))
        else:
            yield base._replace(args=self._sorted([*kept, (number, row.keyword, value)]))

    def _sorted(self, args: Sequence[Tuple[int, str, Value]]) -> Tuple[Tuple[int, str, Value], ...]:
        """Order by row, what goes by place first; where places would be filled behind a gap, the keywords stay."""
        return tuple(sorted(args, key=lambda arg: (arg[1] != "", arg[0])))

    def _partnered(self, base: Genome) -> Iterator[Genome]:
        """Give types beside the data that fits them, where one row takes the one and a later row the other."""
        for number, row in enumerate(self.shape.rows[:-1]):
            for value in row.pool:
                for partner in reflection.partners(value.code):
                    follow = self.shape.rows[number + 1]
                    kept = [arg for arg in base.args if arg[0] not in (number, number + 1)]
                    yield base._replace(
                        args=self._sorted([*kept, (number, row.keyword, value), (number + 1, follow.keyword, partner)])
                    )

    def _pairs(self, base: Genome) -> Iterator[Genome]:
        """Give combinations of the options with few values: booleans, enumerations, literals."""
        few = [(number, row) for number, row in enumerate(self.shape.rows) if 0 < len(row.pool) <= 6 and not row.many][
            :5
        ]
        for (first, row), (second, other) in itertools.combinations(few, 2):
            for one, two in itertools.product(row.pool[:3], other.pool[:3]):
                kept = [arg for arg in base.args if arg[0] not in (first, second)]
                yield base._replace(args=self._sorted([*kept, (first, row.keyword, one), (second, other.keyword, two)]))

    # Later ones

    def random(self) -> Genome:
        """Return a genome drawn from the pools."""
        args: List[Tuple[int, str, Value]] = []
        for number, row in enumerate(self.shape.rows):
            if not row.pool:
                continue
            if row.many == "*":
                args += [(number, "", self.draw(number, row)) for _ in range(self.rng.choice([0, 1, 2, 2, 3]))]
            elif row.many == "**":
                args += [
                    (number, self.rng.choice(["name", "a", "key", "value"]), self.draw(number, row))
                    for _ in range(self.rng.choice([0, 0, 1]))
                ]
            elif row.needed or self.rng.random() < 0.3:
                args.append((number, row.keyword, self.draw(number, row)))
        seen: Dict[str, Tuple[int, str, Value]] = {}
        kept = [arg for arg in args if not arg[1] or seen.setdefault(arg[1], arg) is arg]
        receiver = self.draw_receiver()
        return Genome(self.shape, receiver, self._some_steps(), self._sorted(kept))

    def draw_receiver(self) -> Optional[Value]:
        pool = self.shape.receivers
        return pool[min(int(self.rng.expovariate(0.35)), len(pool) - 1)] if pool else None

    def draw(self, number: int, row: Row) -> Value:
        """Draw a value of a row: early ones and those that did well more often."""
        for _ in range(4):
            value = row.pool[min(int(self.rng.expovariate(3.0 / len(row.pool))), len(row.pool) - 1)]
            good, bad = self.luck.get((number, value.code), (1, 0))
            if self.rng.random() < (good + 1) / (good + bad + 1):
                return value
        return self.rng.choice(row.pool)

    def _some_steps(self) -> Tuple[Value, ...]:
        if not self.steps or self.rng.random() < 0.35:
            return ()
        return tuple(self._step() for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4])))

    def _step(self) -> Value:
        step = self.rng.choice(self.steps)
        return step.as_step(step.random())

    def as_step(self, genome: Genome) -> Value:
        """Return a call as a statement of the arrangement."""
        values = [value for _, _, value in genome.args]
        words = [keyword for _, keyword, _ in genome.args]

        def made(codes: List[str]) -> str:
            args = ", ".join(f"{word}={code}" if word else code for word, code in zip(words, codes))
            if self.shape.kind == "set":
                return self.shape.callee.replace("{0}", codes[0]) + " = " + (codes[1] if len(codes) > 1 else "1")
            if self.shape.kind == "del":
                return "del " + self.shape.callee.replace("{0}", codes[0])
            return f"{'await ' if self.shape.kind == 'await' else ''}{self.shape.callee}({args})"

        return composed(values, made)

    def changed(self, genome: Genome, others: Sequence[Genome]) -> Genome:
        """Return a neighbour of a genome, which is nobody's example any more."""
        return self._neighbour(genome, others)._replace(origin="type")

    def _neighbour(self, genome: Genome, others: Sequence[Genome]) -> Genome:
        way = self.rng.random()
        if way < 0.5:
            return self._mutated(genome)
        if way < 0.65 and self.shape.rows:
            return self._redrawn(genome)
        if way < 0.72 and others:
            return self._crossed(genome, self.rng.choice(others))
        if way < 0.8 and self.shape.receivers:
            return genome._replace(receiver=self.draw_receiver())
        if way < 0.92 and self.steps and not genome.shape.frame:
            return self._restepped(genome)
        if genome.after:
            return self._recalled(genome)
        return self._mutated(self._mutated(genome))

    def _mutated(self, genome: Genome) -> Genome:
        places = [(place, code) for place, code in components(genome) if code != SELF]
        if not places:
            return genome
        place, code = self.rng.choice(places)
        return with_component(genome, place, mutated(code, self.rng, self.tokens))

    def _redrawn(self, genome: Genome) -> Genome:
        number = self.rng.randrange(len(self.shape.rows))
        row = self.shape.rows[number]
        if not row.pool:
            return genome
        if not row.needed and not row.many and self.rng.random() < 0.25:
            return genome._replace(args=tuple(arg for arg in genome.args if arg[0] != number))
        return self.rng.choice(list(self._with(genome, number, self.draw(number, row))))

    def _crossed(self, genome: Genome, other: Genome) -> Genome:
        if other.shape.callee != genome.shape.callee or not other.args:
            return genome
        number, keyword, value = self.rng.choice(other.args)
        if self.shape.rows and number < len(self.shape.rows) and self.shape.rows[number].many:
            return other._replace(receiver=genome.receiver)
        return genome._replace(
            args=self._sorted([*(arg for arg in genome.args if arg[0] != number), (number, keyword, value)])
        )

    def _restepped(self, genome: Genome) -> Genome:
        taken = list(genome.steps)
        way = self.rng.randrange(4)
        if way == 0 and taken:
            del taken[self.rng.randrange(len(taken))]
        elif way == 1 and taken:
            taken.insert(self.rng.randint(0, len(taken)), self.rng.choice(taken))
        elif len(taken) < 5:
            taken.insert(self.rng.randint(0, len(taken)), self._step())
        return genome._replace(steps=tuple(taken))

    def _recalled(self, genome: Genome) -> Genome:
        call = tuple(self.rng.choice(ANYTHING) for _ in range(self.rng.choice([0, 1, 1, 2])))
        return genome._replace(after=(*genome.after[:-1], call), again=self.rng.choice([0, 0, 1, 2]))

    def called(self, genome: Genome) -> Iterator[Genome]:
        """Give genomes in which what the call returned is called."""
        for codes in AFTER:
            for again in (0, 1):
                yield genome._replace(after=(*genome.after, tuple(plain(*codes))), again=again, origin="type")

    def count(self, genome: Genome, good: bool) -> None:
        """Note how the values of a genome did."""
        for number, _, value in genome.args:
            entry = self.luck.setdefault((number, value.code), [0, 0])
            entry[0 if good else 1] += 1
