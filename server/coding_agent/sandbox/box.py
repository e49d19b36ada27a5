"""The door to running code of the user: a box holds a warm runner, and each job is a fork of it.

``async with open_box(spec, mode) as box: async for said in box.job("package.module:function", {...}): ...``
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

from coding_agent import errors
from coding_agent.runtime.boxed import Boxed
from coding_agent.runtime.log import Level, event
from coding_agent.sandbox import launch
from coding_agent.sandbox.guard import Guard
from coding_agent.sandbox.limits import Limits
from coding_agent.sandbox.rungs import Rung, chosen
from coding_agent.sandbox.spec import End, Ended, Mode, Said, Spec
from coding_agent.sandbox.watchdog import Excess, look

__all__ = ["Box", "End", "Ended", "Mode", "Ran", "Said", "Spec", "open_box"]

_HEAD = 9
_START = 20.0
"""Seconds a runner may take to say hello: a cold disk, a large ``site``."""
_PRELOAD = 120.0
_GRACE = 10.0
"""Seconds after which a job that its runner should have ended is ended with the runner: a busy machine takes long."""
_LARGEST = 1 << 28
_HURRY = 0.5
"""Seconds in which a runner has to end a job that passed a limit."""
_RARELY = 8
"""Every so many looks, the disk is looked at."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A job from its start to its end."""

    said: tuple[object, ...]
    ended: Ended


class _Job:
    """A job as it is seen here; ``news`` ends with ``Ended``."""

    def __init__(self, limits: Limits) -> None:
        self.news: asyncio.Queue[Said | Ended] = asyncio.Queue()
        self.limits = limits
        self.pid = 0
        self.result: object = None
        self.over = False

    def end(self, ended: Ended) -> None:
        if not self.over:
            self.over = True
            self.news.put_nowait(ended)


