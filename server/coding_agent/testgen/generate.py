"""Generates the tests of one module under a budget of wall time; the best verified file so far is always on disk."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from coding_agent.errors import CodingAgentError
from coding_agent.testgen import callsites
from coding_agent.testgen.before import Before
from coding_agent.testgen.boxes import Boxes
from coding_agent.testgen.cases import as_case
from coding_agent.testgen.delivery import Delivery
from coding_agent.testgen.engine import Engine, Explored, Survey
from coding_agent.testgen.existing import has_conftest, ini_file
from coding_agent.testgen.inside.choose import choose
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.killing import find_kills
from coding_agent.testgen.known import Known, Told, different, worth
from coding_agent.testgen.lasting import lasted, left
from coding_agent.testgen.report import Listener, Phase, Report
from coding_agent.testgen.request import Request
from coding_agent.testgen.risk import risks
from coding_agent.testgen.shrinking import plainer, shrink_chosen
from coding_agent.testgen.signatures import definitions, parameters_by_name
from coding_agent.testgen.stability import REPLAYS, settled, stable

_CHOICES = 3
"""How often the last cases are chosen, where some that were chosen turn out to be no good."""
_GATES, _KILLERS = (1, 2), (1, 2)
"""Hash seeds of the boxes that run the file, and of those that share the mutants."""
_EXPLORED, _PLAIN, _MEASURED, _KILLED, _PRESSED = 0.54, 0.6, 0.68, 0.84, 0.78
"""Shares of the time after which a phase ends; the last for plain cases where the gate takes long. What the tests there
are kill is measured beside the others."""
_MORE = 1.2
"""How many times the branches of the file on disk another one must have while the search goes on."""
_ENDING = 1.5
"""Seconds of the budget, at most, that are left for what comes before and behind."""
_REPLAY = 8.0
"""Seconds that one replay of a batch may take; then it is cut in two."""
_LATE, _CLOSING = 0.1, 0.3
"""Seconds after the budget when what still runs is killed, and for which closing the boxes may take longer than it."""
_SHORT = 0.3
"""Seconds for which nothing is begun."""
_SHRINK = 1.0
"""Seconds that must be left for making inputs smaller."""
_FIRST, _ENOUGH, _PATIENCE = 0.5, 8, 4
"""Seconds of exploring and candidates before the first file is tried; with fewer it waits so many times as long."""
_HURRY = 0.15, 2
"""The same seconds, and the same patience, where somebody waits for it."""
_SOON, _WITHOUT = 0.15, 1.5
"""Seconds to wait, then, for calls in the rest of the project, and to search without them meanwhile."""


async def generate(
    request: Request, listener: Listener, boxes: Boxes | None = None, stopped: asyncio.Event | None = None
) -> Report:
    """Generate and write the tests; being cancelled leaves the last verified file.

    ``boxes`` that are given stay open. Setting ``stopped`` ends it at once, with what is verified.
    Raises: NoSandbox; UserError - the file cannot be written.
    """
    used = boxes or Boxes(request.target, request.mode)
    generation = _Generation(request, listener, used, stopped or asyncio.Event())
    try:
        if await lasted(generation.run(), request.seconds + _LATE, used.kill):
            generation.seen.problems.append("something did not end in time and was killed")
        return generation.report()
    finally:
        if boxes is None:
            await used.close(max(_CLOSING, _CLOSING + generation.started + request.seconds - time.monotonic()))


class _Changed(Exception):
    """The module is no longer what its tests are made for."""


class _Generation:
    def __init__(self, request: Request, listener: Listener, boxes: Boxes, stopped: asyncio.Event) -> None:
        self.request, self.listener, self.boxes, self.stopped = request, listener, boxes, stopped
        self.started = time.monotonic()
        # Starting the program and ending the boxes take their share, too.
        self.seconds = max(1.0, request.seconds - min(_ENDING, request.seconds / 10))
        self.engine = Engine(boxes)
        self.phase = Phase.START
        self.first: float | None = None
        self.exploring = True
        self.news = asyncio.Event()
        self.source = _content(request.target.file)
        self.seen = Known(definitions(self.source.decode("utf-8", "ignore")))
        self.delivery = self._delivery()
        self.gates: asyncio.Task[str] | None = None
        self.others: asyncio.Task[None] | None = None
        self.before = Before(self.engine, self.seen, request)
        self.gate_cost = 0.08 * self.seconds

    async def run(self) -> None:
        """Do all of it. Whatever happens, ``report`` says what is verified then."""
        self._tell(Phase.START)
        self.gates = asyncio.create_task(self._warm_gates())
        seeds = asyncio.create_task(self._call_sites())
        stopping: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(self._until(1.0)) as limit:
                stopping = asyncio.create_task(self._heed(limit))
                await self.boxes.of(0)
                if self.request.gaps:
                    self.seen.risks = await risks(self.request.target.file, self.source, self.request.target.project)
                    self.seen.survey = await self.engine.survey(wall=max(5.0, self.seconds / 2))
                    await self.before.branches(self._wall())
                    return
                self.before.begin(self._wall(), self.gates, self.started + _MEASURED * self.seconds)
                try:
                    await self._search(seeds)
                finally:
                    self.before.end()
        except TimeoutError:
            why = "it was stopped" if self.stopped.is_set() else "the time was over"
            self._ended(why, "the file is the last one that was green")
        except _Changed:
            self._ended(f"{self.request.target.file.name} was changed meanwhile", "the tests are for what it was")
        finally:
            await left(task for task in (self.gates, seeds, self.others, stopping) if task is not None)

    def report(self) -> Report:
        self._tell(Phase.DONE)
        why = "" if self.delivery.saved else self.seen.why_nothing(self.delivery, self.request.names)
        if self.request.gaps:
            why = self.seen.survey.problem or ("" if self.seen.survey.probes else "; ".join(self.seen.problems))
        target, passed = self.request.target, time.monotonic() - self.started
        told = Told(target, self.request.names, passed, self.first, self.boxes.rung, why)
        return self.seen.report(told, self.delivery)

    def _ended(self, why: str, but: str) -> None:
        """Note why it ended early, and what that means for the file, where there is one."""
        if self.request.gaps:
            self.seen.problems.append(why)
        elif self.delivery.saved:
            self.seen.problems.append(f"{why}; {but}")
        else:
            self.delivery.problem = self.delivery.problem or f"{why} before a test was green in all runs"

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
        names = [each.name for each in self.seen.definitions]
        try:
            async with asyncio.timeout(max(1.0, self.seconds / 5)):
                return await asyncio.to_thread(
                    request.calls, request.around, request.target.file, request.target.module, names, stop
                )
        except TimeoutError:
            return []
        finally:
            stop.stopped = True

    async def _search(self, seeds: "asyncio.Task[list[callsites.Seed]]") -> None:
        explorer = asyncio.create_task(self._explore(seeds))
        try:
            await self._anytime(explorer)
            await explorer
        finally:
            explorer.cancel()
        await self.before.covered
        if self.request.watched and self.first is None:
            await self._verify()
            await self._save(final=False)
        await self._verify()
        plain = min(self._until(_PLAIN), self._until(_PRESSED) - 3 * self.gate_cost)
        await plainer(self.engine, self.seen, _KILLERS, plain)
        await self.before.killed
        await self._kill()
        await self._shrink()
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
                    if not self.seen.survey.targets:
                        self.seen.problems.append("the time was over before the module was read")
                    return
                left = min(left, _WITHOUT) if calls is None else left
                known, covered = list(self.seen.found), self.seen.covered()
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
                self.seen.stood = self.seen.stood or ended.stood
                self.seen.bugs = different((*self.seen.bugs, *ended.bugs))
                self.seen.problems += ended.notes
                if calls is None:
                    calls = await seeds
                    if not ended.problem and (calls or not ended.done):
                        continue
                if not ended.problem or not self.seen.survey.targets:
                    self.seen.problems += [ended.problem] if ended.problem else []
                    return
                crashes += 1
                self.seen.problems.append(f"a search ended early: {ended.problem}")
        finally:
            self.exploring = False
            self.news.set()

    def _surveyed(self, survey: Survey) -> None:
        self.seen.survey = survey
        # What the text says of parameters is in the order of the call, so it counts for more.
        self.delivery.parameters = {**survey.parameters, **self.delivery.parameters}
        if survey.others and self.others is None:
            self.others = asyncio.create_task(self._warm_others(survey.others))
        self._tell(Phase.EXPLORE)

    async def _anytime(self, explorer: "asyncio.Task[None]") -> None:
        """Verify what is found, and save files while the search goes on."""
        began, (pause, patience) = time.monotonic(), _HURRY if self.request.watched else (_FIRST, _PATIENCE)
        while self.exploring and not explorer.done():
            self.news.clear()
            # Not wait_for: before Python 3.12 it may swallow being cancelled.
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await self.news.wait()
            passed = time.monotonic() - began
            ready = passed > pause and (len(self.seen.waiting) > _ENOUGH or passed > patience * pause)
            if not ready or not self.seen.waiting:
                continue
            began = time.monotonic()
            await self._verify()
            # A file is only worth more than the tests there are once it is known what these take.
            if self.before.covered.done() and (self.first is None or self._until(_EXPLORED) > 2 * self.gate_cost):
                await self._save(final=False)
            # Saving costs what the search could use, so it comes less often where it takes long.
            pause = max(_FIRST, 2 * (time.monotonic() - began))
            began = time.monotonic()

    async def _verify(self) -> None:
        """Run what waits in other processes, orders, folders and times; only what gives the same stays."""
        batch, self.seen.waiting = [each for each in self.seen.waiting if not self.before.repeats(each)], []
        if batch:
            await self._replay(batch)

    async def _replay(self, batch: Sequence[Candidate]) -> None:
        wall = max(2.0, min(_REPLAY, self._until(0.9) / 2))
        runs = await asyncio.gather(*(self.engine.replay(batch, each, wall) for each in REPLAYS))
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
        kept = [each for each in stable(batch, done) if each is not None]
        self.seen.unstable += len(batch) - len(kept)
        self.seen.verified += kept if not self.request.style.unittest else filter(None, map(as_case, kept))

    async def _kill(self) -> None:
        if not self.seen.verified:
            return
        self._tell(Phase.KILL)
        # What the gate took before it may take again, a little more for a larger file, and once more for what fails.
        seconds = min(self._until(_KILLED), self._until(1.0) - 3 * self.gate_cost)
        if seconds < _SHORT:
            return
        await find_kills(self.engine, self.seen, _KILLERS, seconds)

    async def _shrink(self) -> None:
        seconds = self._until(1.0) - 3 * self.gate_cost
        if seconds > _SHRINK:
            await shrink_chosen(self.engine, self.seen, _KILLERS, seconds)

    async def _save(self, *, final: bool) -> None:
        if not self._unchanged():
            raise _Changed
        assert self.gates is not None
        problem = await self.gates
        if problem:
            python = self.request.target.interpreter
            self.delivery.problem = f"{python} cannot import pytest ({problem}); install it there"
            return
        for _ in range(_CHOICES if final else 1):
            best = self._chosen(final=final)
            if not final and worth(best) < _MORE * worth(self.delivery.saved):
                return
            if final or self.first is not None:
                best = await self._settled(best, final=final)
            if not best or {*best} == {*self.delivery.saved}:
                return
            await self._deliver(best, final=final)
            if not self._without(self.delivery.refused):
                return

    def _chosen(self, *, final: bool) -> list[Candidate]:
        # Made smaller, one may have become what a test does already.
        verified = self.seen.verified = [each for each in self.seen.verified if not self.before.repeats(each)]
        wanted = choose(verified, self.seen.needless, with_kills=final and bool(self.seen.kills.tried))
        return [verified[at] for at in wanted]

    async def _settled(self, best: list[Candidate], *, final: bool) -> list[Candidate]:
        """Run the chosen cases in further hash seeds; where some are no good, others are chosen in their place."""
        for _ in range(_CHOICES):
            new = [each for each in best if each._replace(kills=()) not in self.seen.settled]
            wall = self._until(1.0) - self.gate_cost - _SHORT
            if not new or not await settled(self.engine, self.seen, new, _GATES[0], wall):
                return best
            best = self._chosen(final=final)
        return best

    async def _deliver(self, best: Sequence[Candidate], *, final: bool) -> None:
        began = time.monotonic()
        until = self.started + self.seconds * (1.0 if final else 0.9)
        saved = await self.delivery.deliver(best, self.boxes, until)
        self.gate_cost = max(self.gate_cost, time.monotonic() - began)
        if not self._unchanged():
            raise _Changed
        if saved:
            if self.first is None:
                self.first = time.monotonic() - self.started
            self._tell(self.phase)

    def _without(self, refused: Sequence[Candidate]) -> bool:
        """Forget cases that were not green, so that others are chosen; False where there are none."""
        bad = {id(each) for each in refused}
        self.seen.verified = [each for each in self.seen.verified if id(each) not in bad]
        return bool(bad)

    # What is known

    def _delivery(self) -> Delivery:
        request, target = self.request, self.request.target
        parameters = parameters_by_name(self.seen.definitions)
        project = target.project if request.place.path.is_relative_to(target.project) else None
        conftest = project is not None and has_conftest(request.place.path, project)
        ini = ini_file(target.project) if conftest or request.tests else ""
        place, known = (request.place, request.style), (project, target.module, conftest, ini)
        return Delivery(*place, parameters, request.before, *known, request.into, self._unchanged, request.advice)

    def _unchanged(self) -> bool:
        return _content(self.request.target.file) == self.source

    def _wall(self) -> float:
        """Seconds for one run of the tests there are."""
        return max(3.0, self.seconds / 4)

    def _until(self, share: float) -> float:
        """Seconds until a share of the budget is over."""
        return self.started + self.seconds * share - time.monotonic()

    def _tell(self, phase: Phase) -> None:
        self.phase = phase
        passed = time.monotonic() - self.started
        share = min(1.0, passed / self.seconds)
        self.listener(self.seen.progress(phase, self.request.target.module, passed, share, len(self.delivery.saved)))


def _content(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""
