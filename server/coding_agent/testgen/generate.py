"""Generates the tests of one module under a budget of wall time; the best verified file so far is always on disk."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import aclosing, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen import callsites
from coding_agent.testgen.boxes import DAYS, Boxes, Target, open_boxes
from coding_agent.testgen.delivery import Delivery
from coding_agent.testgen.engine import Engine, Explored, Survey, check_key
from coding_agent.testgen.existing import beside, covered_by_tests, ini_file
from coding_agent.testgen.inside.choose import choose
from coding_agent.testgen.inside.clock import SHIFTS
from coding_agent.testgen.inside.model import Candidate, Check
from coding_agent.testgen.layout import Place
from coding_agent.testgen.plan import by_risk
from coding_agent.testgen.report import Bug, Dropped, Gap, Listener, Mutant, Phase, Progress, Report
from coding_agent.testgen.signatures import definitions, parameters_by_name
from coding_agent.testgen.style import Style

REPLAYS = ((1, "reverse", 0), (2, "file", DAYS), (1, "random", SHIFTS[1]))
"""Hash seed, order and shift of the clock, beside the run that saw it first (seed 0, in order, now)."""
_GATES, _KILLERS = (1, 2), (1, 2)
"""Hash seeds of the boxes that run the file, and of those that share the mutants."""
_EXPLORED, _KILLED = 0.55, 0.84
"""Shares of the time after which a phase ends."""
_MORE = 1.2
"""How many times the branches of the file on disk another one must have while the search goes on."""
_ENDING = 1.5
"""Seconds of the budget, at most, that are left for what comes before and behind."""
_REPLAY = 8.0
"""Seconds that one replay of a batch may take; then it is cut in two."""
_BORDER = "border"
"""Outcome of a probe that tells that a comparison was looked at where its two sides meet."""
_SHORT = 0.3
"""Seconds for which nothing is begun."""
_FIRST, _ENOUGH, _PATIENCE = 0.5, 8, 4
"""Seconds of exploring and candidates before the first file is tried; with fewer it waits so many times as long."""
_HURRY = 0.15
"""The same seconds where somebody waits for it."""
_SOON, _WITHOUT = 0.15, 1.5
"""Seconds to wait, then, for calls in the rest of the project, and to search without them meanwhile."""


@dataclass(frozen=True, slots=True)
class Request:
    """Tests of one module. ``names`` are the targets wanted, none: all. Call sites are looked for in ``around``.

    ``into`` is where the file is written instead of its place. ``watched``: somebody waits for the first file.
    """

    target: Target
    names: tuple[str, ...]
    place: Place
    style: Style
    around: Path
    tests: tuple[Path, ...]
    seconds: float
    mode: Mode = Mode.AUTO
    gaps: bool = False
    into: Path | None = None
    watched: bool = False


async def generate(
    request: Request, listener: Listener, boxes: Boxes | None = None, stopped: asyncio.Event | None = None
) -> Report:
    """Generate and write the tests; being cancelled leaves the last verified file.

    ``boxes`` that are given stay open. Setting ``stopped`` ends it at once, with what is verified.
    Raises: NoSandbox; UserError - the file cannot be written.
    """
    stopped = stopped or asyncio.Event()
    async with nullcontext(boxes) if boxes else open_boxes(request.target, request.mode) as used:
        return await _Generation(request, listener, used, stopped).run()


@dataclass(slots=True)
class _Seen:
    """What is known so far; only grows."""

    found: list[Candidate] = field(default_factory=list[Candidate])
    waiting: list[Candidate] = field(default_factory=list[Candidate])
    verified: list[Candidate] = field(default_factory=list[Candidate])
    before: frozenset[int] = frozenset()
    executions: int = 0
    bugs: tuple[Bug, ...] = ()
    mutants: tuple[tuple[int, Mutant], ...] = ()
    unstable: int = 0
    problems: list[str] = field(default_factory=list[str])


class _Generation:
    def __init__(self, request: Request, listener: Listener, boxes: Boxes, stopped: asyncio.Event) -> None:
        self.request, self.listener, self.boxes, self.stopped = request, listener, boxes, stopped
        self.started = time.monotonic()
        # Starting the program and ending the boxes take their share, too.
        self.seconds = max(1.0, request.seconds - min(_ENDING, request.seconds / 10))
        self.engine = Engine(boxes)
        self.seen = _Seen()
        self.survey = Survey((), (), {})
        self.phase = Phase.START
        self.first: float | None = None
        self.exploring = True
        self.news = asyncio.Event()
        self.known = definitions(_text(request.target.file))
        self.delivery = self._delivery()
        self.gates: asyncio.Task[str] | None = None
        self.others: asyncio.Task[None] | None = None
        self.gate_cost = 0.08 * self.seconds

    async def run(self) -> Report:
        self._tell(Phase.START)
        self.gates = asyncio.create_task(self._warm_gates())
        seeds = asyncio.create_task(self._call_sites())
        stopping: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(self._until(1.0)) as limit:
                stopping = asyncio.create_task(self._heed(limit))
                await self.boxes.of(0)
                if self.request.gaps:
                    self.survey = await self.engine.survey(wall=max(5.0, self.seconds / 2))
                    await self._existing()
                    return self._report(self.survey.problem)
                existing = asyncio.create_task(self._existing())
                try:
                    await self._search(seeds, existing)
                finally:
                    existing.cancel()
        except TimeoutError:
            why = "it was stopped" if self.stopped.is_set() else "the time was over"
            self.seen.problems.append(f"{why}; the file is the last one that was green")
        finally:
            for task in (self.gates, seeds, self.others, stopping):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError, CodingAgentError):
                        await task
        return self._report("" if self.delivery.saved else self._why_nothing())

    async def _heed(self, limit: asyncio.Timeout) -> None:
        await self.stopped.wait()
        limit.reschedule(asyncio.get_running_loop().time())

    # Phases

    async def _warm_gates(self) -> str:
        return await self.boxes.warm(_GATES)

    async def _warm_others(self, names: Sequence[str]) -> None:
        """Import what the module imports of other packages, which every run of it would import again."""
        assert self.gates is not None
        await self.gates
        with suppress(CodingAgentError):
            await self.boxes.warm(_GATES, names)

    async def _call_sites(self) -> list[callsites.Seed]:
        request, stop = self.request, callsites.Stop()
        names = [each.name for each in self.known]
        try:
            async with asyncio.timeout(max(1.0, self.seconds / 5)):
                return await asyncio.to_thread(
                    callsites.seeds, request.around, request.target.file, request.target.module, names, stop
                )
        except TimeoutError:
            return []
        finally:
            stop.stopped = True

    async def _existing(self) -> None:
        if not self.request.tests:
            return
        hit, problem = await covered_by_tests(
            self.boxes, self.request.tests, self.request.target, wall=max(3.0, self.seconds / 4)
        )
        self.seen.before = frozenset(hit)
        if problem:
            self.seen.problems.append(f"the tests there are: {problem}")

    async def _search(self, seeds: "asyncio.Task[list[callsites.Seed]]", existing: "asyncio.Task[None]") -> None:
        explorer = asyncio.create_task(self._explore(seeds))
        try:
            await self._anytime(explorer)
            await explorer
        finally:
            explorer.cancel()
        if self.request.watched and self.first is None:
            await self._verify()
            await self._save(final=False)
        await existing
        await self._verify()
        await self._kill()
        self._tell(Phase.GATE)
        await self._save(final=True)

    async def _soon(self, seeds: "asyncio.Task[list[callsites.Seed]]") -> list[callsites.Seed] | None:
        """Calls in the rest of the project; None where finding them takes longer than somebody wants to wait."""
        if self.request.watched:
            await asyncio.wait([seeds], timeout=_SOON)
            if not seeds.done():
                return None
        return await seeds

    async def _explore(self, seeds: "asyncio.Task[list[callsites.Seed]]") -> None:
        """Search until the phase is over or nothing new comes; a search that crashed goes on from what it found."""
        self._tell(Phase.SURVEY)
        names = list(self.request.names)
        crashes, calls = 0, await self._soon(seeds)
        try:
            while crashes < 4:
                left = self._until(_EXPLORED)
                if left < _SHORT:
                    return
                left = min(left, _WITHOUT) if calls is None else left
                known, covered = list(self.seen.found), self._covered()
                ended: Explored | None = None
                async with aclosing(self.engine.explore(names, calls or (), known, covered, left)) as news:
                    async for each in news:
                        if isinstance(each, Candidate):
                            self.seen.found.append(each)
                            self.seen.waiting.append(each)
                            self.news.set()
                            self._tell(Phase.EXPLORE)
                        elif isinstance(each, Survey):
                            self._surveyed(each)
                        else:
                            ended = each
                assert ended is not None
                self.seen.executions += ended.executions
                self.seen.bugs = _different((*self.seen.bugs, *ended.bugs))
                if calls is None:
                    calls = await seeds
                    if not ended.problem and (calls or not ended.done):
                        continue
                if not ended.problem or not self.survey.targets:
                    self.seen.problems += [ended.problem] if ended.problem else []
                    return
                crashes += 1
                self.seen.problems.append(f"a search ended early: {ended.problem}")
        finally:
            self.exploring = False
            self.news.set()

    def _surveyed(self, survey: Survey) -> None:
        self.survey = survey
        # What the text says of parameters is in the order of the call, so it counts for more.
        self.delivery.parameters = {**survey.parameters, **self.delivery.parameters}
        if survey.others and self.others is None:
            self.others = asyncio.create_task(self._warm_others(survey.others))
        self._tell(Phase.EXPLORE)

    async def _anytime(self, explorer: "asyncio.Task[None]") -> None:
        """Verify what is found, and save files while the search goes on."""
        began, pause = time.monotonic(), _HURRY if self.request.watched else _FIRST
        while self.exploring and not explorer.done():
            self.news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), 0.1)
            passed = time.monotonic() - began
            ready = passed > pause and (len(self.seen.waiting) > _ENOUGH or passed > _PATIENCE * pause)
            if not ready or not self.seen.waiting:
                continue
            began = time.monotonic()
            await self._verify()
            if self.first is None or self._until(_EXPLORED) > 2 * self.gate_cost:
                await self._save(final=False)
            # Saving costs what the search could use, so it comes less often where it takes long.
            pause = max(_FIRST, 2 * (time.monotonic() - began))
            began = time.monotonic()

    async def _verify(self) -> None:
        """Run what waits in other processes, orders, folders and times; only what gives the same stays."""
        batch, self.seen.waiting = self.seen.waiting, []
        if batch:
            await self._replay(batch)

    async def _replay(self, batch: Sequence[Candidate]) -> None:
        wall = max(2.0, min(_REPLAY, self._until(0.9) / 2))
        runs = await asyncio.gather(
            *(self.engine.replay(batch, seed, order, shift, wall) for seed, order, shift in REPLAYS)
        )
        done = [run for run in runs if run is not None]
        if len(done) < len(runs):
            # Something in it hangs; the others are not to suffer for it.
            if len(batch) > 1 and self._until(0.9) > 0:
                middle = len(batch) // 2
                await self._replay(batch[:middle])
                await self._replay(batch[middle:])
            else:
                self.seen.unstable += len(batch)
            return
        for index, candidate in enumerate(batch):
            stable = [check for check in candidate.checks if all(_holds(run[index], check_key(check)) for run in done)]
            if _says_something(stable, candidate):
                self.seen.verified.append(candidate._replace(checks=tuple(stable)))
            else:
                self.seen.unstable += 1

    async def _kill(self) -> None:
        if not self.seen.verified:
            return
        self._tell(Phase.KILL)
        # What the gate took before it may take again, a little more for a larger file, and once more for what fails.
        seconds = min(self._until(_KILLED), self._until(1.0) - 3 * self.gate_cost)
        if seconds < _SHORT:
            return
        found = await self.engine.kills(self.seen.verified, _KILLERS, seconds)
        if found.problem:
            self.seen.problems.append(f"mutants: {found.problem}")
            return
        self.seen.mutants = found.tried
        self.seen.verified = [
            each._replace(kills=kills) for each, kills in zip(self.seen.verified, found.by_candidate, strict=True)
        ]

    async def _save(self, *, final: bool) -> None:
        assert self.gates is not None
        problem = await self.gates
        if problem:
            self.delivery.problem = f"pytest cannot be imported by {self.request.target.interpreter}: {problem}"
            return
        verified = self.seen.verified
        best = [verified[at] for at in choose(verified, self.seen.before, with_kills=final and bool(self.seen.mutants))]
        if not final and _worth(best) < _MORE * _worth(self.delivery.saved):
            return
        began = time.monotonic()
        until = self.started + self.seconds * (1.0 if final else 0.9)
        saved = bool(best) and await self.delivery.deliver(best, self.boxes, until)
        self.gate_cost = max(self.gate_cost, time.monotonic() - began)
        if saved:
            if self.first is None:
                self.first = time.monotonic() - self.started
            self._tell(self.phase)

    # What is known

    def _delivery(self) -> Delivery:
        request = self.request
        parameters = parameters_by_name(self.known)
        before = _text(request.place.path) if request.place.exists else None
        around = beside(request.place.path, request.target.project)
        ini = ini_file(request.target.project) if around or request.tests else ""
        return Delivery(request.place, request.style, parameters, before, around, ini, request.into)

    def _covered(self) -> list[int]:
        return sorted(self.seen.before.union(*(each.arcs for each in self.seen.found)))

    def _branches(self, numbers: Iterable[int]) -> list[int]:
        """Those that are branches; a border is one more thing to test, no branch."""
        probes = self.survey.probes
        return [number for number in numbers if number < len(probes) and probes[number].outcome != _BORDER]

    def _total(self) -> int:
        return sum(probe.outcome != _BORDER for probe in self.survey.probes)

    def _until(self, share: float) -> float:
        """Seconds until a share of the budget is over."""
        return self.started + self.seconds * share - time.monotonic()

    def _tell(self, phase: Phase) -> None:
        self.phase = phase
        passed = time.monotonic() - self.started
        share = min(1.0, passed / self.seconds)
        self.listener(
            Progress(
                phase,
                self.request.target.module,
                passed,
                share,
                len(self._branches(self._covered())),
                self._total(),
                len(self.seen.found),
                self.seen.executions,
                len(self.delivery.saved),
            )
        )

    def _why_nothing(self) -> str:
        if self.delivery.problem:
            return self.delivery.problem
        if not self.survey.targets:
            return "; ".join(self.seen.problems) or "the module defines nothing that can be tested"
        if not self.seen.found:
            return "; ".join(self.seen.problems) or "no input was found that gives a stable result"
        if not self.seen.verified:
            return "nothing gave the same result in every run"
        return "no case was green in all runs"

    def _report(self, why: str) -> Report:
        self._tell(Phase.DONE)
        saved = self.delivery.saved
        after = self.seen.before.union(*(each.arcs for each in saved))
        killed = frozenset(number for each in saved for number in each.kills)
        survivors = tuple(each for number, each in self.seen.mutants if number not in killed)
        dropped = list(self.delivery.dropped)
        if self.seen.unstable:
            dropped.append(Dropped("candidates", "another result in another process", self.seen.unstable))
        gaps = tuple(
            gap
            for number, gap in enumerate(self.survey.probes)
            if number not in after and gap.outcome != _BORDER and self._in_scope(gap)
        )
        return Report(
            module=self.request.target.module,
            source=self.request.target.file,
            file=self.request.place.path if saved else None,
            tests=len(self.delivery.tests),
            cases=len(saved),
            before=len(self._branches(self.seen.before)),
            after=len(self._branches(after)),
            branches=self._total(),
            killed=len(killed),
            mutants=len(self.seen.mutants),
            survivors=survivors,
            seconds=time.monotonic() - self.started,
            first=self.first,
            isolation=self.boxes.rung,
            executions=self.seen.executions,
            dropped=tuple(_summed(dropped)),
            bugs=self.seen.bugs,
            gaps=tuple(by_risk(gaps, self.known)),
            problems=tuple(dict.fromkeys(self.seen.problems)),
            place=self.request.place.why,
            why=why,
            text=self.delivery.text,
        )

    def _in_scope(self, gap: Gap) -> bool:
        return not self.request.names or any(
            gap.function == name or gap.function.startswith(name + ".") for name in self.request.names
        )


def _says_something(stable: Sequence[Check], candidate: Candidate) -> bool:
    """Whether what is left of the checks still is about the result, where the candidate had one."""
    if any(check.subject == "result" or check.kind == "raises" for check in stable):
        return True
    return bool(stable) and not any(check.subject == "result" for check in candidate.checks)


def _holds(outcome: tuple[tuple[str, ...], ...] | None, check: tuple[str, ...]) -> bool:
    return outcome is not None and check in outcome


def _worth(candidates: Sequence[Candidate]) -> int:
    return len(frozenset(arc for each in candidates for arc in each.arcs))


def _different(bugs: Iterable[Bug]) -> tuple[Bug, ...]:
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


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""