class Box:
    """Made by ``open_box``. A runner that is lost is replaced when the next job comes; jobs it had end as crashed."""

    def __init__(self, spec: Spec, launcher: "launch.Launcher") -> None:
        self.spec, self.rung = spec, launcher.rung
        self._launcher = launcher
        self._boxed: Boxed | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._jobs: dict[int, _Job] = {}
        self._last = 0
        self._preloaded: list[str] = []
        self._answers: dict[int, asyncio.Future[object]] = {}
        """What the runner is to answer beside its jobs, None when it is lost; 0 is its hello."""
        self._leaving: list[Boxed] = []
        """Runners that were left and may not be gone yet."""
        self._verdict: Excess | None = None
        self._guard = Guard(self._look, self._act)
        self._closed = False

    async def preload(self, names: Sequence[str]) -> dict[str, str]:
        """Import modules for all later jobs, never the user's project; returns those that failed, with the reason."""
        await self.start()
        new = [name for name in names if name not in self._preloaded]
        failed = await self._ask_preload(new) if new else {}
        self._preloaded += [name for name in new if name not in failed]
        return failed

    async def job(
        self,
        call: str,
        given: Mapping[str, object],
        *,
        wall: float | None = None,
        cpu: float | None = None,
        memory: int | None = None,
    ) -> AsyncGenerator[Said | Ended]:
        """Run ``module:function`` as ``function(say, **given)`` in a fork; yields what it says, at last how it ended.

        Limits in seconds and MiB, at most those of the box. Leaving early, or being cancelled, kills the job.
        """
        await self.start()
        most = self.spec.limits
        limits = replace(
            most,
            wall=min(most.wall, wall or most.wall),
            cpu=min(most.cpu, cpu or most.cpu),
            memory=min(most.memory, memory or most.memory),
        )
        self._last += 1
        number, job = self._last, _Job(limits)
        order: dict[str, object] = {
            "do": "job",
            "id": number,
            "call": call,
            "with": dict(given),
            "wall": limits.wall,
            "cpu": limits.cpu,
            "memory": limits.memory,
        }
        self._jobs[number] = job
        self._guard.wake()
        late = asyncio.get_running_loop().call_later(limits.wall + _GRACE, self._give_up, number)
        try:
            self._send(order)
            while True:
                news = await job.news.get()
                yield news
                if isinstance(news, Ended):
                    return
        finally:
            late.cancel()
            if not job.over:
                self.stop(number, End.STOPPED, "nobody wants it any more")
            self._jobs.pop(number, None)

    async def run(
        self,
        call: str,
        given: Mapping[str, object],
        *,
        wall: float | None = None,
        cpu: float | None = None,
        memory: int | None = None,
    ) -> Ran:
        """Run a job to its end and return all it said."""
        said: list[object] = []
        async with contextlib.aclosing(self.job(call, given, wall=wall, cpu=cpu, memory=memory)) as news:
            async for each in news:
                if isinstance(each, Ended):
                    return Ran(tuple(said), each)
                said.append(each.data)
        raise AssertionError("a job has an end")

    def stop(self, number: int, kind: End, why: str) -> None:
        """Have the runner end a job."""
        self._send({"do": "stop", "id": number, "kind": kind, "why": why})

    def lose(self, kind: End, why: str) -> None:
        """Kill the runner with all its jobs, which end so."""
        boxed = self._leave()
        if boxed:
            self._launcher.kill(boxed)
            event("box-lost", level=Level.WARNING, rung=self.rung, why=why, said=boxed.said[-200:])
        for job in self._jobs.values():
            job.end(Ended(kind, why=why))

    def kill(self) -> None:
        """Kill the runner with all its jobs, at once and from any thread; ``close`` waits for what is left."""
        for boxed in [*self._leaving, *([self._boxed] if self._boxed else [])]:
            self._launcher.kill(boxed)

    async def start(self) -> None:
        """Have a runner, started if need be.

        Raises: NoSandbox - it does not start.
        """
        if self._closed:
            raise errors.WorkerLost("the box is closed")
        async with self._starting:
            if self._boxed and self._boxed.running:
                return
            if self._boxed:  # It ended, and its wire was not read to the end yet.
                self.lose(End.CRASH, "the runner ended unexpectedly")
            await self._clean()
            self._verdict = None
            try:
                await self._begin()
            except BaseException as error:
                self.lose(End.STOPPED, str(error) or "nobody waits for its start any more")
                raise

    async def close(self) -> None:
        """Kill everything."""
        if self._closed:
            return
        self._closed = True
        self._guard.rest()
        for job in self._jobs.values():
            job.end(Ended(End.STOPPED, why="the box was closed"))
        try:
            await self._clean()
        except asyncio.CancelledError:
            self.kill()  # Nobody waits for its end any more.
            raise
        finally:
            await asyncio.to_thread(self._launcher.clean)

    async def _begin(self) -> None:
        """Start a runner and have it say hello and import what the last one had.

        Raises: NoSandbox - it does not.
        """
        boxed = self._boxed = await self._launcher.start()
        self._answers = {}
        self._reading = asyncio.create_task(self._read(boxed, self._answers))
        if await self._answer(0, _START) is None:
            self.lose(End.CRASH, "the runner did not start")
            await boxed.ended()
            reason = self._verdict.why if self._verdict else boxed.said or "no answer"
            raise errors.NoSandbox(f"{self.spec.interpreter} does not start in {self.rung}: {reason}")
        if self._preloaded:
            await self._ask_preload(self._preloaded)

    def _leave(self) -> Boxed | None:
        """Have no runner any more; returns the one there was."""
        boxed, self._boxed = self._boxed, None
        if boxed:
            self._leaving.append(boxed)
        return boxed

    async def _clean(self) -> None:
        """Wait until nothing of the runners we had is left."""
        reading, self._reading = self._reading, None
        self._leave()
        # Invariant: who is not gone is in the list, for ``kill``.
        for boxed in list(self._leaving):
            await boxed.close(self._launcher.grace)
            if boxed in self._leaving:
                self._leaving.remove(boxed)
        if reading:
            # The wire ends when the last process that held it is gone.
            await asyncio.wait([reading], timeout=1.0)
            reading.cancel()

    async def _answer(self, number: int, seconds: float) -> object:
        """Wait for an answer, under watch; None where it does not come in time, or the runner is lost."""
        if not self._boxed:
            return None
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._guard.wake()
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(answer)  # Who is cancelled leaves it to be watched, and to be heard.
        except TimeoutError:
            return None

    async def _ask_preload(self, names: Sequence[str]) -> dict[str, str]:
        self._last += 1
        self._send({"do": "preload", "id": self._last, "names": list(names)})
        failed = await self._answer(self._last, _PRELOAD)
        if failed is None:
            self.lose(End.TIMEOUT, "an import of the runner took too long")
            reason = f": {self._verdict.why}" if self._verdict else ""
            raise errors.WorkerLost(f"the runner was lost while it imported {', '.join(names)}{reason}")
        return cast("dict[str, str]", failed)

    def _send(self, order: Mapping[str, object]) -> None:
        if self._boxed:
            body = json.dumps(order).encode("ascii")
            self._boxed.send(len(body).to_bytes(4, "big") + body)

    def _look(self, count: int) -> list[Excess] | None:
        """Return the limits passed, None when nothing runs. It is called in a thread."""
        boxed, jobs = self._boxed, [job for job in list(self._jobs.values()) if not job.over]
        if not boxed or not (jobs or self._answers):
            return None
        found = list(look(boxed.pid, self._launcher.layers, {job.pid: job.limits for job in jobs}, self.spec.limits))
        bomb = next((excess for excess in found if excess.kind is End.PROCESSES), None)
        if bomb:
            self._verdict = bomb
            self._launcher.kill(boxed)  # At once: the loop may have to wait for its turn among so many.
        full = self._launcher.full(boxed) if count % _RARELY == 0 else None
        return [*found, full] if full else found

    def _act(self, excess: Excess) -> None:
        """End the job that passed a limit; where that is not known, or it multiplies, the whole box."""
        number = next((number for number, job in self._jobs.items() if excess.job and job.pid == excess.job), 0)
        if excess.job and not number and excess.kind is not End.PROCESSES:
            return  # It was over before the look was: the next job has nothing to do with it.
        if not number or excess.kind is End.PROCESSES:
            self._verdict = excess
            self.lose(excess.kind, excess.why)
        elif not self._jobs[number].over:
            self.stop(number, excess.kind, excess.why)
            asyncio.get_running_loop().call_later(_HURRY, self._insist, number, excess)

    def _insist(self, number: int, excess: Excess) -> None:
        job = self._jobs.get(number)
        if job and not job.over:
            self.lose(excess.kind, excess.why)

    def _give_up(self, number: int) -> None:
        job = self._jobs.get(number)
        if job and not job.over:
            self.lose(End.TIMEOUT, f"it took longer than {job.limits.wall:g} s, and did not end when told to")

    async def _read(self, boxed: Boxed, answers: dict[int, asyncio.Future[object]]) -> None:
        """Pass on what a runner says, until it is gone."""
        try:
            while True:
                head = await boxed.reader.readexactly(_HEAD)
                size, number = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
                if size > _LARGEST:
                    break
                self._heard(number, head[8:9], await boxed.reader.readexactly(size))
        except (asyncio.IncompleteReadError, OSError):
            pass
        if self._boxed is boxed:
            verdict = self._verdict
            self.lose(*(verdict.kind, verdict.why) if verdict else (End.CRASH, "the runner ended unexpectedly"))
        for number in list(answers):
            answers.pop(number).set_result(None)

    def _heard(self, number: int, kind: bytes, body: bytes) -> None:
        try:
            data: object = json.loads(body)
        except (ValueError, RecursionError):
            self.stop(number, End.CRASH, "what it handed back cannot be read")
            return
        job = self._jobs.get(number)
        if kind == b"L":  # It is about to end.
            self._verdict = Excess(0, End.CRASH, str(data)[:200])
        elif kind in (b"H", b"P"):
            if answer := self._answers.pop(number, None):
                answer.set_result(data)
        elif not job or job.over:
            return
        elif kind == b"S":
            job.news.put_nowait(Said(data))
        elif kind == b"R":
            job.result = data
        elif kind == b"J":
            job.pid = cast("dict[str, int]", data)["pid"]
        elif kind == b"E":
            job.end(_ended(cast("dict[str, object]", data), job.result))


def _ended(data: Mapping[str, object], result: object) -> Ended:
    return Ended(
        End(str(data["kind"])), result, str(data["why"]), str(data["output"]), float(cast("float", data["cpu"]))
    )


@asynccontextmanager
async def open_box(spec: Spec, mode: Mode = Mode.AUTO) -> AsyncGenerator[Box]:
    """Open a box and have its runner started; leaving kills everything in it.

    Raises: NoSandbox - nothing here can hold it, or the interpreter does not start; says what to install.
    """
    rungs: tuple[Rung, ...] = await asyncio.to_thread(chosen, mode)
    box = await _started(spec, rungs)
    try:
        yield box
    finally:
        await box.close()


async def _started(spec: Spec, rungs: Sequence[Rung]) -> Box:
    """Return a box on the first rung that also holds with these folders and this interpreter."""
    first: errors.NoSandbox | None = None
    for rung in rungs:
        box = Box(spec, await asyncio.to_thread(launch.launcher, spec, rung))
        try:
            await box.start()
            return box
        except errors.NoSandbox as error:
            event("box-not-held", level=Level.WARNING, rung=rung, why=str(error))
            await box.close()
            first = first or error
        except BaseException:
            await box.close()
            raise
    assert first
    raise first
