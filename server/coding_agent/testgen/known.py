"""What is known of a module while its tests are generated, and the report that comes of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from coding_agent.testgen.boxes import Target
from coding_agent.testgen.delivery import Delivery
from coding_agent.testgen.engine import Kills, Survey
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.plan import by_risk
from coding_agent.testgen.report import Bug, Dropped, Gap, Kind, Mutant, Phase, Progress, Reason, Report
from coding_agent.testgen.risk import Risks
from coding_agent.testgen.signatures import Definition


@dataclass(frozen=True, slots=True)
class Told:
    """What the report says beside what is known. ``names`` are the targets wanted, none: all; ``seconds`` it took."""

    target: Target
    names: Sequence[str]
    seconds: float
    first: float | None
    isolation: str
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the mutants: numbers, places in ``table``. ``before`` are killed by the tests there were."""

    table: tuple[Mutant, ...] = ()
    mutants: frozenset[int] = frozenset()
    before: frozenset[int] = frozenset()
    killed: frozenset[int] = frozenset()
    reached: frozenset[int] = frozenset()
    tried: frozenset[int] = frozenset()


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
    stood: tuple[str, ...] = ()
    """What kept calls from becoming tests."""
    bugs: tuple[Bug, ...] = ()
    kills: Kills = field(default_factory=lambda: Kills(()))
    theirs: Kills | None = field(default_factory=lambda: Kills(()))
    """What the tests there are kill; None where that could not be told."""
    unstable: int = 0
    problems: list[str] = field(default_factory=list[str])
    incomplete: bool = False
    risks: Risks = field(default_factory=Risks)
    settled: set[Candidate] = field(default_factory=set[Candidate])
    """Cases that gave the same with more hash seeds, without their kills."""

    @property
    def needless(self) -> frozenset[int]:
        """Probes that no case is needed for: beside tests that there are, a border alone is worth none."""
        probes = enumerate(self.survey.probes) if self.before else ()
        return self.before | {number for number, each in probes if each.kind is Kind.BORDER}

    def reasons(self, gaps: Iterable[Gap]) -> Iterator[Reason]:
        """What else makes the functions with gaps worth a test."""
        for name in dict.fromkeys(gap.function.partition(".<locals>")[0] for gap in gaps):
            found, changes = self.risks.findings.get(name, ()), self.risks.changes.get(name, 0)
            if found or changes > 1:
                yield Reason(name, tuple(dict.fromkeys(found)), changes)

    def covered(self) -> list[int]:
        return sorted(self.before.union(*(each.arcs for each in self.found)))

    def of_kind(self, kind: Kind, numbers: Iterable[int] | None = None) -> int:
        """How many probes are of a kind, of these numbers or of all."""
        probes = self.survey.probes
        wanted = range(len(probes)) if numbers is None else numbers
        return sum(number < len(probes) and probes[number].kind is kind for number in wanted)

    def progress(self, phase: Phase, module: str, seconds: float, share: float, saved: int) -> Progress:
        branches, total = self.of_kind(Kind.BRANCH, self.covered()), self.of_kind(Kind.BRANCH)
        return Progress(phase, module, seconds, share, branches, total, len(self.found), self.executions, saved)

    def why_nothing(self, delivery: Delivery, names: Sequence[str]) -> str:
        if delivery.problem:
            return f"{delivery.problem}; {self._done_before(names)}" if self.before else delivery.problem
        if not self.survey.targets:
            return "; ".join(self.problems) or "the module defines nothing that can be tested"
        if self.before:
            return f"{self._done_before(names)}; no case was found that does more"
        if not self.found:
            stood = f": {'; '.join(self.stood)}" if self.stood else ""
            return "; ".join(self.problems) or f"no input was found that gives a stable result{stood}"
        if not self.verified:
            return "nothing gave the same result in every run"
        return "no case was green in all runs"

    def _done_before(self, names: Sequence[str]) -> str:
        """``the tests there are take 26 of 28 branches and kill 58 of 78 mutants``"""
        taken, total = self.of_kind(Kind.BRANCH, self.before), self.of_kind(Kind.BRANCH)
        said = f"the tests there are take {taken} of {total} branches"
        judged = self.judged(names, ())
        if not judged.mutants:
            return said
        left = len(judged.reached - judged.tried)
        late = f" ({left} more were not tried in the time)" if left else ""
        return f"{said} and kill {len(judged.before)} of {len(judged.mutants)} mutants{late}"

    def judged(self, names: Sequence[str], saved: Sequence[Candidate]) -> Judged:
        """Return what became of the mutants of the targets wanted, with the cases that are on disk."""
        theirs, ours = self.theirs or Kills(()), self.kills if saved else Kills(())
        table = ours.mutants or theirs.mutants
        if not ours.tried and not theirs.tried:
            return Judged(table)
        wanted = frozenset(number for number, each in enumerate(table) if _in_scope(each.function, names))
        before = wanted & theirs.dead
        killed = before | (wanted & ours.anyway) | (wanted & {number for each in saved for number in each.kills})
        reached = wanted & (theirs.reached | ours.reached)
        tried = (reached - theirs.unsettled - ours.unsettled) | killed
        return Judged(table, wanted, before, killed, reached, tried)

    def report(self, told: Told, delivery: Delivery) -> Report:
        """Return what came of it, for the cases that are on disk."""
        saved = delivery.saved
        after = self.before.union(*(each.arcs for each in saved))
        judged = self.judged(told.names, saved)
        dropped = list(delivery.dropped)
        if self.unstable:
            dropped.append(Dropped("candidates", "another result in another process", self.unstable))
        gaps = [
            gap
            for number, gap in enumerate(self.survey.probes)
            if number not in after and gap.kind is not Kind.BORDER and _in_scope(gap.function, told.names)
        ]
        problems = [*self.problems, *([delivery.advice] if saved and delivery.advice else [])]
        return Report(
            module=told.target.module,
            source=told.target.file,
            file=delivery.place.path if saved else None,
            tests=len(delivery.tests),
            cases=len(saved),
            functions_before=self.of_kind(Kind.FUNCTION, self.before),
            functions_after=self.of_kind(Kind.FUNCTION, after),
            functions=self.of_kind(Kind.FUNCTION),
            before=self.of_kind(Kind.BRANCH, self.before),
            after=self.of_kind(Kind.BRANCH, after),
            branches=self.of_kind(Kind.BRANCH),
            killed_before=len(judged.before),
            killed=len(judged.killed),
            mutants=len(judged.mutants),
            reached=len(judged.reached),
            tried=len(judged.tried),
            survivors=tuple(judged.table[number] for number in sorted(judged.tried - judged.killed)),
            seconds=told.seconds,
            first=told.first,
            isolation=told.isolation,
            executions=self.executions,
            dropped=tuple(_summed(dropped)),
            bugs=self.bugs,
            gaps=tuple(by_risk(gaps, self.definitions, self.risks)),
            risks=tuple(self.reasons(gaps)),
            problems=tuple(each for each in dict.fromkeys(problems) if each not in told.why),
            place=delivery.place.why,
            why=told.why,
            text=delivery.text,
            incomplete=self.incomplete,
        )


def _in_scope(function: str, names: Sequence[str]) -> bool:
    return not names or any(function == name or function.startswith(name + ".") for name in names)


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


def worth(candidates: Sequence[Candidate]) -> int:
    """How many probes candidates pass together."""
    return len(frozenset(arc for each in candidates for arc in each.arcs))
