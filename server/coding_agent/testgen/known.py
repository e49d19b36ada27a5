"""What is known of a module while its tests are generated, and the report that comes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coding_agent.testgen.boxes import Target
from coding_agent.testgen.delivery import Delivery
from coding_agent.testgen.engine import Survey
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.plan import by_risk
from coding_agent.testgen.report import Bug, Dropped, Gap, Mutant, Report
from coding_agent.testgen.signatures import Definition

_BORDER = "border"
"""Outcome of a probe that tells that a comparison was looked at where its two sides meet."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the report says beside what is known. ``names`` are the targets wanted, none: all; ``seconds`` it took."""

    target: Target
    names: Sequence[str]
    seconds: float
    first: float | None
    isolation: str
    why: str


@dataclass(slots=True)
class Known:
    """What is known so far; only grows."""

    definitions: list[Definition]
    survey: Survey = field(default_factory=lambda: Survey((), (), {}))
    found: list[Candidate] = field(default_factory=list[Candidate])
    waiting: list[Candidate] = field(default_factory=list[Candidate])
    verified: list[Candidate] = field(default_factory=list[Candidate])
    before: frozenset[int] = frozenset()
    executions: int = 0
    bugs: tuple[Bug, ...] = ()
    mutants: tuple[tuple[int, Mutant], ...] = ()
    unstable: int = 0
    problems: list[str] = field(default_factory=list[str])
    incomplete: bool = False

    def covered(self) -> list[int]:
        return sorted(self.before.union(*(each.arcs for each in self.found)))

    def branches(self, numbers: Iterable[int]) -> list[int]:
        """Those that are branches; a border is one more thing to test, no branch."""
        probes = self.survey.probes
        return [number for number in numbers if number < len(probes) and probes[number].outcome != _BORDER]

    def total(self) -> int:
        return sum(probe.outcome != _BORDER for probe in self.survey.probes)

    def why_nothing(self, delivery: Delivery) -> str:
        if delivery.problem:
            return delivery.problem
        if not self.survey.targets:
            return "; ".join(self.problems) or "the module defines nothing that can be tested"
        if not self.found:
            return "; ".join(self.problems) or "no input was found that gives a stable result"
        if not self.verified:
            return "nothing gave the same result in every run"
        return "no case was green in all runs"

    def report(self, told: Told, delivery: Delivery) -> Report:
        """Return what came of it, for the cases that are on disk."""
        saved = delivery.saved
        after = self.before.union(*(each.arcs for each in saved))
        killed = frozenset(number for each in saved for number in each.kills)
        dropped = list(delivery.dropped)
        if self.unstable:
            dropped.append(Dropped("candidates", "another result in another process", self.unstable))
        gaps = [
            gap
            for number, gap in enumerate(self.survey.probes)
            if number not in after and gap.outcome != _BORDER and _in_scope(gap, told.names)
        ]
        return Report(
            module=told.target.module,
            source=told.target.file,
            file=delivery.place.path if saved else None,
            tests=len(delivery.tests),
            cases=len(saved),
            before=len(self.branches(self.before)),
            after=len(self.branches(after)),
            branches=self.total(),
            killed=len(killed),
            mutants=len(self.mutants),
            survivors=tuple(each for number, each in self.mutants if number not in killed),
            seconds=told.seconds,
            first=told.first,
            isolation=told.isolation,
            executions=self.executions,
            dropped=tuple(_summed(dropped)),
            bugs=self.bugs,
            gaps=tuple(by_risk(gaps, self.definitions)),
            problems=tuple(dict.fromkeys(self.problems)),
            place=delivery.place.why,
            why=told.why,
            text=delivery.text,
            incomplete=self.incomplete,
        )


def _in_scope(gap: Gap, names: Sequence[str]) -> bool:
    return not names or any(gap.function == name or gap.function.startswith(name + ".") for name in names)


def different(bugs: Iterable[Bug]) -> tuple[Bug, ...]:
    """One for each line and kind of failure, the shortest call first found."""
    found: dict[tuple[int, str], Bug] = {}
    for bug in bugs:
        found.setdefault((bug.line, bug.why.partition("(")[0]), bug)
    return tuple(found.values())


def _summed(dropped: Sequence[Dropped]) -> list[Dropped]:
    counts: dict[tuple[str, str], int] = {}
    for each in dropped:
        counts[each.what, each.why] = counts.get((each.what, each.why), 0) + each.count
    return [Dropped(what, why, count) for (what, why), count in counts.items()]
